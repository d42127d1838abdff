"""What follows in a test from what its candidate asks for, and from what is agreed."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry, TimeChange
from ecs_training.assessment.queries.attempts import lock_attempt
from ecs_training.assessment.queries.sittings import is_entry_sat, lock_entry
from ecs_training.assessment.rules.adjusting import (
    AskRefusal,
    moved_deadline,
    why_not_ask,
)
from ecs_training.assessment.rules.holding import hold_of
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.rules.timing import time_allowed
from ecs_training.booking.events import AdjustmentAsked, AdjustmentDecided
from ecs_training.booking.models import Adjustment
from ecs_training.booking.queries import get_adjustment, get_booking
from ecs_training.booking.rules import USUAL_PERCENT
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.london import london_date


class AskRefused(Refused):
    reason: AskRefusal


def refuse_late_asking(db: Session, event: AdjustmentAsked) -> None:
    """Raise AskRefused, which undoes the asking, once the test has begun or is over.

    The entry is held, so that nobody starts on what has just been withdrawn.
    """
    adjustment = get_adjustment(db, adjustment_id=event.adjustment_id)
    entry = lock_entry(db, booking_id=adjustment.booking_id)
    booking = get_booking(db, booking_id=adjustment.booking_id)
    refusal = why_not_ask(
        working=_find_open(db, booking.id) is not None,
        can_sit=entry is not None and not is_entry_sat(db, entry_id=entry.id),
        day_over=booking.course_session.local_date < london_date(event.occurred_at),
    )
    if refusal:
        raise AskRefused(refusal)


def follow_adjustment(db: Session, event: AdjustmentDecided) -> None:
    """Give the attempt that is open the time and breaks as they are agreed from now on.

    Where nothing is agreed any more, those are the usual ones. The entry is held first:
    somebody who starts at this moment has either seen the decision or is seen here.
    """
    adjustment = get_adjustment(db, adjustment_id=event.adjustment_id)
    lock_entry(db, booking_id=adjustment.booking_id)
    attempt_id = _find_open(db, adjustment.booking_id)
    if attempt_id is None:
        return
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.finished_at:
        return
    moved = _apply(attempt, adjustment, event.occurred_at)
    if moved:
        db.add(_change_of(attempt, adjustment, moved, event))


def _apply(attempt: Attempt, adjustment: Adjustment, now: datetime) -> timedelta:
    """Set time and breaks; return by how much the deadline moved."""
    percent = adjustment.time_percent if adjustment.agreed else USUAL_PERCENT
    minutes = adjustment.rest_minutes if adjustment.agreed else 0
    hold = hold_of(attempt.held_at, attempt.held_until)
    deadline = moved_deadline(
        deadline=attempt.deadline,
        before=time_allowed(minutes=attempt.minutes, percent=attempt.time_percent),
        after=time_allowed(minutes=attempt.minutes, percent=percent),
        stood=hold.length(now) if hold else timedelta(0),
        now=now,
    )
    moved = deadline - attempt.deadline
    attempt.deadline, attempt.time_percent = deadline, percent
    # A break that was had stays had.
    attempt.rest_seconds = max(attempt.rest_used_seconds, minutes * 60)
    return moved


def _change_of(
    attempt: Attempt, adjustment: Adjustment, moved: timedelta, event: AdjustmentDecided
) -> TimeChange:
    return TimeChange(
        attempt_id=attempt.id,
        kind=TimeChangeKind.ADJUSTMENT,
        seconds=round(moved.total_seconds()),
        reason="adjustment",
        evidence={"adjustment": adjustment.ref, "percent": attempt.time_percent},
        made_at=event.occurred_at,
        made_by_id=event.decided_by_id,
    )


def _find_open(db: Session, booking_id: int) -> int | None:
    return db.scalars(
        select(Attempt.id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Entry.booking_id == booking_id, Attempt.finished_at.is_(None))
    ).one_or_none()
