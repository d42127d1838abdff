"""Which items make a paper."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import TypeVar

from ecs_training.questions.rules.bank import LETTERS, Blueprint
from ecs_training.questions.rules.choosing import (
    Choosable,
    Earlier,
    Line,
    count_new,
    fill,
    put_in_turn,
)
from ecs_training.questions.rules.fairness import (
    REACH,
    WINDOW,
    as_units,
    bring_near,
    find_penalties,
)

TRIES = 100  # whole papers, where enemies stand in different topics
FEWER_TRIES = 20  # of those, to let back fewer items
NEARER_TRIES = 5  # of those, to come nearer to the target
NOTHING = Earlier()
Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class LiveItem:
    """What drawing needs of a live item. `enemies` are codes; being one is mutual.

    `difficulty` is the expected share right, None where nobody has judged it. `shown` is
    on how many papers its wording stood so far, by the last count.
    """

    revision_id: int
    code: str
    topic: str
    key: str
    enemies: tuple[str, ...]
    difficulty: float | None = None
    shown: int = 0


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
    live_items: Iterable[LiveItem],
    blueprint: Blueprint,
    *,
    seed: str,
    earlier: Earlier = NOTHING,
) -> list[Drawn]:
    """Draw a paper: each topic as often as the blueprint says, no item twice, no enemies.

    As far as the bank allows, its expected score lies within a quarter of a mark of the
    average paper's, and nothing that the person had `earlier` is on it.
    The same items, blueprint, seed and earlier papers give the same paper on every machine
    and Python. Raise BankTooSmall where no paper was found; never for those two.
    """
    return PaperMaker(live_items, blueprint).draw(seed=seed, earlier=earlier)


@dataclass(frozen=True, kw_only=True)
class _Try:
    """A paper that could be given. `let_back`: how many items the person had before."""

    lines: Sequence[Line]
    let_back: int
    gap: int

    @property
    def rank(self) -> tuple[int, int]:
        return self.let_back, max(0, abs(self.gap) - WINDOW)

    def is_good_enough(self, tries: int, fewest: int) -> bool:
        if self.let_back > fewest:
            return tries >= FEWER_TRIES
        return abs(self.gap) <= WINDOW or tries >= NEARER_TRIES


class PaperMaker:
    """Live items made ready for drawing many papers by one blueprint. It never changes."""

    def __init__(self, live_items: Iterable[LiveItem], blueprint: Blueprint) -> None:
        items = sorted(live_items, key=lambda item: item.code)
        self._enemies = list_enemies(items)
        self._items = {item.code: item for item in items}
        self._pools = {
            topic: _make_choosable([item for item in items if item.topic == topic])
            for topic in blueprint.topics
        }
        self._needed = blueprint.topics
        self._target = self._expected_score()
        # Those with the fewest to spare choose first, before others bar what they need.
        self._turns = sorted(blueprint.topics, key=self._to_spare)

    def _to_spare(self, topic: str) -> int:
        return len(self._pools[topic]) - self._needed[topic]

    def _expected_score(self) -> int:
        """Return what the average item of each topic would bring, in units of a mark."""
        averages = (
            Fraction(self._needed[topic] * sum(one.units for one in pool), len(pool))
            for topic, pool in self._pools.items()
            if pool
        )
        return round(sum(averages))

    def draw(self, *, seed: str, earlier: Earlier = NOTHING) -> list[Drawn]:
        """Draw the paper of this seed: what `draw_paper` draws of the same items."""
        chance = random.Random(seed)  # noqa: S311 - must be fair; only the seed is secret
        chosen = self._choose(chance, earlier)
        return [
            _show(self._items[one.code], chance) for one in _shuffled(chosen, chance)
        ]

    def _choose(self, chance: random.Random, earlier: Earlier) -> list[Choosable]:
        """Return the items of the best paper found: mostly that of the first try."""
        fewest = self._fewest_let_back(earlier)
        best: _Try | None = None
        blocked_at = ""
        for number in range(TRIES):
            if best and best.is_good_enough(number, fewest):
                break
            lines, blocked_at = self._fill_lines(chance, earlier)
            if not blocked_at:
                tried = self._bring_near(lines, chance, earlier)
                best = tried if best is None else min(best, tried, key=_rank)
        if best is None:
            raise self._too_small(blocked_at)
        return [one for line in best.lines for one in line.chosen]

    def _too_small(self, topic: str) -> BankTooSmall:
        live, needed = len(self._pools[topic]), self._needed[topic]
        return BankTooSmall(topic, live=live, needed=needed)

    def _fewest_let_back(self, earlier: Earlier) -> int:
        """Return how many items any paper must have that the person had before."""
        if not earlier.papers:
            return 0
        return sum(
            max(0, self._needed[topic] - count_new(pool, earlier))
            for topic, pool in self._pools.items()
        )

    def _fill_lines(
        self, chance: random.Random, earlier: Earlier
    ) -> tuple[list[Line], str]:
        """Return a line for each topic, or the topic that could not be filled."""
        lines: list[Line] = []
        barred: set[str] = set()
        for topic in self._turns:
            free = [one for one in self._pools[topic] if one.code not in barred]
            pool = put_in_turn(free, chance, earlier)
            new = count_new(pool, earlier)
            found = fill(pool, self._needed[topic], self._enemies, new=new)
            if found is None:
                return [], topic
            codes = {one.code for one in found}
            spare = (one for one in pool if one.code not in codes)
            lines.append(Line(chosen=found, spare=[*islice(spare, REACH)]))
            barred.update(*(self._enemies[code] for code in codes))
        return lines, ""

    def _bring_near(
        self, lines: list[Line], chance: random.Random, earlier: Earlier
    ) -> _Try:
        score = sum(one.units for line in lines for one in line.chosen)
        gap = score - self._target
        if abs(gap) > WINDOW:
            gap = bring_near(_shuffled(lines, chance), gap, self._enemies, earlier)
        let_back = sum(
            len(line.chosen) - count_new(line.chosen, earlier) for line in lines
        )
        return _Try(lines=lines, let_back=let_back, gap=gap)


def _rank(tried: _Try) -> tuple[int, int]:
    return tried.rank


def _make_choosable(items: Sequence[LiveItem]) -> list[Choosable]:
    """Return the items of one topic with what they add up to and what holds them back."""
    units = as_units([item.difficulty for item in items])
    penalties = find_penalties([item.shown for item in items])
    return [
        Choosable(code=item.code, units=units[n], penalty=penalties[n])
        for n, item in enumerate(items)
    ]


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


def _show(item: LiveItem, chance: random.Random) -> Drawn:
    return Drawn(
        revision_id=item.revision_id,
        code=item.code,
        topic=item.topic,
        key=item.key,
        order="".join(_shuffled(LETTERS, chance)),
    )
