"""Single dates: published, cancelled, given a joining link."""

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import ZONE_NAME
from ecs_training.scheduling.events import CourseSessionCancelled, JoiningLinkSet
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import (
    get_course_session_of,
    lock_course_session,
    lock_trainer,
)
from ecs_training.scheduling.rules import (
    TimetableRefusal,
    instants,
    why_not_add_course_session,
    why_not_cancel_course_session,
    why_not_set_joining_link,
)
from ecs_training.scheduling.services.availability import (
    free_again,
    why_trainer_cannot,
)
from ecs_training.scheduling.services.meetings import want_meeting


class TimetableRefused(Refused):
    reason: TimetableRefusal


def add_course_session(
    db: Session,
    *,
    card_role: str,
    local_date: date,
    local_start: time,
    local_end: time,
    capacity: int,
    trainer_id: int,
    in_house: bool = False,
    joining_url: str | None = None,
    minimum: int = 1,
    decide_on: date | None = None,
    added_by_id: int | None,
    now: datetime,
) -> CourseSession:
    """Publish one date, or raise TimetableRefused. An end not after the start is the next day's.

    With fewer than `minimum` people on `decide_on`, somebody is asked whether it runs.
    """
    seats: dict[str, Any] = {"capacity": capacity, "minimum": minimum}
    staffed: dict[str, Any] = {"card_role": card_role, "trainer_id": trainer_id}
    times = (local_start, local_end)
    starts_at, ends_at = instants(local_date, *times)
    at: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at}
    lock_trainer(db, person_id=trainer_id)
    refuse(
        why_not_add_course_session(**at, **seats, joining_url=joining_url, now=now)
        or why_trainer_cannot(db, **at, **staffed)
    )
    rest = {"in_house": in_house, "joining_url": joining_url, "decide_on": decide_on}
    course_session = put_on_timetable(
        db, on=local_date, times=times, now=now, **seats, **staffed, **rest
    )
    audit(db, added_by_id, "added date", course_session, now)
    return course_session


def put_on_timetable(
    db: Session, *, on: date, times: tuple[time, time], now: datetime, **facts: Any
) -> CourseSession:
    """Add a date that has been judged already, under its trainer's lock."""
    course_session = CourseSession(
        **facts,
        **_when(db, on, times),
        zone=ZONE_NAME,
        calendar_uid=str(uuid.uuid4()),
        created_at=now,
        updated_at=now,
    )
    db.add(course_session)
    db.flush()
    want_meeting(db, course_session, now=now)
    return course_session


def set_time(
    db: Session,
    course_session: CourseSession,
    on: date,
    times: tuple[time, time],
    *,
    now: datetime,
) -> None:
    """Give a date that is held and judged another time; its meeting gets it too.

    The day of decision keeps its distance. Set another trainer before, never after: what is
    set here may be written at once, and must suit whoever stands in front of it.
    """
    if course_session.decide_on:
        course_session.decide_on += on - course_session.local_date
    for name, value in _when(db, on, times).items():
        setattr(course_session, name, value)
    want_meeting(db, course_session, now=now)


def _when(db: Session, on: date, times: tuple[time, time]) -> dict[str, Any]:
    """Return everything that a date's row says about its time."""
    starts_at, ends_at = instants(on, *times)
    return {
        "local_date": on,
        "local_start": times[0],
        "local_end": times[1],
        "starts_at": starts_at,
        "ends_at": ends_at,
        "trainer_free_at": free_again(db, ends_at),
    }


def cancel_course_session(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    reason: str,
    cancelled_by_id: int,
    now: datetime,
) -> None:
    """Cancel a trainer's own date, or any for staff (None), or raise TimetableRefused."""
    found = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    course_session = lock_course_session(db, course_session_id=found.id)
    refuse(
        why_not_cancel_course_session(
            ends_at=course_session.ends_at,
            cancelled=course_session.cancelled_at is not None,
            reason=reason,
            now=now,
        )
    )
    take_off_timetable(db, course_session, reason.strip(), cancelled_by_id, now)


def take_off_timetable(
    db: Session,
    course_session: CourseSession,
    reason: str,
    cancelled_by_id: int,
    now: datetime,
) -> None:
    """Cancel a date that has been judged already, under its lock."""
    course_session.cancelled_at = now
    course_session.cancelled_by_id = cancelled_by_id
    course_session.cancel_reason = reason
    revise(course_session, now)
    db.flush()
    audit(db, cancelled_by_id, "cancelled date", course_session, now)
    want_meeting(db, course_session, now=now)
    publish(
        db,
        CourseSessionCancelled(
            occurred_at=now,
            course_session_id=course_session.id,
            cancelled_by_id=cancelled_by_id,
            reason=reason,
        ),
    )


def set_joining_link(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    joining_url: str,
    set_by_id: int,
    now: datetime,
) -> None:
    """Say where people join, or raise TimetableRefused. The same link again changes nothing."""
    found = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    course_session = lock_course_session(db, course_session_id=found.id)
    refuse(
        why_not_set_joining_link(
            ends_at=course_session.ends_at,
            cancelled=course_session.cancelled_at is not None,
            joining_url=joining_url,
            now=now,
        )
    )
    if course_session.joining_url == joining_url:
        return
    course_session.joining_url = joining_url
    revise(course_session, now)
    db.flush()
    audit(db, set_by_id, "set joining link", course_session, now)
    publish(db, JoiningLinkSet(occurred_at=now, course_session_id=course_session.id))


def refuse(reason: TimetableRefusal | None) -> None:
    if reason:
        raise TimetableRefused(reason)


def revise(course_session: CourseSession, now: datetime) -> None:
    """Every change that calendars must notice passes here."""
    course_session.sequence += 1
    course_session.updated_at = now


def audit(
    db: Session,
    actor_id: int | None,
    action: str,
    course_session: CourseSession,
    now: datetime,
) -> None:
    record(
        db,
        actor_id=actor_id,
        action=action,
        subject=f"course-session/{course_session.ref}",
        now=now,
    )
