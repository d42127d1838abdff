"""Item and test statistics: against a sum by hand, against numpy and scipy, and their laws."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ecs_training.reporting.rules.classical import ItemFigures, work_out
from ecs_training.reporting.rules.scored import ScoredAnswer

NEAR = 1e-9
MAXIMA = {"q1": 1, "q2": 1, "q3": 2}
MARKS = {"A": (1, 1, 2), "B": (1, 0, 1), "C": (0, 1, 1), "D": (0, 0, 0)}


def answers(
    marks: Mapping[str, Sequence[object]], maxima: Mapping[str, int]
) -> list[ScoredAnswer]:
    """Turn rows of marks into answers; None is an item that was not asked."""
    return [
        ScoredAnswer(who, item, Decimal(str(mark)), Decimal(most))
        for who, row in marks.items()
        for mark, (item, most) in zip(row, maxima.items(), strict=True)
        if mark is not None
    ]


def by_id(found: Sequence[ItemFigures]) -> dict[str, ItemFigures]:
    return {item.id: item for item in found}


def test_the_figures_are_those_of_a_sum_by_hand() -> None:
    """Totals of A to D: 4, 2, 2, 0; mean 2, sum of squares 8, variance 8/3.

    q1: 1 1 0 0. Mean 1/2, squares 1, variance 1/3, so sd √(1/3) = 57.735 % of 1.
        Rest 3 1 2 0, mean 3/2, squares 5. Products .75 - .25 - .25 + .75 = 1.
        r = 1/√(1·5) = 44.721 %. Both sorted, products .75 + .25 + .25 + .75 = 2: 1/2 = 50 %.
        Products with the total: .5·2 + .5·2 = 2.
    q2: 1 0 1 0 has the rest 3 2 1 0: the same figures as q1.
    q3: 2 1 1 0 of 2. Mean 1 = 50 %, squares 2, variance 2/3: √(2/3)/2 = 40.825 %.
        Rest 2 1 1 0: the same numbers, r = 1. Products with the total: 2 + 2 = 4.
    Weights: maxima 1, 1, 2 of 4. Roots of 2 : 2 : 4 are as 1 : 1 : √2.
    Test, of 4 marks: 100 50 50 0 %. sd √(5000/3). Deviations 2 0 0 -2: no skew;
        m2 = 2, m4 = 8, k4 = 16(5·8 - 3·3·4)/6 = 32/3, k2² = 64/9: 1.5.
        3/2 · (1 - (1/3 + 1/3 + 2/3)/(8/3)) = 3/4. Error ratio √(1/4) = 50 %.
    """
    found = work_out(answers(MARKS, MAXIMA))

    q1, q2, q3 = found.items
    assert (q1.id, q1.n, q1.facility, q1.intended_weight) == ("q1", 4, 50, 25)
    assert q1.sd == pytest.approx(57.73502691896257)
    assert q1.discrimination_index == pytest.approx(44.721359549995796)
    assert q1.discriminative_efficiency == 50
    assert q1.effective_weight == pytest.approx(29.28932188134524)
    assert asdict(q2) == asdict(q1) | {"id": "q2"}
    assert (q3.facility, q3.intended_weight) == (50, 50)
    assert q3.sd == pytest.approx(40.824829046386306)
    assert (q3.discrimination_index, q3.discriminative_efficiency) == (100, 100)
    assert q3.effective_weight == pytest.approx(41.42135623730951)
    test = found.test
    assert (test.n, test.mean, test.median) == (4, 50, 50)
    assert test.sd == pytest.approx(40.824829046386306)
    assert test.skewness == pytest.approx(0)
    assert test.kurtosis == pytest.approx(1.5)
    assert (test.cic, test.error_ratio) == (75, 50)
    assert test.standard_error == pytest.approx(20.412414523193153)


def independent_items(scores: np.ndarray, maxima: np.ndarray) -> list[dict[str, float]]:
    """The same definitions by numpy; NaN in `scores` is an item that was not asked."""
    totals = np.nansum(scores, axis=1)
    rows = []
    for column, most in zip(scores.T, maxima, strict=True):
        had = ~np.isnan(column)
        mark, rest = column[had], (totals - np.nan_to_num(column))[had]
        covariance = np.cov(mark, rest)
        sorted_covariance = np.cov(np.sort(mark), np.sort(rest))
        rows.append(
            {
                "n": int(had.sum()),
                "facility": 100 * mark.mean() / most,
                "sd": 100 * mark.std(ddof=1) / most,
                "discrimination_index": 100 * stats.pearsonr(mark, rest).statistic,
                "discriminative_efficiency": 100
                * covariance[0, 1]
                / sorted_covariance[0, 1],
                "intended_weight": 100 * most / maxima.sum(),
                "with_total": np.cov(mark, totals[had])[0, 1],
            }
        )
    pull = sum(math.sqrt(row["with_total"]) for row in rows if row["with_total"] >= 0)
    for row in rows:
        with_total = row.pop("with_total")
        row["effective_weight"] = (
            100 * math.sqrt(with_total) / pull if with_total >= 0 else math.nan
        )
    return rows


def independent_test(scores: np.ndarray, maxima: np.ndarray) -> dict[str, float]:
    asked = np.where(np.isnan(scores), 0, maxima)
    marks = 100 * np.nansum(scores, axis=1) / asked.sum(axis=1)
    k = scores.shape[1]
    within = scores.var(axis=0, ddof=1).sum()
    alpha = k / (k - 1) * (1 - within / scores.sum(axis=1).var(ddof=1))
    sd = marks.std(ddof=1)
    return {
        "n": len(marks),
        "mean": marks.mean(),
        "median": float(np.median(marks)),
        "sd": sd,
        "skewness": stats.skew(marks, bias=False),
        "kurtosis": stats.kurtosis(marks, bias=False),
        "cic": 100 * alpha,
        "error_ratio": 100 * math.sqrt(1 - alpha),
        "standard_error": math.sqrt(1 - alpha) * sd,
    }


def draw_scores(
    seed: int, people: int, items: int, *, asked: float = 1.0
) -> tuple[dict[str, list[object]], dict[str, int], np.ndarray, np.ndarray]:
    """Draw quarter marks that go along with ability, some items against it."""
    chance = random.Random(seed)
    maxima = {f"i{n}": chance.choice([1, 1, 2, 3]) for n in range(items)}
    marks: dict[str, list[object]] = {}
    for who in range(people):
        ability = chance.gauss(0.7, 0.2)
        row: list[object] = []
        for n, most in enumerate(maxima.values()):
            share = min(
                1, max(0, chance.gauss(1 - ability if n == 1 else ability, 0.3))
            )
            row.append(round(share * most * 4) / 4 if chance.random() < asked else None)
        marks[f"c{who}"] = row
    table = np.array(list(marks.values()), dtype=float)
    return marks, maxima, table, np.array(list(maxima.values()), dtype=float)


def compare(found: dict[str, object], expected: dict[str, float]) -> None:
    for name, value in expected.items():
        if math.isnan(value):
            assert found[name] is None, name
        else:
            assert found[name] == pytest.approx(value, rel=NEAR, abs=NEAR), name


@pytest.mark.parametrize("seed", range(6))
def test_the_figures_are_those_of_an_independent_computation(seed: int) -> None:
    marks, maxima, table, most = draw_scores(seed, people=60 + seed, items=12)
    found = work_out(answers(marks, maxima))

    for item, expected in zip(found.items, independent_items(table, most), strict=True):
        compare(asdict(item), expected)
    compare(asdict(found.test), independent_test(table, most))
    assert found.items[1].effective_weight is None  # it goes against the others


def test_an_item_is_judged_by_those_who_had_it_and_drawn_papers_have_no_alpha() -> None:
    marks, maxima, table, most = draw_scores(7, people=80, items=20, asked=0.5)
    found = work_out(answers(marks, maxima))

    items = by_id(found.items)
    for name, expected in zip(maxima, independent_items(table, most), strict=True):
        compare(asdict(items[name]), expected)
    expected = independent_test(table, most)
    unknown = dict.fromkeys(("cic", "error_ratio", "standard_error"), math.nan)
    compare(asdict(found.test), expected | unknown)


def test_one_candidate_has_facilities_and_no_spread() -> None:
    found = work_out(answers({"A": (1, 0, 2)}, MAXIMA))

    assert [item.facility for item in found.items] == [100, 0, 100]
    for item in found.items:
        assert item.sd is item.discrimination_index is None
        assert item.discriminative_efficiency is item.effective_weight is None
    test = found.test
    assert (test.n, test.mean, test.median) == (1, 75, 75)
    assert test.sd is test.skewness is test.kurtosis is test.cic is None
    assert test.error_ratio is test.standard_error is None


@pytest.mark.parametrize(
    ("people", "known"),
    [
        (2, {"sd"}),
        (3, {"sd", "skewness", "cic"}),
        (4, {"sd", "skewness", "cic", "kurtosis"}),
    ],
)
def test_each_figure_begins_with_as_many_candidates_as_in_moodle(
    people: int, known: set[str]
) -> None:
    chosen = dict(list(MARKS.items())[:people])
    test = asdict(work_out(answers(chosen, MAXIMA)).test)

    shown = {
        name for name in ("sd", "skewness", "cic", "kurtosis") if test[name] is not None
    }
    assert shown == known
    assert (test["error_ratio"] is None) == ("cic" not in known)


@pytest.mark.parametrize("mark", ["0.1", "0.7", "1"])
def test_marks_that_all_have_alike_say_nothing(mark: str) -> None:
    same = dict.fromkeys("ABCDEFG", (mark, mark, mark))
    found = work_out(answers(same, MAXIMA))

    for item in found.items:
        assert item.sd == 0
        assert item.discrimination_index is item.discriminative_efficiency is None
        assert item.effective_weight is None
    assert found.test.sd == 0
    assert found.test.skewness is found.test.kurtosis is found.test.cic is None


def test_an_item_that_all_get_alike_weighs_nothing_beside_others() -> None:
    marks = {who: (1, *row[1:]) for who, row in MARKS.items()}
    first, second, third = work_out(answers(marks, MAXIMA)).items

    assert first.effective_weight == 0
    assert first.discrimination_index is None
    assert (second.effective_weight or 0) + (
        third.effective_weight or 0
    ) == pytest.approx(100)


def test_one_item_has_no_alpha_and_no_rest() -> None:
    found = work_out(answers({who: (n,) for n, who in enumerate("ABC")}, {"q": 2}))

    assert found.test.cic is None
    assert found.items[0].discrimination_index is None
    assert (found.items[0].intended_weight, found.items[0].effective_weight) == (
        100,
        100,
    )


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, list[object]], dict[str, int]]:
    items = draw(st.integers(1, 5))
    maxima = {f"i{n}": draw(st.integers(1, 4)) for n in range(items)}
    people = draw(st.integers(1, 8))
    marks: dict[str, list[object]] = {
        f"c{n}": [
            draw(st.one_of(st.none(), st.integers(0, most * 2).map(lambda x: x / 2)))
            for most in maxima.values()
        ]
        for n in range(people)
    }
    marks["c0"] = [0 if mark is None else mark for mark in marks["c0"]]
    return marks, maxima


@given(files(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_no_order_of_rows_changes_a_figure(
    file: tuple[dict[str, list[object]], dict[str, int]], chance: random.Random
) -> None:
    rows = answers(*file)
    mixed = rows.copy()
    chance.shuffle(mixed)

    once, again = work_out(rows), work_out(mixed)
    assert by_id(once.items).keys() == by_id(again.items).keys()
    for name, item in by_id(once.items).items():
        assert asdict(item) == pytest.approx(asdict(by_id(again.items)[name]), abs=1e-9)
    assert asdict(once.test) == pytest.approx(asdict(again.test), abs=1e-9)


@given(files(), st.sampled_from(["3", "0.1", "0.125", "1000"]))
@settings(max_examples=60, deadline=None)
def test_marks_in_another_unit_give_the_same_figures(
    file: tuple[dict[str, list[object]], dict[str, int]], unit: str
) -> None:
    rows = answers(*file)
    other = [
        ScoredAnswer(
            row.candidate, row.item, row.score * Decimal(unit), row.max * Decimal(unit)
        )
        for row in rows
    ]
    once, again = work_out(rows), work_out(other)
    for item, same in zip(once.items, again.items, strict=True):
        assert asdict(item) == pytest.approx(asdict(same), abs=1e-9)
    assert asdict(once.test) == pytest.approx(asdict(again.test), abs=1e-9)


@given(files())
@settings(max_examples=100, deadline=None)
def test_every_figure_keeps_its_bounds(
    file: tuple[dict[str, list[object]], dict[str, int]],
) -> None:
    found = work_out(answers(*file))

    for item in found.items:
        assert 0 <= item.facility <= 100
        r, efficiency = item.discrimination_index, item.discriminative_efficiency
        assert (r is None) == (efficiency is None)
        if r is not None and efficiency is not None:
            assert -100 <= r <= 100
            assert efficiency <= 100 + NEAR
            assert (
                abs(efficiency) >= abs(r) - NEAR
            )  # the sorted covariance is no greater
    assert sum(item.intended_weight for item in found.items) == pytest.approx(100)
    weights = [item.effective_weight for item in found.items]
    known = [weight for weight in weights if weight is not None]
    assert not known or sum(known) == pytest.approx(100)
    assert found.test.cic is None or found.test.cic <= 100
    for value in asdict(found.test).values():
        assert value is None or math.isfinite(value)
