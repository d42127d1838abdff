"""Finding dates."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession


def get_course_session(db: Session, *, ref: str) -> CourseSession:
    """Return any date with its trainer, cancelled and in-house ones too, or raise NotFound."""
    return _one(db, _with_trainer().where(CourseSession.ref == ref))


def get_public_course_session(db: Session, *, ref: str) -> CourseSession:
    """Return a date that everybody may see, with its trainer; an in-house one is NotFound."""
    return _one(
        db,
        _with_trainer().where(
            CourseSession.ref == ref, CourseSession.in_house.is_(False)
        ),
    )


def get_course_session_of(
    db: Session, *, ref: str, trainer_id: int | None
) -> CourseSession:
    """Return the trainer's own date with its trainer, or any for staff (None); else NotFound."""
    query = _with_trainer().where(CourseSession.ref == ref)
    if trainer_id is not None:
        query = query.where(CourseSession.trainer_id == trainer_id)
    return _one(db, query)


def lock_course_session(
    db: Session, *, ref: str | None = None, course_session_id: int | None = None
) -> CourseSession:
    """Hold a date until the transaction ends, so that its last seat is sold once."""
    query = select(CourseSession).where(
        CourseSession.id == course_session_id
        if course_session_id is not None
        else CourseSession.ref == ref
    )
    held = query.with_for_update().execution_options(populate_existing=True)
    return _one(db, held)


def list_open_course_sessions(
    db: Session, *, card_role: str | None, now: datetime, limit: int
) -> Sequence[CourseSession]:
    """Return public dates that have not started, soonest first, with their trainers."""
    query = _with_trainer().where(*_public_from(now))
    if card_role is not None:
        query = query.where(CourseSession.card_role == card_role)
    soonest = query.order_by(CourseSession.starts_at, CourseSession.id)
    return db.scalars(soonest.limit(limit)).all()


def list_course_sessions_with_seats(
    db: Session, *, card_role: str, now: datetime, limit: int
) -> Sequence[CourseSession]:
    """Return public dates of a course that can still be booked, soonest first."""
    return db.scalars(
        select(CourseSession)
        .where(
            *_public_from(now),
            CourseSession.card_role == card_role,
            CourseSession.seats_taken < CourseSession.capacity,
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
        .limit(limit)
    ).all()


def next_course_session_per_role(
    db: Session, *, now: datetime
) -> dict[str, CourseSession]:
    """Return the soonest public date of each role that has one, full ones too; one query."""
    place = func.row_number().over(
        partition_by=CourseSession.card_role,
        order_by=(CourseSession.starts_at, CourseSession.id),
    )
    placed = (
        select(CourseSession, place.label("place")).where(*_public_from(now)).subquery()
    )
    soonest = aliased(CourseSession, placed)
    found = db.scalars(
        select(soonest)
        .where(placed.c.place == 1)
        .options(joinedload(soonest.trainer))
        .order_by(soonest.starts_at, soonest.id)
    )
    return {course_session.card_role: course_session for course_session in found}


def list_trainer_course_sessions(
    db: Session, *, trainer_id: int, since: datetime
) -> Sequence[CourseSession]:
    """Return a trainer's dates that end after `since`, soonest first, cancelled ones too."""
    return db.scalars(
        _with_trainer()
        .where(CourseSession.trainer_id == trainer_id, CourseSession.ends_at > since)
        .order_by(CourseSession.starts_at, CourseSession.id)
    ).all()


def list_course_sessions_since(
    db: Session, *, since: datetime, limit: int
) -> Sequence[CourseSession]:
    """Return everybody's dates that end after `since`, in-house and cancelled ones too."""
    return db.scalars(
        _with_trainer()
        .where(CourseSession.ends_at > since)
        .order_by(CourseSession.starts_at, CourseSession.id)
        .limit(limit)
    ).all()


def _with_trainer() -> Select[CourseSession]:
    return select(CourseSession).options(joinedload(CourseSession.trainer))


def _public_from(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        CourseSession.in_house.is_(False),
        CourseSession.cancelled_at.is_(None),
        CourseSession.starts_at > now,
    )


def _one(db: Session, query: Select[CourseSession]) -> CourseSession:
    course_session = db.scalars(query).one_or_none()
    if course_session is None:
        raise NotFound
    return course_session
