"""How a wording stands, who may read it, and who may put it live. Pure."""

import random
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ecs_training.questions.rules.bank import LETTERS


class RevisionState(StrEnum):
    LIVE = "live"  # the item's; a suspended item keeps it
    PAST = "past"  # was live
    DRAFT = "draft"
    WAITING = "waiting"  # for a second reading, or for its reader to decide
    SENT_BACK = "sent-back"
    REPLACED = "replaced"  # a newer wording came before anybody decided


class ReviewRefusal(StrEnum):
    NOT_WAITING = (
        "This wording does not wait for a second reading any more, so nothing was changed."
        " Open the question to see how it stands."
    )
    OWN = "You wrote this wording, or one that led to it. Somebody else must read it."
    READ_BEFORE = "You have read this wording already. Your first reading counts."
    NOT_READ = "Only somebody who read this wording without the answer, and agreed with it, may decide on it."
    FINDINGS = "The checks found something in this wording. Send it back, so that it is mended first."
    FACTS_MISSING = "Its source must be looked up again before it goes live. Send it back, and say so."
    TOO_FEW = (
        "With this wording live, no paper could be filled any more, because it may not stand"
        " beside other questions. Add more questions first, or send it back."
    )


class RevisionFacts(Protocol):
    @property
    def revision(self) -> int: ...

    @property
    def written_by_id(self) -> int | None: ...

    @property
    def submitted_at(self) -> datetime | None: ...

    @property
    def approved_at(self) -> datetime | None: ...

    @property
    def sent_back_at(self) -> datetime | None: ...


def revision_state(
    facts: RevisionFacts, *, live: int | None, newest: int
) -> RevisionState:
    """Say how a revision stands in an item whose live and newest revisions are these."""
    if facts.revision == live:
        return RevisionState.LIVE
    if facts.sent_back_at:
        return RevisionState.SENT_BACK
    if _was_live(facts):
        return RevisionState.PAST
    if facts.revision < newest:
        return RevisionState.REPLACED
    return RevisionState.WAITING if facts.submitted_at else RevisionState.DRAFT


def _was_live(facts: RevisionFacts) -> bool:
    return facts.approved_at is not None or facts.written_by_id is None


def list_authors(revisions: Iterable[RevisionFacts]) -> frozenset[int]:
    """Return who wrote any wording of an item since the last one that was live.

    Whoever worded a part of it cannot read it with fresh eyes.
    """
    found = list(revisions)
    last_live = max((each.revision for each in found if _was_live(each)), default=0)
    return frozenset(
        each.written_by_id
        for each in found
        if each.revision > last_live and each.written_by_id is not None
    )


def why_not_read(
    state: RevisionState, *, is_author: bool, has_read: bool
) -> ReviewRefusal | None:
    if state is not RevisionState.WAITING:
        return ReviewRefusal.NOT_WAITING
    if is_author:
        return ReviewRefusal.OWN
    return ReviewRefusal.READ_BEFORE if has_read else None


def why_not_decide(state: RevisionState, *, agreed: bool) -> ReviewRefusal | None:
    """`agreed`: this person read the wording, picked its key and defended nothing else."""
    if state is not RevisionState.WAITING:
        return ReviewRefusal.NOT_WAITING
    return None if agreed else ReviewRefusal.NOT_READ


def may_see_key(state: RevisionState, *, is_author: bool, has_read: bool) -> bool:
    """Say whether the key may be shown to somebody: not while they may still be its reader."""
    return state is not RevisionState.WAITING or is_author or has_read


def is_agreed(*, key: str, picked: str, defensible: Iterable[str]) -> bool:
    return picked == key and not set(defensible) - {key}


def reading_order(revision_id: int, reader_id: int) -> str:
    """Return the bank's letters in the order in which this reader sees the options.

    Always the same for the two, so that letters that come back can be told.
    """
    chance = random.Random(f"{revision_id} for {reader_id}")  # noqa: S311 - no secret
    return "".join(sorted(LETTERS, key=lambda _: chance.random()))


def to_bank(letter: str, order: str) -> str:
    """Turn a letter as shown to a reader into the bank's."""
    return order[LETTERS.index(letter)]
