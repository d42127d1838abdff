"""Counting how the items of the bank fare on finished assessments."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Response
from ecs_training.questions.models import ItemStatistics


def is_counted(db: Session) -> bool:
    """Say whether every finished assessment is in the last count."""
    counted: datetime | None = db.scalars(
        select(func.max(ItemStatistics.counted_at))
    ).one()
    later = select(Attempt.id).where(
        Attempt.entry_id.is_not(None), Attempt.closed_at.is_not(None)
    )
    if counted:
        # One that ended in the very moment of the count may have missed it.
        later = later.where(Attempt.closed_at >= counted)
    return db.scalars(later.limit(1)).first() is None


def count_answers(db: Session) -> Mapping[int, tuple[int, int]]:
    """Return revision id -> (times shown, times right by the key it was asked with).

    Finished assessments only: practice says little about a question.
    """
    right = case((Response.chosen == Response.key, 1), else_=0)
    rows = db.execute(
        select(Response.revision_id, func.count(), func.sum(right))
        .join(Attempt, Attempt.id == Response.attempt_id)
        .where(Attempt.finished_at.is_not(None), Attempt.entry_id.is_not(None))
        .group_by(Response.revision_id)
    )
    return {revision_id: (shown, correct) for revision_id, shown, correct in rows}
