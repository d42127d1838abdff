"""Bringing the database to what the files say, without touching an old wording."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.questions.models import Item, ItemPicture, ItemRevision
from ecs_training.questions.rules.bank import Bank, BankItem
from ecs_training.questions.rules.checks import why_not_load
from ecs_training.questions.rules.faults import BankError
from ecs_training.questions.services.reading import read_bank

FILES = "files"
SVG = "image/svg+xml"
Revisions = Mapping[int, Mapping[int, ItemRevision]]  # item id -> revision -> row


class Change(StrEnum):
    ADDED = "added"
    REVISED = "revised"
    RETIRED = "retired"
    ANNOTATED = "annotated"
    KEPT = "kept"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """Which items became live, got another live revision, or are live no longer: by code.

    `annotated` ones keep their wording; a fact beside it (source, rationale, enemies, …)
    was corrected. `kept` ones are as staff left them: they reworded, retired or suspended
    them after this revision of the files, and only a higher revision speaks against that.
    """

    added: tuple[str, ...] = ()
    revised: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    annotated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        return {change.value: len(getattr(self, change.value)) for change in Change}


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
    codes: dict[str, list[str]] = defaultdict(list)
    codes[Change.RETIRED] = _retire_missing(bank, rows, now)
    _add_unknown(db, bank, rows, now)
    _add_pictures(db, bank, folder, now)
    for item in bank.items:
        row = rows[item.code]
        change = _bring_up(db, item, row, revisions.get(row.id, {}), now)
        codes[change].append(item.code)
    report = LoadReport(**{change: tuple(found) for change, found in codes.items()})
    if report.added or report.revised or report.retired or report.annotated:
        record(
            db,
            actor_id=None,
            action="loaded question bank",
            subject="question-bank",
            now=now,
            **report.counts(),
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
        # A revision that staff wrote may stand above the files' own.
        loaded = {
            number: revision.content_hash
            for number, revision in known.items()
            if revision.written_by_id is None or number == item.revision
        }
        if fault := why_not_load(item, loaded):
            faults.append(fault)
    if faults:
        raise BankError(faults[0], others=len(faults) - 1)


def _retire_missing(bank: Bank, rows: Mapping[str, Item], now: datetime) -> list[str]:
    written = {item.code for item in bank.items}
    missing = [
        row
        for row in rows.values()
        if row.origin == FILES
        and row.code not in written
        and row.live_revision is not None
    ]
    for row in missing:
        _retire(row, now)
    return [row.code for row in missing]


def _retire(row: Item, now: datetime) -> None:
    row.live_revision, row.retired_at = None, now
    row.retire_reason = "the files of the bank no longer have it live"
    row.updated_at = now


def _add_unknown(db: Session, bank: Bank, rows: dict[str, Item], now: datetime) -> None:
    """Add the items themselves, all in one go, so that their revisions can refer to them."""
    unknown = [
        Item(code=item.code, topic=item.topic, origin=FILES, updated_at=now)
        for item in bank.items
        if item.code not in rows
    ]
    db.add_all(unknown)
    db.flush()
    rows.update({row.code: row for row in unknown})


def _add_pictures(db: Session, bank: Bank, folder: Path, now: datetime) -> None:
    named = {item.image.sha256: item.image for item in bank.items if item.image}
    known = set(db.scalars(select(ItemPicture.sha256)))
    for sha256 in named.keys() - known:
        content = (folder / "images" / named[sha256].file).read_bytes()
        picture = ItemPicture(
            sha256=sha256, media_type=SVG, content=content, added_at=now
        )
        db.add(picture)


def _bring_up(
    db: Session,
    item: BankItem,
    row: Item,
    known: Mapping[int, ItemRevision],
    now: datetime,
) -> Change:
    if _staff_spoke_last(item, row, known):
        return Change.KEPT
    annotated = _annotate(item, row, known.get(item.revision))
    # A draft may still be reworded: only what can be drawn is kept for ever.
    if item.is_live and item.revision not in known:
        db.add(_new_revision(item, row, now))
    before = row.live_revision
    row.live_revision = item.revision if item.is_live else None
    if row.live_revision == before:
        change = Change.ANNOTATED if annotated else Change.UNCHANGED
    elif row.live_revision is None:
        _retire(row, now)
        change = Change.RETIRED
    else:
        _put_back(row)
        change = Change.REVISED if known else Change.ADDED
    if change is not Change.UNCHANGED:
        row.updated_at = now
    return change


def _staff_spoke_last(
    item: BankItem, row: Item, known: Mapping[int, ItemRevision]
) -> bool:
    """Say whether staff decided on this item after the files' revision of it."""
    if item.revision not in known:
        return any(number > item.revision for number in known)
    return (
        max(known) > item.revision
        or row.retired_by_id is not None
        or row.suspended_at is not None
    )


def _put_back(row: Item) -> None:
    row.retired_at = row.retired_by_id = row.retire_reason = None
    row.suspended_at = row.suspended_by_id = row.suspend_reason = None
    row.recall_id = None


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
        "reviews": [
            {**asdict(review), "on": review.on.isoformat()} for review in item.reviews
        ],
    }


def _annotate(item: BankItem, row: Item, revision: ItemRevision | None) -> bool:
    changed = row.topic != item.topic
    row.topic = item.topic
    facts = _facts(item) if revision else {}
    if revision and revision.written_by_id is not None:
        del facts["reviews"]  # what staff wrote was read by staff: rows of their own
    if revision and revision.checked_on and revision.checked_on > item.checked_on:
        # Staff put it back since with another clause or day: the later look-up counts.
        del facts["clause"], facts["checked_on"]
    for name, value in facts.items():
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
