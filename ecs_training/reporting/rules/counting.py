"""One pass over finished papers: the figures of every test and of every wording."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ecs_training.assessment.rules.marking import Answer, Ruling, score_by_topic
from ecs_training.reporting.rules.cohorts import (
    CohortFigures,
    Group,
    Sat,
    judge_cohort,
)
from ecs_training.reporting.rules.intervals import FEWEST, Estimate, share
from ecs_training.reporting.rules.items import (
    RECENT_DAYS,
    Asked,
    ItemFigures,
    judge_item,
)
from ecs_training.reporting.rules.options import LETTERS
from ecs_training.reporting.rules.reliability import Paper, error_variance

Test = tuple[str, int, int]  # blueprint, questions, pass mark


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenAnswer:
    """One question of a finished paper: its wording, and what was answered."""

    revision_id: int
    topic: str
    key: str
    chosen: str | None
    ruling: Ruling | None = None
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedPaper:
    """A finished assessment that was not voided; never practice."""

    ref: str
    blueprint: str
    pass_mark: int
    score: int
    passed: bool
    first: bool
    finished_on: date  # in London
    answers: Sequence[GivenAnswer]


@dataclass(frozen=True, kw_only=True)
class WordingFigures:
    """How one revision fared. `item`: first attempts. `exposure`: on how many of the papers
    of the last RECENT_DAYS, resits included, it stood."""

    revision_id: int
    item: ItemFigures
    resits: int
    resit_facility: Estimate | None
    had: int
    exposure: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Counted:
    papers: int
    tests: tuple[CohortFigures, ...]  # the one with the most papers first
    wordings: tuple[WordingFigures, ...]


@dataclass
class _Tally:
    """What is gathered while the papers go by."""

    sat: dict[Test, list[Sat]] = field(default_factory=lambda: defaultdict(list))
    first: dict[int, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    again: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[int, frozenset[str]] = field(default_factory=dict)
    recent: Counter[int] = field(default_factory=Counter)
    recent_papers: int = 0


def count_papers(papers: Iterable[FinishedPaper], *, today: date) -> Counted:
    """Count every paper once. `today`, in London, ends the window of RECENT_DAYS."""
    tally = _Tally()
    begins = today - timedelta(days=RECENT_DAYS)
    for paper in papers:
        _add(tally, paper, recent=paper.finished_on > begins)
    tests = [
        judge_cohort(sat, blueprint=blueprint, of=of, pass_mark=pass_mark)
        for (blueprint, of, pass_mark), sat in tally.sat.items()
    ]
    return Counted(
        papers=sum(len(sat) for sat in tally.sat.values()),
        tests=tuple(sorted(tests, key=_size, reverse=True)),
        wordings=tuple(_judge(tally, revision) for revision in sorted(tally.keys)),
    )


def _size(test: CohortFigures) -> tuple[int, str]:
    groups: tuple[Group, Group] = (test.first, test.resits)
    return sum(group.papers for group in groups), test.blueprint


def _add(tally: _Tally, paper: FinishedPaper, *, recent: bool) -> None:
    tally.recent_papers += recent
    marks = score_by_topic(_marked(answer) for answer in paper.answers)
    tally.sat[paper.blueprint, len(paper.answers), paper.pass_mark].append(
        Sat(
            ref=paper.ref,
            paper=Paper(
                score=paper.score,
                error=error_variance((topic.right, topic.of) for topic in marks),
            ),
            passed=paper.passed,
            first=paper.first,
            finished_on=paper.finished_on,
        )
    )
    right = [answer.chosen in _keys(answer) for answer in paper.answers]
    everything, others = sum(right), max(1, len(right) - 1)
    for answer, is_right in zip(paper.answers, right, strict=True):
        tally.keys[answer.revision_id] = _keys(answer)
        tally.recent[answer.revision_id] += recent
        if not paper.first:
            tally.again[answer.revision_id].append(is_right)
            continue
        tally.first[answer.revision_id].append(
            Asked(
                chosen=answer.chosen,
                right=is_right,
                rest=(everything - is_right) / others,
                passed=paper.passed,
                recent=recent,
                seconds=answer.seconds,
            )
        )


def _marked(answer: GivenAnswer) -> Answer:
    return Answer(
        topic=answer.topic, key=answer.key, chosen=answer.chosen, ruling=answer.ruling
    )


def _keys(answer: GivenAnswer) -> frozenset[str]:
    """Return the letters that are right. A withdrawn question keeps the key it was asked
    with: that everybody has the mark since says nothing about it."""
    ruling = answer.ruling
    if ruling is None or ruling.new_key is None:
        return frozenset(answer.key)
    return frozenset(
        letter
        for letter in LETTERS
        if ruling.gives_the_mark(letter, old_key=answer.key)
    )


def _judge(tally: _Tally, revision_id: int) -> WordingFigures:
    again, had = tally.again[revision_id], tally.recent[revision_id]
    enough = tally.recent_papers >= FEWEST
    return WordingFigures(
        revision_id=revision_id,
        item=judge_item(tally.first[revision_id], keys=tally.keys[revision_id]),
        resits=len(again),
        resit_facility=share(sum(again), len(again)) if len(again) >= FEWEST else None,
        had=had,
        exposure=share(had, tally.recent_papers) if enough else None,
    )
