"""Taking an item out of the papers, for a while or for good, and putting it back."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ecs_training.foundation.errors import Refused
from ecs_training.foundation.london import london_date
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.queries.live import live_items
from ecs_training.questions.rules.bank import Blueprint
from ecs_training.questions.rules.reviewing import RevisionState, revision_state
from ecs_training.questions.rules.standing import (
    BankRefusal,
    item_state,
    topics_short,
    why_not_put_back,
    why_not_retire,
    why_not_suspend,
    without,
)
from ecs_training.questions.services.locking import lock_item
from ecs_training.questions.services.recording import record_about
from ecs_training.questions.services.writing import list_revisions


class BankRefused(Refused):
    """`short` says how many more live items each topic needs first."""

    def __init__(
        self, reason: StrEnum, *, short: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(reason)
        self.short = short or {}


def suspend(
    db: Session,
    *,
    code: str,
    reason: str,
    blueprints: Iterable[Blueprint],
    suspended_by_id: int,
    now: datetime,
) -> Item:
    """Take a live item out until somebody has looked at it.

    BankRefused where it is not live, and where a paper could not be filled without it.
    """
    item = lock_item(db, code=code)
    if refusal := why_not_suspend(item_state(item)):
        raise BankRefused(refusal)
    refuse_shortage(db, codes=[code], blueprints=blueprints)
    take_out(item, reason=reason, by_id=suspended_by_id, now=now)
    action = "suspended question"
    record_about(db, item, action, by_id=suspended_by_id, now=now, reason=reason)
    return item


def refuse_shortage(
    db: Session, *, codes: Collection[str], blueprints: Iterable[Blueprint]
) -> None:
    """Raise BankRefused if papers could not be filled without these items.

    Under the bank's lock, or two people could each take what the other relied on.
    """
    live = live_items(db)
    if short := topics_short(live, without(live, codes), blueprints):
        raise BankRefused(BankRefusal.TOO_FEW, short=short)


def take_out(item: Item, *, reason: str, by_id: int, now: datetime) -> None:
    item.suspended_at, item.suspended_by_id = now, by_id
    item.suspend_reason = reason
    item.updated_at = now


def retire(
    db: Session,
    *,
    code: str,
    reason: str,
    blueprints: Iterable[Blueprint],
    retired_by_id: int,
    now: datetime,
) -> Item:
    """Take an item out for good; what is being written or read of it is sent back.

    BankRefused where it is retired, and where a paper could not be filled without it.
    """
    item = lock_item(db, code=code)
    if refusal := why_not_retire(item_state(item)):
        raise BankRefused(refusal)
    refuse_shortage(db, codes=[code], blueprints=blueprints)
    _close_open_wording(item, list_revisions(db, item), reason, retired_by_id, now)
    item.live_revision = None
    item.suspended_at = item.suspended_by_id = item.suspend_reason = None
    item.retired_at, item.retired_by_id = now, retired_by_id
    item.retire_reason = reason
    item.updated_at = now
    action = "retired question"
    record_about(db, item, action, by_id=retired_by_id, now=now, reason=reason)
    return item


def _close_open_wording(
    item: Item, revisions: list[ItemRevision], reason: str, by_id: int, now: datetime
) -> None:
    newest = revisions[-1]
    state = revision_state(newest, live=item.live_revision, newest=newest.revision)
    if state in {RevisionState.DRAFT, RevisionState.WAITING}:
        newest.sent_back_at, newest.sent_back_by_id = now, by_id
        newest.sent_back_reason = reason


def put_back(
    db: Session,
    *,
    code: str,
    clause: str,
    checked_on: date,
    reason: str,
    put_back_by_id: int,
    now: datetime,
) -> Item:
    """Put a suspended item back as it was worded, its source looked up again.

    BankRefused where it is not suspended, and where the source was looked up before that
    or in the future. The clause and the day are facts beside the wording: no new revision.
    """
    item = lock_item(db, code=code)
    if refusal := why_not_put_back(item_state(item)):
        raise BankRefused(refusal)
    _refuse_old_check(item, checked_on, now)
    live = next(
        each for each in list_revisions(db, item) if each.revision == item.live_revision
    )
    before = {"clause": live.clause, "checked_on": _iso(live.checked_on)}
    live.clause, live.checked_on = clause, checked_on
    item.suspended_at = item.suspended_by_id = item.suspend_reason = None
    item.updated_at = now
    record_about(
        db,
        item,
        "put question back",
        by_id=put_back_by_id,
        now=now,
        reason=reason,
        before=before,
        after={"clause": clause, "checked_on": _iso(checked_on)},
    )
    return item


def _refuse_old_check(item: Item, checked_on: date, now: datetime) -> None:
    if checked_on > london_date(now):
        raise BankRefused(BankRefusal.CHECKED_LATER)
    if item.suspended_at and checked_on < london_date(item.suspended_at):
        raise BankRefused(BankRefusal.CHECKED_BEFORE)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
