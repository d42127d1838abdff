"""Finding sittings, entries and who has which.

Locks are taken in this order: booking, sitting, entry, attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.booking.models import Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession

_IS_LIVE = Entry.withdrawn_at.is_(None) & Entry.spent_at.is_(None)


def _place() -> Select[Sitting, CourseSession, Booking]:
    # Whoever sits again on a later date has no booking there, only an entry.
    again = aliased(Entry)
    sits_again = (
        select(again.id)
        .where(
            again.booking_id == Booking.id,
            again.course_session_id == CourseSession.id,
            again.withdrawn_at.is_(None),
            again.spent_at.is_(None),
        )
        .exists()
    )
    return (
        select(Sitting, CourseSession, Booking)
        .join(CourseSession, CourseSession.id == Sitting.course_session_id)
        .join(Booking, (Booking.course_session_id == CourseSession.id) | sits_again)
        .where(
            Sitting.ref == bindparam("sitting_ref"),
            Booking.candidate_id == bindparam("person_id"),
            Booking.cancelled_at.is_(None),
        )
        .order_by(Booking.id)
        .limit(1)
    )


# Everybody starts in the same minute, so these are put together once.
_PLACE_HELD = _place().with_for_update(read=True, of=Sitting)
_WHOLE_PLACE = (
    _place()
    .outerjoin(
        Entry,
        (Entry.booking_id == Booking.id)
        & (Entry.course_session_id == CourseSession.id)
        & _IS_LIVE,
    )
    .outerjoin(Attempt, Attempt.entry_id == Entry.id)
    .add_columns(Entry, Attempt)
)
_ENTRY_HELD = (
    select(Entry)
    .where(
        Entry.booking_id == bindparam("booking_id"),
        Entry.course_session_id == bindparam("course_session_id"),
        _IS_LIVE,
    )
    .with_for_update()
)
_SAT = select(Attempt).where(Attempt.entry_id == bindparam("entry_id"))


@dataclass(frozen=True, kw_only=True)
class Place:
    """What one person has in a sitting: a booking; perhaps an entry, perhaps an attempt."""

    sitting: Sitting
    course_session: CourseSession
    booking: Booking
    entry: Entry | None
    attempt: Attempt | None


@dataclass(frozen=True, kw_only=True)
class EntryHeld:
    """An entry, and the attempt that stands on it, once there is one."""

    entry: Entry
    attempt: Attempt | None


def find_sitting(db: Session, *, course_session_id: int) -> Sitting | None:
    """Return the sitting of a date with its invigilator, or None before it was opened."""
    return db.scalars(
        select(Sitting)
        .where(Sitting.course_session_id == course_session_id)
        .options(joinedload(Sitting.invigilator))
    ).one_or_none()


def lock_sitting(db: Session, *, course_session_id: int) -> Sitting | None:
    """Hold a sitting until the transaction ends, so that nobody starts while it closes."""
    return db.scalars(
        select(Sitting)
        .where(Sitting.course_session_id == course_session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def count_working(db: Session, *, sitting_id: int, now: datetime) -> int:
    """Count the attempts of a sitting that are neither finished nor out of time."""
    return db.scalars(
        select(func.count(Attempt.id)).where(
            Attempt.sitting_id == sitting_id,
            Attempt.finished_at.is_(None),
            (Attempt.deadline >= now) | (Attempt.held_until > now),
        )
    ).one()


def get_place(db: Session, *, sitting_ref: str, person_id: int) -> Place:
    """Return what a person has in a sitting; NotFound unless they are booked on its date."""
    asked = {"sitting_ref": sitting_ref, "person_id": person_id}
    row = db.execute(_WHOLE_PLACE, asked).one_or_none()
    if row is None:
        raise NotFound
    sitting, course_session, booking, entry, attempt = row
    return Place(
        sitting=sitting,
        course_session=course_session,
        booking=booking,
        entry=entry,
        attempt=attempt,
    )


def lock_place(db: Session, *, sitting_ref: str, person_id: int) -> Place:
    """Return the same, and hold the entry: it is sat once, however often Start is pressed.

    The sitting is held too, but shared: all may start together, and none while it closes.
    """
    asked = {"sitting_ref": sitting_ref, "person_id": person_id}
    row = db.execute(_PLACE_HELD, asked).one_or_none()
    if row is None:
        raise NotFound
    sitting, course_session, booking = row
    asked = {"booking_id": booking.id, "course_session_id": course_session.id}
    entry = db.scalars(_ENTRY_HELD, asked).one_or_none()
    attempt = db.scalars(_SAT, {"entry_id": entry.id}).one_or_none() if entry else None
    return Place(
        sitting=sitting,
        course_session=course_session,
        booking=booking,
        entry=entry,
        attempt=attempt,
    )


def lock_entry(db: Session, *, booking_id: int) -> Entry | None:
    """Hold the live entry of a booking, if there is one."""
    return db.scalars(
        select(Entry)
        .where(Entry.booking_id == booking_id, _IS_LIVE)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def find_last_entry(db: Session, *, booking_id: int) -> Entry | None:
    """Return the entry that a booking was granted last, whatever became of it."""
    return db.scalars(
        select(Entry)
        .where(Entry.booking_id == booking_id)
        .order_by(Entry.id.desc())
        .limit(1)
    ).one_or_none()


def is_entry_sat(db: Session, *, entry_id: int) -> bool:
    sat = select(Attempt.id).where(Attempt.entry_id == entry_id)
    return bool(db.scalar(select(sat.exists())))


def list_entered(db: Session, *, course_session_id: int) -> dict[int, EntryHeld]:
    """Return the bookings that have an entry on a date, each with its attempt, if any.

    Of whoever sits again on the date it is the later one; of whoever sits again on another
    the one that they sat here.
    """
    rows = db.execute(
        select(Entry, Attempt)
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .where(
            Entry.course_session_id == course_session_id, Entry.withdrawn_at.is_(None)
        )
        .order_by(Entry.id)
    )
    return {
        entry.booking_id: EntryHeld(entry=entry, attempt=attempt)
        for entry, attempt in rows
    }


def list_sitting_again(db: Session, *, course_session_id: int) -> Sequence[Booking]:
    """Return the bookings of other dates whose candidates sit again on this one, by name."""
    return db.scalars(
        select(Booking)
        .join(Booking.candidate)
        .where(
            Booking.id.in_(
                select(Entry.booking_id).where(
                    Entry.course_session_id == course_session_id,
                    Entry.withdrawn_at.is_(None),
                )
            ),
            Booking.course_session_id != course_session_id,
        )
        .options(contains_eager(Booking.candidate))
        .order_by(Person.full_name, Booking.id)
    ).all()
