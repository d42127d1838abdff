"""Linking the audit rows into a chain, so that a changed one shows.

A job does it, behind the requests: nobody who records a decision waits for the chain's
head. Only rows that are committed are seen, so one that commits later than a higher
number is linked later. The order of the chain is the order of the seals.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, insert, select, text
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import AuditEntry, AuditSeal
from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings

BEGINNING = "0" * 64  # stands before the first link
BATCH = 500  # rows a transaction: SQLite lets nobody else write meanwhile
MOST_BATCHES = 40  # a run: 20,000 rows, then the next minute goes on


def digest_link(previous: str, entry: AuditEntry) -> str:
    """Return the SHA-256 (hex) over the digest before, a line break, and the row.

    The row is one JSON list: id, instant in UTC, actor, action, subject, details with
    sorted keys; no spaces, ASCII. Both databases spell it alike.
    """
    row = [
        entry.id,
        entry.recorded_at.isoformat(),
        entry.actor_id,
        entry.action,
        entry.subject,
        entry.details,
    ]
    spelled = json.dumps(row, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{spelled}".encode()).hexdigest()


def seal_audit(database: Database, clock: Clock, _settings: Settings) -> int:
    """Link what is committed and not yet linked, lowest number first; return how many."""
    sealed = 0
    for _ in range(MOST_BATCHES):
        with database.reading() as db:
            waiting = list_unsealed(db, limit=BATCH)
        if not waiting:
            break
        with database.transaction() as db:
            sealed += seal_entries(db, waiting, now=clock())
    return sealed


def list_unsealed(db: Session, *, limit: int) -> Sequence[AuditEntry]:
    """Return rows without a seal, lowest number first, however late they were committed."""
    has_seal = exists().where(AuditSeal.entry_id == AuditEntry.id)
    return db.scalars(
        select(AuditEntry).where(~has_seal).order_by(AuditEntry.id).limit(limit)
    ).all()


def seal_entries(db: Session, entries: Sequence[AuditEntry], *, now: datetime) -> int:
    """Append committed rows to the chain, but for those that another sealer was quicker
    with; return how many."""
    _let_no_other_seal(db)
    ids = [entry.id for entry in entries]
    done = set(
        db.scalars(select(AuditSeal.entry_id).where(AuditSeal.entry_id.in_(ids)))
    )
    digest, links = _head(db), []
    for entry in entries:
        if entry.id not in done:
            digest = digest_link(digest, entry)
            links.append({"entry_id": entry.id, "digest": digest, "sealed_at": now})
    if links:
        db.execute(insert(AuditSeal), links)
    return len(links)


def _head(db: Session) -> str:
    newest = select(AuditSeal.digest).order_by(AuditSeal.id.desc()).limit(1)
    return db.scalars(newest).one_or_none() or BEGINNING


def _let_no_other_seal(db: Session) -> None:
    """Hold the chain until the transaction ends. Only sealers ever wait for it.

    On SQLite every writing transaction holds such a lock from its beginning.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("LOCK TABLE audit_seals IN SHARE ROW EXCLUSIVE MODE"))
