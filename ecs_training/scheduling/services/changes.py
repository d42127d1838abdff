"""Changing a date that people know of: another time, another trainer, more seats, on again.

A date changed by hand is detached: its weekly plan leaves it alone from then on.
"""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.foundation.events import publish
from ecs_training.scheduling.events import (
    CourseSessionMoved,
    CourseSessionResized,
    CourseSessionRestaffed,
    CourseSessionRestored,
)
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import get_course_session_of, lock_course_session
from ecs_training.scheduling.rules import (
    TimetableRefusal,
    instants,
    why_not_change,
    why_not_move,
    why_not_resize,
    why_not_restore,
)
from ecs_training.scheduling.services.availability import (
    lock_trainers,
    why_trainer_cannot,
)
from ecs_training.scheduling.services.dates import audit, refuse, revise, set_time
from ecs_training.scheduling.services.meetings import want_meeting


def move_course_session(
    db: Session,
    *,
    ref: str,
    local_date: date,
    local_start: time,
    local_end: time,
    moved_by_id: int,
    now: datetime,
) -> None:
    """Give a date another day or time, or raise TimetableRefused.

    An end not after the start is the next day's.
    """
    course_session = _hold(db, ref)
    at = instants(local_date, local_start, local_end)
    was = (course_session.starts_at, course_session.ends_at)
    refuse(
        why_not_move(
            starts_at=course_session.starts_at,
            cancelled=course_session.cancelled_at is not None,
            moved_to=at,
            stays=at == was,
            now=now,
        )
        or _why_trainer_cannot(db, course_session, course_session.trainer_id, at)
    )
    set_time(db, course_session, local_date, (local_start, local_end), now=now)
    _change(db, course_session, "moved date", moved_by_id, now)
    about = _about(course_session, now)
    publish(db, CourseSessionMoved(**about, moved_by_id=moved_by_id, was=was))


def restaff_course_session(
    db: Session, *, ref: str, trainer_id: int, restaffed_by_id: int, now: datetime
) -> None:
    """Put another trainer in front of a date, or raise TimetableRefused."""
    course_session = _hold(db, ref, also=trainer_id)
    same = course_session.trainer_id == trainer_id
    refuse(
        _why_not_change(course_session, now)
        or (TimetableRefusal.SAME_TRAINER if same else None)
        or why_cannot_give(db, course_session, trainer_id)
    )
    hand_over(db, course_session, trainer_id, restaffed_by_id, now)


def why_cannot_give(
    db: Session, course_session: CourseSession, trainer_id: int
) -> TimetableRefusal | None:
    """Say why a trainer, whose time the caller holds, cannot give a date at its own time."""
    at = (course_session.starts_at, course_session.ends_at)
    return _why_trainer_cannot(db, course_session, trainer_id, at)


def hand_over(
    db: Session, course_session: CourseSession, to_id: int, by_id: int, now: datetime
) -> None:
    """Put another trainer in front of a date that is held and has been judged already."""
    from_id, course_session.trainer_id = course_session.trainer_id, to_id
    _change(db, course_session, "restaffed date", by_id, now)
    about = _about(course_session, now)
    publish(
        db,
        CourseSessionRestaffed(
            **about, from_id=from_id, to_id=to_id, restaffed_by_id=by_id
        ),
    )


def resize_course_session(
    db: Session,
    *,
    ref: str,
    capacity: int,
    minimum: int,
    resized_by_id: int,
    now: datetime,
) -> None:
    """Give a date more seats or fewer, or raise TimetableRefused; never fewer than are taken.

    No calendar shows seats, so none is sent a new version.
    """
    course_session = _hold(db, ref)
    was = course_session.capacity
    refuse(
        _why_not_change(course_session, now)
        or why_not_resize(
            capacity=capacity,
            minimum=minimum,
            seats_taken=course_session.seats_taken,
            stays=(capacity, minimum) == (was, course_session.minimum),
        )
    )
    course_session.capacity, course_session.minimum = capacity, minimum
    _detach(course_session, now)
    db.flush()
    audit(db, resized_by_id, "resized date", course_session, now)
    about = _about(course_session, now)
    publish(db, CourseSessionResized(**about, resized_by_id=resized_by_id, was=was))


def restore_course_session(
    db: Session, *, ref: str, restored_by_id: int, now: datetime
) -> None:
    """Let a cancelled date take place after all, or raise TimetableRefused."""
    course_session = _hold(db, ref)
    at = (course_session.starts_at, course_session.ends_at)
    refuse(
        why_not_restore(
            starts_at=course_session.starts_at,
            cancelled=course_session.cancelled_at is not None,
            now=now,
        )
        or _why_trainer_cannot(db, course_session, course_session.trainer_id, at)
    )
    course_session.cancelled_at = course_session.cancelled_by_id = None
    course_session.cancel_reason = None
    _change(db, course_session, "restored date", restored_by_id, now)
    want_meeting(db, course_session, now=now)
    about = _about(course_session, now)
    publish(db, CourseSessionRestored(**about, restored_by_id=restored_by_id))


def _hold(db: Session, ref: str, *, also: int | None = None) -> CourseSession:
    """Hold a date and the time of its trainer, and of another: trainers before dates."""
    found = get_course_session_of(db, ref=ref, trainer_id=None)
    trainer_id = found.trainer_id
    lock_trainers(db, {trainer_id} if also is None else {trainer_id, also})
    course_session = lock_course_session(db, course_session_id=found.id)
    if course_session.trainer_id != trainer_id:  # between the look and the lock
        refuse(TimetableRefusal.CHANGED_MEANWHILE)
    return course_session


def _why_not_change(
    course_session: CourseSession, now: datetime
) -> TimetableRefusal | None:
    return why_not_change(
        ends_at=course_session.ends_at,
        cancelled=course_session.cancelled_at is not None,
        now=now,
    )


def _why_trainer_cannot(
    db: Session,
    course_session: CourseSession,
    trainer_id: int,
    at: tuple[datetime, datetime],
) -> TimetableRefusal | None:
    return why_trainer_cannot(
        db,
        trainer_id=trainer_id,
        card_role=course_session.card_role,
        starts_at=at[0],
        ends_at=at[1],
        but_for=course_session.id,
    )


def _change(
    db: Session,
    course_session: CourseSession,
    action: str,
    by_id: int,
    now: datetime,
) -> None:
    _detach(course_session, now)
    revise(course_session, now)
    db.flush()
    audit(db, by_id, action, course_session, now)


def _detach(course_session: CourseSession, now: datetime) -> None:
    if course_session.plan_id and course_session.detached_at is None:
        course_session.detached_at = now


def _about(course_session: CourseSession, now: datetime) -> dict[str, Any]:
    """Return what every event about a date says."""
    return {"occurred_at": now, "course_session_id": course_session.id}
