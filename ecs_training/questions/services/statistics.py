"""How items fare, as the assessment counted it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from ecs_training.questions.models import ItemStatistics


def replace_statistics(
    db: Session, *, counts: Mapping[int, tuple[int, int]], now: datetime
) -> None:
    """Store a fresh count: revision id -> (times shown, times answered right)."""
    db.execute(delete(ItemStatistics))
    rows = [
        {
            "revision_id": revision_id,
            "shown": shown,
            "correct": correct,
            "counted_at": now,
        }
        for revision_id, (shown, correct) in counts.items()
    ]
    if rows:
        db.execute(insert(ItemStatistics), rows)
