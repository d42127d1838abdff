"""Bringing the database to what the files say, without touching an old wording."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.rules.bank import Bank, BankItem
from ecs_training.questions.rules.checks import why_not_load
from ecs_training.questions.rules.faults import BankError
from ecs_training.questions.services.reading import read_bank

Revisions = Mapping[int, Mapping[int, ItemRevision]]  # item id -> revision -> row


class Change(StrEnum):
    ADDED = "added"
    REVISED = "revised"
    RETIRED = "retired"
    ANNOTATED = "annotated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """How many items became live, got another live revision, or are live no longer.

    `annotated` ones keep their wording; a fact beside it (source, rationale, enemies, …)
    was corrected.
    """

    added: int
    revised: int
    retired: int
    annotated: int
    unchanged: int


def load_bank(db: Session, *, folder: Path, now: datetime) -> LoadReport:
    """Load a folder; loading it again changes nothing.

    Raise BankError for a fault in the files, for changed content under a revision that was
    loaded before, and for a revision below one that was. Nothing is written then.
    """
    bank = read_bank(folder)
    _wait_for_other_loads(db)
    rows = {row.code: row for row in db.scalars(select(Item))}
    revisions = _list_revisions(db)
    _refuse_changed_content(bank, rows, revisions)
    changes = Counter({Change.RETIRED: _retire_missing(bank, rows, now)})
    _add_unknown(db, bank, rows, now)
    for item in bank.items:
        row = rows[item.code]
        changes[_bring_up(db, item, row, revisions.get(row.id, {}), now)] += 1
    report = LoadReport(**{change.value: changes[change] for change in Change})
    if changes.total() > report.unchanged:
        record(
            db,
            actor_id=None,
            action="loaded question bank",
            subject="question-bank",
            now=now,
            **asdict(report),
        )
    return report


def _wait_for_other_loads(db: Session) -> None:
    # Two processes that start on an empty database would both add every item.
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("LOCK TABLE items IN SHARE ROW EXCLUSIVE MODE"))


def _list_revisions(db: Session) -> dict[int, dict[int, ItemRevision]]:
    revisions: dict[int, dict[int, ItemRevision]] = defaultdict(dict)
    for row in db.scalars(select(ItemRevision)):
        revisions[row.item_id][row.revision] = row
    return revisions


def _refuse_changed_content(
    bank: Bank, rows: Mapping[str, Item], revisions: Revisions
) -> None:
    faults = []
    for item in bank.items:
        row = rows.get(item.code)
        known = revisions.get(row.id, {}) if row else {}
        loaded = {number: known[number].content_hash for number in known}
        if fault := why_not_load(item, loaded):
            faults.append(fault)
    if faults:
        raise BankError(faults[0], others=len(faults) - 1)


def _retire_missing(bank: Bank, rows: Mapping[str, Item], now: datetime) -> int:
    written = {item.code for item in bank.items}
    missing = [
        row
        for row in rows.values()
        if row.code not in written and row.live_revision is not None
    ]
    for row in missing:
        row.live_revision, row.updated_at = None, now
    return len(missing)


def _add_unknown(db: Session, bank: Bank, rows: dict[str, Item], now: datetime) -> None:
    """Add the items themselves, all in one go, so that their revisions can refer to them."""
    unknown = [
        Item(code=item.code, topic=item.topic, live_revision=None, updated_at=now)
        for item in bank.items
        if item.code not in rows
    ]
    db.add_all(unknown)
    db.flush()
    rows.update({row.code: row for row in unknown})


def _bring_up(
    db: Session,
    item: BankItem,
    row: Item,
    known: Mapping[int, ItemRevision],
    now: datetime,
) -> Change:
    annotated = _annotate(item, row, known.get(item.revision))
    # A draft may still be reworded: only what can be drawn is kept for ever.
    if item.is_live and item.revision not in known:
        db.add(_new_revision(item, row, now))
    before = row.live_revision
    row.live_revision = item.revision if item.is_live else None
    if row.live_revision == before:
        change = Change.ANNOTATED if annotated else Change.UNCHANGED
    elif row.live_revision is None:
        change = Change.RETIRED
    else:
        change = Change.REVISED if known else Change.ADDED
    if change is not Change.UNCHANGED:
        row.updated_at = now
    return change


def _facts(item: BankItem) -> dict[str, Any]:
    """Return what stands beside the content and may be corrected without a new revision."""
    return {
        "rationale": item.rationale,
        "source": item.source,
        "clause": item.clause,
        "checked_on": item.checked_on,
        "difficulty": item.difficulty,
        "jurisdiction": item.jurisdiction.value,
        "enemies": list(item.enemies),
    }


def _annotate(item: BankItem, row: Item, revision: ItemRevision | None) -> bool:
    changed = row.topic != item.topic
    row.topic = item.topic
    for name, value in _facts(item).items() if revision else ():
        if getattr(revision, name) != value:
            setattr(revision, name, value)
            changed = True
    return changed


def _new_revision(item: BankItem, row: Item, now: datetime) -> ItemRevision:
    return ItemRevision(
        item_id=row.id,
        revision=item.revision,
        content_hash=item.content_hash,
        stem=item.stem,
        options=dict(item.options),
        key=item.key,
        image=asdict(item.image) if item.image else None,
        added_at=now,
        **_facts(item),
    )
