"""Signs of life of an attempt's page, and the silences between them.

Our own clock measures both: whatever a page says of its network, a gap is a stretch in
which we heard nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import (
    Attempt,
    AttemptEvent,
    Outage,
    Presence,
    Response,
)
from ecs_training.assessment.queries.attempts import lock_own_attempt
from ecs_training.assessment.rules.presence import Sign, silence
from ecs_training.assessment.rules.record import AttemptEventKind


def record_presence(
    db: Session, *, ref: str, person_id: int, sign_in_id: int, sign: Sign, now: datetime
) -> Attempt:
    """Note that the page is there, and since when it was not. NotFound for another's attempt.

    A page without the lease, and one whose attempt is over, is answered and not noted.
    """
    attempt = lock_own_attempt(db, ref=ref, person_id=person_id)
    holds = (attempt.lease, attempt.lease_sign_in_id) == (sign.lease, sign_in_id)
    if attempt.finished_at is None and holds:
        _note(db, attempt, sign, now)
    return attempt


def _note(db: Session, attempt: Attempt, sign: Sign, now: datetime) -> None:
    standing = db.get(Presence, attempt.id, populate_existing=True)
    if standing is None:
        standing = Presence(attempt_id=attempt.id, seen_at=now, unsaved=0, n=sign.n)
        db.add(standing)
    else:
        _note_silence(db, attempt.id, standing.seen_at, now)
    standing.seen_at, standing.unsaved = now, sign.unsaved
    standing.n = max(1, min(sign.n, attempt.out_of))
    _note_page(db, standing, sign, now)


def note_silence_at_end(db: Session, attempt: Attempt) -> None:
    """Note that an attempt ended while its page was silent; nobody comes back to say so.

    A page that was never heard of works without script, and is none.
    """
    standing = db.get(Presence, attempt.id, populate_existing=True)
    if standing and attempt.finished_at:
        _note_silence(db, attempt.id, standing.seen_at, attempt.finished_at)


def listen_anew(db: Session, *, attempt_id: int, now: datetime) -> None:
    """Count silence from now on: the attempt is opened again, and was closed until now."""
    standing = db.get(Presence, attempt_id, populate_existing=True)
    if standing:
        standing.seen_at = now


def _note_silence(
    db: Session, attempt_id: int, seen_at: datetime, now: datetime
) -> None:
    if silence(since=seen_at, now=now) is None:
        return
    answered_at = db.scalars(
        select(func.max(Response.answered_at)).where(Response.attempt_id == attempt_id)
    ).one()
    gap = silence(since=max(seen_at, answered_at or seen_at), now=now)
    if gap is None:
        return
    db.add(Outage(attempt_id=attempt_id, began_at=now - gap, ended_at=now))
    seconds = gap // timedelta(seconds=1)
    _add_event(db, attempt_id, AttemptEventKind.UNHEARD, now, seconds=seconds)


def _note_page(db: Session, standing: Presence, sign: Sign, now: datetime) -> None:
    if sign.hidden and standing.hidden_at is None:
        standing.hidden_at = now
        _add_event(db, standing.attempt_id, AttemptEventKind.LEFT_PAGE, now)
    elif not sign.hidden and standing.hidden_at:
        seconds = (now - standing.hidden_at) // timedelta(seconds=1)
        standing.hidden_at = None
        _add_event(
            db, standing.attempt_id, AttemptEventKind.CAME_BACK, now, seconds=seconds
        )


def _add_event(
    db: Session, attempt_id: int, kind: AttemptEventKind, now: datetime, **details: Any
) -> None:
    db.add(
        AttemptEvent(attempt_id=attempt_id, kind=kind, happened_at=now, details=details)
    )
