"""Reading the record of an attempt: its journal, its time, its silences."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import (
    AttemptEvent,
    JournalLine,
    LateAnswer,
    Outage,
    TimeChange,
)

SPELLED = (
    JournalLine.n,
    JournalLine.chosen,
    JournalLine.flagged,
    JournalLine.seq,
    JournalLine.lease,
    JournalLine.answered_at,
    JournalLine.late,
)


def list_journal(db: Session, *, attempt_id: int) -> Sequence[JournalLine]:
    """Return every accepted answer of an attempt, in the order of acceptance."""
    return db.scalars(
        select(JournalLine)
        .where(JournalLine.attempt_id == attempt_id)
        .order_by(JournalLine.id)
    ).all()


def digest_journal(db: Session, *, attempt_id: int) -> tuple[str, int]:
    """Return the SHA-256 (hex) of an attempt's journal, and its number of lines.

    Over one JSON list a line: question, bank's letter, flag, number, lease, instant, late.
    Every line is spelled the same on both databases, so a digest outlives a move.
    """
    return digest_journals(db, attempt_ids=[attempt_id])[attempt_id]


def digest_journals(
    db: Session, *, attempt_ids: Sequence[int]
) -> Mapping[int, tuple[str, int]]:
    """Return the same of several attempts, by attempt."""
    rows = db.execute(
        select(*SPELLED, JournalLine.attempt_id)
        .where(JournalLine.attempt_id.in_(attempt_ids))
        .order_by(JournalLine.attempt_id, JournalLine.id)
    ).all()
    journals: dict[int, list[Row[*tuple[Any, ...]]]] = {
        attempt_id: [] for attempt_id in attempt_ids
    }
    for row in rows:
        journals[row.attempt_id].append(row)
    return {
        attempt_id: (digest_lines(lines), len(lines))
        for attempt_id, lines in journals.items()
    }


def digest_lines(lines: Iterable[Row[*tuple[Any, ...]]]) -> str:
    """Return the same digest of lines that were read in order; each has SPELLED first."""
    digest = hashlib.sha256()
    for n, chosen, flagged, seq, lease, answered_at, late, *_ in lines:
        spelled = [n, chosen, flagged, seq, lease, answered_at.isoformat(), late]
        digest.update(json.dumps(spelled).encode() + b"\n")
    return digest.hexdigest()


def list_late_answers(db: Session, *, attempt_id: int) -> Sequence[LateAnswer]:
    """Return what came too late to count, as it came."""
    return db.scalars(
        select(LateAnswer)
        .where(LateAnswer.attempt_id == attempt_id)
        .order_by(LateAnswer.id)
    ).all()


def list_time_changes(db: Session, *, attempt_id: int) -> Sequence[TimeChange]:
    return db.scalars(
        select(TimeChange)
        .where(TimeChange.attempt_id == attempt_id)
        .order_by(TimeChange.id)
    ).all()


def list_outages(db: Session, *, attempt_id: int) -> Sequence[Outage]:
    return db.scalars(
        select(Outage).where(Outage.attempt_id == attempt_id).order_by(Outage.began_at)
    ).all()


def list_events(db: Session, *, attempt_id: int) -> Sequence[AttemptEvent]:
    return db.scalars(
        select(AttemptEvent)
        .where(AttemptEvent.attempt_id == attempt_id)
        .order_by(AttemptEvent.id)
    ).all()
