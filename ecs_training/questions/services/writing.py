"""What authors do: a new item, and new wordings of one. Nothing written is ever changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.london import london_date
from ecs_training.questions.models import Item, ItemReading, ItemRevision
from ecs_training.questions.queries.recalls import last_recall_of
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.drafting import (
    ItemDraft,
    WritingRefusal,
    as_bank_item,
    code_start,
    missing_facts,
    next_code,
)
from ecs_training.questions.rules.reviewing import (
    RevisionState,
    list_authors,
    may_see_key,
    revision_state,
)
from ecs_training.questions.services.locking import lock_bank, lock_item
from ecs_training.questions.services.recording import record_about

STAFF = "staff"
WROTE = "wrote question"


class WritingRefused(Refused):
    reason: WritingRefusal


def add_item(
    db: Session,
    *,
    topic: str,
    draft: ItemDraft,
    submit: bool,
    written_by_id: int,
    now: datetime,
) -> Item:
    """Add an item with a first wording, live for nobody until a second person approves it.

    `submit` asks for the second reading at once; WritingRefused while a fact is missing.
    """
    lock_bank(db)
    _refuse_missing_facts(db, draft, submit=submit, now=now)
    item = _new_item(_next_free_code(db, topic), topic, now)
    db.add(item)
    db.flush()
    _write(db, item, draft, number=1, submit=submit, by_id=written_by_id, now=now)
    return item


@dataclass(frozen=True, kw_only=True)
class NewDraft:
    """A first wording under a code that the caller found free under the bank's lock."""

    code: str
    topic: str
    draft: ItemDraft


def add_drafts(
    db: Session, drafts: Sequence[NewDraft], *, written_by_id: int, now: datetime
) -> None:
    """Add many items at once, each a draft of the author; the bank is locked already."""
    items = [_new_item(each.code, each.topic, now) for each in drafts]
    db.add_all(items)
    db.flush()
    for item, each in zip(items, drafts, strict=True):
        db.add(_new_revision(item, each.draft, by_id=written_by_id, now=now))
        record_about(db, item, WROTE, by_id=written_by_id, now=now, revision=1)
    db.flush()


def _new_item(code: str, topic: str, now: datetime) -> Item:
    return Item(code=code, topic=topic, origin=STAFF, updated_at=now)


def _next_free_code(db: Session, topic: str) -> str:
    alike = Item.code.startswith(code_start(topic), autoescape=True)
    return next_code(topic, db.scalars(select(Item.code).where(alike)))


def save_revision(
    db: Session,
    *,
    code: str,
    draft: ItemDraft,
    based_on: int,
    submit: bool,
    written_by_id: int,
    now: datetime,
) -> ItemRevision:
    """Add a wording after the newest one; what is live stays live until this is approved.

    WritingRefused where somebody saved since revision `based_on` was the newest, where
    nothing is different, where the newest wording waits for a second reading that this
    person could give, and where a fact is missing that `submit` needs.
    """
    item = lock_item(db, code=code)
    revisions = list_revisions(db, item)
    newest = revisions[-1]
    state = revision_state(newest, live=item.live_revision, newest=newest.revision)
    if newest.revision != based_on:
        raise WritingRefused(WritingRefusal.STALE)
    if not _may_see_key(db, revisions, state, written_by_id):
        raise WritingRefused(WritingRefusal.BEING_READ)
    _refuse_missing_facts(db, draft, submit=submit, now=now)
    if draft == draft_of(newest):
        return _submit_as_it_is(
            db, item, newest, state, submit=submit, by_id=written_by_id, now=now
        )
    return _write(
        db,
        item,
        draft,
        number=newest.revision + 1,
        submit=submit,
        by_id=written_by_id,
        now=now,
    )


def list_revisions(db: Session, item: Item) -> list[ItemRevision]:
    """Return the wordings of a locked item as they are now, the oldest first."""
    found = db.scalars(
        select(ItemRevision)
        .where(ItemRevision.item_id == item.id)
        .order_by(ItemRevision.revision)
        .execution_options(populate_existing=True)
    ).all()
    if not found:
        raise NotFound
    return list(found)


def _may_see_key(
    db: Session, revisions: list[ItemRevision], state: RevisionState, person_id: int
) -> bool:
    return may_see_key(
        state,
        is_author=person_id in list_authors(revisions),
        has_read=find_reading(db, revisions[-1], reader_id=person_id) is not None,
    )


def find_reading(
    db: Session, revision: ItemRevision, *, reader_id: int
) -> ItemReading | None:
    return db.scalars(
        select(ItemReading).where(
            ItemReading.revision_id == revision.id, ItemReading.reader_id == reader_id
        )
    ).one_or_none()


def _refuse_missing_facts(
    db: Session, draft: ItemDraft, *, submit: bool, now: datetime
) -> None:
    if submit and list_missing_facts(db, draft=draft, now=now):
        raise WritingRefused(WritingRefusal.FACTS_MISSING)


def list_missing_facts(
    db: Session, *, draft: ItemDraft, now: datetime
) -> list[tuple[str, str]]:
    """Return (field, what to do) for all that a wording needs before it is read, or live."""
    recalled_at = last_recall_of(db, source=draft.source)
    recalled_on = london_date(recalled_at) if recalled_at else None
    today = london_date(now)
    return list(missing_facts(draft, today=today, recalled_on=recalled_on))


def _submit_as_it_is(
    db: Session,
    item: Item,
    newest: ItemRevision,
    state: RevisionState,
    *,
    submit: bool,
    by_id: int,
    now: datetime,
) -> ItemRevision:
    own_draft = state is RevisionState.DRAFT and newest.written_by_id == by_id
    if not (submit and own_draft):
        raise WritingRefused(WritingRefusal.NOTHING_CHANGED)
    newest.submitted_at = item.updated_at = now
    action = "asked for second reading"
    record_about(db, item, action, by_id=by_id, now=now, revision=newest.revision)
    return newest


def _write(
    db: Session,
    item: Item,
    draft: ItemDraft,
    *,
    number: int,
    submit: bool,
    by_id: int,
    now: datetime,
) -> ItemRevision:
    revision = _new_revision(item, draft, number=number, by_id=by_id, now=now)
    revision.submitted_at = now if submit else None
    item.updated_at = now
    db.add(revision)
    db.flush()
    action = f"{WROTE}, asked for second reading" if submit else WROTE
    record_about(db, item, action, by_id=by_id, now=now, revision=number)
    return revision


def _new_revision(
    item: Item, draft: ItemDraft, *, number: int = 1, by_id: int, now: datetime
) -> ItemRevision:
    return ItemRevision(
        item_id=item.id,
        revision=number,
        written_by_id=by_id,
        added_at=now,
        **_columns(draft, item),
    )


def _columns(draft: ItemDraft, item: Item) -> dict[str, Any]:
    hashed = as_bank_item(draft, code=item.code, topic=item.topic).content_hash
    return {
        "content_hash": hashed,
        "stem": draft.stem,
        "options": dict(draft.options),
        "key": draft.key,
        "image": asdict(draft.image) if draft.image else None,
        "rationale": draft.rationale,
        "source": draft.source,
        "clause": draft.clause,
        "checked_on": draft.checked_on,
        "difficulty": draft.difficulty,
        "jurisdiction": draft.jurisdiction.value,
        "enemies": list(draft.enemies),
    }
