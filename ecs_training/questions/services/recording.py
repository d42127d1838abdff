"""The trail of decisions about questions. No key of a question ever stands in it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.questions.models import Item


def record_about(
    db: Session,
    item: Item,
    action: str,
    *,
    by_id: int,
    now: datetime,
    **details: Any,
) -> None:
    record(
        db,
        actor_id=by_id,
        action=action,
        subject=f"question/{item.code}",
        now=now,
        **details,
    )
