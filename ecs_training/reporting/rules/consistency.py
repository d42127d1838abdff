"""Would another paper have said the same of a candidate? (Livingston and Lewis 1995.)"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, variance

from ecs_training.reporting.rules.beta import (
    Beta,
    at_least,
    average,
    fit_four,
    fit_two,
)

MOMENTS = (1, 2, 3, 4)


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What follows for candidates like these, as shares of all of them.

    `consistency`: would have the same result on another paper. `accuracy`: have the result
    that their true score deserves. `false_pass` and `false_fail` make up the rest.
    `shapes` says how many parameters the distribution of true scores has: 4, or 2 where
    the moments allow no other.
    """

    passes: float
    consistency: float
    false_pass: float
    false_fail: float
    effective_length: float
    shapes: int

    @property
    def accuracy(self) -> float:
        return 1 - self.false_pass - self.false_fail


def judge_scores(
    scores: Sequence[int], *, of: int, pass_mark: int, reliability: float
) -> Verdicts | None:
    """Return how far verdicts at `pass_mark` of `of` can be trusted.

    None where that cannot be said: no spread, or a reliability that is not within 0 and 1.
    """
    average_score = mean(scores)
    spread = variance(scores) if len(scores) > 1 else 0.0
    length = effective_length(
        average_score=average_score, spread=spread, of=of, reliability=reliability
    )
    if length is None:
        return None
    four = fit_four(*true_moments(scores, of=of, length=length))
    truth = four or fit_two(average_score / of, reliability * spread / of**2)
    if truth is None:
        return None
    return _judge(truth, length, of, pass_mark, 4 if four else 2)


def judge_moments(
    *, average_score: float, sd: float, of: int, pass_mark: int, reliability: float
) -> Verdicts | None:
    """Judge as judge_scores where only the mean and the spread of the scores are known."""
    length = effective_length(
        average_score=average_score, spread=sd**2, of=of, reliability=reliability
    )
    truth = fit_two(average_score / of, reliability * (sd / of) ** 2)
    if length is None or truth is None:
        return None
    return _judge(truth, length, of, pass_mark, 2)


def effective_length(
    *, average_score: float, spread: float, of: int, reliability: float
) -> float | None:
    """Return how many equal, independent questions would be as reliable as this paper.

    `spread` is the variance s². (M(k-M) - r s²) / (s² (1-r)); with KR-21 for r it is k itself.
    """
    if not (spread > 0 and 0 < reliability < 1):
        return None
    length = (average_score * (of - average_score) - reliability * spread) / (
        spread * (1 - reliability)
    )
    return length if length >= 1 else None


def true_moments(
    scores: Sequence[int], *, of: int, length: float
) -> tuple[float, float, float, float]:
    """Return mean, variance, skewness and kurtosis of the true shares behind the scores.

    The r-th factorial moment of a binomial score of n questions is n(n-1)…(n-r+1) times
    the r-th moment of the chance behind it (Lord 1965); scores are first put on a scale of
    `length` questions. Of no use, and so without spread, if `length` is too short for them.
    """
    raw = [_true_moment(scores, of, length, power) for power in MOMENTS]
    if any(moment is None for moment in raw):
        return 0.0, 0.0, 0.0, 0.0
    m1, m2, m3, m4 = (moment or 0.0 for moment in raw)
    spread = m2 - m1**2
    if spread <= 0:
        return m1, 0.0, 0.0, 0.0
    third = m3 - 3 * m1 * m2 + 2 * m1**3
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return m1, spread, third / spread**1.5, fourth / spread**2


def _true_moment(
    scores: Sequence[int], of: int, length: float, power: int
) -> float | None:
    steps = range(power)
    below = math.prod(length - step for step in steps)
    if length <= power - 1:
        return None
    above = math.fsum(
        count * math.prod(score * length / of - step for step in steps)
        for score, count in Counter(scores).items()
    )
    return above / len(scores) / below


def _judge(
    truth: Beta, length: float, of: int, pass_mark: int, shapes: int
) -> Verdicts:
    """Set papers of the effective length, in whole questions, to the true scores.

    Passing begins halfway between the pass mark and the mark below it, on either scale;
    the true score that deserves a pass is the pass mark's share.
    """
    questions = round(length)
    least = math.ceil(questions * (pass_mark - 0.5) / of)
    deserves = pass_mark / of

    def outcomes(true: float) -> tuple[float, ...]:
        passes = at_least(least, questions, true)
        wrongly = passes if true < deserves else 0.0
        missed = 1 - passes if true >= deserves else 0.0
        return passes, passes**2 + (1 - passes) ** 2, wrongly, missed

    passes, same, wrongly, missed = average(truth, outcomes, breaks=[deserves])
    return Verdicts(
        passes=passes,
        consistency=same,
        false_pass=wrongly,
        false_fail=missed,
        effective_length=length,
        shapes=shapes,
    )
