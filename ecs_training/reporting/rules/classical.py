"""Statistics of items and of a test by Moodle's definitions.

Source: `question/classes/statistics/questions/calculator.php` and
`mod/quiz/report/statistics/classes/calculator.php` of Moodle, read at the commits 04975560
and 17e11dd9. Variances and covariances have n - 1 below throughout. Sums are exact whole
numbers (scores are scaled up by their decimals), so that a variance of nothing is 0, and no
order of rows changes a figure.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median

from ecs_training.reporting.rules.scored import ScoredAnswer, decimals


@dataclass(frozen=True, kw_only=True)
class ItemFigures:
    """How an item fared with the `n` candidates who had it. All but `n` are per cent.

    `facility`: mean score of the maximum. `sd`: of the score, of the maximum.
    `discrimination_index`: 100 r of the score with the rest, which is the candidate's total
    without this item. `discriminative_efficiency`: their covariance as a share of what it
    would be if both were sorted. `intended_weight`: its maximum of the maxima of all items.
    `effective_weight`: the root of its covariance with the total, of the sum of those roots.

    None where undefined: with n = 1 all but `facility` and `intended_weight`; discrimination
    and efficiency where the score or the rest is the same for everybody; the effective
    weight where the covariance is negative, or no item has a positive one.
    """

    id: str
    n: int
    facility: float
    sd: float | None
    discrimination_index: float | None
    discriminative_efficiency: float | None
    intended_weight: float
    effective_weight: float | None


@dataclass(frozen=True, kw_only=True)
class CohortFigures:
    """How `n` candidates did. Marks are per cent of the maximum of what a candidate had.

    `skewness` = k3 / k2^1.5 and `kurtosis` = k4 / k2², by the unbiased k-statistics; plain
    numbers. `cic` = 100 alpha. `error_ratio` = 100 √(1 - alpha). `standard_error` =
    error_ratio · sd / 100.

    None where undefined: `sd` with n = 1; `skewness`, `cic` and what follows from it below
    n = 3, `kurtosis` below 4; all of them where everybody has the same mark. `cic` also
    with one item, and where candidates had different items: Moodle counts places on the
    paper there, and a file of items does not say which place was whose.
    """

    n: int
    mean: float
    median: float
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    cic: float | None
    error_ratio: float | None
    standard_error: float | None


@dataclass(frozen=True, kw_only=True)
class Statistics:
    items: tuple[ItemFigures, ...]
    test: CohortFigures


@dataclass(frozen=True, kw_only=True)
class _Item:
    """One item's whole-number scores beside the totals of the same candidates."""

    id: str
    max: int
    scores: Sequence[int]
    totals: Sequence[int]

    @property
    def n(self) -> int:
        return len(self.scores)

    @property
    def rest(self) -> list[int]:
        return [
            total - score for score, total in zip(self.scores, self.totals, strict=True)
        ]

    @property
    def pull(self) -> float | None:
        """Return the root of the covariance with the total, in scaled marks."""
        spread = _cross(self.scores, self.totals)
        if self.n < 2 or spread < 0:  # noqa: PLR2004 - n - 1 stands below
            return None
        return math.sqrt(Fraction(spread, self.n * (self.n - 1)))


def work_out(answers: Sequence[ScoredAnswer]) -> Statistics:
    """Return the figures of every item, in the order of their first rows, and of the test.

    A candidate without a row for an item was not asked it. `answers` holds each candidate
    and item at most once, and at least one row.
    """
    scale = 10 ** max(
        decimals(number) for answer in answers for number in (answer.score, answer.max)
    )
    papers: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for answer in answers:
        papers[answer.candidate].append(
            (_whole(answer.score, scale), _whole(answer.max, scale))
        )
    totals = {who: sum(score for score, _ in paper) for who, paper in papers.items()}
    maxima = {who: sum(most for _, most in paper) for who, paper in papers.items()}
    items = _gather_items(answers, totals, scale)
    marks = [float(Fraction(100 * totals[who], maxima[who])) for who in papers]
    complete = all(item.n == len(papers) for item in items)
    alpha = _alpha(items, list(totals.values())) if complete else None
    return Statistics(items=_item_figures(items), test=_cohort_figures(marks, alpha))


def _whole(number: Decimal, scale: int) -> int:
    return int(number) if scale == 1 else int(Fraction(number) * scale)


