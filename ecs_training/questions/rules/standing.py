"""How an item stands in the bank, and when one may be taken out or put back. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ecs_training.questions.rules.bank import Blueprint
from ecs_training.questions.rules.enough import items_missing
from ecs_training.questions.rules.papers import BankTooSmall, LiveItem, draw_paper

FEWEST_ANSWERS = 30  # fewer say nothing about an item
TOO_HARD, TOO_EASY = 40, 98  # percent of those who had it and got it right
PROBE = "can a paper still be drawn"


class ItemState(StrEnum):
    LIVE = "live"
    DRAFT = "draft"
    WAITING = "waiting"
    SENT_BACK = "sent-back"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Figures(StrEnum):
    """What the answers of candidates say about an item."""

    FEW = "few"
    HARD = "hard"
    EASY = "easy"


class BankRefusal(StrEnum):
    TOO_FEW = "A paper could not be filled any more. Put more questions live first, then come back."
    NOT_LIVE = "This question is not live, so there is nothing to suspend."
    RETIRED = "This question is retired already."
    NOT_SUSPENDED = "This question is not suspended, so there is nothing to put back."
    CHECKED_BEFORE = (
        "Look the source up again: that day was before the question was suspended."
    )
    CHECKED_LATER = "The day on which you looked the source up cannot be in the future."
    NOTHING_CITED = "No live question cites this source, so there is nothing to recall."
    LIST_CHANGED = (
        "The list of questions has changed since you opened this page. Look at it again, then"
        " confirm."
    )


class ItemFacts(Protocol):
    @property
    def live_revision(self) -> int | None: ...

    @property
    def suspended_at(self) -> datetime | None: ...

    @property
    def retired_at(self) -> datetime | None: ...


def item_state(facts: ItemFacts) -> ItemState | None:
    """Say how the item stands; None if no wording of it was ever live."""
    if facts.retired_at:
        return ItemState.RETIRED
    if facts.suspended_at:
        return ItemState.SUSPENDED
    return ItemState.LIVE if facts.live_revision is not None else None


def why_not_suspend(state: ItemState | None) -> BankRefusal | None:
    return None if state is ItemState.LIVE else BankRefusal.NOT_LIVE


def why_not_retire(state: ItemState | None) -> BankRefusal | None:
    return BankRefusal.RETIRED if state is ItemState.RETIRED else None


def why_not_put_back(state: ItemState | None) -> BankRefusal | None:
    return None if state is ItemState.SUSPENDED else BankRefusal.NOT_SUSPENDED


def topics_short(
    before: Sequence[LiveItem],
    after: Sequence[LiveItem],
    blueprints: Iterable[Blueprint],
) -> dict[str, int]:
    """Return the topics that a change leaves too small, with how many items each lacks.

    A topic that was too small before is left out: no paper was lost by the change.
    """
    short: dict[str, int] = {}
    for blueprint in blueprints:
        lacked = items_missing(before, blueprint)
        lacking = items_missing(after, blueprint)
        found = {topic: n for topic, n in lacking.items() if topic not in lacked}
        if not lacking and not lacked:
            found = _blocked(before, after, blueprint)
        for topic, count in found.items():
            short[topic] = max(count, short.get(topic, 0))
    return short


def _blocked(
    before: Sequence[LiveItem], after: Sequence[LiveItem], blueprint: Blueprint
) -> dict[str, int]:
    """Find what counting cannot: enemies in different topics."""
    blocked = _blocked_topic(after, blueprint)
    if blocked is None or _blocked_topic(before, blueprint):
        return {}
    return {blocked: 1}


def _blocked_topic(items: Sequence[LiveItem], blueprint: Blueprint) -> str | None:
    try:
        draw_paper(items, blueprint, seed=PROBE)
    except BankTooSmall as error:
        return error.topic
    return None


def without(items: Iterable[LiveItem], codes: Iterable[str]) -> tuple[LiveItem, ...]:
    gone = frozenset(codes)
    return tuple(item for item in items if item.code not in gone)


def needed_by(blueprints: Iterable[Blueprint]) -> Mapping[str, int]:
    """Return how many items the most demanding blueprint draws of each topic."""
    needed: dict[str, int] = {}
    for blueprint in blueprints:
        for topic, count in blueprint.topics.items():
            needed[topic] = max(count, needed.get(topic, 0))
    return needed


def figures_of(*, shown: int, correct: int) -> Figures | None:
    """Say what stands out in the answers to an item, or None."""
    if shown < FEWEST_ANSWERS:
        return Figures.FEW
    if correct * 100 < TOO_HARD * shown:
        return Figures.HARD
    return Figures.EASY if correct * 100 > TOO_EASY * shown else None
