"""Finding trainers' own calendars."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import BusyCalendar, BusyTime


def list_busy_calendars(db: Session, *, trainer_id: int) -> Sequence[BusyCalendar]:
    """Return the calendars that stand for a trainer, in the order in which they came."""
    return db.scalars(
        select(BusyCalendar)
        .where(BusyCalendar.trainer_id == trainer_id, BusyCalendar.removed_at.is_(None))
        .order_by(BusyCalendar.id)
    ).all()


def count_busy_times(
    db: Session, *, trainer_id: int, since: datetime
) -> dict[int, int]:
    """Return how many times each calendar of a trainer blocks from then on."""
    counted = (
        select(BusyTime.calendar_id, func.count(BusyTime.id))
        .join(BusyCalendar, BusyCalendar.id == BusyTime.calendar_id)
        .where(BusyCalendar.trainer_id == trainer_id, BusyTime.ends_at > since)
        .group_by(BusyTime.calendar_id)
    )
    return {row[0]: row[1] for row in db.execute(counted)}


def get_busy_calendar(db: Session, *, ref: str, trainer_id: int | None) -> BusyCalendar:
    """Return a trainer's own calendar, or any for staff (None); else NotFound."""
    query = select(BusyCalendar).where(
        BusyCalendar.ref == ref, BusyCalendar.removed_at.is_(None)
    )
    if trainer_id is not None:
        query = query.where(BusyCalendar.trainer_id == trainer_id)
    found = db.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_due_calendars(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the calendars that are to be read again, those that wait longest first."""
    return db.scalars(
        select(BusyCalendar.id)
        .where(*may_be_read(now))
        .order_by(BusyCalendar.next_try_at, BusyCalendar.id)
    ).all()


def may_be_read(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Say which calendars are due and in nobody's hands."""
    return (
        BusyCalendar.address.is_not(None),
        BusyCalendar.removed_at.is_(None),
        BusyCalendar.next_try_at <= now,
        or_(BusyCalendar.claimed_until.is_(None), BusyCalendar.claimed_until <= now),
    )
