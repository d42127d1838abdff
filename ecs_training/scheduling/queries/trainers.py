"""Finding trainers' time: what they teach, when they work, and when they are taken."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import Person, RoleGrant
from ecs_training.accounts.rules import Role
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import (
    BusyCalendar,
    BusyTime,
    CourseSession,
    TrainerHours,
    TrainerLeave,
    TrainerSkill,
)


def lock_trainer(db: Session, *, person_id: int) -> None:
    """Hold a trainer's time until the transaction ends. Raise NotFound for nobody.

    The weaker lock: rows that merely refer to the person do not wait for it.
    """
    found = db.scalars(
        select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound


def is_trainer_busy(
    db: Session,
    *,
    trainer_id: int,
    starts_at: datetime,
    until: datetime,
    but_for: int | None = None,
) -> bool:
    """Say whether another date of theirs overlaps one that keeps them `until` then.

    Turn-round counts on both sides; a cancelled date and the date `but_for` do not.
    """
    overlapping = select(CourseSession.id).where(
        CourseSession.trainer_id == trainer_id,
        CourseSession.cancelled_at.is_(None),
        CourseSession.starts_at < until,
        CourseSession.trainer_free_at > starts_at,
    )
    if but_for is not None:
        overlapping = overlapping.where(CourseSession.id != but_for)
    return bool(db.scalar(select(overlapping.exists())))


def list_skills(db: Session, *, trainer_id: int) -> Sequence[str]:
    """Return the card roles that a trainer may teach; none on record means every role."""
    return db.scalars(
        select(TrainerSkill.card_role)
        .where(TrainerSkill.trainer_id == trainer_id, TrainerSkill.ended_at.is_(None))
        .order_by(TrainerSkill.card_role)
    ).all()


def list_hours(db: Session, *, trainer_id: int) -> Sequence[TrainerHours]:
    """Return a trainer's working hours in order of the week; none means any hour."""
    return db.scalars(
        select(TrainerHours)
        .where(TrainerHours.trainer_id == trainer_id)
        .order_by(TrainerHours.weekday, TrainerHours.starts)
    ).all()


def is_on_leave(db: Session, *, trainer_id: int, first_on: date, last_on: date) -> bool:
    """Say whether a trainer is away on any of these London days."""
    away = select(TrainerLeave.id).where(
        TrainerLeave.trainer_id == trainer_id,
        TrainerLeave.cancelled_at.is_(None),
        TrainerLeave.first_on <= last_on,
        TrainerLeave.last_on >= first_on,
    )
    return bool(db.scalar(select(away.exists())))


def is_taken_elsewhere(
    db: Session, *, trainer_id: int, starts_at: datetime, ends_at: datetime
) -> bool:
    """Say whether a calendar of the trainer's own says that they are taken."""
    taken = (
        select(BusyTime.id)
        .join(BusyCalendar, BusyCalendar.id == BusyTime.calendar_id)
        .where(
            BusyCalendar.trainer_id == trainer_id,
            BusyCalendar.removed_at.is_(None),
            BusyTime.starts_at < ends_at,
            BusyTime.ends_at > starts_at,
        )
    )
    return bool(db.scalar(select(taken.exists())))


def get_trainer(db: Session, *, ref: str) -> Person:
    """Return somebody who is a trainer now, or raise NotFound."""
    found = db.scalars(
        select(Person).where(Person.ref == ref, _is_trainer())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def is_trainer(db: Session, *, person_id: int) -> bool:
    trains = select(Person.id).where(Person.id == person_id, _is_trainer())
    return bool(db.scalar(select(trains.exists())))


def _is_trainer() -> ColumnElement[bool]:
    return (
        select(RoleGrant.id)
        .where(
            RoleGrant.person_id == Person.id,
            RoleGrant.role == Role.TRAINER,
            RoleGrant.ended_at.is_(None),
        )
        .exists()
    )


def list_leave(
    db: Session, *, trainer_id: int, from_on: date
) -> Sequence[TrainerLeave]:
    """Return when a trainer is away from a day on, soonest first."""
    return db.scalars(
        select(TrainerLeave)
        .where(
            TrainerLeave.trainer_id == trainer_id,
            TrainerLeave.cancelled_at.is_(None),
            TrainerLeave.last_on >= from_on,
        )
        .order_by(TrainerLeave.first_on, TrainerLeave.id)
    ).all()


def get_leave_of(db: Session, *, ref: str, trainer_id: int | None) -> TrainerLeave:
    """Hold a trainer's own leave, or anybody's for staff (None); else NotFound."""
    query = select(TrainerLeave).where(TrainerLeave.ref == ref).with_for_update()
    if trainer_id is not None:
        query = query.where(TrainerLeave.trainer_id == trainer_id)
    found = db.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_dates_on_leave(
    db: Session, *, now: datetime, trainer_id: int | None = None
) -> Sequence[CourseSession]:
    """Return coming dates whose trainer is away on that day, soonest first, with them.

    Somebody has to move or re-staff them: leave takes nothing off by itself.
    """
    query = (
        select(CourseSession, TrainerLeave.first_on)
        .join(TrainerLeave, TrainerLeave.trainer_id == CourseSession.trainer_id)
        .options(joinedload(CourseSession.trainer))
        .where(
            CourseSession.cancelled_at.is_(None),
            CourseSession.ends_at > now,
            TrainerLeave.cancelled_at.is_(None),
            TrainerLeave.last_on >= CourseSession.local_date,
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    if trainer_id is not None:
        query = query.where(CourseSession.trainer_id == trainer_id)
    away = {  # a night reaches into the next day, which no database adds alike
        course_session: None
        for course_session, first_on in db.execute(query)
        if first_on <= london_date(course_session.ends_at)
    }
    return list(away)


def list_skills_of_all(db: Session) -> dict[int, list[str]]:
    """Return what each trainer may teach; who is not in it may teach everything."""
    found: dict[int, list[str]] = {}
    live = select(TrainerSkill.trainer_id, TrainerSkill.card_role).where(
        TrainerSkill.ended_at.is_(None)
    )
    for trainer_id, card_role in db.execute(live.order_by(TrainerSkill.card_role)):
        found.setdefault(trainer_id, []).append(card_role)
    return found
