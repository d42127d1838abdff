"""Stopping a clock and letting it go on: by the invigilator, or for a break agreed before."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, TimeChange
from ecs_training.assessment.queries.attempts import lock_attempt, lock_own_attempt
from ecs_training.assessment.rules.holding import (
    LONGEST_HOLD,
    HoldKind,
    HoldRefusal,
    hold_of,
    rest_left,
    standing_deadline,
    why_not_hold,
)
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.rules.timing import is_over
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused

KINDS = {
    HoldKind.INVIGILATOR: TimeChangeKind.HOLD,
    HoldKind.REST: TimeChangeKind.REST,
}


class HoldRefused(Refused):
    reason: HoldRefusal


def is_held(attempt: Attempt, now: datetime) -> bool:
    """Say whether the clock of an attempt stands still at this moment."""
    hold = hold_of(attempt.held_at, attempt.held_until)
    return hold is not None and hold.is_on(now)


def settle_hold(db: Session, attempt: Attempt, *, now: datetime) -> None:
    """Move the deadline by what the clock has stood still, and let it go on.

    The caller holds the attempt. Does nothing where no hold was begun.
    """
    hold = hold_of(attempt.held_at, attempt.held_until)
    if hold is None or attempt.held_kind is None:
        return
    stood = hold.length(now)
    attempt.deadline = standing_deadline(attempt.deadline, hold, now)
    if attempt.held_kind is HoldKind.REST:
        # A second that has begun is used; never more than was agreed.
        used = attempt.rest_used_seconds + -(-stood // timedelta(seconds=1))
        attempt.rest_used_seconds = min(attempt.rest_seconds, used)
    db.add(
        TimeChange(
            attempt_id=attempt.id,
            kind=KINDS[attempt.held_kind],
            seconds=round(stood.total_seconds()),
            reason=attempt.held_kind.value,
            evidence={
                "from": hold.began.isoformat(),
                "to": (hold.began + stood).isoformat(),
            },
            made_at=now,
        )
    )
    attempt.held_at = attempt.held_until = attempt.held_kind = None
    db.flush()


def hold_attempt(
    db: Session,
    *,
    attempt_id: int,
    reason: str,
    held_by_id: int,
    now: datetime,
    note: str | None = None,
) -> Attempt:
    """Stop the clock for at most LONGEST_HOLD; nothing is saved meanwhile.

    Raises HoldRefused for an attempt that is over, and for one that is held.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    _hold(db, attempt, HoldKind.INVIGILATOR, LONGEST_HOLD, now)
    _record(db, attempt, "held attempt", held_by_id, now, reason=reason, note=note)
    return attempt


def resume_attempt(
    db: Session, *, attempt_id: int, resumed_by_id: int, now: datetime
) -> Attempt:
    """Let the clock go on. Raises HoldRefused where it runs already."""
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.held_at is None:
        raise HoldRefused(HoldRefusal.NOT_HELD)
    settle_hold(db, attempt, now=now)
    _record(db, attempt, "resumed attempt", resumed_by_id, now)
    return attempt


def begin_rest(db: Session, *, ref: str, person_id: int, now: datetime) -> Attempt:
    """Stop the person's own clock for a break that was agreed with them, as long as it lasts.

    Raises HoldRefused once the agreed time is used; NotFound for another's attempt.
    """
    attempt = lock_own_attempt(db, ref=ref, person_id=person_id)
    left = rest_left(
        allowed=timedelta(seconds=attempt.rest_seconds),
        used=timedelta(seconds=attempt.rest_used_seconds),
    )
    if not left:
        raise HoldRefused(HoldRefusal.NO_REST_LEFT)
    _hold(db, attempt, HoldKind.REST, left, now)
    _record(db, attempt, "began a rest break", person_id, now)
    return attempt


def end_rest(db: Session, *, ref: str, person_id: int, now: datetime) -> Attempt:
    """Go on after a break. Raises HoldRefused where the invigilator stopped the clock."""
    attempt = lock_own_attempt(db, ref=ref, person_id=person_id)
    if attempt.held_kind is HoldKind.INVIGILATOR:
        raise HoldRefused(HoldRefusal.NOT_YOURS_TO_END)
    if attempt.held_at is None:
        raise HoldRefused(HoldRefusal.NOT_HELD)
    settle_hold(db, attempt, now=now)
    _record(db, attempt, "ended a rest break", person_id, now)
    return attempt


def _hold(
    db: Session, attempt: Attempt, kind: HoldKind, longest: timedelta, now: datetime
) -> None:
    hold = hold_of(attempt.held_at, attempt.held_until)
    over = is_over(deadline=attempt.deadline_at(now), now=now)
    refusal = why_not_hold(
        finished=attempt.finished_at is not None or over, hold=hold, now=now
    )
    if refusal:
        raise HoldRefused(refusal)
    settle_hold(db, attempt, now=now)  # one that ran out by itself
    attempt.held_at, attempt.held_until = now, now + longest
    attempt.held_kind = kind
    db.flush()


def _record(
    db: Session,
    attempt: Attempt,
    action: str,
    by_id: int,
    now: datetime,
    **details: str | None,
) -> None:
    record(
        db,
        actor_id=by_id,
        action=action,
        subject=f"attempt/{attempt.ref}",
        now=now,
        **details,
    )
