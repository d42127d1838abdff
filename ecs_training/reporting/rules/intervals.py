"""Intervals that hold in 95 of 100 cases, for shares, differences and correlations."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, quantiles
from typing import TypeVar

FEWEST = 30  # under this many responses no figure is shown
Z = NormalDist().inv_cdf(0.975)
RESAMPLES = 200
Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A figure with the two ends of its interval."""

    value: float
    low: float
    high: float


def share(part: int, of: int) -> Estimate:
    """Return part / of with Wilson's score interval (1927); `of` is above 0.

    Unlike the textbook's, it stays within 0 and 1 and is not empty at either end.
    """
    value, spread = part / of, Z**2 / of
    middle = (value + spread / 2) / (1 + spread)
    half = math.sqrt(value * (1 - value) * spread + spread**2 / 4) / (1 + spread)
    # The ends that are exactly 0 and 1 come out a rounding away from there.
    low = 0.0 if part == 0 else middle - half
    high = 1.0 if part == of else middle + half
    return Estimate(value=value, low=low, high=high)


def difference(later: Estimate, earlier: Estimate) -> Estimate:
    """Return later - earlier for two independent shares: Newcombe's method 10 (1998)."""
    down = math.hypot(later.value - later.low, earlier.high - earlier.value)
    up = math.hypot(later.high - later.value, earlier.value - earlier.low)
    gap = later.value - earlier.value
    return Estimate(value=gap, low=gap - down, high=gap + up)


def correlation(xs: Sequence[float], ys: Sequence[float]) -> Estimate | None:
    """Return Pearson's r with Fisher's z interval, of more than three pairs.

    None where one side is the same throughout: nothing can go along with it.
    """
    if min(xs) == max(xs) or min(ys) == max(ys):
        return None
    mean_x, mean_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    dx, dy = [x - mean_x for x in xs], [y - mean_y for y in ys]
    both = math.fsum(x * y for x, y in zip(dx, dy, strict=True))
    own = math.fsum(x * x for x in dx) * math.fsum(y * y for y in dy)
    r = max(-1.0, min(1.0, both / math.sqrt(own)))
    if abs(r) == 1:
        return Estimate(value=r, low=r, high=r)
    middle, half = math.atanh(r), Z / math.sqrt(len(xs) - 3)
    return Estimate(
        value=r, low=math.tanh(middle - half), high=math.tanh(middle + half)
    )


def resample(
    rows: Sequence[Row],
    figure: Callable[[Sequence[Row]], dict[str, float]],
    *,
    seed: str,
    times: int = RESAMPLES,
) -> dict[str, tuple[float, float]]:
    """Return each figure's 2.5th and 97.5th percentile over papers drawn again from `rows`.

    For figures without a formula of their own. A redraw that has no such figure counts for
    nothing; a figure that had fewer than half of `times` has no interval. The same seed
    gives the same ends.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    found: dict[str, list[float]] = {}
    for _ in range(times):
        for name, value in figure(chance.choices(rows, k=len(rows))).items():
            found.setdefault(name, []).append(value)
    return {
        name: _ends(values)
        for name, values in found.items()
        if 2 * len(values) >= times
    }


def _ends(values: Sequence[float]) -> tuple[float, float]:
    fortieths = quantiles(values, n=40, method="inclusive")
    return fortieths[0], fortieths[-1]
