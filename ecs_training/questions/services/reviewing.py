"""The second reading: somebody else answers without the key, then puts it live or not."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.questions.models import Item, ItemReading, ItemRevision
from ecs_training.questions.queries.live import live_items
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.bank import Blueprint
from ecs_training.questions.rules.reviewing import (
    ReviewRefusal,
    RevisionState,
    is_agreed,
    list_authors,
    revision_state,
    why_not_decide,
    why_not_read,
)
from ecs_training.questions.rules.standing import topics_short
from ecs_training.questions.services.inspecting import find_findings
from ecs_training.questions.services.locking import lock_item
from ecs_training.questions.services.recording import record_about
from ecs_training.questions.services.writing import (
    find_reading,
    list_missing_facts,
    list_revisions,
)


class ReviewRefused(Refused):
    reason: ReviewRefusal


def read_revision(
    db: Session,
    *,
    code: str,
    number: int,
    picked: str,
    defensible: Collection[str],
    note: str,
    reader_id: int,
    now: datetime,
) -> ItemReading:
    """Keep what a reader picked; `picked` and `defensible` are letters of the bank.

    Disagreement sends the wording back at once. ReviewRefused for an author, for a second
    reading by the same person, and for a wording that does not wait.
    """
    item, revisions, revision = _lock(db, code, number)
    _refuse_reader(db, item, revisions, revision, reader_id)
    reading = ItemReading(
        revision_id=revision.id,
        reader_id=reader_id,
        read_at=now,
        picked=picked,
        defensible=sorted(set(defensible) - {picked}),
        note=note,
        agreed=is_agreed(key=revision.key, picked=picked, defensible=defensible),
    )
    db.add(reading)
    db.flush()
    action = f"read question: {'agreed' if reading.agreed else 'disagreed'}"
    record_about(db, item, action, by_id=reader_id, now=now, revision=number)
    if not reading.agreed:
        reason = word_disagreement(reading, revision.key)
        _send_back(item, revision, reason, by_id=reader_id, now=now)
    return reading


def _refuse_reader(
    db: Session,
    item: Item,
    revisions: list[ItemRevision],
    revision: ItemRevision,
    person_id: int,
) -> None:
    refusal = why_not_read(
        _state(item, revisions, revision),
        is_author=person_id in list_authors(revisions),
        has_read=find_reading(db, revision, reader_id=person_id) is not None,
    )
    if refusal:
        raise ReviewRefused(refusal)


def word_disagreement(reading: ItemReading, key: str) -> str:
    """Say in what a reader disagreed, without the options' texts."""
    if reading.picked != key:
        return "The second reader picked another answer."
    return "The second reader picked your answer, but could defend another one too."


def approve(
    db: Session,
    *,
    code: str,
    number: int,
    blueprints: Iterable[Blueprint],
    terms: frozenset[str],
    approved_by_id: int,
    now: datetime,
) -> Item:
    """Put a wording live in place of the one before; the item is no longer suspended.

    ReviewRefused unless this person read it and agreed and it is the newest; while the
    checks find something in it, while its source must be looked up again, and where its
    enemies would leave a paper that cannot be filled.
    """
    item, revisions, revision = _lock(db, code, number)
    _refuse_decision(db, item, revisions, revision, approved_by_id)
    _refuse_unready(db, item, revision, terms, now)
    before = live_items(db)
    revision.approved_at, revision.approved_by_id = now, approved_by_id
    item.live_revision = revision.revision
    _clear_standing(item)
    item.updated_at = now
    db.flush()
    if topics_short(before, live_items(db), blueprints):
        raise ReviewRefused(ReviewRefusal.TOO_FEW)
    action = "put question live"
    record_about(db, item, action, by_id=approved_by_id, now=now, revision=number)
    return item


def _refuse_unready(
    db: Session,
    item: Item,
    revision: ItemRevision,
    terms: frozenset[str],
    now: datetime,
) -> None:
    draft = draft_of(revision)
    if list_missing_facts(db, draft=draft, now=now):
        raise ReviewRefused(ReviewRefusal.FACTS_MISSING)
    if find_findings(
        db, draft=draft, code=item.code, topic=item.topic, terms=terms, now=now
    ):
        raise ReviewRefused(ReviewRefusal.FINDINGS)


def _clear_standing(item: Item) -> None:
    item.suspended_at = item.suspended_by_id = item.suspend_reason = None
    item.retired_at = item.retired_by_id = item.retire_reason = None


def send_back(
    db: Session,
    *,
    code: str,
    number: int,
    reason: str,
    sent_back_by_id: int,
    now: datetime,
) -> Item:
    """Give a wording back to its author with a reason, after reading it and agreeing."""
    item, revisions, revision = _lock(db, code, number)
    _refuse_decision(db, item, revisions, revision, sent_back_by_id)
    _send_back(item, revision, reason, by_id=sent_back_by_id, now=now)
    record_about(
        db,
        item,
        "sent question back",
        by_id=sent_back_by_id,
        now=now,
        revision=number,
        reason=reason,
    )
    return item


def _lock(
    db: Session, code: str, number: int
) -> tuple[Item, list[ItemRevision], ItemRevision]:
    item = lock_item(db, code=code)
    revisions = list_revisions(db, item)
    for revision in revisions:
        if revision.revision == number:
            return item, revisions, revision
    raise NotFound


def _state(
    item: Item, revisions: list[ItemRevision], revision: ItemRevision
) -> RevisionState:
    return revision_state(
        revision, live=item.live_revision, newest=revisions[-1].revision
    )


def _refuse_decision(
    db: Session,
    item: Item,
    revisions: list[ItemRevision],
    revision: ItemRevision,
    person_id: int,
) -> None:
    reading = find_reading(db, revision, reader_id=person_id)
    agreed = reading is not None and reading.agreed
    if refusal := why_not_decide(_state(item, revisions, revision), agreed=agreed):
        raise ReviewRefused(refusal)


def _send_back(
    item: Item, revision: ItemRevision, reason: str, *, by_id: int, now: datetime
) -> None:
    revision.sent_back_at, revision.sent_back_by_id = now, by_id
    revision.sent_back_reason = reason
    item.updated_at = now
