"""Ending an attempt. The deadline decides, not whoever closes it, nor how late."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.events import AttemptFinished
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import (
    list_answers,
    lock_attempt,
)
from ecs_training.assessment.rules.marking import mark
from ecs_training.assessment.rules.timing import finish_time
from ecs_training.foundation.events import publish


def finish_attempt(db: Session, *, attempt_id: int, now: datetime) -> Attempt:
    """Mark an attempt once, from its frozen paper; finishing it again changes nothing.

    Every answer acknowledged before this is counted: saving holds the same row.
    """
    attempt = lock_attempt(db, attempt_id=attempt_id)
    if attempt.finished_at:
        return attempt

    result = mark(list_answers(db, attempt_id=attempt.id), pass_mark=attempt.pass_mark)
    finished_at = finish_time(deadline=attempt.deadline, now=now)
    attempt.finished_at, attempt.closed_at = finished_at, now
    attempt.score, attempt.passed = result.score, result.passed
    db.flush()
    publish(
        db,
        AttemptFinished(
            occurred_at=now,
            attempt_id=attempt.id,
            person_id=attempt.person_id,
            finished_at=finished_at,
            passed=result.passed,
            practice=attempt.is_practice,
        ),
    )
    return attempt
