"""How far a score can be trusted where every candidate has another paper.

Each paper is drawn per topic from the bank, so that its questions are a sample, and alpha,
which needs the same questions for all, is not defined. Two estimates hold for drawn papers:

- KR-21 is exact where all questions are drawn from one pool: it counts the luck of the
  draw as error (Lord 1955). It is equal to the intraclass correlation of persons over
  answers drawn for each.
- The stratified estimate does the same topic by topic, as our papers are drawn. It leaves
  out what differs between topics, since each paper has the same number of each.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """One finished paper: the score that counts, and the error variance of its topics."""

    score: int
    error: float | None  # its error variance, from error_variance()


def kr21(papers: Sequence[Paper], *, of: int) -> float | None:
    """Return k/(k-1) (1 - M(k-M)/(k s²)), s² with n - 1; None without spread or with k = 1."""
    middle, spread = _moments(papers)
    if not spread or of < 2:  # noqa: PLR2004 - k - 1 stands below
        return None
    return of / (of - 1) * (1 - middle * (of - middle) / (of * spread))


def stratified(papers: Sequence[Paper]) -> float | None:
    """Return 1 - (mean error variance of a paper) / s²; None without spread."""
    _, spread = _moments(papers)
    known = [paper.error for paper in papers if paper.error is not None]
    if not spread or len(known) < len(papers):
        return None
    return 1 - math.fsum(known) / len(known) / spread


def _moments(papers: Sequence[Paper]) -> tuple[float, float]:
    """Return the mean and the variance of the scores; the variance of one score is 0."""
    scores = [paper.score for paper in papers]
    middle = sum(scores) / len(scores)
    squares = math.fsum((score - middle) ** 2 for score in scores)
    return middle, squares / max(1, len(scores) - 1)


def error_variance(topics: Iterable[tuple[int, int]]) -> float | None:
    """Return how far chance moves the score of a paper with these (right, of), squared.

    A topic of k questions with x right adds x(k-x)/(k-1). None for a paper of one question.
    """
    strata = _join_single(topics)
    if any(of < 2 for _, of in strata):  # noqa: PLR2004 - k - 1 stands below
        return None
    return math.fsum(right * (of - right) / (of - 1) for right, of in strata)


def _join_single(topics: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Make one stratum of the topics with a single question, which show no spread alone.

    One that is left by itself joins the smallest of the others.
    """
    strata = sorted((of, right) for right, of in topics)
    while len(strata) > 1 and strata[0][0] == 1:
        (of, right), (next_of, next_right), *others = strata
        strata = [(of + next_of, right + next_right), *others]
    return [(right, of) for of, right in strata]


def sem_at(score: int, *, of: int) -> float:
    """Return the standard error of one paper's score, in marks: √(x(k-x)/(k-1)).

    The binomial error of Lord, for whoever truly knows as much as `score` says.
    """
    return math.sqrt(score * (of - score) / (of - 1)) if of > 1 else 0.0


def is_near(score: int, *, pass_mark: int, of: int) -> bool:
    """Say whether a score lies within one standard error of the pass mark."""
    return abs(score - pass_mark) <= sem_at(pass_mark, of=of)
