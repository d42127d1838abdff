"""Each letter once per key, in order within its thread, and never lost."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import event, update

from ecs_training.notifications.jobs import LEASE
from ecs_training.notifications.models import OutgoingEmail
from tests.notifications.conftest import Post, Sink

SENDERS = 4
NOBODY_THERE = "smtp://127.0.0.1:9"  # the discard port: refused at once
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def set_claim(post: Post, letter_id: int, until: datetime | None) -> None:
    with post.database.transaction() as db:
        db.execute(
            update(OutgoingEmail)
            .where(OutgoingEmail.id == letter_id)
            .values(claimed_until=until)
        )


def test_a_letter_goes_out_once_and_is_marked(post: Post) -> None:
    post.queue("a")
    post.clock.advance(minutes=1)

    assert (post.send(), post.send()) == (1, 0)

    (message,) = post.in_folder()
    (letter,) = post.letters()
    assert message["To"] == "a@example.org"
    assert message["Message-ID"] == letter.message_id
    assert message["Date"].datetime == post.clock()
    assert letter.sent_at == post.clock()
    assert letter.claimed_until is None
    assert letter.tries == 0
    assert letter.text  # only one-time links are wiped


def test_the_text_with_a_one_time_link_is_wiped_once_sent_and_not_before(
    post: Post,
) -> None:
    link = {"template": "reset_password", "token": "SECRET", "lasts": "1 hour"}
    post.queue("a", holds_one_time_link=True, **link)

    assert post.through(NOBODY_THERE).send() == 0
    assert "SECRET" in post.letters()[0].text
    post.clock.advance(minutes=1)
    assert post.send() == 1

    assert post.letters()[0].text == ""
    (message,) = post.in_folder()
    assert "SECRET" in message.get_content()


def test_a_failure_waits_longer_each_time_and_is_noted(post: Post) -> None:
    post.queue("a")
    closed = post.through(NOBODY_THERE)
    waits = []
    for n in range(1, 9):
        assert closed.send() == 0
        (letter,) = post.letters()
        assert letter.tries == n
        assert letter.claimed_until is None
        assert "refused" in (letter.last_problem or "").lower()
        waits.append((letter.next_try_at - post.clock()) / MINUTE)
        post.clock.at = letter.next_try_at - SECOND
        assert closed.send() == 0
        assert post.letters()[0].tries == n  # not one second too early
        post.clock.at += SECOND
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert post.send() == 1


def test_a_letter_that_cannot_be_sent_stops_no_other(post: Post) -> None:
    post.queue("a")
    post.queue("poison", to="x@example.org\r\nBcc: everyone@example.org")
    post.queue("b")

    assert post.send() == 2

    first, poison, last = post.letters()
    assert first.sent_at
    assert last.sent_at
    assert poison.sent_at is None
    assert poison.tries == 1
    assert "ValueError" in (poison.last_problem or "")
    receivers = {message["To"] for message in post.in_folder()}
    assert receivers == {"a@example.org", "b@example.org"}


def test_a_refused_recipient_stops_no_other(post: Post, sink: Sink) -> None:
    sink.refused = "gone@example.org"
    post.queue("gone")
    post.queue("here")

    assert post.through(sink.url).send() == 1

    gone, here = post.letters()
    assert here.sent_at
    assert gone.tries == 1
    assert "no such mailbox" in (gone.last_problem or "")
    assert sink.receivers() == ["here"]


def test_a_thread_is_sent_in_the_order_of_queueing_in_one_run(
    post: Post, sink: Sink
) -> None:
    for key in ("request", "revised", "cancel"):
        post.queue(key, thread="uid")
    post.queue("other", thread="other uid")

    assert post.through(sink.url).send() == 4

    in_thread = [name for name in sink.receivers() if name != "other"]
    assert in_thread == ["request", "revised", "cancel"]


def test_nothing_overtakes_an_older_letter_of_its_thread_that_failed(
    post: Post, sink: Sink
) -> None:
    sink.refused = "request@example.org"
    post.queue("request", thread="uid")
    post.queue("cancel", thread="uid")
    post.queue("other", thread="other uid")
    post.queue("none")
    served = post.through(sink.url)

    assert served.send() == 2
    assert sink.receivers() == ["other", "none"]
    sink.refused = ""
    assert served.send() == 0  # it waits its minute
    post.clock.advance(minutes=1)
    assert served.send() == 2
    assert sink.receivers()[2:] == ["request", "cancel"]


def test_several_senders_at_once_send_each_letter_once_and_in_order(
    post: Post, sink: Sink
) -> None:
    for n in range(12):
        post.queue(f"single{n}")
    for n in range(6):
        post.queue(f"thread{n}", thread="uid")
    served, start = post.through(sink.url), Barrier(SENDERS)

    def send(_n: int) -> int:
        start.wait()
        return served.send()

    with ThreadPoolExecutor(SENDERS) as pool:
        sent = list(pool.map(send, range(SENDERS)))
    sent.append(served.send())  # what a thread had left when all the others had gone

    assert sum(sent) == len(sink.messages) == 18
    assert len({message["Message-ID"] for message in sink.messages}) == 18
    in_thread = [name for name in sink.receivers() if name.startswith("thread")]
    assert in_thread == [f"thread{n}" for n in range(6)]


def test_negative_control_only_the_claim_keeps_a_second_sender_away(
    post: Post, sink: Sink
) -> None:
    letter_id = post.queue("a")
    delivering, go_on = Event(), Event()

    def linger() -> None:
        delivering.set()
        go_on.wait(20)

    sink.meanwhile = linger
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post.through(sink.url).send)
        assert delivering.wait(20)
        assert post.send() == 0
        set_claim(post, letter_id, None)
        assert post.send() == 1
        go_on.set()
        assert first.result() == 1

    assert len(sink.messages) == len(post.in_folder()) == 1


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


def test_who_dies_between_delivery_and_mark_is_made_up_for_under_the_same_message_id(
    post: Post,
) -> None:
    post.queue("a", thread="uid")
    post.queue("b", thread="uid")

    def die(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        changed = sql.partition(" WHERE ")[0]
        if changed.startswith("UPDATE outgoing_emails") and "sent_at=" in changed:
            raise Killed

    event.listen(post.database.engine, "before_cursor_execute", die)
    with pytest.raises(Killed):
        post.send()
    event.remove(post.database.engine, "before_cursor_execute", die)

    assert post.letters()[0].sent_at is None
    post.clock.at += LEASE - SECOND
    assert post.send() == 0  # still in dead hands
    post.clock.at += SECOND
    assert post.send() == 2

    first, second = post.letters()
    times = Counter(message["Message-ID"] for message in post.in_folder())
    assert times == {first.message_id: 2, second.message_id: 1}


def test_a_sender_that_fails_too_late_takes_nothing_from_who_has_the_letter_now(
    post: Post, sink: Sink
) -> None:
    letter_id = post.queue("a")
    later = post.clock() + LEASE * 2
    sink.refused = "a@example.org"
    sink.meanwhile = lambda: set_claim(post, letter_id, later)

    assert post.through(sink.url).send() == 0

    (letter,) = post.letters()
    assert letter.claimed_until == later
    assert letter.tries == 0


def test_a_sender_that_succeeds_too_late_still_says_so(post: Post, sink: Sink) -> None:
    letter_id = post.queue("a")
    sink.meanwhile = lambda: set_claim(post, letter_id, post.clock() + LEASE * 2)

    assert post.through(sink.url).send() == 1

    assert post.letters()[0].sent_at == post.clock()
    post.clock.at += LEASE * 3
    assert post.send() == 0
