"""Days on which a trainer is away. Callers own the transaction."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.events import LeaveTaken
from ecs_training.scheduling.models import TrainerLeave
from ecs_training.scheduling.queries import lock_trainer
from ecs_training.scheduling.queries.trainers import get_leave_of
from ecs_training.scheduling.rules.leave import (
    TrainerTimeRefusal,
    why_not_add_leave,
    why_not_cancel_leave,
)
from ecs_training.scheduling.services.trainers import TrainerTimeRefused


def add_leave(
    db: Session,
    *,
    trainer_id: int,
    first_on: date,
    last_on: date,
    note: str,
    added_by_id: int,
    now: datetime,
) -> TrainerLeave:
    """Put a trainer down as away, both days included, or raise TrainerTimeRefused.

    Dates that are published for those days stand until a person moves or re-staffs them;
    queries.trainers.list_dates_on_leave names them, and staff are told.
    """
    _refuse(
        why_not_add_leave(first_on=first_on, last_on=last_on, today=london_date(now))
    )
    lock_trainer(db, person_id=trainer_id)
    leave = TrainerLeave(
        trainer_id=trainer_id,
        first_on=first_on,
        last_on=last_on,
        note=note,
        added_at=now,
        added_by_id=added_by_id,
    )
    db.add(leave)
    db.flush()
    _audit(db, leave, "added leave", added_by_id, now)
    publish(db, LeaveTaken(occurred_at=now, leave_id=leave.id, trainer_id=trainer_id))
    return leave


def cancel_leave(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    cancelled_by_id: int,
    now: datetime,
) -> None:
    """Take back a trainer's own leave, or anybody's for staff (None).

    Raise NotFound for somebody else's, TrainerTimeRefused for leave that is over.
    """
    leave = get_leave_of(db, ref=ref, trainer_id=trainer_id)
    _refuse(
        why_not_cancel_leave(
            last_on=leave.last_on,
            cancelled=leave.cancelled_at is not None,
            today=london_date(now),
        )
    )
    leave.cancelled_at = now
    db.flush()
    _audit(db, leave, "took back leave", cancelled_by_id, now)


def _refuse(reason: TrainerTimeRefusal | None) -> None:
    if reason:
        raise TrainerTimeRefused(reason)


def _audit(
    db: Session, leave: TrainerLeave, action: str, by_id: int, now: datetime
) -> None:
    record(
        db,
        actor_id=by_id,
        action=action,
        subject=f"trainer-leave/{leave.ref}",
        now=now,
        first_on=leave.first_on.isoformat(),
        last_on=leave.last_on.isoformat(),
    )
