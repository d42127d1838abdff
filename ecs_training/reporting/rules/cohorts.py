"""How the test as a whole behaves: scores, passes, and how far a verdict can be trusted."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from ecs_training.reporting.rules.consistency import Verdicts, judge_scores
from ecs_training.reporting.rules.intervals import (
    FEWEST,
    Estimate,
    Z,
    resample,
    share,
)
from ecs_training.reporting.rules.reliability import (
    Paper,
    is_near,
    kr21,
    sem_at,
    stratified,
)

MOST_NEAR = 100  # near-cut attempts that are listed, the newest first
SHOWN = ("consistency", "accuracy", "passes", "false_pass", "false_fail")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sat:
    """One finished paper that counts. `first`: the candidate's first assessment with us."""

    ref: str
    paper: Paper
    passed: bool
    first: bool
    finished_on: date  # in London


@dataclass(frozen=True, kw_only=True)
class Month:
    """The first attempts that ended in a month. `passed` is None under FEWEST."""

    first_day: date
    papers: int
    passed: Estimate | None


@dataclass(frozen=True, kw_only=True)
class NearCut:
    ref: str
    score: int
    passed: bool
    finished_on: date


@dataclass(frozen=True, kw_only=True)
class Group:
    """`papers` of them, and what is known from FEWEST on."""

    papers: int
    passed: Estimate | None
    average: Estimate | None  # marks


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What FEWEST first attempts or more say about the test.

    `distribution`: how many had each score from 0 up. `reliability`: the stratified
    estimate, on which the verdicts stand. `verdicts`: consistency, accuracy, passes,
    false_pass, false_fail as shares; empty where the scores allow none. Intervals of these
    and of both reliabilities are by resampling. `shapes`: of the true scores' distribution.
    """

    median: float
    sd: float
    kr21: Estimate | None
    reliability: Estimate | None
    verdicts: Mapping[str, Estimate]
    effective_length: float | None
    shapes: int | None
    distribution: tuple[int, ...]
    months: tuple[Month, ...]


@dataclass(frozen=True, kw_only=True)
class CohortFigures:
    """The first attempts at papers of `of` questions with one pass mark, resits apart.

    `sem`: marks, at the pass mark. `near`: how many papers, resits too, lie within it of
    the pass mark; `near_cut` lists the newest. `trust` is None under FEWEST first attempts.
    """

    blueprint: str
    of: int
    pass_mark: int
    first: Group
    resits: Group
    since: date
    until: date
    sem: float
    near: int
    near_cut: tuple[NearCut, ...]
    trust: Trust | None

    @property
    def name(self) -> str:
        return f"{self.blueprint}-{self.pass_mark}-of-{self.of}"


def judge_cohort(
    sat: Sequence[Sat], *, blueprint: str, of: int, pass_mark: int
) -> CohortFigures:
    """Work out the figures of at least one paper, all with `of` questions."""
    first = [one for one in sat if one.first]
    near = sorted(
        (one for one in sat if is_near(one.paper.score, pass_mark=pass_mark, of=of)),
        key=lambda one: (one.finished_on, one.ref),
        reverse=True,
    )
    days = [one.finished_on for one in sat]
    return CohortFigures(
        blueprint=blueprint,
        of=of,
        pass_mark=pass_mark,
        first=_group(first),
        resits=_group([one for one in sat if not one.first]),
        since=min(days),
        until=max(days),
        sem=sem_at(pass_mark, of=of),
        near=len(near),
        near_cut=tuple(_near_cut(one) for one in near[:MOST_NEAR]),
        trust=_trust(first, of, pass_mark) if len(first) >= FEWEST else None,
    )


def _group(sat: Sequence[Sat]) -> Group:
    if len(sat) < FEWEST:
        return Group(papers=len(sat), passed=None, average=None)
    scores = [one.paper.score for one in sat]
    average, sd = sum(scores) / len(scores), spread_of(scores)
    half = Z * sd / math.sqrt(len(scores))
    return Group(
        papers=len(sat),
        passed=_passed(sat),
        average=Estimate(value=average, low=average - half, high=average + half),
    )


def _passed(sat: Sequence[Sat]) -> Estimate:
    return share(sum(one.passed for one in sat), len(sat))


def spread_of(scores: Sequence[int]) -> float:
    """Return the standard deviation with n - 1, of two scores or more."""
    average = sum(scores) / len(scores)
    squares = math.fsum((score - average) ** 2 for score in scores)
    return math.sqrt(squares / (len(scores) - 1))


def _near_cut(one: Sat) -> NearCut:
    return NearCut(
        ref=one.ref,
        score=one.paper.score,
        passed=one.passed,
        finished_on=one.finished_on,
    )


def _trust(first: Sequence[Sat], of: int, pass_mark: int) -> Trust:
    papers = [one.paper for one in first]
    scores = [paper.score for paper in papers]
    counted = Counter(scores)

    def again(drawn: Sequence[Paper]) -> dict[str, float]:
        return _figures(drawn, of, pass_mark)

    values = again(papers)
    ends = resample(papers, again, seed=f"{len(papers)} papers of {of}")
    estimates = {
        name: Estimate(value=value, low=ends[name][0], high=ends[name][1])
        for name, value in values.items()
        if name in ends
    }
    verdicts = _verdicts(papers, of, pass_mark, stratified(papers))
    return Trust(
        median=median(scores),
        sd=spread_of(scores),
        kr21=estimates.get("kr21"),
        reliability=estimates.get("reliability"),
        verdicts={name: estimates[name] for name in SHOWN if name in estimates},
        effective_length=verdicts.effective_length if verdicts else None,
        shapes=verdicts.shapes if verdicts else None,
        distribution=tuple(counted[score] for score in range(of + 1)),
        months=_months(first),
    )


def _figures(papers: Sequence[Paper], of: int, pass_mark: int) -> dict[str, float]:
    """Return what can be said of these papers; what cannot is not there."""
    reliability = stratified(papers)
    trusted = {"kr21": kr21(papers, of=of), "reliability": reliability}
    verdicts = _verdicts(papers, of, pass_mark, reliability)
    judged = {name: getattr(verdicts, name) for name in SHOWN} if verdicts else {}
    known = {name: value for name, value in trusted.items() if value is not None}
    return known | judged


def _verdicts(
    papers: Sequence[Paper], of: int, pass_mark: int, reliability: float | None
) -> Verdicts | None:
    if reliability is None:
        return None
    scores = [paper.score for paper in papers]
    return judge_scores(scores, of=of, pass_mark=pass_mark, reliability=reliability)


def _months(first: Sequence[Sat]) -> tuple[Month, ...]:
    found: dict[date, list[Sat]] = {}
    for one in first:
        found.setdefault(one.finished_on.replace(day=1), []).append(one)
    return tuple(
        Month(
            first_day=day,
            papers=len(sat),
            passed=_passed(sat) if len(sat) >= FEWEST else None,
        )
        for day, sat in sorted(found.items())
    )
