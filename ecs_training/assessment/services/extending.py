"""Giving time: agreed beforehand, decided in the room, or given back for an outage."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry, Resit, TimeChange
from ecs_training.assessment.queries.attempts import lock_attempt
from ecs_training.assessment.rules.extending import ExtendRefusal, why_not_extend
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.rules.timing import time_allowed
from ecs_training.booking.events import AdjustmentDecided
from ecs_training.booking.queries import get_adjustment
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

    Then the added time begins now. Raises ExtendRefused for what was submitted, passed,
    voided or sat again, and for a length outside of 0 to MOST_AT_ONCE.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    refusal = why_not_extend(
        length=length,
        ending=attempt.ending,
        passed=bool(attempt.passed),
        voided=attempt.voided_at is not None,
        resat=_has_resit(db, attempt.id),
    )
    if refusal:
        raise ExtendRefused(refusal)
    reopened = attempt.finished_at is not None
    if reopened:
        _open_again(attempt)
        attempt.deadline = now + length
    else:
        attempt.deadline = max(attempt.deadline, now) + length
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
    record(
        db,
        actor_id=made_by_id,
        action="opened attempt again" if reopened else "extended attempt",
        subject=f"attempt/{attempt.ref}",
        now=now,
        kind=kind.value,
        seconds=change.seconds,
        reason=reason,
        note=note,
    )
    return change


def follow_adjustment(db: Session, event: AdjustmentDecided) -> None:
    """Give the attempt that is open the time that was agreed during it."""
    adjustment = get_adjustment(db, adjustment_id=event.adjustment_id)
    if not adjustment.agreed:
        return
    attempt_id = db.scalars(
        select(Attempt.id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Entry.booking_id == adjustment.booking_id, Attempt.finished_at.is_(None))
    ).one_or_none()
    if attempt_id is None:
        return
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.finished_at:
        return
    before = time_allowed(minutes=attempt.minutes, percent=attempt.time_percent)
    after = time_allowed(minutes=attempt.minutes, percent=adjustment.time_percent)
    attempt.time_percent = adjustment.time_percent
    attempt.rest_seconds = max(attempt.rest_used_seconds, adjustment.rest_minutes * 60)
    if after == before:
        return
    attempt.deadline = max(attempt.deadline + (after - before), attempt.started_at)
    db.add(
        TimeChange(
            attempt_id=attempt.id,
            kind=TimeChangeKind.ADJUSTMENT,
            seconds=round((after - before).total_seconds()),
            reason="adjustment",
            evidence={"adjustment": adjustment.ref, "percent": adjustment.time_percent},
            made_at=event.occurred_at,
            made_by_id=event.decided_by_id,
        )
    )


def _has_resit(db: Session, attempt_id: int) -> bool:
    granted = select(Resit.id).where(Resit.attempt_id == attempt_id)
    return bool(db.scalar(select(granted.exists())))


def _open_again(attempt: Attempt) -> None:
    attempt.finished_at = attempt.closed_at = None
    attempt.score = attempt.passed = attempt.ending = None
