"""Where somebody sits next: by the entry that they have, or by a resit that was granted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry, Resit, Sitting
from ecs_training.assessment.rules.granting import is_date_over
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import CourseSession


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Where somebody may sit by the entry that they have now, sat or not."""

    entry: Entry
    course_session: CourseSession
    sitting: Sitting | None
    attempt: Attempt | None

    @property
    def is_finished(self) -> bool:
        return self.attempt is not None and self.attempt.finished_at is not None


@dataclass(frozen=True, kw_only=True)
class ResitPlace:
    """A resit that was granted: where it is sat, and whether it has been."""

    course_session: CourseSession
    sitting: Sitting | None
    sat: bool
    over: bool  # its date was cancelled, or nobody can start there any more


def find_seat(db: Session, *, booking_id: int) -> Seat | None:
    """Return the live entry of a booking with its date, or None."""
    row = db.execute(
        select(Entry, CourseSession, Sitting, Attempt)
        .join(CourseSession, CourseSession.id == Entry.course_session_id)
        .outerjoin(Sitting, Sitting.course_session_id == CourseSession.id)
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .where(
            Entry.booking_id == booking_id,
            Entry.withdrawn_at.is_(None),
            Entry.spent_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    entry, course_session, sitting, attempt = row
    return Seat(
        entry=entry, course_session=course_session, sitting=sitting, attempt=attempt
    )


def find_resit_place(
    db: Session, *, attempt_id: int, now: datetime
) -> ResitPlace | None:
    """Return where the resit after an attempt is sat, if one was granted."""
    row = db.execute(
        select(CourseSession, Sitting, Attempt.id)
        .select_from(Resit)
        .join(Entry, Entry.id == Resit.entry_id)
        .join(CourseSession, CourseSession.id == Entry.course_session_id)
        .outerjoin(Sitting, Sitting.course_session_id == CourseSession.id)
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .where(Resit.attempt_id == attempt_id)
    ).one_or_none()
    if row is None:
        return None
    course_session, sitting, sat = row
    return ResitPlace(
        course_session=course_session,
        sitting=sitting,
        sat=sat is not None,
        over=is_over(course_session, sitting, now=now),
    )


def is_over(
    course_session: CourseSession, sitting: Sitting | None, *, now: datetime
) -> bool:
    """Say whether nobody can start on a date any more."""
    return course_session.cancelled_at is not None or is_date_over(
        closes_at=sitting.closes_at if sitting else None,
        closed_at=sitting.closed_at if sitting else None,
        local_date=course_session.local_date,
        today=london_date(now),
        now=now,
    )
