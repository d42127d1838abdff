"""The bank's questions as they stand, with their pictures, to be written into files."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.questions.models import Item, ItemPicture, ItemReading, ItemRevision
from ecs_training.questions.rules.reviewing import (
    RevisionState,
    list_authors,
    may_see_key,
    revision_state,
)

Readings = Mapping[int, Sequence[ItemReading]]  # by id of the revision


@dataclass(frozen=True, kw_only=True)
class BankEntry:
    """An item with all its wordings, the oldest first; never without any."""

    item: Item
    wordings: Sequence[ItemRevision]
    readings: Readings  # each wording's own, the oldest first

    @property
    def is_live(self) -> bool:
        return self.item.live_revision is not None and self.item.suspended_at is None

    @property
    def standing(self) -> ItemRevision:
        """Return the live wording; else the last one that was live; else the newest."""
        live = [row for row in self.wordings if row.revision == self.item.live_revision]
        past = [row for row in self.wordings if was_live(row)]
        return (live or past or self.wordings)[-1]

    def may_see_key(self, viewer_id: int) -> bool:
        """Say whether somebody may see the key of the standing wording."""
        row = self.standing
        return may_see_key(
            self._state,
            is_author=viewer_id in list_authors(self.wordings),
            has_read=any(r.reader_id == viewer_id for r in self.readings[row.id]),
        )

    @property
    def _state(self) -> RevisionState:
        newest = self.wordings[-1].revision
        return revision_state(
            self.standing, live=self.item.live_revision, newest=newest
        )


def was_live(row: ItemRevision) -> bool:
    return row.approved_at is not None or row.written_by_id is None


def list_entries(
    db: Session, *, topics: Collection[str] = (), live_only: bool = False
) -> list[BankEntry]:
    """Return the items of these topics, of every topic if none is named, as they came.

    One that never had a wording here (a draft of the files) is left out.
    """
    wanted = [Item.topic.in_(topics)] if topics else []
    wordings: dict[int, list[ItemRevision]] = defaultdict(list)
    for row in db.scalars(
        select(ItemRevision)
        .join(Item, Item.id == ItemRevision.item_id)
        .where(*wanted)
        .order_by(ItemRevision.revision)
    ):
        wordings[row.item_id].append(row)
    readings = _list_readings(db)
    entries = (
        BankEntry(item=item, wordings=wordings[item.id], readings=readings)
        for item in db.scalars(select(Item).where(*wanted).order_by(Item.id))
        if item.id in wordings
    )
    return [entry for entry in entries if entry.is_live or not live_only]


def _list_readings(db: Session) -> Readings:
    found: dict[int, list[ItemReading]] = defaultdict(list)
    for reading in db.scalars(
        select(ItemReading).order_by(ItemReading.read_at, ItemReading.id)
    ):
        found[reading.revision_id].append(reading)
    return found


def list_picture_bytes(db: Session, *, digests: Collection[str]) -> Mapping[str, bytes]:
    """Return the bytes of pictures by digest."""
    rows = db.execute(
        select(ItemPicture.sha256, ItemPicture.content).where(
            ItemPicture.sha256.in_(digests)
        )
    )
    return dict(rows.all())
