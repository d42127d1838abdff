"""Trainers' own time in the demo: a week of leave, a calendar of theirs, a swap that waits."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.demo.people import OTHER_TRAINERS, Cast
from ecs_training.foundation.london import london_date, to_utc
from ecs_training.scheduling.models import CourseSession, TrainerLeave
from ecs_training.scheduling.services.busy import add_busy_file
from ecs_training.scheduling.services.leave import add_leave
from ecs_training.scheduling.services.swaps import ask_swap, list_who_could_give

LEAVE_BEGINS = timedelta(weeks=6)
LEAVE_LASTS = timedelta(days=6)
SWAP_FROM = timedelta(weeks=2)
DENTIST = (time(8), time(8, 30))  # before any course of the demo


def fill_their_calendars(db: Session, cast: Cast, *, now: datetime) -> None:
    """Do it once: a later run leaves what people have made of it."""
    if db.scalars(select(TrainerLeave.id).limit(1)).first() is not None:
        return
    dawn, kofi = (cast.ids[email] for email in OTHER_TRAINERS[:2])
    today = london_date(now)
    _ask_to_swap(db, dawn, kofi, now + SWAP_FROM, now)
    add_busy_file(
        db,
        trainer_id=kofi,
        label="Family calendar",
        times=[_at_the_dentist(today + timedelta(days=n)) for n in (10, 24)],
        added_by_id=kofi,
        now=now,
    )
    begins = today + LEAVE_BEGINS - timedelta(days=today.weekday())
    add_leave(
        db,
        trainer_id=dawn,
        first_on=begins,
        last_on=begins + LEAVE_LASTS,
        note="Away with the family",
        added_by_id=dawn,
        now=now,
    )


def _ask_to_swap(
    db: Session, from_id: int, to_id: int, since: datetime, now: datetime
) -> None:
    """Ask about the first date from then on; both give the course of a Monday in turns."""
    course_session = db.scalars(
        select(CourseSession)
        .where(
            CourseSession.trainer_id == from_id,
            CourseSession.cancelled_at.is_(None),
            CourseSession.starts_at >= since,
        )
        .order_by(CourseSession.starts_at)
        .limit(1)
    ).one_or_none()
    if course_session is None:
        return
    other = db.get_one(Person, to_id)
    if list_who_could_give(db, course_session=course_session, trainers=[other]):
        ask_swap(
            db,
            course_session_ref=course_session.ref,
            trainer_id=from_id,
            to_ref=other.ref,
            note="My daughter has her school play. I can take one of yours.",
            now=now,
        )


def _at_the_dentist(on: date) -> tuple[datetime, datetime]:
    begins, ends = DENTIST
    return to_utc(on, begins), to_utc(on, ends)
