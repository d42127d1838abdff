"""Intervals against scipy and published examples."""

import random

import pytest
from scipy import stats

from ecs_training.reporting.rules.intervals import (
    correlation,
    difference,
    resample,
    share,
)


@pytest.mark.parametrize(
    ("part", "of"), [(0, 30), (1, 30), (27, 40), (500, 999), (30, 30)]
)
def test_a_share_has_wilsons_interval(part: int, of: int) -> None:
    found = share(part, of)

    expected = stats.binomtest(part, of).proportion_ci(0.95, method="wilson")
    assert found.value == part / of
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)


def test_the_ends_stay_within_0_and_1() -> None:
    assert share(0, 1).low == 0
    assert share(7, 7).high == 1


@pytest.mark.parametrize(
    ("later", "earlier", "low", "high"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_a_difference_has_newcombes_interval(
    later: tuple[int, int], earlier: tuple[int, int], low: float, high: float
) -> None:
    found = difference(share(*later), share(*earlier))

    assert found.value == pytest.approx(later[0] / later[1] - earlier[0] / earlier[1])
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_a_correlation_has_fishers_interval() -> None:
    chance = random.Random(3)
    xs = [chance.random() for _ in range(47)]
    ys = [x + chance.gauss(0, 0.5) for x in xs]
    found = correlation(xs, ys)

    expected = stats.pearsonr(xs, ys)
    ends = expected.confidence_interval(0.95)
    assert found
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=1e-12)


def test_nothing_goes_along_with_what_never_changes() -> None:
    assert correlation([0.1] * 40, [float(n) for n in range(40)]) is None
    assert correlation([float(n) for n in range(40)], [0.1] * 40) is None


def test_a_correlation_of_1_has_no_room() -> None:
    line = [float(n) for n in range(40)]
    found = correlation(line, [-2 * x for x in line])

    assert found
    assert (found.value, found.low, found.high) == (-1, -1, -1)


def test_resampling_agrees_with_the_formula_and_is_the_same_each_time() -> None:
    rows = [n < 60 for n in range(200)]

    def mean(drawn: object) -> dict[str, float]:
        assert isinstance(drawn, list)
        return {"mean": sum(drawn) / len(drawn)}

    low, high = resample(rows, mean, seed="1", times=2000)["mean"]
    assert (low, high) == pytest.approx(
        (share(60, 200).low, share(60, 200).high), abs=0.01
    )
    assert resample(rows, mean, seed="1") == resample(rows, mean, seed="1")
    assert resample(rows, mean, seed="1") != resample(rows, mean, seed="2")


@pytest.mark.parametrize(("known", "there"), [(99, False), (100, True)])
def test_a_figure_that_few_redraws_have_gets_no_interval(
    known: int, *, there: bool
) -> None:
    left = iter(range(200))

    def figure(_: object) -> dict[str, float]:
        return {"rare": 1.0} if next(left) < known else {}

    assert ("rare" in resample([1, 2, 3], figure, seed="1")) is there
