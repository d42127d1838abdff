"""What makes all papers of a bank equally hard, and its items equally often seen.

Everything is whole numbers, or one multiplication or division of numbers: so the same
choice is made on every machine.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from ecs_training.questions.rules.choosing import Earlier, Line

MARK = 1_000_000  # units: expected shares of marks are added up without rounding
WINDOW = MARK // 4  # how far the expected score of a paper may lie from the target
REACH = 12  # spare items of each topic that may be brought in by a swap
SWAPS = 8

# Shares of papers. The likeliest item is at most 1.5 times as likely as any other of its
# topic, so none can come to more than 1.5 times the topic's average, whatever was counted.
LEAST_PENALTY, MOST_PENALTY = 5 / 6, 5 / 4
EARLY = 10  # papers: below about so many, counts are mostly luck


@dataclass(frozen=True, slots=True)
class _Swap:
    line: Line
    out: int  # a place in `chosen`
    into: int  # a place in `spare`
    gap: int  # what is left of it afterwards


def find_penalties(shown: Sequence[int]) -> list[float]:
    """Return a penalty for each item of a topic, by how often each was shown.

    A bias and no order: counts are an hour old, and a paper must not be foreseeable.
    """
    average = sum(shown) / len(shown) if shown else 0
    return [
        min(MOST_PENALTY, max(LEAST_PENALTY, (times + EARLY) / (average + EARLY)))
        for times in shown
    ]


def as_units(shares: Sequence[float | None]) -> list[int]:
    """Return expected shares of a topic's items in units; unknown is as their average."""
    known = [round(share * MARK) for share in shares if share is not None]
    average = sum(known) // len(known) if known else 0
    return [average if share is None else round(share * MARK) for share in shares]


def bring_near(
    lines: Sequence[Line],
    gap: int,
    enemies: Mapping[str, Set[str]],
    earlier: Earlier,
) -> int:
    """Swap items for spare ones of their topic until the gap is within the window.

    `gap` is the expected score less the target, in units; return what is left of it. No
    swap brings enemies together, or back an item that the person had later. The first
    line gives first: pass them shuffled.
    """
    standing = {one.code for line in lines for one in line.chosen}
    for _ in range(SWAPS):
        if abs(gap) <= WINDOW:
            break
        swap = _find_swap(lines, gap, standing, enemies, earlier)
        if swap is None:
            break
        _carry_out(swap, standing)
        gap = swap.gap
    return gap


def _find_swap(
    lines: Sequence[Line],
    gap: int,
    standing: Set[str],
    enemies: Mapping[str, Set[str]],
    earlier: Earlier,
) -> _Swap | None:
    """Return the first swap that reaches the window, or else the one that comes nearest."""
    nearest: _Swap | None = None
    best = abs(gap)
    for swap in _list_swaps(lines, gap):
        if abs(swap.gap) >= best or not _is_allowed(swap, standing, enemies, earlier):
            continue
        if abs(swap.gap) <= WINDOW:
            return swap
        nearest, best = swap, abs(swap.gap)
    return nearest


def _list_swaps(lines: Sequence[Line], gap: int) -> Iterator[_Swap]:
    """Yield them as chance has ordered the items: the last chosen leaves first."""
    for into in range(REACH):
        for line in lines:
            if into < len(line.spare):
                after = gap + line.spare[into].units
                for out in range(len(line.chosen) - 1, -1, -1):
                    yield _Swap(line, out, into, after - line.chosen[out].units)


def _is_allowed(
    swap: _Swap,
    standing: Set[str],
    enemies: Mapping[str, Set[str]],
    earlier: Earlier,
) -> bool:
    out = swap.line.chosen[swap.out].code
    into = swap.line.spare[swap.into].code
    if earlier.last_paper(into) > earlier.last_paper(out):
        return False
    return enemies[into] & standing <= {out}


def _carry_out(swap: _Swap, standing: set[str]) -> None:
    chosen, spare = swap.line.chosen, swap.line.spare
    standing.remove(chosen[swap.out].code)
    standing.add(spare[swap.into].code)
    chosen[swap.out], spare[swap.into] = spare[swap.into], chosen[swap.out]
