"""Ending an attempt. The deadline decides, not whoever closes it, nor how late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.assessment.events import AttemptFinished, AttemptVoided
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import (
    list_papers,
    lock_attempt,
    lock_free_attempts,
)
from ecs_training.assessment.queries.record import digest_journals
from ecs_training.assessment.rules.ending import Ending
from ecs_training.assessment.rules.marking import Answer, mark
from ecs_training.assessment.rules.timing import finish_time
from ecs_training.assessment.services.holding import is_held, settle_hold
from ecs_training.assessment.services.presence import note_silences_at_end
from ecs_training.foundation.audit import record
from ecs_training.foundation.events import publish


def finish_attempt(db: Session, *, attempt_id: int, now: datetime) -> Attempt:
    """Mark an attempt once, from its frozen paper; finishing it again changes nothing.

    Every answer acknowledged before this is counted: saving holds the same row.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.finished_at is None:
        _finish(db, [attempt], None, now)
        _tell(db, attempt, now)
    return attempt


def finish_overdue_together(
    db: Session, *, attempt_ids: Sequence[int], due: datetime, now: datetime
) -> int:
    """Finish those whose deadline was before `due`, and return how many that were.

    Whatever somebody else holds at this moment, who may be finishing it, is left alone.
    """
    attempts = lock_free_attempts(db, attempt_ids=attempt_ids)
    return _finish_overdue(db, attempts, due=due, now=now)


def finish_overdue_attempt(
    db: Session, *, attempt_id: int, due: datetime, now: datetime
) -> bool:
    """Finish an attempt whose deadline was before `due`; say whether it was so.

    A hold that ran out by itself moves the deadline first.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    return bool(_finish_overdue(db, [attempt], due=due, now=now))


def end_attempt(
    db: Session, *, attempt_id: int, reason: str, ended_by_id: int, now: datetime
) -> Attempt:
    """End an attempt for the candidate: what was answered so far is marked and counts.

    One that is over already stays as it is.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.finished_at is None:
        _finish(db, [attempt], Ending.ENDED, now)
        _record(db, attempt, "ended attempt", ended_by_id, now, reason=reason)
        _tell(db, attempt, now)
    return attempt


def void_attempt(
    db: Session, *, attempt_id: int, reason: str, voided_by_id: int, now: datetime
) -> Attempt:
    """Make an attempt worth nothing, open or finished; its answers and marks are kept.

    Voiding it again changes nothing. A pass that stands on it falls by the event.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.voided_at:
        return attempt
    if attempt.finished_at is None:
        _finish(db, [attempt], Ending.VOIDED, now)
    attempt.voided_at, attempt.voided_by_id = now, voided_by_id
    attempt.void_reason = reason
    db.flush()
    _record(db, attempt, "voided attempt", voided_by_id, now, reason=reason)
    publish(
        db,
        AttemptVoided(
            occurred_at=now,
            attempt_id=attempt.id,
            person_id=attempt.person_id,
            voided_by_id=voided_by_id,
            reason=reason,
        ),
    )
    return attempt


def _finish_overdue(
    db: Session, attempts: Sequence[Attempt], *, due: datetime, now: datetime
) -> int:
    for attempt in attempts:
        if attempt.finished_at is None and not is_held(attempt, now):
            settle_hold(db, attempt, now=now)
    overdue = [
        attempt
        for attempt in attempts
        if not attempt.finished_at and not attempt.held_at and attempt.deadline < due
    ]
    if overdue:
        _finish(db, overdue, None, now)
    for attempt in overdue:
        _tell(db, attempt, now)
    return len(overdue)


def _finish(
    db: Session, attempts: Sequence[Attempt], ending: Ending | None, now: datetime
) -> None:
    """Mark and close; in a few statements for all, as a whole room ends at one moment."""
    for attempt in attempts:
        settle_hold(db, attempt, now=now)
    papers = list_papers(db, attempt_ids=[attempt.id for attempt in attempts])
    for attempt in attempts:
        _close(attempt, papers[attempt.id], ending, now)
    db.flush()
    real = [attempt for attempt in attempts if not attempt.is_practice]
    if not real:
        return
    cut_short = [each for each in real if each.ending is not Ending.SUBMITTED]
    note_silences_at_end(db, cut_short)
    _seal(db, real, now)


def _close(
    attempt: Attempt, paper: Sequence[Answer], ending: Ending | None, now: datetime
) -> None:
    result = mark(paper, pass_mark=attempt.pass_mark, minimums=attempt.minimums)
    in_time = now < attempt.deadline
    attempt.finished_at = finish_time(deadline=attempt.deadline, now=now)
    attempt.closed_at = now
    attempt.score, attempt.passed = result.score, result.passed
    attempt.ending = ending or (Ending.SUBMITTED if in_time else Ending.TIME_UP)


def _seal(db: Session, attempts: Sequence[Attempt], now: datetime) -> None:
    """Put what was answered, as a digest, where nobody can change it."""
    journals = digest_journals(db, attempt_ids=[attempt.id for attempt in attempts])
    for attempt in attempts:
        digest, lines = journals[attempt.id]
        _record(
            db,
            attempt,
            "attempt finished",
            None,
            now,
            ending=attempt.ending,
            score=attempt.score,
            passed=attempt.passed,
            journal=digest,
            lines=lines,
        )


def _tell(db: Session, attempt: Attempt, now: datetime) -> None:
    publish(
        db,
        AttemptFinished(
            occurred_at=now,
            attempt_id=attempt.id,
            person_id=attempt.person_id,
            finished_at=attempt.finished_at or now,
            passed=bool(attempt.passed),
            practice=attempt.is_practice,
        ),
    )


def _record(
    db: Session,
    attempt: Attempt,
    action: str,
    by_id: int | None,
    now: datetime,
    **details: Any,
) -> None:
    record(
        db,
        actor_id=by_id,
        action=action,
        subject=f"attempt/{attempt.ref}",
        now=now,
        **details,
    )
