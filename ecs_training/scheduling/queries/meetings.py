"""Finding the meetings of dates, and those of which Microsoft must be told something."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.scheduling.models import CourseSession, Meeting


def find_meeting(db: Session, *, course_session_id: int) -> Meeting | None:
    """Return the meeting of a date, if machines make meetings and it has one."""
    return db.scalars(
        select(Meeting).where(Meeting.course_session_id == course_session_id)
    ).one_or_none()


def list_dates_without_meeting(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the dates to come that have neither a meeting nor a link."""
    return db.scalars(
        select(CourseSession.id)
        .outerjoin(Meeting, Meeting.course_session_id == CourseSession.id)
        .where(
            Meeting.id.is_(None),
            CourseSession.starts_at > now,
            CourseSession.cancelled_at.is_(None),
            CourseSession.joining_url.is_(None),
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    ).all()


def list_due_meetings(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the meetings to be made, changed, removed or looked at now, soonest date first."""
    return db.scalars(
        select(Meeting.id)
        .join(Meeting.course_session)
        .where(
            Meeting.next_try_at <= now,
            CourseSession.cancelled_at.is_not(None) | (CourseSession.ends_at > now),
            *nobody_has_it(now),
        )
        .order_by(CourseSession.starts_at, Meeting.id)
    ).all()


def list_due_reports(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the meetings whose attendance reports are to be asked for now."""
    return db.scalars(
        select(Meeting.id)
        .where(Meeting.reports_next_at <= now, *nobody_has_it(now))
        .order_by(Meeting.reports_next_at, Meeting.id)
    ).all()


def list_upcoming_meetings(db: Session, *, now: datetime) -> Sequence[Meeting]:
    """Return the meetings of dates to come with their dates: those that fail first."""
    return db.scalars(
        select(Meeting)
        .join(Meeting.course_session)
        .where(CourseSession.ends_at > now)
        .options(joinedload(Meeting.course_session).joinedload(CourseSession.trainer))
        .order_by(
            Meeting.problem_since.is_(None), CourseSession.starts_at, CourseSession.id
        )
    ).all()


def nobody_has_it(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what must hold of a meeting that somebody may take into their hands."""
    return (Meeting.claimed_until.is_(None) | (Meeting.claimed_until <= now),)
