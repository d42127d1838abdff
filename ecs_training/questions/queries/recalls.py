"""Who cites a source, and what became of those that were recalled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import as_typed
from ecs_training.questions.models import Item, ItemRevision, Recall

RECALLED = "recalled source"  # the action of the audit row that names the items


class Fate(StrEnum):
    """What became of a recalled item."""

    SUSPENDED = "suspended"
    REWRITTEN = "rewritten"
    PUT_BACK = "put-back"
    RETIRED = "retired"


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A live item with the wording that cites a source."""

    item: Item
    wording: ItemRevision


@dataclass(frozen=True, kw_only=True)
class RecalledItem:
    item: Item
    stem: str
    fate: Fate


@dataclass(frozen=True, kw_only=True)
class RecallRow:
    recall: Recall
    recalled: int
    suspended: int  # still


def list_citing(db: Session, *, source: str) -> Sequence[Cited]:
    """Return every live item whose live wording cites the source, by code."""
    rows = db.execute(
        select(Item, ItemRevision)
        .join(
            ItemRevision,
            (ItemRevision.item_id == Item.id)
            & (ItemRevision.revision == Item.live_revision),
        )
        .where(Item.suspended_at.is_(None), ItemRevision.source == source)
        .order_by(Item.code)
    )
    return [Cited(item=item, wording=wording) for item, wording in rows]


def list_cited_sources(db: Session) -> Mapping[str, int]:
    """Return the sources of live items, by id, with how many cite each."""
    rows = db.execute(
        select(ItemRevision.source, func.count())
        .join(
            Item,
            (ItemRevision.item_id == Item.id)
            & (ItemRevision.revision == Item.live_revision),
        )
        .where(Item.suspended_at.is_(None))
        .group_by(ItemRevision.source)
        .order_by(ItemRevision.source)
    )
    return dict(rows.all())


def last_recall_of(db: Session, *, source: str) -> datetime | None:
    """Return when a source was last recalled; None if it never was."""
    return db.scalars(
        select(func.max(Recall.made_at)).where(Recall.source == source)
    ).one()


def list_recalls(db: Session) -> list[RecallRow]:
    """Return every recall, the newest first."""
    recalls = db.scalars(
        select(Recall)
        .options(joinedload(Recall.made_by))
        .order_by(Recall.made_at.desc(), Recall.id.desc())
    ).all()
    codes = _recalled_codes(db, recalls)
    still = dict(
        db.execute(
            select(Item.recall_id, func.count(Item.id))
            .where(Item.suspended_at.is_not(None), Item.retired_at.is_(None))
            .group_by(Item.recall_id)
        ).all()
    )
    return [
        RecallRow(
            recall=recall,
            recalled=len(codes[recall.ref]),
            suspended=still.get(recall.id, 0),
        )
        for recall in recalls
    ]


def get_recall(db: Session, *, ref: str) -> Recall:
    recall = db.scalars(
        select(Recall)
        .where(Recall.ref == as_typed(ref))
        .options(joinedload(Recall.made_by))
    ).one_or_none()
    if recall is None:
        raise NotFound
    return recall


def list_recalled(db: Session, recall: Recall) -> list[RecalledItem]:
    """Return what became of each item that a recall took out, by code."""
    codes = _recalled_codes(db, [recall])[recall.ref]
    items = db.scalars(select(Item).where(Item.code.in_(codes)).order_by(Item.code))
    by_id = {item.id: item for item in items}
    wordings: dict[int, list[ItemRevision]] = {item_id: [] for item_id in by_id}
    for row in db.scalars(
        select(ItemRevision)
        .where(ItemRevision.item_id.in_(by_id))
        .order_by(ItemRevision.revision)
    ):
        wordings[row.item_id].append(row)
    return [
        RecalledItem(
            item=item,
            stem=_stands(item, wordings[item_id]).stem,
            fate=_fate(item, wordings[item_id], recall),
        )
        for item_id, item in by_id.items()
    ]


def _recalled_codes(db: Session, recalls: Sequence[Recall]) -> dict[str, list[str]]:
    """An item remembers its last recall only; the audit remembers what each took out."""
    subjects = {f"recall/{recall.ref}": recall.ref for recall in recalls}
    rows = db.execute(
        select(AuditEntry.subject, AuditEntry.details).where(
            AuditEntry.action == RECALLED, AuditEntry.subject.in_(subjects)
        )
    )
    found: dict[str, list[str]] = {recall.ref: [] for recall in recalls}
    for subject, details in rows:
        found[subjects[subject]] = details["codes"]
    return found


def _stands(item: Item, wordings: Sequence[ItemRevision]) -> ItemRevision:
    live = [row for row in wordings if row.revision == item.live_revision]
    return (live or list(wordings))[-1]


def _fate(item: Item, wordings: Sequence[ItemRevision], recall: Recall) -> Fate:
    if item.retired_at:
        return Fate.RETIRED
    if item.suspended_at:
        return Fate.SUSPENDED
    stands = _stands(item, wordings)
    went_live = stands.approved_at or stands.added_at
    return Fate.REWRITTEN if went_live > recall.made_at else Fate.PUT_BACK
