from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.booking.models import Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession


def standing_marks(
    db: Session, *, booking_ids: Collection[int]
) -> dict[int, AttendanceMark]:
    """Return the mark that stands for each booking that has one, by booking id."""
    marks = db.scalars(
        select(AttendanceMark).where(
            AttendanceMark.booking_id.in_(booking_ids),
            AttendanceMark.withdrawn_at.is_(None),
        )
    )
    return {mark.booking_id: mark for mark in marks}


def standing_checks(
    db: Session, *, booking_ids: Collection[int]
) -> dict[int, IdentityCheck]:
    """Return the same for identity checks, each with the person who looked."""
    checks = db.scalars(
        select(IdentityCheck)
        .where(
            IdentityCheck.booking_id.in_(booking_ids),
            IdentityCheck.withdrawn_at.is_(None),
        )
        .options(joinedload(IdentityCheck.checked_by))
    )
    return {check.booking_id: check for check in checks}


@dataclass(frozen=True, kw_only=True)
class Unmarked:
    """A date that is over, and how many of its people nobody has marked."""

    course_session: CourseSession
    people: int


def list_unmarked(db: Session, *, since: date, before: date) -> Sequence[Unmarked]:
    """Return the dates of those days with people never marked, with trainers, oldest first.

    `since` is the first London day, `before` the day after the last.
    """
    marked = select(AttendanceMark.id).where(
        AttendanceMark.booking_id == Booking.id, AttendanceMark.withdrawn_at.is_(None)
    )
    counted = (
        select(Booking.course_session_id, func.count(Booking.id).label("people"))
        .where(Booking.cancelled_at.is_(None), ~marked.exists())
        .group_by(Booking.course_session_id)
        .subquery()
    )
    rows = db.execute(
        select(CourseSession, counted.c.people)
        .join(counted, counted.c.course_session_id == CourseSession.id)
        .where(
            CourseSession.cancelled_at.is_(None),
            CourseSession.local_date >= since,
            CourseSession.local_date < before,
        )
        .options(joinedload(CourseSession.trainer))
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    return [Unmarked(course_session=day, people=people) for day, people in rows]


def get_booking_on_register(
    db: Session, *, course_session_ref: str, booking_ref: str, trainer_id: int | None
) -> Booking:
    """Return a live booking with its date and candidate, as the trainer may see it.

    Raise NotFound unless it belongs to that date and the date to that trainer; None stands
    for staff, who may see everybody's.
    """
    query = (
        select(Booking)
        .join(Booking.course_session)
        .where(
            Booking.ref == booking_ref,
            Booking.cancelled_at.is_(None),
            CourseSession.ref == course_session_ref,
        )
        .options(joinedload(Booking.course_session), joinedload(Booking.candidate))
    )
    if trainer_id is not None:
        query = query.where(CourseSession.trainer_id == trainer_id)
    booking = db.scalars(query).one_or_none()
    if booking is None:
        raise NotFound
    return booking
