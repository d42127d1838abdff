"""Asking whether a trainer is free, under their lock."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ecs_training.foundation.database import settings_of
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.queries import (
    is_on_leave,
    is_taken_elsewhere,
    is_trainer_busy,
    list_hours,
    list_skills,
    lock_trainer,
)
from ecs_training.scheduling.rules import TimetableRefusal
from ecs_training.scheduling.rules.trainers import Hours, why_not_teach


def lock_trainers(db: Session, trainer_ids: Iterable[int]) -> None:
    """Hold the time of several trainers, in the one order in which everybody does."""
    for trainer_id in sorted(set(trainer_ids)):
        lock_trainer(db, person_id=trainer_id)


def free_again(db: Session, ends_at: datetime) -> datetime:
    """Return when a trainer may begin anew after a course that ends then."""
    return ends_at + timedelta(minutes=settings_of(db).turn_round_minutes)


def why_trainer_cannot(
    db: Session,
    *,
    trainer_id: int,
    card_role: str,
    starts_at: datetime,
    ends_at: datetime,
    but_for: int | None = None,
) -> TimetableRefusal | None:
    """Return the first reason why a trainer cannot give this course then, or None.

    `but_for`: the date itself, if it is on the timetable already. The caller holds the
    trainer's time.
    """
    return why_not_teach(
        card_role=card_role,
        skills=list_skills(db, trainer_id=trainer_id),
        hours=[
            Hours(weekday=each.weekday, starts=each.starts, ends=each.ends)
            for each in list_hours(db, trainer_id=trainer_id)
        ],
        at=(starts_at, ends_at),
        away=is_on_leave(
            db,
            trainer_id=trainer_id,
            first_on=london_date(starts_at),
            last_on=london_date(ends_at),
        ),
        busy=is_trainer_busy(
            db,
            trainer_id=trainer_id,
            starts_at=starts_at,
            until=free_again(db, ends_at),
            but_for=but_for,
        ),
        taken=is_taken_elsewhere(
            db, trainer_id=trainer_id, starts_at=starts_at, ends_at=ends_at
        ),
    )
