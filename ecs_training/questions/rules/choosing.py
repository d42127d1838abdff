"""Taking items of one topic that may stand together, those new to the person first."""

import random
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What somebody was asked before.

    `papers` maps the code of an item to the last paper that it stood on, any number that
    grows with time. Such an item comes back only where its topic cannot be filled without,
    the one of longest ago first. `elsewhere` are codes that are taken after all others,
    but before any of `papers`.
    """

    papers: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Collection[str] = frozenset()

    def last_paper(self, code: str) -> int:
        """Return 0 for an item that is new to the person."""
        return self.papers.get(code, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choosable:
    """A live item as choosing sees it. `units`: what it adds to the expected score.

    `penalty` is above 1 for what was shown more often than its topic's average.
    """

    code: str
    units: int
    penalty: float


@dataclass(kw_only=True, slots=True)
class Line:
    """One topic of a paper: what was chosen, and what could stand in for it, in turn."""

    chosen: list[Choosable]
    spare: list[Choosable]


def count_new(pool: Sequence[Choosable], earlier: Earlier) -> int:
    if not earlier.papers:
        return len(pool)
    return sum(one.code not in earlier.papers for one in pool)


def put_in_turn(
    pool: Sequence[Choosable], chance: random.Random, earlier: Earlier
) -> list[Choosable]:
    """Order by chance; what the person met before comes after, longest ago first."""
    ranks = [chance.random() * one.penalty for one in pool]
    ordered = [pool[n] for n in sorted(range(len(pool)), key=ranks.__getitem__)]
    if earlier.papers or earlier.elsewhere:
        ordered.sort(
            key=lambda one: (
                earlier.last_paper(one.code),
                one.code in earlier.elsewhere,
            )
        )
    return ordered


def fill(
    pool: Sequence[Choosable],
    needed: int,
    enemies: Mapping[str, Set[str]],
    *,
    new: int,
) -> list[Choosable] | None:
    """Return items of a pool that may stand together, or None if none may.

    The first `new` of it are new to the person; the others are let back one by one, and
    only as far as it takes.
    """
    for end in range(max(new, needed), len(pool) + 1):
        found = _take_first(pool[:end], needed, enemies)
        if found is None:
            found = _fit(pool[:end], needed, enemies)
        if found is not None:
            return found
    return None


def _take_first(
    pool: Sequence[Choosable], needed: int, enemies: Mapping[str, Set[str]]
) -> list[Choosable] | None:
    """Do as `_fit` does, but never go back on an item: None does not mean that none fit."""
    chosen: list[Choosable] = []
    barred: set[str] = set()
    for item in pool:
        if len(chosen) == needed:
            break
        if item.code not in barred:
            chosen.append(item)
            barred |= enemies[item.code]
    return chosen if len(chosen) == needed else None


def _fit(
    pool: Sequence[Choosable], needed: int, enemies: Mapping[str, Set[str]]
) -> list[Choosable] | None:
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
