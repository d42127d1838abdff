"""Finished papers that count, read in small batches: on SQLite whoever reads keeps others
from saving, so no reading may last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import (
    Attempt,
    JournalLine,
    Rescore,
    Resit,
    Response,
)
from ecs_training.assessment.queries.attempts import ruling_of
from ecs_training.assessment.rules.marking import Ruling
from ecs_training.foundation.london import london_date
from ecs_training.reporting.rules.counting import FinishedPaper, GivenAnswer

BATCH = 200  # papers; some 10,000 answers, a twentieth of a second
Seconds = Mapping[int, float]  # question of a paper -> seconds to its first answer


@dataclass(frozen=True, kw_only=True, slots=True)
class SatAttempt:
    """A finished assessment that was not voided. `first`: see list_sat."""

    id: int
    ref: str
    blueprint: str
    pass_mark: int
    score: int
    passed: bool
    started_at: datetime
    finished_at: datetime
    first: bool


def list_sat(db: Session) -> Sequence[SatAttempt]:
    """Return every finished assessment in the order of the starts; practice and voided ones
    left out.

    A first attempt is no resit, and the person's first of that blueprint: who had one
    before, voided or not, has seen a paper.
    """
    rows = db.execute(
        select(Attempt, Resit.id.is_not(None))
        .outerjoin(Resit, Resit.entry_id == Attempt.entry_id)
        .where(Attempt.entry_id.is_not(None), Attempt.finished_at.is_not(None))
        .order_by(Attempt.started_at, Attempt.id)
    )
    found, known = [], set()
    for attempt, is_resit in rows:
        test = attempt.person_id, attempt.blueprint
        if attempt.voided_at is None:
            first = not is_resit and test not in known
            found.append(_sat(attempt, first=first))
        known.add(test)
    return found


def _sat(attempt: Attempt, *, first: bool) -> SatAttempt:
    if attempt.finished_at is None or attempt.score is None or attempt.passed is None:
        raise AssertionError("a finished attempt is marked")
    return SatAttempt(
        id=attempt.id,
        ref=attempt.ref,
        blueprint=attempt.blueprint,
        pass_mark=attempt.pass_mark,
        score=attempt.score,
        passed=attempt.passed,
        started_at=attempt.started_at,
        finished_at=attempt.finished_at,
        first=first,
    )


def read_rulings(db: Session) -> Mapping[int, Ruling | None]:
    """Return revision id -> what a rescore that stands has ruled."""
    rescores = db.scalars(select(Rescore).where(Rescore.reversed_at.is_(None)))
    return {rescore.revision_id: ruling_of(rescore) for rescore in rescores}


def read_papers(
    db: Session, *, sat: Sequence[SatAttempt], rulings: Mapping[int, Ruling | None]
) -> list[FinishedPaper]:
    """Return the papers of these attempts, with the times that the journal tells.

    One without questions is no paper. Times are missing where there was no journal yet.
    """
    answers = _read_answers(db, [attempt.id for attempt in sat])
    times = _read_times(db, {attempt.id: attempt.started_at for attempt in sat})
    return [
        FinishedPaper(
            ref=attempt.ref,
            blueprint=attempt.blueprint,
            pass_mark=attempt.pass_mark,
            score=attempt.score,
            passed=attempt.passed,
            first=attempt.first,
            finished_on=london_date(attempt.finished_at),
            answers=[
                _given(row, rulings, times.get(attempt.id, {}))
                for row in answers[attempt.id]
            ],
        )
        for attempt in sat
        if answers[attempt.id]
    ]


def _read_answers(db: Session, attempt_ids: Sequence[int]) -> Mapping[int, list[Any]]:
    rows = db.execute(
        select(
            Response.attempt_id,
            Response.n,
            Response.revision_id,
            Response.topic,
            Response.key,
            Response.chosen,
        )
        .where(Response.attempt_id.in_(attempt_ids))
        .order_by(Response.attempt_id, Response.n)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.attempt_id].append(row)
    return found


def _given(
    row: Any, rulings: Mapping[int, Ruling | None], seconds: Seconds
) -> GivenAnswer:
    return GivenAnswer(
        revision_id=row.revision_id,
        topic=row.topic,
        key=row.key,
        chosen=row.chosen,
        ruling=rulings.get(row.revision_id),
        seconds=seconds.get(row.n),
    )


def _read_times(db: Session, started: Mapping[int, datetime]) -> Mapping[int, Seconds]:
    lines = db.execute(
        select(
            JournalLine.attempt_id,
            JournalLine.n,
            JournalLine.chosen,
            JournalLine.answered_at,
        )
        .where(JournalLine.attempt_id.in_(started))
        .order_by(JournalLine.attempt_id, JournalLine.id)
    )
    return {
        attempt_id: _gaps(group, started[attempt_id])
        for attempt_id, group in groupby(lines, lambda line: line.attempt_id)
    }


def _gaps(lines: Iterable[Any], started_at: datetime) -> Seconds:
    """Return the seconds from what was saved before to each question's first answer."""
    before = started_at
    found: dict[int, float] = {}
    for line in lines:
        if line.chosen is not None and line.n not in found:
            found[line.n] = (line.answered_at - before).total_seconds()
        before = line.answered_at
    return found
