"""What is written when a seat is booked, cancelled or changed by its trainer."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Company, OneTimeLink, Person
from ecs_training.booking.events import BookingCancelled, BookingRevised, SeatBooked
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import (
    find_booking_on,
    get_booking,
    get_visible_booking,
    list_bookings_of_company,
    list_bookings_of_person,
    list_register,
)
from ecs_training.booking.rules import BookingRefusal, Buyer, CancellationRefusal
from ecs_training.booking.services import (
    BookingRefused,
    CancellationRefused,
    book_for_delegate,
    book_seat,
    cancel_booking,
)
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import cancel_course_session, set_joining_link
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)

# A consumer's 14 days are over before our own terms bind.
A_MONTH_AHEAD = date(2026, 4, 1)


@pytest.fixture
def heard(db: Session) -> Iterator[list[Any]]:
    """Collect what booking publishes, after the product's own reactions."""
    events: list[Any] = []
    kept = db.info["reactions"]
    kinds = (SeatBooked, BookingCancelled, BookingRevised)
    db.info["reactions"] = {
        **kept,
        **{
            kind: [*kept[kind], lambda _db, event: events.append(event)]
            for kind in kinds
        },
    }
    yield events
    db.info["reactions"] = kept


def book(
    db: Session, date_: CourseSession, person: Person, now: datetime, **change: Any
) -> Booking:
    facts: dict[str, Any] = {"booked_by_id": person.id, "company_id": None}
    return book_seat(
        db,
        course_session_ref=date_.ref,
        candidate_id=person.id,
        now=now,
        **{**facts, **change},
    )


def cancel(
    db: Session, booking: Booking, person: Person, now: datetime, **change: Any
) -> Booking:
    facts: dict[str, Any] = {"company_id": None, "reason": "", "expects_free": False}
    return cancel_booking(
        db, ref=booking.ref, person_id=person.id, now=now, **{**facts, **change}
    )


def test_a_booking_keeps_price_and_terms_of_the_day(
    db: Session, now: datetime, heard: list[Any]
) -> None:
    date_ = make_course_session(db, now=now, on=A_MONTH_AHEAD)
    person = make_person(db, now=now)

    booking = book(db, date_, person, now)

    assert (booking.net_pence, booking.vat_pence, booking.vat_percent) == (
        14500,
        2900,
        20,
    )
    assert booking.gross_pence == 17400
    assert booking.terms_version == "2026-1"
    assert booking.free_until == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert (booking.buyer, booking.company_id) == (Buyer.SELF, None)
    assert (booking.sequence, booking.booked_at) == (0, now)
    assert date_.seats_taken == 1
    assert heard == [SeatBooked(occurred_at=now, booking_id=booking.id)]


def refused_booking(*args: Any, **change: Any) -> BookingRefusal:
    with pytest.raises(BookingRefused) as refused:
        book(*args, **change)
    return refused.value.reason


def test_every_reason_not_to_book_is_asked_of_the_database(
    db: Session, now: datetime
) -> None:
    person, other = make_person(db, now=now), make_person(db, now=now)
    one_seat = make_course_session(db, now=now, capacity=1)
    book(db, one_seat, other, now)
    assert refused_booking(db, one_seat, person, now) is BookingRefusal.FULL
    assert refused_booking(db, one_seat, other, now) is BookingRefusal.ALREADY_BOOKED
    closing = one_seat.starts_at - timedelta(minutes=59)
    assert refused_booking(db, one_seat, person, closing) is BookingRefusal.CLOSED
    in_house = make_course_session(db, now=now, in_house=True)
    assert refused_booking(db, in_house, person, now) is BookingRefusal.NOT_PUBLIC
    assert book(db, in_house, person, now, in_house=True).candidate_id == person.id
    with pytest.raises(NotFound):
        book_seat(
            db,
            course_session_ref="0" * 12,
            candidate_id=person.id,
            booked_by_id=person.id,
            company_id=None,
            now=now,
        )


