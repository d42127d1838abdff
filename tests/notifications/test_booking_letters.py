"""What people are told about a booking, from the invitation to its end."""

from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest
from flask import Flask

from ecs_training.accounts.models import Company, Person
from ecs_training.accounts.rules import Role
from ecs_training.booking.models import Booking
from ecs_training.booking.services import (
    book_for_delegate,
    book_seat,
    cancel_booking,
)
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.services import make_feed
from ecs_training.foundation.money import word_pounds
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.payments.queries import find_credit_note, find_invoice
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import cancel_course_session, set_joining_link
from tests.calendar_feeds.reading import events
from tests.factories import make_company, make_course_session, make_person
from tests.notifications.conftest import Post, Sink

LINK = "https://teams.microsoft.com/l/meetup-join/19%3ameeting"
# A month ahead: a consumer's 14 days are over before our own terms bind.
THE_DAY = date(2026, 4, 1)
LAST_FREE = "Monday 30 March 2026, 9am, UK time"  # two working days before


def add_date(post: Post) -> CourseSession:
    with post.database.transaction() as db:
        trainer = make_person(db, "theodora", now=post.clock(), role=Role.TRAINER)
        return make_course_session(db, now=post.clock(), trainer=trainer, on=THE_DAY)


def book(post: Post, date_: CourseSession, person: Person) -> Booking:
    with post.database.transaction() as db:
        return book_seat(
            db,
            course_session_ref=date_.ref,
            candidate_id=person.id,
            booked_by_id=person.id,
            company_id=None,
            now=post.clock(),
        )


def cancel(post: Post, booking: Booking, person: Person) -> None:
    with post.database.transaction() as db:
        cancel_booking(
            db,
            ref=booking.ref,
            person_id=person.id,
            company_id=booking.company_id,
            reason="",
            now=post.clock(),
        )


def set_link(post: Post, date_: CourseSession, link: str) -> None:
    with post.database.transaction() as db:
        set_joining_link(
            db,
            ref=date_.ref,
            trainer_id=date_.trainer_id,
            joining_url=link,
            set_by_id=date_.trainer_id,
            now=post.clock(),
        )


def call_off(post: Post, date_: CourseSession) -> None:
    with post.database.transaction() as db:
        cancel_course_session(
            db,
            ref=date_.ref,
            trainer_id=date_.trainer_id,
            reason="The trainer is ill.",
            cancelled_by_id=date_.trainer_id,
            now=post.clock(),
        )


@pytest.fixture
def alice(post: Post) -> Person:
    with post.database.transaction() as db:
        return make_person(db, "alice o'hara", now=post.clock())


def book_for_company(post: Post, date_: CourseSession) -> tuple[Company, Booking]:
    """Let Brenda book for Craig, who has no account yet."""
    with post.database.transaction() as db:
        brenda = make_person(db, "brenda", now=post.clock())
        company = make_company(db, brenda, now=post.clock())
        booking = book_for_delegate(
            db,
            course_session_ref=date_.ref,
            delegate_name="Craig Bannister",
            delegate_email="craig@example.org",
            booked_by_id=brenda.id,
            company_id=company.id,
            now=post.clock(),
        )
    return company, booking


def letter_to(post: Post, name: str) -> OutgoingEmail:
    """Return the newest letter to <name>@example.org."""
    address = f"{name}@example.org"
    return [letter for letter in post.letters() if letter.to == address][-1]


def test_a_confirmation_says_all_and_carries_the_invitation(
    post: Post, alice: Person
) -> None:
    date_ = add_date(post)
    booking = book(post, date_, alice)
    with post.database.reading() as db:
        invoice = find_invoice(db, booking_id=booking.id)

    (letter,) = post.letters()

    assert letter.to == alice.email
    assert letter.person_id == alice.id
    assert letter.subject == (
        "You are booked: Labourer health and safety course, Wednesday 1 April 2026"
    )
    assert invoice
    base = post.settings.base_url
    for told in (
        "Hello Alice O'Hara,",
        "Date: Wednesday 1 April 2026",
        "Time: 9am to 4:30pm, UK time",
        f"\nReference: {booking.ref}\n\n",
        "The joining link comes by e-mail, the day before at the latest.",
        f"Price: {word_pounds(booking.gross_pence)}, VAT included.",
        f"Invoice {invoice.number}: {base}/bookings/{booking.ref}/invoice",
        f"If you cannot come: {base}/bookings/{booking.ref}/cancellation",
        f"free until {LAST_FREE}",
        post.settings.provider_phone,
    ):
        assert told in letter.text
    (event,) = events(letter.calendar or "").values()
    assert letter.method == "REQUEST"
    assert event["uid"] == (
        f"booking-{booking.calendar_uid}@{post.settings.calendar_domain}"
    )
    assert event["sequence"] == "0"
    assert event["attendee"] == "mailto:alice%20o'hara@example.org"
    assert event["organizer"] == f"mailto:{post.settings.mail_from}"


