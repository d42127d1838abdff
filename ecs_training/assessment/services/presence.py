"""Signs of life of an attempt's page, and the silences between them.

Our own clock measures both: whatever a page says of its network, a gap is a stretch in
which we heard nothing. 3,000 pages send 200 signs a second, and none of them is worth a
commit of its own: they wait in the process for a few seconds and are written together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ecs_training.assessment.models import (
    Attempt,
    AttemptEvent,
    Outage,
    Presence,
    Response,
)
from ecs_training.assessment.rules.presence import Sign, silence
from ecs_training.assessment.rules.record import AttemptEventKind

WRITE_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A sign of life of the page that may write to an attempt, and when it came."""

    attempt_id: int
    sign: Sign
    at: datetime


class Signs:
    """What this process has heard and not yet written. A kill loses seconds of it, no more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[int, Heard] = {}
        self._written_at: datetime | None = None

    def note(self, heard: Heard) -> Sequence[Heard]:
        """Keep a sign. Return all that wait, for the caller to write, if it is time to."""
        with self._lock:
            self._waiting[heard.attempt_id] = heard
            if self._written_at and heard.at - self._written_at < WRITE_EVERY:
                return ()
            self._written_at = heard.at
            due, self._waiting = self._waiting, {}
        return list(due.values())


def write_signs(db: Session, heard: Iterable[Heard]) -> None:
    """Note who is there, and since when they were not.

    An older sign changes nothing, nor does one of an attempt that has ended since.
    """
    every = _keep_open(db, heard)
    if not every:
        return
    _add_missing(db, every)
    held = _hold_presences(db, [each.attempt_id for each in every])
    standing = {row.attempt_id: row for row in held}
    answered = _last_answers(db, every, standing)
    for each in every:
        _note(db, standing[each.attempt_id], each, answered.get(each.attempt_id))
    db.flush()


def _last_answers(
    db: Session, every: Sequence[Heard], standing: Mapping[int, Presence]
) -> Mapping[int, datetime]:
    """Return when those answered last who seem silent: after an outage, a whole room."""
    silent = [
        each.attempt_id
        for each in every
        if silence(since=standing[each.attempt_id].seen_at, now=each.at)
    ]
    return _read_last_answers(db, silent) if silent else {}


def _read_last_answers(
    db: Session, attempt_ids: Sequence[int]
) -> Mapping[int, datetime]:
    rows = db.execute(
        select(Response.attempt_id, func.max(Response.answered_at))
        .where(Response.attempt_id.in_(attempt_ids))
        .group_by(Response.attempt_id)
    )
    return {attempt_id: at for attempt_id, at in rows if at}


def _keep_open(db: Session, heard: Iterable[Heard]) -> list[Heard]:
    """Leave out whose attempt has ended since; in the order in which rows are held."""
    signs = {each.attempt_id: each for each in heard}
    is_open = db.scalars(
        select(Attempt.id)
        .where(Attempt.id.in_(signs), Attempt.finished_at.is_(None))
        .order_by(Attempt.id)
    )
    return [signs[attempt_id] for attempt_id in is_open]


def _add_missing(db: Session, every: Sequence[Heard]) -> None:
    # Two processes may hear of the same page first; whoever comes second adds nothing.
    table = cast(Table, Presence.__table__)
    is_sqlite = db.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    db.connection().execute(
        insert.on_conflict_do_nothing(),
        [
            {
                "attempt_id": each.attempt_id,
                "seen_at": each.at,
                "unsaved": each.sign.unsaved,
                "n": each.sign.n,
            }
            for each in every
        ],
    )


def _note(
    db: Session, standing: Presence, heard: Heard, answered_at: datetime | None
) -> None:
    if heard.at < standing.seen_at:
        return
    _note_silence(db, standing, answered_at, heard.at)
    standing.seen_at, standing.unsaved = heard.at, heard.sign.unsaved
    standing.n = heard.sign.n
    _note_page(db, standing, hidden=heard.sign.hidden, now=heard.at)


def note_silences_at_end(db: Session, attempts: Sequence[Attempt]) -> None:
    """Note whose attempt ended while the page was silent; nobody comes back to say so.

    A page that was never heard of works without script, and is none.
    """
    ended = {each.id: each.finished_at for each in attempts if each.finished_at}
    silent = [
        standing
        for standing in _hold_presences(db, list(ended))
        if standing.seen_at < ended[standing.attempt_id]
    ]
    if not silent:
        return
    answered = _read_last_answers(db, [each.attempt_id for each in silent])
    for standing in silent:
        end = ended[standing.attempt_id]
        _note_silence(db, standing, answered.get(standing.attempt_id), end)
        standing.seen_at = end


def _hold_presences(db: Session, attempt_ids: Sequence[int]) -> Sequence[Presence]:
    # Held, and moved on: signs of them may just be written by another process.
    return db.scalars(
        select(Presence)
        .where(Presence.attempt_id.in_(attempt_ids))
        .order_by(Presence.attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def listen_anew(db: Session, *, attempt_id: int, now: datetime) -> None:
    """Count silence from now on: the attempt is opened again, and was closed until now."""
    standing = db.get(Presence, attempt_id, populate_existing=True)
    if standing:
        standing.seen_at = now


def _note_silence(
    db: Session, standing: Presence, answered_at: datetime | None, now: datetime
) -> None:
    gap = silence(since=max(standing.seen_at, answered_at or standing.seen_at), now=now)
    if gap is None:
        return
    db.add(Outage(attempt_id=standing.attempt_id, began_at=now - gap, ended_at=now))
    seconds = gap // timedelta(seconds=1)
    _add_event(db, standing, AttemptEventKind.UNHEARD, now, seconds=seconds)


def _note_page(db: Session, standing: Presence, *, hidden: bool, now: datetime) -> None:
    if hidden and standing.hidden_at is None:
        standing.hidden_at = now
        _add_event(db, standing, AttemptEventKind.LEFT_PAGE, now)
    elif not hidden and standing.hidden_at:
        seconds = (now - standing.hidden_at) // timedelta(seconds=1)
        standing.hidden_at = None
        _add_event(db, standing, AttemptEventKind.CAME_BACK, now, seconds=seconds)


def _add_event(
    db: Session,
    standing: Presence,
    kind: AttemptEventKind,
    now: datetime,
    **details: Any,
) -> None:
    db.add(
        AttemptEvent(
            attempt_id=standing.attempt_id,
            kind=kind,
            happened_at=now,
            details=details,
        )
    )
