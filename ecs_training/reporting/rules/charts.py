"""Where the marks of a chart stand, in the units of its drawing. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ecs_training.reporting.rules.listing import ListedItem

ROOM = 180  # height of the area between the axis and the highest line
FLOOR = 210  # where the axis stands, from the top
LEFT, WIDE = 44, 346  # of the area
TELLING = (-0.2, 0.6)  # correlations that are drawn
LINES = 4
FACILITY_BINS = (0, 40, 50, 60, 70, 80, 90, 98)  # per cent right, from
GOOD = (60, 98)  # of those: what a safety test should have


@dataclass(frozen=True, kw_only=True)
class Column:
    """One bar: its label, its count, and its height in the drawing. `odd` stands out."""

    label: str
    count: int
    height: float
    odd: bool


@dataclass(frozen=True, kw_only=True)
class Columns:
    bars: tuple[Column, ...]
    lines: tuple[tuple[int, float], ...]  # count, distance from the top


def draw_columns(counts: Iterable[tuple[str, int, bool]]) -> Columns:
    """Lay out bars of label, count and whether it stands out; the tallest fills the room."""
    bars = list(counts)
    step = _step(max((count for _, count, _ in bars), default=0))
    top = step * LINES
    return Columns(
        bars=tuple(
            Column(label=label, count=count, height=_height(count, top), odd=odd)
            for label, count, odd in bars
        ),
        lines=tuple(
            (value, FLOOR - _height(value, top)) for value in range(0, top + 1, step)
        ),
    )


def _height(count: int, top: int) -> float:
    return round(ROOM * count / top, 1)


def _step(most: int) -> int:
    """Return a round step of which LINES reach `most`: 1, 2 or 5 times a power of ten."""
    least = max(1, math.ceil(most / LINES))
    power: int = 10 ** int(math.log10(least))
    return next(size * power for size in (1, 2, 5, 10) if size * power >= least)


def draw_facilities(rows: Iterable[ListedItem]) -> Columns:
    """Count questions by share of right answers; those outside GOOD stand out."""
    counts = dict.fromkeys(FACILITY_BINS, 0)
    for facility in (row.figures.item.facility for row in rows):
        if facility:
            # 0.29 times 100 is a rounding below 29.
            percent = round(facility.value * 100, 9)
            counts[max(start for start in FACILITY_BINS if start <= percent)] += 1
    low, high = GOOD
    return draw_columns(
        (str(start), count, not low <= start < high) for start, count in counts.items()
    )


def draw_scores(distribution: Sequence[int], *, pass_mark: int) -> Columns:
    """Lay out how many had each score, from five below the lowest; fails stand out."""
    lowest = next((score for score, count in enumerate(distribution) if count), 0)
    begin = max(0, min(lowest, pass_mark) // 5 * 5 - 5)
    return draw_columns(
        (str(score), count, score < pass_mark)
        for score, count in enumerate(distribution)
        if score >= begin
    )


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A question in the drawing of how hard and how telling questions are."""

    label: str
    x: float
    y: float
    odd: bool


def draw_dots(rows: Iterable[ListedItem]) -> tuple[Dot, ...]:
    """Lay out questions by facility from 0 to 1, left to right, and by how well they tell
    apart, from -0.2 to 0.6 upwards; a value beyond stands on the edge."""
    known = (
        (row, row.figures.item.facility, row.figures.item.discrimination)
        for row in rows
    )
    return tuple(
        Dot(
            label=row.code,
            x=round(LEFT + WIDE * facility.value, 1),
            y=raise_to(telling.value),
            odd=bool(row.concerns),
        )
        for row, facility, telling in known
        if facility and telling
    )


def raise_to(telling: float) -> float:
    """Return how far from the top a correlation stands."""
    low, high = TELLING
    held = min(high, max(low, telling))
    return round(FLOOR - ROOM * (held - low) / (high - low), 1)
