"""Finding dates that trainers ask each other to take over."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession, Swap


def list_open_swaps(
    db: Session,
    *,
    now: datetime,
    to_id: int | None = None,
    from_id: int | None = None,
) -> Sequence[Swap]:
    """Return what still waits for an answer, soonest date first, with date and trainers.

    Of everybody, or only what is asked of one trainer, or by one.
    """
    query = _with_all().where(*_open(), CourseSession.starts_at > now)
    if to_id is not None:
        query = query.where(Swap.to_id == to_id)
    if from_id is not None:
        query = query.where(Swap.from_id == from_id)
    return db.scalars(query.order_by(CourseSession.starts_at, Swap.id)).all()


def find_open_swap(db: Session, *, course_session_id: int) -> Swap | None:
    """Return the request about a date that nobody has answered, whatever became of the date."""
    return db.scalars(
        select(Swap).where(Swap.course_session_id == course_session_id, *_unanswered())
    ).one_or_none()


def get_swap_of(db: Session, *, ref: str, trainer_id: int) -> Swap:
    """Return a request that a trainer made or is asked, with date and trainers; or NotFound."""
    mine = (Swap.from_id == trainer_id) | (Swap.to_id == trainer_id)
    swap = db.scalars(_with_all().where(Swap.ref == ref, mine)).one_or_none()
    if swap is None:
        raise NotFound
    return swap


def lock_swap(db: Session, *, swap_id: int) -> Swap:
    """Hold a request until the transaction ends; its date is held before it."""
    return db.scalars(
        select(Swap)
        .where(Swap.id == swap_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _with_all() -> Select[Swap]:
    return (
        select(Swap)
        .join(CourseSession, CourseSession.id == Swap.course_session_id)
        .options(
            joinedload(Swap.course_session),
            joinedload(Swap.from_trainer),
            joinedload(Swap.to_trainer),
        )
    )


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    return Swap.answered_at.is_(None), Swap.withdrawn_at.is_(None)


def _open() -> tuple[ColumnElement[bool], ...]:
    return (
        *_unanswered(),
        CourseSession.cancelled_at.is_(None),
        CourseSession.trainer_id == Swap.from_id,
    )