def test_a_seat_given_back_can_be_booked_again_even_by_the_same_person(
    db: Session, now: datetime
) -> None:
    person = make_person(db, now=now)
    date_ = make_course_session(db, now=now, capacity=1)
    first = book(db, date_, person, now)
    cancel(db, first, person, now)
    assert date_.seats_taken == 0

    second = book(db, date_, person, now)

    assert second.id != first.id
    assert second.calendar_uid != first.calendar_uid
    assert date_.seats_taken == 1


@pytest.fixture
def boss(db: Session, now: datetime) -> Person:
    return make_person(db, "boss", now=now)


@pytest.fixture
def company(db: Session, boss: Person, now: datetime) -> Company:
    return make_company(db, boss, now=now)


def book_delegate(
    db: Session, date_: CourseSession, boss: Person, company: Company, now: datetime
) -> Booking:
    return book_for_delegate(
        db,
        course_session_ref=date_.ref,
        delegate_name="Marta Kowalczyk",
        delegate_email="marta@example.org",
        booked_by_id=boss.id,
        company_id=company.id,
        now=now,
    )


def test_a_delegate_is_invited_once_and_owns_the_booking(
    db: Session, now: datetime, boss: Person, company: Company
) -> None:
    first = make_course_session(db, now=now)
    second = make_course_session(db, now=now)

    booking = book_delegate(db, first, boss, company, now)
    again = book_delegate(db, second, boss, company, now)

    marta = db.scalars(select(Person).where(Person.email == "marta@example.org")).one()
    assert marta.full_name == "Marta Kowalczyk"
    assert len(db.scalars(select(OneTimeLink)).all()) == 1
    assert booking.candidate_id == again.candidate_id == marta.id
    assert (booking.buyer, booking.company_id) == (Buyer.COMPANY, company.id)
    assert booking.booked_by_id == boss.id
    seen = get_visible_booking(db, ref=booking.ref, person_id=marta.id, company_id=None)
    assert seen.company is company


def test_cancelling_in_time_is_refundable_and_late_is_not(
    db: Session, now: datetime, heard: list[Any]
) -> None:
    date_, alice = (
        make_course_session(db, now=now, on=A_MONTH_AHEAD),
        make_person(db, now=now),
    )
    bob = make_person(db, now=now)
    early, late = book(db, date_, alice, now), book(db, date_, bob, now)
    last_free = early.free_until - timedelta(seconds=1)
    heard.clear()

    cancel(db, early, alice, last_free, reason="Moved house")
    cancel(db, late, bob, late.free_until)

    assert [(each.booking_id, each.refundable) for each in heard] == [
        (early.id, True),
        (late.id, False),
    ]
    assert not any(each.by_provider for each in heard)
    assert early.cancel_reason == "Moved house"
    assert late.cancel_reason is None
    assert (early.cancelled_at, early.cancelled_by_id) == (last_free, alice.id)
    assert (early.sequence, early.updated_at) == (1, last_free)
    assert date_.seats_taken == 0
    actions = db.scalars(
        select(AuditEntry.action).where(AuditEntry.subject == f"booking/{early.ref}")
    ).all()
    assert actions == ["booked seat", "cancelled booking"]


def test_a_seat_is_given_back_once_and_not_after_the_start(
    db: Session, now: datetime
) -> None:
    date_ = make_course_session(db, now=now, on=A_MONTH_AHEAD)
    person = make_person(db, now=now)
    booking = book(db, date_, person, now)
    for at, expects_free, reason in (
        (date_.starts_at, False, CancellationRefusal.STARTED),
        (booking.free_until, True, CancellationRefusal.NO_LONGER_FREE),
    ):
        with pytest.raises(CancellationRefused) as refused:
            cancel(db, booking, person, at, expects_free=expects_free)
        assert refused.value.reason is reason
    cancel(db, booking, person, now)
    with pytest.raises(CancellationRefused) as refused:
        cancel(db, booking, person, now)
    assert refused.value.reason is CancellationRefusal.ALREADY_CANCELLED
    assert date_.seats_taken == 0