def _gather_items(
    answers: Sequence[ScoredAnswer], totals: Mapping[str, int], scale: int
) -> list[_Item]:
    found: dict[str, list[ScoredAnswer]] = defaultdict(list)
    for answer in answers:
        found[answer.item].append(answer)
    return [
        _Item(
            id=name,
            max=_whole(rows[0].max, scale),
            scores=[_whole(row.score, scale) for row in rows],
            totals=[totals[row.candidate] for row in rows],
        )
        for name, rows in found.items()
    ]


def _cross(xs: Sequence[int], ys: Sequence[int]) -> int:
    """Return n (n - 1) times the covariance, exactly."""
    products = sum(x * y for x, y in zip(xs, ys, strict=True))
    return len(xs) * products - sum(xs) * sum(ys)


def _item_figures(items: Sequence[_Item]) -> tuple[ItemFigures, ...]:
    all_marks = sum(item.max for item in items)
    all_pull = math.fsum(item.pull or 0 for item in items)
    return tuple(_figures_of(item, all_marks, all_pull) for item in items)


def _figures_of(item: _Item, all_marks: int, all_pull: float) -> ItemFigures:
    pull, rest = item.pull, item.rest
    own, other = _cross(item.scores, item.scores), _cross(rest, rest)
    both = _cross(item.scores, rest)
    most = _cross(sorted(item.scores), sorted(rest))
    pairs = item.n * (item.n - 1)
    return ItemFigures(
        id=item.id,
        n=item.n,
        facility=float(Fraction(100 * sum(item.scores), item.n * item.max)),
        sd=100 * math.sqrt(Fraction(own, pairs * item.max**2)) if pairs else None,
        discrimination_index=100 * _share(both, math.sqrt(own * other))
        if own and other
        else None,
        discriminative_efficiency=100 * both / most if most else None,
        intended_weight=float(Fraction(100 * item.max, all_marks)),
        effective_weight=None
        if pull is None or not all_pull
        else 100 * pull / all_pull,
    )


def _share(part: float, whole: float) -> float:
    """Return part / whole; rounding carries no correlation beyond 1."""
    return max(-1.0, min(1.0, part / whole))


def _alpha(items: Sequence[_Item], totals: Sequence[int]) -> Fraction | None:
    """Return k/(k-1) (1 - Σs²ᵢ/s²ₓ); None below three candidates or two items, as Moodle."""
    k, spread = len(items), _cross(totals, totals)
    if k < 2 or len(totals) < 3 or not spread:  # noqa: PLR2004 - Moodle's bounds
        return None
    within = sum(_cross(item.scores, item.scores) for item in items)
    return Fraction(k, k - 1) * (1 - Fraction(within, spread))


def _cohort_figures(marks: Sequence[float], alpha: Fraction | None) -> CohortFigures:
    n = len(marks)
    mean = math.fsum(marks) / n
    differs = min(marks) != max(marks)
    # A mean that rounding moved off the one mark that all have would pass for a spread.
    gaps = [mark - mean for mark in marks] if differs else [0.0] * n
    sd = math.sqrt(_powers(gaps, 2) / (n - 1)) if n > 1 else None
    ratio = 100 * math.sqrt(max(Fraction(0), 1 - alpha)) if alpha is not None else None
    return CohortFigures(
        n=n,
        mean=mean,
        median=median(marks),
        sd=sd,
        skewness=_skewness(gaps) if differs and n > 2 else None,  # noqa: PLR2004
        kurtosis=_kurtosis(gaps) if differs and n > 3 else None,  # noqa: PLR2004
        cic=float(100 * alpha) if alpha is not None else None,
        error_ratio=ratio,
        standard_error=ratio * sd / 100 if ratio is not None and sd else None,
    )


def _powers(gaps: Sequence[float], power: int) -> float:
    return math.fsum(gap**power for gap in gaps)


def _skewness(gaps: Sequence[float]) -> float:
    n = len(gaps)
    k2 = _powers(gaps, 2) / (n - 1)
    k3 = n * _powers(gaps, 3) / ((n - 1) * (n - 2))
    return float(k3 / k2**1.5)


def _kurtosis(gaps: Sequence[float]) -> float:
    n = len(gaps)
    m2, m4 = _powers(gaps, 2) / n, _powers(gaps, 4) / n
    k2 = n * m2 / (n - 1)
    k4 = n**2 * ((n + 1) * m4 - 3 * (n - 1) * m2**2) / ((n - 1) * (n - 2) * (n - 3))
    return k4 / k2**2
