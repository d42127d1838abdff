"""Opening and closing the assessment of a date, each with a declaration."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.events import SittingOpened
from ecs_training.assessment.models import Sitting
from ecs_training.assessment.queries.sittings import (
    count_working,
    find_sitting,
    lock_sitting,
)
from ecs_training.assessment.rules.sittings import (
    OPEN_FOR,
    SittingRefusal,
    why_not_close,
    why_not_open,
)
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date
from ecs_training.questions.rules import Blueprint
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import (
    get_course_session_of,
    lock_course_session,
)


class SittingRefused(Refused):
    """`still_working` says how many people a closing has to wait for."""

    reason: SittingRefusal

    def __init__(self, reason: SittingRefusal, *, still_working: int = 0) -> None:
        super().__init__(reason)
        self.still_working = still_working


def open_sitting(
    db: Session,
    *,
    course_session_ref: str,
    trainer_id: int | None,
    invigilator_id: int,
    declaration: str,
    blueprint: Blueprint,
    now: datetime,
    gated: bool = False,
) -> Sitting:
    """Let everybody with an entry start, from now for OPEN_FOR; whoever opens invigilates.

    `gated`: nobody starts before the invigilator lets them in from the room.
    NotFound for another trainer's date (None: staff, any). Raises SittingRefused for a
    cancelled date, on any day but its London day, and when it was opened before.
    """
    course_session = _hold_date(db, course_session_ref, trainer_id, now)
    sitting = Sitting(
        course_session_id=course_session.id,
        blueprint=blueprint.id,
        blueprint_version=blueprint.version,
        invigilator_id=invigilator_id,
        opened_at=now,
        opening_declaration=declaration,
        closes_at=now + OPEN_FOR,
        gated_at=now if gated else None,
    )
    db.add(sitting)
    db.flush()
    _record(
        db,
        sitting,
        action="opened sitting",
        actor_id=invigilator_id,
        declaration=declaration,
        now=now,
    )
    publish(db, SittingOpened(occurred_at=now, sitting_id=sitting.id))
    return sitting


def _hold_date(
    db: Session, ref: str, trainer_id: int | None, now: datetime
) -> CourseSession:
    found = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    course_session = lock_course_session(db, course_session_id=found.id)
    refusal = why_not_open(
        cancelled=course_session.cancelled_at is not None,
        local_date=course_session.local_date,
        today=london_date(now),
        opened_already=find_sitting(db, course_session_id=found.id) is not None,
    )
    if refusal:
        raise SittingRefused(refusal)
    return course_session


def close_sitting(
    db: Session,
    *,
    course_session_ref: str,
    trainer_id: int | None,
    closed_by_id: int,
    declaration: str,
    now: datetime,
) -> Sitting:
    """Let nobody start any more. NotFound for another trainer's date.

    Raises SittingRefused when it was never opened or is closed, and while anybody works.
    """
    found = get_course_session_of(db, ref=course_session_ref, trainer_id=trainer_id)
    sitting = lock_sitting(db, course_session_id=found.id)
    if sitting is None:
        raise SittingRefused(SittingRefusal.NOT_OPENED)
    working = count_working(db, sitting_id=sitting.id, now=now)
    if refusal := why_not_close(closed_at=sitting.closed_at, still_working=working):
        raise SittingRefused(refusal, still_working=working)
    sitting.closed_at, sitting.closed_by_id = now, closed_by_id
    sitting.closing_declaration = declaration
    _record(
        db,
        sitting,
        action="closed sitting",
        actor_id=closed_by_id,
        declaration=declaration,
        now=now,
    )
    return sitting


def _record(
    db: Session,
    sitting: Sitting,
    *,
    action: str,
    actor_id: int,
    declaration: str,
    now: datetime,
) -> None:
    record(
        db,
        actor_id=actor_id,
        action=action,
        subject=f"sitting/{sitting.ref}",
        now=now,
        declaration=declaration,
    )
