"""The beta distribution: its fit to moments, and means over it. And the binomial's tail.

Why by our own hand: docs/decisions/0014.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

LAST_PLACE = 1e-17  # of a double
SLACK = 1e-9  # by which rounding may push an end beyond 0 or 1
SMALLEST = 0.05  # a shape below this has no density worth integrating
NODES_A_UNIT = 8
REACH = 6.0  # where the double exponential transform has nothing left
NEGLIGIBLE = -46.0  # log of 1e-20


@dataclass(frozen=True, kw_only=True)
class Beta:
    """A beta distribution with shapes `a` and `b`, stretched from `low` to `high`."""

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0

    @property
    def width(self) -> float:
        return self.high - self.low


def at_least(least: int, of: int, chance: float) -> float:
    """Return the probability of `least` or more successes in `of` tries.

    Summed away from the mean, where the terms fall quickly.
    """
    if least <= 0 or chance >= 1:
        return float(least <= of)
    if least > of or chance <= 0:
        return 0.0
    odds = chance / (1 - chance)
    if of * chance < least:
        steps = ((of - x) / (x + 1) * odds for x in range(least, of))
        return _sum_terms(_binomial(least, of, chance), steps)
    steps = (x / (of - x + 1) / odds for x in range(least - 1, 0, -1))
    return 1 - _sum_terms(_binomial(least - 1, of, chance), steps)


def _binomial(exactly: int, of: int, chance: float) -> float:
    wrong = of - exactly
    return math.comb(of, exactly) * chance**exactly * (1 - chance) ** wrong


def _sum_terms(term: float, steps: Iterable[float]) -> float:
    """Add up terms of which each is the one before times the next step."""
    total = term
    for step in steps:
        term *= step
        total += term
        if term < total * LAST_PLACE:
            break
    return total


@lru_cache(maxsize=64)
def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def fit_two(mean: float, variance: float) -> Beta | None:
    """Return the beta on 0 to 1 with these moments; None if no beta has them."""
    if not (0 < mean < 1 and 0 < variance < mean * (1 - mean)):
        return None
    size = mean * (1 - mean) / variance - 1
    return _possible(Beta(a=mean * size, b=(1 - mean) * size))


def fit_four(mean: float, variance: float, skew: float, kurt: float) -> Beta | None:
    """Return the stretched beta with these four moments (Hanson, ACT 91-5, 1991).

    `kurt` is the fourth standardised moment, 3 for a normal distribution. None if no beta
    has such moments, or its ends lie outside 0 to 1.
    """
    if not (0 < mean < 1 and variance > 0):
        return None
    below = 6 + 3 * skew**2 - 2 * kurt
    size = 6 * (kurt - skew**2 - 1) / below if below else 0
    if size <= 0:
        return None
    lean = (size + 2) ** 2 * skew**2 + 16 * (size + 1)
    tilt = math.copysign(size * (size + 2) * abs(skew) / math.sqrt(lean), skew)
    a, b = (size - tilt) / 2, (size + tilt) / 2
    if a <= 0 or b <= 0:
        return None
    span = math.sqrt(variance * (size + 1) * size**2 / (a * b))
    low = mean - span * a / size
    if low < -SLACK or low + span > 1 + SLACK:
        return None
    return _possible(Beta(a=a, b=b, low=max(0.0, low), high=min(1.0, low + span)))


def _possible(fitted: Beta) -> Beta | None:
    return fitted if min(fitted.a, fitted.b) >= SMALLEST else None


def average(
    over: Beta, value: Callable[[float], Sequence[float]], *, breaks: Sequence[float]
) -> list[float]:
    """Return the mean of each of `value`'s results over a beta distribution.

    `breaks`: points between which the results are smooth. By the double exponential
    transform (Takahasi and Mori 1974), which a density without bound at an end does not
    disturb; good to about 1e-9.
    """
    ends = _pieces(over, [(point - over.low) / over.width for point in breaks])
    sums: list[list[float]] = []
    for left, right in pairwise(ends):
        for weight, at in _nodes(over, left, right):
            found = value(over.low + over.width * at)
            sums.append([weight, *(weight * each for each in found)])
    whole, *parts = (math.fsum(column) for column in zip(*sums, strict=True))
    return [part / whole for part in parts]


def _pieces(over: Beta, breaks: Sequence[float]) -> list[float]:
    """Return the ends of the stretches to integrate: the breaks, and where the hill is."""
    size = over.a + over.b
    mean = over.a / size
    sd = math.sqrt(over.a * over.b / (size + 1)) / size
    hill = [mean + sds * sd for sds in (-8, -4, -1, 1, 4, 8)]
    return [0.0, *sorted({point for point in [*breaks, *hill] if 0 < point < 1}), 1.0]


def _nodes(over: Beta, left: float, right: float) -> Iterator[tuple[float, float]]:
    """Yield the weight, density included, and the place of each node from left to right."""
    length = right - left
    scale = math.log(length) - _log_beta(over.a, over.b)
    for log_weight, log_y, log_z in _transform():
        # Near an end the distance to it counts, which a difference would lose.
        below = (
            log_y + math.log(length)
            if left == 0
            else math.log(left + length * math.exp(log_y))
        )
        above = (
            log_z + math.log(length)
            if right == 1
            else math.log(1 - right + length * math.exp(log_z))
        )
        density = (over.a - 1) * below + (over.b - 1) * above
        log_mass = scale + log_weight + density
        if log_mass > NEGLIGIBLE:
            yield math.exp(log_mass), math.exp(below)


@cache
def _transform() -> tuple[tuple[float, float, float], ...]:
    """Return log weight, log y and log (1 - y) of the nodes on 0 to 1."""
    count = int(REACH * NODES_A_UNIT)
    nodes = []
    for step in range(-count, count + 1):
        u = step / NODES_A_UNIT
        bent = math.pi * math.sinh(u)
        log_y, log_z = -_soft(-bent), -_soft(bent)
        slope = math.log(math.pi * math.cosh(u) / NODES_A_UNIT)
        nodes.append((slope + log_y + log_z, log_y, log_z))
    return tuple(nodes)


def _soft(x: float) -> float:
    """Return log(1 + e^x) without overflow."""
    return max(x, 0) + math.log1p(math.exp(-abs(x)))
