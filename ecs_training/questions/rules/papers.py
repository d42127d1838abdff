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
    return PaperMaker(live_items, blueprint).draw(seed=seed)


class PaperMaker:
    """Live items made ready for drawing many papers by one blueprint."""

    def __init__(self, live_items: Iterable[LiveItem], blueprint: Blueprint) -> None:
        items = sorted(live_items, key=lambda item: item.code)
        self._enemies = list_enemies(items)
        self._pools: dict[str, list[LiveItem]] = {
            topic: [] for topic in blueprint.topics
        }
        for item in items:
            if item.topic in self._pools:
                self._pools[item.topic].append(item)
        self._needed = blueprint.topics
        # Those with the fewest to spare choose first, before others bar what they need.
        self._turns = sorted(blueprint.topics, key=self._to_spare)

    def _to_spare(self, topic: str) -> int:
        return len(self._pools[topic]) - self._needed[topic]

    def draw(self, *, seed: str) -> list[Drawn]:
        """Draw the paper of this seed: what `draw_paper` draws of the same items."""
        chance = random.Random(seed)  # noqa: S311 - must be fair; only the seed is secret
        blocked_at = ""
        for _ in range(TRIES):
            chosen, blocked_at = self._choose(chance)
            if not blocked_at:
                return [_show(item, chance) for item in _shuffled(chosen, chance)]
        raise BankTooSmall(
            blocked_at,
            live=len(self._pools[blocked_at]),
            needed=self._needed[blocked_at],
        )

    def _choose(self, chance: random.Random) -> tuple[list[LiveItem], str]:
        """Return the items of a paper, or the topic that could not be filled."""
        chosen: list[LiveItem] = []
        barred: set[str] = set()
        for topic in self._turns:
            free = [item for item in self._pools[topic] if item.code not in barred]
            pool = _shuffled(free, chance)
            found = _take_first(pool, self._needed[topic], self._enemies)
            if found is None:
                found = _fit(pool, self._needed[topic], self._enemies)
            if found is None:
                return [], topic
            chosen += found
            barred.update(*(self._enemies[item.code] for item in found))
        return chosen, ""


def _shuffled(things: Sequence[Thing], chance: random.Random) -> list[Thing]:
    # Of Python's generator only random() promises the same numbers in every version.
    ranks = [chance.random() for _ in things]
    return [things[n] for n in sorted(range(len(things)), key=ranks.__getitem__)]


def list_enemies(items: Sequence[LiveItem]) -> dict[str, set[str]]:
    """Return the enemies of every code, named by either side."""
    enemies: dict[str, set[str]] = {item.code: set(item.enemies) for item in items}
    for item in items:
        for code in item.enemies:
            enemies.setdefault(code, set()).add(item.code)
    return enemies


def _take_first(
    pool: Sequence[LiveItem], needed: int, enemies: Mapping[str, set[str]]
) -> list[LiveItem] | None:
    """Do as `_fit` does, but never go back on an item: None does not mean that none fit."""
    chosen: list[LiveItem] = []
    barred: set[str] = set()
    for item in pool:
        if len(chosen) == needed:
            break
        if item.code not in barred:
            chosen.append(item)
            barred |= enemies[item.code]
    return chosen if len(chosen) == needed else None


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
