"""Finding sittings, entries and who has which.

Locks are taken in this order: booking, sitting, entry, attempt.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.booking.models import Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession


@dataclass(frozen=True, kw_only=True)
class Place:
    """What one person has in a sitting: a booking; perhaps an entry, perhaps an attempt."""

    sitting: Sitting
    course_session: CourseSession
    booking: Booking
    entry: Entry | None
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
            Attempt.deadline >= now,
        )
    ).one()


def get_place(db: Session, *, sitting_ref: str, person_id: int) -> Place:
    """Return what a person has in a sitting; NotFound unless they are booked on its date."""
    row = db.execute(
        _place(sitting_ref, person_id)
        .outerjoin(
            Entry, (Entry.booking_id == Booking.id) & Entry.withdrawn_at.is_(None)
        )
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .add_columns(Entry, Attempt)
    ).one_or_none()
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
    row = db.execute(
        _place(sitting_ref, person_id).with_for_update(read=True, of=Sitting)
    ).one_or_none()
    if row is None:
        raise NotFound
    sitting, course_session, booking = row
    entry = db.scalars(
        select(Entry)
        .where(Entry.booking_id == booking.id, Entry.withdrawn_at.is_(None))
        .with_for_update()
    ).one_or_none()
    sat = select(Attempt).where(Attempt.entry_id == entry.id) if entry else None
    return Place(
        sitting=sitting,
        course_session=course_session,
        booking=booking,
        entry=entry,
        attempt=db.scalars(sat).one_or_none() if sat is not None else None,
    )


def _place(sitting_ref: str, person_id: int) -> Select[Sitting, CourseSession, Booking]:
    return (
        select(Sitting, CourseSession, Booking)
        .join(CourseSession, CourseSession.id == Sitting.course_session_id)
        .join(Booking, Booking.course_session_id == CourseSession.id)
        .where(
            Sitting.ref == sitting_ref,
            Booking.candidate_id == person_id,
            Booking.cancelled_at.is_(None),
        )
    )


def lock_entry(db: Session, *, booking_id: int) -> Entry | None:
    """Hold the live entry of a booking, if there is one."""
    return db.scalars(
        select(Entry)
        .where(Entry.booking_id == booking_id, Entry.withdrawn_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def is_entry_sat(db: Session, *, entry_id: int) -> bool:
    sat = select(Attempt.id).where(Attempt.entry_id == entry_id)
    return bool(db.scalar(select(sat.exists())))


def list_entered(db: Session, *, course_session_id: int) -> dict[int, Attempt | None]:
    """Return the bookings of a date that have a live entry, each with its attempt, if any."""
    rows = db.execute(
        select(Entry.booking_id, Attempt)
        .join(Booking, Booking.id == Entry.booking_id)
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .where(
            Booking.course_session_id == course_session_id,
            Entry.withdrawn_at.is_(None),
        )
    )
    return {row.booking_id: row.Attempt for row in rows}
