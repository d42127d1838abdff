"""The messages as a mail program receives them."""

from email.message import EmailMessage

import pytest
from icalendar import Calendar

from ecs_training.calendar_feeds.rules import invitation
from tests.calendar_feeds.reading import PUBLISHER, an_entry
from tests.notifications.conftest import Post, Sink


def an_invitation(method: str) -> str:
    return invitation(
        an_entry(summary="Cwrs i Siân 👷", cancelled=method == "CANCEL"),
        method=method,
        attendee_name="Siân",
        attendee_email="sian@example.org",
        publisher=PUBLISHER,
    )


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
@pytest.mark.parametrize("way", ["folder", "smtp"])
def test_an_invitation_is_text_and_calendar_with_the_same_method_twice(
    way: str, method: str, post: Post, sink: Sink
) -> None:
    calendar = an_invitation(method)
    post.queue("sian", calendar=calendar, method=method, thread="uid")

    assert (post.through(sink.url) if way == "smtp" else post).send() == 1

    (message,) = sink.messages if way == "smtp" else post.in_folder()
    assert message.get_content_type() == "multipart/alternative"
    text, invite = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(invite, EmailMessage)
    assert text.get_content_type() == "text/plain"
    assert post.settings.provider_phone in text.get_content()
    assert invite.get_content_type() == "text/calendar"
    assert invite["Content-Type"].params["method"] == method
    assert invite["Content-Type"].params["charset"].lower() == "utf-8"
    assert invite.get_filename() == "invite.ics"
    received = invite.get_payload(decode=True)
    assert isinstance(received, bytes)
    assert received.decode() == calendar
    assert str(Calendar.from_ical(received)["method"]) == method
    assert message["From"].addresses[0].addr_spec == post.settings.mail_from


def test_a_letter_without_a_day_is_plain_text(post: Post) -> None:
    post.queue("a")
    post.send()
    (message,) = post.in_folder()
    assert message.get_content_type() == "text/plain"
    assert message["Subject"] == "You already have an account"
    assert message["Auto-Submitted"] == "auto-generated"
