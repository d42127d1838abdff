"""Which items make a paper."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ecs_training.questions.rules.bank import LETTERS, Blueprint

TRIES = 100  # whole papers, where enemies stand in different topics
Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class LiveItem:
    """What drawing needs of a live item. `enemies` are codes; being one is mutual."""

    revision_id: int
    code: str
    topic: str
    key: str
    enemies: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An item on a paper. `order` holds the bank's letters as shown: "cadb" shows c as A."""

    revision_id: int
    code: str
    topic: str
    key: str
    order: str


class BankTooSmall(ValueError):
    """The live items cannot fill one line of the blueprint."""

    def __init__(self, topic: str, *, live: int, needed: int) -> None:
        why = (
            f"only {live} are live"
            if live < needed
            else f"too many of the {live} live ones are enemies"
        )
        super().__init__(f"topic {topic}: {needed} items are drawn, but {why}")
        self.topic = topic


def draw_paper(
    live_items: Iterable[LiveItem], blueprint: Blueprint, *, seed: str
) -> list[Drawn]:
    """Draw a paper: each topic as often as the blueprint says, no item twice, no enemies.

    The same items, blueprint and seed give the same paper on every machine and Python.
    Raise BankTooSmall where no such paper was found.
    """
    chance = random.Random(seed)  # noqa: S311 - must be fair; only the seed is secret
    items = sorted(live_items, key=lambda item: item.code)
    pools = {
        topic: [item for item in items if item.topic == topic]
        for topic in blueprint.topics
    }
    enemies = _mutual(items)
    blocked_at = ""
    for _ in range(TRIES):
        chosen, blocked_at = _choose(pools, blueprint.topics, enemies, chance)
        if not blocked_at:
            return [_show(item, chance) for item in _shuffled(chosen, chance)]
    raise BankTooSmall(
        blocked_at, live=len(pools[blocked_at]), needed=blueprint.topics[blocked_at]
    )


def _shuffled(things: Iterable[Thing], chance: random.Random) -> list[Thing]:
    # Of Python's generator only random() promises the same numbers in every version.
    return sorted(things, key=lambda _: chance.random())


def _mutual(items: Sequence[LiveItem]) -> dict[str, set[str]]:
    enemies: dict[str, set[str]] = {item.code: set(item.enemies) for item in items}
    for item in items:
        for code in item.enemies:
            enemies.setdefault(code, set()).add(item.code)
    return enemies


def _choose(
    pools: Mapping[str, Sequence[LiveItem]],
    topics: Mapping[str, int],
    enemies: Mapping[str, set[str]],
    chance: random.Random,
) -> tuple[list[LiveItem], str]:
    """Return the items of a paper, or the topic that could not be filled."""
    chosen: list[LiveItem] = []
    barred: set[str] = set()
    # Those with the fewest to spare choose first, before others bar what they need.
    for topic in sorted(topics, key=lambda topic: len(pools[topic]) - topics[topic]):
        free = [item for item in pools[topic] if item.code not in barred]
        found = _fit(_shuffled(free, chance), topics[topic], enemies)
        if found is None:
            return [], topic
        chosen += found
        barred.update(*(enemies[item.code] for item in found))
    return chosen, ""


def _fit(
    pool: Sequence[LiveItem], needed: int, enemies: Mapping[str, set[str]]
) -> list[LiveItem] | None:
    """Return the first `needed` items that may stand together, or None if none may."""
    if needed == 0:
        return []
    for n, item in enumerate(pool[: max(0, len(pool) - needed + 1)]):
        free = [
            other for other in pool[n + 1 :] if other.code not in enemies[item.code]
        ]
        rest = _fit(free, needed - 1, enemies)
        if rest is not None:
            return [item, *rest]
    return None


def _show(item: LiveItem, chance: random.Random) -> Drawn:
    return Drawn(
        revision_id=item.revision_id,
        code=item.code,
        topic=item.topic,
        key=item.key,
        order="".join(_shuffled(LETTERS, chance)),
    )
