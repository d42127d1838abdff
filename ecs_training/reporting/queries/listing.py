"""The bank beside its figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.rules.standing import item_state
from ecs_training.reporting.queries.snapshots import find_items
from ecs_training.reporting.rules.counting import WordingFigures
from ecs_training.reporting.rules.listing import ListedItem, pick_wordings


@dataclass(frozen=True, kw_only=True)
class BankFigures:
    """Every question that was asked. `unasked`: how many can be asked and were not yet.

    `counted_at` is None before the first count.
    """

    counted_at: datetime | None
    rows: Sequence[ListedItem]
    unasked: int


@dataclass(frozen=True, kw_only=True)
class ItemReport:
    """The figures of one question: of the wording that is shown, and of its others."""

    counted_at: datetime | None
    row: ListedItem | None
    others: Sequence[ListedItem]


def read_bank_figures(db: Session) -> BankFigures:
    found = find_items(db)
    if found is None:
        return BankFigures(counted_at=None, rows=(), unasked=0)
    snapshot, counted_at = found
    rows = pick_wordings(_list_wordings(db, snapshot.wordings))
    return BankFigures(
        counted_at=counted_at, rows=rows, unasked=_count_unasked(db, rows)
    )


def read_item_report(db: Session, *, code: str) -> ItemReport:
    """Return what was counted of a question, the newest wording first among the others."""
    found = find_items(db)
    if found is None:
        return ItemReport(counted_at=None, row=None, others=())
    snapshot, counted_at = found
    asked = _list_wordings(db, snapshot.wordings, code=code)
    row = next(iter(pick_wordings(asked)), None)
    others = sorted(
        (each for each in asked if each is not row),
        key=lambda each: each.revision,
        reverse=True,
    )
    return ItemReport(counted_at=counted_at, row=row, others=others)


def _list_wordings(
    db: Session, wordings: Iterable[WordingFigures], *, code: str = ""
) -> list[ListedItem]:
    """Return every wording that was asked, with its question as it stands now."""
    counted = {wording.revision_id: wording for wording in wordings}
    bank = select(ItemRevision.id, ItemRevision.revision, Item).join(
        Item, Item.id == ItemRevision.item_id
    )
    if code:
        bank = bank.where(Item.code == code)
    return [
        ListedItem(
            code=item.code,
            topic=item.topic,
            revision=revision,
            state=item_state(item),
            stands=item.live_revision == revision,
            figures=counted[revision_id],
        )
        for revision_id, revision, item in db.execute(bank)
        if revision_id in counted
    ]


def read_stems(db: Session, *, rows: Sequence[ListedItem]) -> Mapping[int, str]:
    """Return revision id -> stem, for the rows of one page."""
    ids = [row.figures.revision_id for row in rows]
    found = db.execute(
        select(ItemRevision.id, ItemRevision.stem).where(ItemRevision.id.in_(ids))
    )
    return dict(found.all())


def _count_unasked(db: Session, rows: Iterable[ListedItem]) -> int:
    live = db.scalars(
        select(Item.code).where(
            Item.live_revision.is_not(None),
            Item.suspended_at.is_(None),
            Item.retired_at.is_(None),
        )
    )
    return len(set(live) - {row.code for row in rows})
