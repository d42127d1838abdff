"""Giving time: decided in the room, or given back for an outage."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Resit, TimeChange
from ecs_training.assessment.queries.attempts import lock_attempt
from ecs_training.assessment.rules.extending import ExtendRefusal, why_not_extend
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.services.presence import listen_anew
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused


class ExtendRefused(Refused):
    reason: ExtendRefusal


def extend_attempt(
    db: Session,
    *,
    attempt_id: int,
    length: timedelta,
    kind: TimeChangeKind,
    reason: str,
    made_by_id: int,
    now: datetime,
    note: str | None = None,
    evidence: dict[str, Any] | None = None,
) -> TimeChange:
    """Add time to an attempt; one that time or the invigilator ended is opened again.

    Then what was left of its time, and what is added, begin now. Raises ExtendRefused for what was submitted, passed,
    voided or sat again, and for a length outside of 0 to MOST_AT_ONCE.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    _refuse(db, attempt, length)
    reopened = attempt.finished_at is not None
    if reopened:
        _open_again(db, attempt, now)
    attempt.deadline += max(timedelta(0), now - attempt.deadline_at(now)) + length
    change = TimeChange(
        attempt_id=attempt.id,
        kind=kind,
        seconds=round(length.total_seconds()),
        reason=reason,
        note=note,
        evidence=evidence,
        made_at=now,
        made_by_id=made_by_id,
    )
    db.add(change)
    db.flush()
    _record(db, attempt, change, reopened=reopened)
    return change


def _record(
    db: Session, attempt: Attempt, change: TimeChange, *, reopened: bool
) -> None:
    record(
        db,
        actor_id=change.made_by_id,
        action="opened attempt again" if reopened else "extended attempt",
        subject=f"attempt/{attempt.ref}",
        now=change.made_at,
        kind=change.kind.value,
        seconds=change.seconds,
        reason=change.reason,
        note=change.note,
    )


def _refuse(db: Session, attempt: Attempt, length: timedelta) -> None:
    refusal = why_not_extend(
        length=length,
        ending=attempt.ending,
        passed=bool(attempt.passed),
        voided=attempt.voided_at is not None,
        resat=_has_resit(db, attempt.id),
    )
    if refusal:
        raise ExtendRefused(refusal)


def _has_resit(db: Session, attempt_id: int) -> bool:
    granted = select(Resit.id).where(Resit.attempt_id == attempt_id)
    return bool(db.scalar(select(granted.exists())))


def _open_again(db: Session, attempt: Attempt, now: datetime) -> None:
    # What was left when it ended is left now.
    attempt.deadline += now - (attempt.finished_at or now)
    listen_anew(db, attempt_id=attempt.id, now=now)
    attempt.finished_at = attempt.closed_at = None
    attempt.score = attempt.passed = attempt.ending = None