def test_only_the_candidate_and_the_company_see_and_cancel_a_booking(
    db: Session, now: datetime, boss: Person, company: Company
) -> None:
    stranger = make_person(db, now=now)
    other_company = make_company(db, stranger, now=now)
    date_ = make_course_session(db, now=now)
    own = book(db, date_, stranger, now)
    theirs = book_delegate(db, date_, boss, company, now)

    for person, of, booking in (
        (stranger, None, theirs),
        (stranger, other_company.id, theirs),
        (boss, None, theirs),
        (boss, company.id, own),
    ):
        with pytest.raises(NotFound):
            get_visible_booking(db, ref=booking.ref, person_id=person.id, company_id=of)
        with pytest.raises(NotFound):
            cancel(db, booking, person, now, company_id=of)
    assert cancel(db, theirs, boss, now, company_id=company.id).cancelled_at == now


def test_a_cancelled_date_cancels_its_live_bookings_at_our_cost(
    db: Session, now: datetime, heard: list[Any]
) -> None:
    date_, noise = make_course_session(db, now=now), make_course_session(db, now=now)
    people = [make_person(db, now=now) for _ in range(3)]
    gone, *live = [book(db, date_, each, now) for each in people]
    elsewhere = book(db, noise, people[0], now)
    cancel(db, gone, people[0], now)
    late = date_.starts_at - timedelta(minutes=5)
    heard.clear()

    cancel_course_session(
        db,
        ref=date_.ref,
        trainer_id=None,
        reason="The trainer is ill.",
        cancelled_by_id=date_.trainer_id,
        now=late,
    )

    assert [(each.booking_id, each.refundable, each.by_provider) for each in heard] == [
        (booking.id, True, True) for booking in live
    ]
    for booking in live:
        assert booking.cancelled_at == late
        assert booking.cancelled_by_id == date_.trainer_id
        assert booking.cancel_reason == "The trainer is ill."
        assert booking.sequence == 1
    assert gone.cancelled_at == now
    assert elsewhere.cancelled_at is None
    assert (date_.seats_taken, noise.seats_taken) == (0, 1)


def test_a_new_link_revises_live_bookings_only(
    db: Session, now: datetime, heard: list[Any]
) -> None:
    date_, noise = make_course_session(db, now=now), make_course_session(db, now=now)
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    live, gone = book(db, date_, alice, now), book(db, date_, bob, now)
    elsewhere = book(db, noise, alice, now)
    cancel(db, gone, bob, now)
    heard.clear()
    later = now + timedelta(hours=1)

    set_joining_link(
        db,
        ref=date_.ref,
        trainer_id=None,
        joining_url="https://teams.example.org/1",
        set_by_id=date_.trainer_id,
        now=later,
    )

    assert heard == [BookingRevised(occurred_at=later, booking_id=live.id)]
    assert (live.sequence, live.updated_at) == (1, later)
    assert (gone.sequence, elsewhere.sequence) == (1, 0)


def test_lists_hold_what_they_say_and_nothing_else(
    db: Session, now: datetime, company: Company
) -> None:
    soon = make_course_session(db, now=now)
    later = make_course_session(db, now=now, on=now.date() + timedelta(days=9))
    zoe, adam = make_person(db, "zoe", now=now), make_person(db, "adam", now=now)
    z = make_booking(db, soon, zoe, now=now, company=company)
    a = make_booking(db, soon, adam, now=now)
    z_later = make_booking(db, later, zoe, now=now)
    cancel(db, z_later, zoe, now)

    register = list_register(db, course_session_id=soon.id)
    assert [each.id for each in register] == [a.id, z.id]
    assert [each.candidate.full_name for each in register] == ["Adam", "Zoe"]
    assert [each.id for each in list_bookings_of_person(db, person_id=zoe.id)] == [
        z_later.id,
        z.id,
    ]
    (of_company,) = list_bookings_of_company(db, company_id=company.id)
    assert of_company.id == z.id
    assert of_company.course_session.trainer.full_name
    assert get_booking(db, booking_id=a.id).candidate is adam
    with pytest.raises(NotFound):
        get_booking(db, booking_id=0)
    held = {"course_session_id": later.id, "candidate_id": zoe.id}
    assert find_booking_on(db, **held) is None
    assert find_booking_on(db, **{**held, "course_session_id": soon.id}) is z
