"""One item with all its wordings, and what the person who looks may see and do."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import Person
from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import (
    Item,
    ItemPicture,
    ItemReading,
    ItemRevision,
    ItemStatistics,
    Recall,
)
from ecs_training.questions.queries.search import progress_of
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.reviewing import (
    ReviewRefusal,
    RevisionState,
    list_authors,
    may_see_key,
    revision_state,
    why_not_decide,
    why_not_read,
)
from ecs_training.questions.rules.standing import ItemState, item_state


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One revision as `viewer_id` meets it. Show its key only if `may_see_key`."""

    row: ItemRevision
    state: RevisionState
    readings: Sequence[ItemReading]
    is_author: bool  # of this wording, or of one that led to it
    own_reading: ItemReading | None

    @property
    def draft(self) -> ItemDraft:
        return draft_of(self.row)

    @property
    def has_read(self) -> bool:
        return self.own_reading is not None

    @property
    def may_see_key(self) -> bool:
        return may_see_key(self.state, is_author=self.is_author, has_read=self.has_read)

    @property
    def why_not_read(self) -> ReviewRefusal | None:
        return why_not_read(
            self.state, is_author=self.is_author, has_read=self.has_read
        )

    @property
    def why_not_decide(self) -> ReviewRefusal | None:
        own = self.own_reading
        return why_not_decide(self.state, agreed=own is not None and own.agreed)


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """An item; `wordings` newest first, at least one. Names of people by id."""

    item: Item
    wordings: Sequence[Wording]
    names: Mapping[int, str]
    recall: Recall | None
    statistics: ItemStatistics | None  # of the wording that stands

    @property
    def newest(self) -> Wording:
        return self.wordings[0]

    @property
    def standing(self) -> Wording:
        """Return the live wording; if none is live, the newest."""
        live = self.item.live_revision
        return next((w for w in self.wordings if w.row.revision == live), self.newest)

    @property
    def state(self) -> ItemState | None:
        return item_state(self.item)

    @property
    def progress(self) -> ItemState | None:
        return progress_of(self.item, self.newest.row)

    def wording(self, number: int) -> Wording:
        """Return the revision with this number, or raise NotFound."""
        for wording in self.wordings:
            if wording.row.revision == number:
                return wording
        raise NotFound

    def before(self, wording: Wording) -> Wording | None:
        """Return the revision that came before; None of the first."""
        n = self.wordings.index(wording)
        return self.wordings[n + 1] if n + 1 < len(self.wordings) else None


def get_dossier(db: Session, *, code: str, viewer_id: int) -> Dossier:
    """Return an item with its wordings, or raise NotFound. One of the files that never
    was live has no wording here, and so is not found."""
    item = db.scalars(select(Item).where(Item.code == code)).one_or_none()
    rows = _list_revisions(db, item.id) if item else []
    if item is None or not rows:
        raise NotFound
    readings = _list_readings(db, item.id)
    authors = list_authors(rows)
    newest = rows[0].revision
    wordings = [
        Wording(
            row=row,
            state=revision_state(row, live=item.live_revision, newest=newest),
            readings=readings[row.id],
            is_author=viewer_id in authors,
            own_reading=next(
                (each for each in readings[row.id] if each.reader_id == viewer_id),
                None,
            ),
        )
        for row in rows
    ]
    stands = next((row for row in rows if row.revision == item.live_revision), rows[0])
    return Dossier(
        item=item,
        wordings=wordings,
        names=_name_people(db, item),
        recall=db.get(Recall, item.recall_id) if item.recall_id else None,
        statistics=db.get(ItemStatistics, stands.id),
    )


def _list_revisions(db: Session, item_id: int) -> Sequence[ItemRevision]:
    return db.scalars(
        select(ItemRevision)
        .where(ItemRevision.item_id == item_id)
        .options(
            joinedload(ItemRevision.written_by),
            joinedload(ItemRevision.approved_by),
            joinedload(ItemRevision.sent_back_by),
        )
        .order_by(ItemRevision.revision.desc())
    ).all()


def _list_readings(db: Session, item_id: int) -> dict[int, list[ItemReading]]:
    found: dict[int, list[ItemReading]] = defaultdict(list)
    for reading in db.scalars(
        select(ItemReading)
        .join(ItemRevision, ItemRevision.id == ItemReading.revision_id)
        .where(ItemRevision.item_id == item_id)
        .options(joinedload(ItemReading.reader))
        .order_by(ItemReading.read_at, ItemReading.id)
    ):
        found[reading.revision_id].append(reading)
    return found


def _name_people(db: Session, item: Item) -> Mapping[int, str]:
    ids = {item.suspended_by_id, item.retired_by_id} - {None}
    rows = db.execute(select(Person.id, Person.full_name).where(Person.id.in_(ids)))
    return dict(rows.all())


def list_codes(db: Session) -> Sequence[str]:
    return db.scalars(select(Item.code).order_by(Item.code)).all()


def get_picture(db: Session, *, sha256: str) -> ItemPicture:
    picture = db.get(ItemPicture, sha256)
    if picture is None:
        raise NotFound
    return picture


@dataclass(frozen=True, kw_only=True)
class PictureChoice:
    """A picture of the bank by a file name that some wording gives it."""

    sha256: str
    file: str


def list_pictures(db: Session) -> list[PictureChoice]:
    """Return every picture of the bank, by name; one that no wording shows yet has the
    name that it would be given."""
    named = {
        image["sha256"]: image["file"]
        for image in db.scalars(select(ItemRevision.image))
        if image
    }
    kinds = db.execute(select(ItemPicture.sha256, ItemPicture.media_type))
    found = [
        PictureChoice(
            sha256=sha256, file=named.get(sha256) or name_picture(sha256, kind)
        )
        for sha256, kind in kinds
    ]
    return sorted(found, key=lambda choice: choice.file)


def name_picture(sha256: str, media_type: str) -> str:
    """Name a picture that staff sent: no name of theirs can clash with another's."""
    return f"picture-{sha256[:12]}.{'svg' if 'svg' in media_type else 'png'}"