def test_a_late_booking_is_not_told_of_a_free_time_that_is_over(
    post: Post,
) -> None:
    date_ = add_date(post)
    post.clock.at = datetime(2026, 3, 30, 8, tzinfo=UTC)
    book_for_company(post, date_)
    told = "".join(letter.text for letter in post.letters())
    assert "free until" not in told
    assert "no longer free" in told


def test_a_consumer_who_books_late_is_told_of_their_fourteen_days(
    post: Post, alice: Person
) -> None:
    date_ = add_date(post)
    post.clock.at = datetime(2026, 3, 30, 8, tzinfo=UTC)
    book(post, date_, alice)
    assert "free until Wednesday 1 April 2026, 9am" in post.letters()[0].text


def test_a_link_that_is_there_already_stands_in_mail_and_invitation(
    post: Post, alice: Person
) -> None:
    date_ = add_date(post)
    set_link(post, date_, LINK)
    book(post, date_, alice)
    (letter,) = post.letters_to("alice o'hara")
    assert f"Join on Teams with this link:\n{LINK}\n" in letter.text
    (event,) = events(letter.calendar or "").values()
    assert event["description"].splitlines()[0] == LINK


def test_a_company_that_books_gets_a_copy_and_the_candidate_reads_no_price(
    post: Post,
) -> None:
    date_ = add_date(post)
    company, booking = book_for_company(post, date_)

    invited, told, copy = post.letters()

    assert "choose your password" in invited.text
    assert (told.to, told.method) == ("craig@example.org", "REQUEST")
    assert f"{company.name} has booked a seat for you." in told.text
    assert "Price" not in told.text
    assert "£" not in told.text
    assert "nvoice" not in told.text
    assert (copy.to, copy.calendar, copy.method) == ("brenda@example.org", None, None)
    assert copy.subject == "Booked for Craig Bannister: Wednesday 1 April 2026"
    assert f"Price: {word_pounds(booking.gross_pence)}" in copy.text
    assert f"/bookings/{booking.ref}/invoice" in copy.text
    assert f"free until {LAST_FREE}" in copy.text


def test_who_books_for_their_company_and_goes_themselves_gets_one_letter_with_price(
    post: Post, alice: Person
) -> None:
    date_ = add_date(post)
    with post.database.transaction() as db:
        company = make_company(db, alice, now=post.clock())
        book_seat(
            db,
            course_session_ref=date_.ref,
            candidate_id=alice.id,
            booked_by_id=alice.id,
            company_id=company.id,
            now=post.clock(),
        )
    (letter,) = post.letters()
    assert "Price: " in letter.text
    assert "Your seat is booked" in letter.text


def test_a_new_joining_link_is_said_to_be_new_and_revises_the_invitation(
    post: Post, alice: Person
) -> None:
    date_ = add_date(post)
    booking = book(post, date_, alice)
    set_link(post, date_, LINK)
    set_link(post, date_, f"{LINK}-other")

    booked, first, second = post.letters_to("alice o'hara")

    assert "Your joining link is here." in first.text
    assert "The joining link is new. The old one no longer works." in second.text
    assert f"{LINK}-other" in second.text
    found = [events(each.calendar or "") for each in (booked, first, second)]
    (uid,) = {uid for each in found for uid in each}
    assert uid.startswith(f"booking-{booking.calendar_uid}@")
    assert [each[uid]["sequence"] for each in found] == ["0", "1", "2"]
    assert {each.method for each in (booked, first, second)} == {"REQUEST"}


@pytest.mark.parametrize("in_time", [True, False])
def test_cancelling_oneself_says_what_becomes_of_the_price(
    in_time: bool, post: Post, alice: Person
) -> None:
    date_ = add_date(post)
    booking = book(post, date_, alice)
    post.clock.at = datetime(2026, 3, 30, 8 - in_time, 59 * in_time, tzinfo=UTC)
    cancel(post, booking, alice)
    with post.database.reading() as db:
        note = find_credit_note(db, booking_id=booking.id)

    letter = letter_to(post, alice.email.partition("@")[0])

    assert letter.method == "CANCEL"
    assert "You have cancelled your booking." in letter.text
    assert "sorry" not in letter.text
    price = word_pounds(booking.gross_pence)
    assert (note is not None) == in_time
    if note:
        assert f"We give back the whole price, {price}." in letter.text
        assert f"Credit note {note.number}" in letter.text
    else:
        assert f"The whole price, {price}, stays payable" in letter.text
        assert LAST_FREE in letter.text


def test_when_we_cancel_we_say_sorry_and_why_and_give_the_price_back(
    post: Post, alice: Person
) -> None:
    date_ = add_date(post)
    book(post, date_, alice)
    post.clock.at = datetime(2026, 3, 31, 9, tzinfo=UTC)  # too late to cancel for free
    call_off(post, date_)

    (*_, letter) = post.letters_to("alice o'hara")

    assert letter.subject.startswith("Cancelled: Labourer")
    assert "We are sorry: we had to cancel this course." in letter.text
    assert "The reason: The trainer is ill." in letter.text
    assert "We give back the whole price" in letter.text
    assert f"{post.settings.base_url}/courses/labourer" in letter.text
    (event,) = events(letter.calendar or "").values()
    assert (letter.method, event["status"]) == ("CANCEL", "CANCELLED")


