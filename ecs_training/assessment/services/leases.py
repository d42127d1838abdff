"""Going on with an attempt somewhere else. Only one place may write at a time."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, AttemptEvent
from ecs_training.assessment.queries.attempts import lock_attempt, lock_own_attempt
from ecs_training.assessment.rules.holding import hold_of, standing_deadline
from ecs_training.assessment.rules.record import AttemptEventKind
from ecs_training.assessment.rules.timing import is_over
from ecs_training.assessment.rules.writing import Outcome
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.references import new_token


class AttemptEnded(Refused):
    """Raised with Outcome.FINISHED or Outcome.TIME_UP."""

    reason: Outcome


def take_over(
    db: Session,
    *,
    ref: str,
    person_id: int,
    sign_in_id: int,
    grace: timedelta,
    now: datetime,
) -> Attempt:
    """Give the attempt a new lease that belongs to this sign-in; its numbers begin at 0.

    From now on the old lease is refused, so a forgotten tab cannot overwrite anything.
    Raises AttemptEnded once nothing more can be saved.
    """
    attempt = lock_own_attempt(db, ref=ref, person_id=person_id)
    if attempt.finished_at:
        raise AttemptEnded(Outcome.FINISHED)
    hold = hold_of(attempt.held_at, attempt.held_until)
    deadline = standing_deadline(attempt.deadline, hold, now)
    if is_over(deadline=deadline, now=now, grace=grace):
        raise AttemptEnded(Outcome.TIME_UP)
    attempt.lease, attempt.lease_sign_in_id = new_token(), sign_in_id
    db.add(
        AttemptEvent(
            attempt_id=attempt.id,
            kind=AttemptEventKind.TOOK_OVER,
            happened_at=now,
            details={},
        )
    )
    record(
        db,
        actor_id=person_id,
        action="took over attempt",
        subject=f"attempt/{attempt.ref}",
        now=now,
    )
    return attempt


def release_lease(
    db: Session,
    *,
    attempt_id: int,
    reason: str,
    released_by_id: int,
    sign_in_id: int,
    now: datetime,
    note: str | None = None,
) -> Attempt:
    """Take the attempt away from wherever it is open; it goes on where Continue is pressed.

    The lease goes to the invigilator's own sign-in, which can write to nobody's paper.
    Raises AttemptEnded for an attempt that is over.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.finished_at:
        raise AttemptEnded(Outcome.FINISHED)
    if is_over(deadline=attempt.deadline_at(now), now=now):
        raise AttemptEnded(Outcome.TIME_UP)
    attempt.lease, attempt.lease_sign_in_id = new_token(), sign_in_id
    record(
        db,
        actor_id=released_by_id,
        action="moved attempt to another device",
        subject=f"attempt/{attempt.ref}",
        now=now,
        reason=reason,
        note=note,
    )
    return attempt
