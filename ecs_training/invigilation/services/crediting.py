"""Giving back what was lost: the time of a silence, once, with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Outage, TimeChange
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.services.extending import extend_attempt
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.invigilation.queries.outages import Gap, Losses, read_losses
from ecs_training.invigilation.queries.room import lock_attempts
from ecs_training.invigilation.rules.actions import GAP
from ecs_training.invigilation.rules.outages import CreditRefusal


class CreditRefused(Refused):
    reason: CreditRefusal


@dataclass(frozen=True, kw_only=True)
class Credited:
    """Who was given time back, and for whom it was not possible, with the reason."""

    done: tuple[str, ...]
    missed: tuple[tuple[str, str], ...]


def credit_gaps(
    db: Session,
    *,
    sitting_id: int,
    names: Sequence[str],
    given_by_id: int,
    now: datetime,
) -> Credited:
    """Give back the silences that a form names (`rules.outages.name_gap`), each once.

    NotFound for one that is not of this room; what cannot be given is returned by name.
    """
    chosen = _choose(read_losses(db, sitting_id=sitting_id, now=now), names)
    lock_attempts(db, attempt_ids=[gap.attempt_id for gap in chosen])
    losses = read_losses(db, sitting_id=sitting_id, now=now)
    done, missed = [], []
    for gap in _choose(losses, names):
        try:
            _give(db, gap, losses, given_by_id, now)
        except Refused as refused:
            missed.append((gap.person, str(refused.reason.value)))
        else:
            done.append(gap.person)
    return Credited(
        done=tuple(dict.fromkeys(done)), missed=tuple(dict.fromkeys(missed))
    )


def _choose(losses: Losses, names: Sequence[str]) -> list[Gap]:
    wanted = set(names)
    chosen = [gap for gap in losses.gaps if gap.name in wanted]
    if not chosen or len(chosen) != len(wanted):
        raise NotFound
    return chosen


def _give(
    db: Session, gap: Gap, losses: Losses, given_by_id: int, now: datetime
) -> None:
    if gap.given:
        raise CreditRefused(CreditRefusal.GIVEN)
    if not gap.credit:
        raise CreditRefused(CreditRefusal.ALL_HELD)
    change = extend_attempt(
        db,
        attempt_id=gap.attempt_id,
        length=gap.credit,
        kind=TimeChangeKind.OUTAGE,
        reason=GAP,
        evidence=_evidence(gap, losses),
        made_by_id=given_by_id,
        now=now,
    )
    _mark(db, gap, change)


def _evidence(gap: Gap, losses: Losses) -> dict[str, Any]:
    return {
        "from": gap.span.began.isoformat(),
        "to": gap.span.ended.isoformat(),
        "silent_seconds": round(gap.span.length.total_seconds()),
        "beside": list(losses.beside(gap)),
        "room": any(gap.span.meets(room.span) for room in losses.rooms),
    }


def _mark(db: Session, gap: Gap, change: TimeChange) -> None:
    """Say which change gave it back; the condition is what keeps it from a second one."""
    marked = db.execute(
        update(Outage)
        .where(Outage.id == gap.outage_id, Outage.credited_by_id.is_(None))
        .values(credited_by_id=change.id)
        .execution_options(synchronize_session=False)
    )
    if not isinstance(marked, CursorResult) or marked.rowcount != 1:
        raise AlreadyGiven


class AlreadyGiven(Exception):
    """Two gave the same time back at once, in spite of the lock: nothing of this counts."""