def test_a_cancelled_course_offers_the_next_dates_that_have_seats(
    post: Post, alice: Person
) -> None:
    """Neither another course, nor one that is full, for a company, past or cancelled."""
    date_ = add_date(post)
    book(post, date_, alice)
    with post.database.transaction() as db:
        days = [
            make_course_session(db, now=post.clock(), on=date(2026, 4, day), **facts)
            for day, facts in (
                (2, {"card_role": "site-support"}),
                (3, {"in_house": True}),
                (4, {"capacity": 1}),
                (5, {}),
                (6, {}),
                (7, {}),
                (8, {}),
                (9, {}),
            )
        ]
        full, called_off = days[2], days[3]
        full.seats_taken = 1
        called_off.cancelled_at = post.clock()
        called_off.cancelled_by_id = alice.id
    call_off(post, date_)

    (*_, letter) = post.letters_to("alice o'hara")

    offered = [line for line in letter.text.splitlines() if "/course-sessions/" in line]
    assert [line[: line.index(" 2026")] for line in offered] == [
        "Monday 6 April",
        "Tuesday 7 April",
        "Wednesday 8 April",
    ]
    assert days[4].ref in offered[0]
    assert f"All dates: {post.settings.base_url}/courses/labourer" in letter.text


def test_whoever_cancels_themselves_is_offered_no_dates(
    post: Post, alice: Person
) -> None:
    booking = book(post, add_date(post), alice)
    with post.database.transaction() as db:
        make_course_session(db, now=post.clock(), on=date(2026, 4, 6))
    cancel(post, booking, alice)
    assert "/course-sessions/" not in post.letters_to("alice o'hara")[-1].text


def test_a_company_is_told_of_the_end_too_and_the_candidate_who_ended_it(
    post: Post,
) -> None:
    date_ = add_date(post)
    company, booking = book_for_company(post, date_)
    with post.database.reading() as db:
        brenda = db.get_one(Person, booking.booked_by_id)
    cancel(post, booking, brenda)

    told, copy = letter_to(post, "craig"), letter_to(post, "brenda")

    assert f"{company.name} has cancelled your booking." in told.text
    assert "£" not in told.text
    assert copy.calendar is None
    assert "The booking for Craig Bannister is cancelled." in copy.text
    assert "We give back the whole price" in copy.text


def test_a_company_is_told_when_its_delegate_cancels(post: Post) -> None:
    date_ = add_date(post)
    _, booking = book_for_company(post, date_)
    with post.database.reading() as db:
        craig = db.get_one(Person, booking.candidate_id)
    cancel(post, booking, craig)
    assert "You have cancelled your booking." in letter_to(post, "craig").text
    assert "Craig Bannister has cancelled this booking." in (
        letter_to(post, "brenda").text
    )


def test_the_whole_journey_keeps_one_uid_with_rising_sequence_in_mail_and_feed(
    app: Flask, post: Post, sink: Sink, alice: Person
) -> None:
    """Booked, revised and cancelled before any mail could go out: still in this order."""
    date_ = add_date(post)
    with post.database.transaction() as db:
        token = make_feed(
            db, kind=FeedKind.CANDIDATE, person_id=alice.id, now=post.clock()
        )
    booking = book(post, date_, alice)
    in_feed = [read_feed(app, token)]
    set_link(post, date_, LINK)
    in_feed.append(read_feed(app, token))
    cancel(post, booking, alice)
    in_feed.append(read_feed(app, token))

    assert post.through(sink.url).send() == 4  # one is the trainer's, about the link

    to_her = [each for each in sink.messages if "theodora" not in str(each["To"])]
    in_mail = [read_invite(message) for message in to_her]
    shared = ("uid", "sequence", "status", "summary", "description", "organizer")
    assert [{name: event[name] for name in shared} for event in in_mail] == [
        {name: event[name] for name in shared} for event in in_feed
    ]
    assert len({event["uid"] for event in in_mail}) == 1
    assert [event["sequence"] for event in in_mail] == ["0", "1", "2"]
    assert [event["method"] for event in in_mail] == ["REQUEST", "REQUEST", "CANCEL"]


def read_feed(app: Flask, token: str) -> dict[str, str]:
    (event,) = events(app.test_client().get(f"/calendars/{token}.ics").data).values()
    return event


def read_invite(message: EmailMessage) -> dict[str, str]:
    _, invite = message.iter_parts()
    assert isinstance(invite, EmailMessage)
    received = invite.get_payload(decode=True)
    assert isinstance(received, bytes)
    (event,) = events(received).values()
    return {**event, "method": str(invite["Content-Type"].params["method"])}
