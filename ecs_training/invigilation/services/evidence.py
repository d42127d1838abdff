"""Handing out the record of a sitting."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Sitting
from ecs_training.foundation.audit import record
from ecs_training.invigilation.queries.evidence import Pack, read_evidence


def take_evidence(
    db: Session, *, sitting: Sitting, taken_by_id: int, taken_by: str, now: datetime
) -> Pack:
    """Return the record, and record who took it: it says what everybody answered."""
    record(
        db,
        actor_id=taken_by_id,
        action="took the evidence",
        subject=f"sitting/{sitting.ref}",
        now=now,
    )
    db.flush()
    return read_evidence(db, sitting=sitting, made_for=taken_by, now=now)
