"""The door of a room: who may start when, and what they must type."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Sitting
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.invigilation.queries.room import lock_room
from ecs_training.invigilation.rules.actions import (
    DoorRefusal,
    why_not_release,
    why_not_shut,
)

CODE_DIGITS = 6


class DoorRefused(Refused):
    reason: DoorRefusal


def shut_door(db: Session, *, sitting_id: int, shut_by_id: int, now: datetime) -> None:
    """Let nobody start until all are let in together, or one by name.

    Raises DoorRefused for a closed assessment, and where people wait already.
    """
    sitting = lock_room(db, sitting_id=sitting_id)
    refusal = why_not_shut(
        waiting=_waits(sitting), closed=sitting.closed_at is not None
    )
    if refusal:
        raise DoorRefused(refusal)
    sitting.gated_at, sitting.released_at = now, None
    _record(db, sitting, "closed the door", shut_by_id, now)


def release_all(
    db: Session, *, sitting_id: int, released_by_id: int, now: datetime
) -> None:
    """Let everybody start, from now until they are late. Raises DoorRefused for an open door."""
    sitting = lock_room(db, sitting_id=sitting_id)
    refusal = why_not_release(
        waiting=_waits(sitting), closed=sitting.closed_at is not None
    )
    if refusal:
        raise DoorRefused(refusal)
    sitting.released_at = now
    _record(db, sitting, "let everybody start", released_by_id, now)


def set_room_code(
    db: Session, *, sitting_id: int, set_by_id: int, now: datetime
) -> str:
    """Make a new code that whoever starts must type; the old one opens nothing any more."""
    sitting = _open_room(db, sitting_id)
    sitting.room_code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    _record(db, sitting, "set a room code", set_by_id, now)
    return sitting.room_code


def remove_room_code(
    db: Session, *, sitting_id: int, removed_by_id: int, now: datetime
) -> None:
    """Ask for no code any more. Removing it again changes nothing."""
    sitting = _open_room(db, sitting_id)
    if sitting.room_code is None:
        return
    sitting.room_code = None
    _record(db, sitting, "removed the room code", removed_by_id, now)


def _open_room(db: Session, sitting_id: int) -> Sitting:
    sitting = lock_room(db, sitting_id=sitting_id)
    if sitting.closed_at:
        raise DoorRefused(DoorRefusal.ROOM_CLOSED)
    return sitting


def _waits(sitting: Sitting) -> bool:
    return sitting.gated_at is not None and sitting.released_at is None


def _record(
    db: Session, sitting: Sitting, action: str, by_id: int, now: datetime
) -> None:
    # The code itself is no part of the record: it opens the room.
    record(db, actor_id=by_id, action=action, subject=f"sitting/{sitting.ref}", now=now)
