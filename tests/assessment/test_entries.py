"""The right to sit follows from the register, and stays once it was used."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Entry
from ecs_training.assessment.services.attempts import start_attempt
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.attendance.services import (
    check_identity,
    mark_attendance,
    withdraw_identity_check,
)
from ecs_training.booking.models import Booking
from ecs_training.foundation.london import london_date
from tests.assessment.exam import BLUEPRINT, clear, make_day, make_sign_in
from tests.factories import make_booking, make_course_session, make_person


@pytest.fixture
def trainer(db: Session, now: datetime) -> Person:
    return make_person(db, "trainer", now=now, role=Role.TRAINER)


@pytest.fixture
def booking(db: Session, now: datetime, trainer: Person) -> Booking:
    course_session = make_course_session(
        db, now=now, trainer=trainer, on=london_date(now)
    )
    noise = make_booking(db, course_session, make_person(db, now=now), now=now)
    clear(db, noise, trainer, now=now)
    return make_booking(db, course_session, make_person(db, now=now), now=now)


def live(db: Session, booking: Booking) -> Entry | None:
    return db.scalars(
        select(Entry).where(
            Entry.booking_id == booking.id, Entry.withdrawn_at.is_(None)
        )
    ).one_or_none()


def mark(db: Session, booking: Booking, trainer: Person, presence: Presence) -> None:
    mark_attendance(
        db,
        booking_id=booking.id,
        presence=presence,
        marked_by_id=trainer.id,
        now=booking.booked_at,
    )


def check(
    db: Session, booking: Booking, trainer: Person, outcome: IdentityOutcome
) -> None:
    check_identity(
        db,
        booking_id=booking.id,
        document=DocumentKind.ECS_CARD,
        outcome=outcome,
        checked_by_id=trainer.id,
        now=booking.booked_at,
    )


def test_attended_and_identified_in_either_order_is_an_entry(
    db: Session, booking: Booking, trainer: Person
) -> None:
    check(db, booking, trainer, IdentityOutcome.MATCHED)
    assert live(db, booking) is None
    mark(db, booking, trainer, Presence.ATTENDED)
    entry = live(db, booking)
    assert entry is not None
    assert entry.granted_at == booking.booked_at


@pytest.mark.parametrize(
    ("presence", "outcome"),
    [
        (Presence.ABSENT, IdentityOutcome.MATCHED),
        (Presence.ATTENDED, IdentityOutcome.NAME_DIFFERS),
        (Presence.ATTENDED, IdentityOutcome.NOT_MATCHED),
    ],
)
def test_anything_less_is_none_and_withdraws_one(
    db: Session,
    booking: Booking,
    trainer: Person,
    presence: Presence,
    outcome: IdentityOutcome,
) -> None:
    clear(db, booking, trainer, now=booking.booked_at)
    entry = live(db, booking)
    assert entry is not None
    mark(db, booking, trainer, presence)
    check(db, booking, trainer, outcome)
    assert live(db, booking) is None
    assert entry.withdrawn_at == booking.booked_at


def test_a_check_taken_back_withdraws_the_entry_and_a_new_one_grants_another(
    db: Session, booking: Booking, trainer: Person, now: datetime
) -> None:
    clear(db, booking, trainer, now=now)
    first = live(db, booking)
    withdraw_identity_check(
        db, booking_id=booking.id, withdrawn_by_id=trainer.id, now=now
    )
    assert live(db, booking) is None
    check(db, booking, trainer, IdentityOutcome.MATCHED)
    second = live(db, booking)
    assert first
    assert second
    assert second.id != first.id
    assert second.identity_check_id != first.identity_check_id


def test_another_document_moves_the_entry_onto_the_new_check(
    db: Session, booking: Booking, trainer: Person, now: datetime
) -> None:
    clear(db, booking, trainer, now=now)  # by passport
    first = live(db, booking)
    check(db, booking, trainer, IdentityOutcome.MATCHED)  # by ECS card
    second = live(db, booking)
    assert first
    assert second
    assert first.withdrawn_at == now
    assert second.identity_check_id > first.identity_check_id


def test_an_entry_that_was_sat_stays_whatever_is_marked_later(
    db: Session, now: datetime
) -> None:
    day = make_day(db, now=now)
    (booking,), (candidate,) = day.bookings, day.candidates
    entry = live(db, booking)
    start_attempt(
        db,
        sitting_ref=day.sitting.ref,
        person_id=candidate.id,
        sign_in_id=make_sign_in(db, candidate, now=now),
        blueprint=BLUEPRINT,
        now=now,
    )
    mark(db, booking, day.trainer, Presence.ABSENT)
    withdraw_identity_check(
        db, booking_id=booking.id, withdrawn_by_id=day.trainer.id, now=now
    )
    assert live(db, booking) is entry
    check(db, booking, day.trainer, IdentityOutcome.MATCHED)
    mark(db, booking, day.trainer, Presence.ATTENDED)
    assert live(db, booking) is entry  # nobody sits twice by being marked twice
