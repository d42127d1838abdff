"""Finding attempts, what is on their papers and what they came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import (
    Attempt,
    Rescore,
    RescoredResult,
    Response,
)
from ecs_training.assessment.rules.marking import (
    Answer,
    Ruling,
    TopicScore,
    score_by_topic,
)
from ecs_training.assessment.rules.writing import to_shown_letter
from ecs_training.foundation.errors import NotFound


class QuestionState(NamedTuple):
    """How far somebody is with one question, for the grid of all questions."""

    n: int
    option: str | None  # the letter shown
    flagged: bool

    @property
    def answered(self) -> bool:
        return self.option is not None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Every question's state, and the highest number accepted under the attempt's lease."""

    states: tuple[QuestionState, ...]
    seq: int

    @property
    def answered(self) -> int:
        return sum([state.option is not None for state in self.states])


@dataclass(frozen=True, kw_only=True)
class ResultFacts:
    """What a finished attempt came to. `topics` are in the order of the paper."""

    attempt_id: int
    ref: str
    card_role: str
    practice: bool
    score: int
    out_of: int
    pass_mark: int
    passed: bool
    voided_at: datetime | None
    void_reason: str | None
    started_at: datetime
    finished_at: datetime
    topics: tuple[TopicScore, ...]
    marked_again: tuple[RescoredResult, ...]  # by rescores, oldest first


def get_own_attempt(db: Session, *, ref: str, person_id: int) -> Attempt:
    """Raise NotFound for another person's attempt, as for one that never was."""
    return _one(db, _own(ref, person_id))


def lock_own_attempt(db: Session, *, ref: str, person_id: int) -> Attempt:
    return _one(db, _held(_own(ref, person_id)))


def lock_attempt(db: Session, *, attempt_id: int) -> Attempt:
    return _one(db, _held(select(Attempt).where(Attempt.id == attempt_id)))


def lock_free_attempts(db: Session, *, attempt_ids: Sequence[int]) -> Sequence[Attempt]:
    """Hold those of the attempts that nobody else holds at this moment; wait for none."""
    return db.scalars(
        select(Attempt)
        .where(Attempt.id.in_(attempt_ids))
        .order_by(Attempt.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def _own(ref: str, person_id: int) -> Select[Attempt]:
    return select(Attempt).where(Attempt.ref == ref, Attempt.person_id == person_id)


def _held(query: Select[Attempt]) -> Select[Attempt]:
    return query.with_for_update().execution_options(populate_existing=True)


def _one(db: Session, query: Select[Attempt]) -> Attempt:
    attempt = db.scalars(query).one_or_none()
    if attempt is None:
        raise NotFound
    return attempt


def read_progress(db: Session, attempt: Attempt) -> Progress:
    rows = db.execute(
        select(
            Response.n,
            Response.chosen,
            Response.option_order,
            Response.flagged,
            Response.seq,
            Response.lease,
        )
        .where(Response.attempt_id == attempt.id)
        .order_by(Response.n)
    ).all()
    return Progress(
        states=tuple(
            QuestionState(
                n=row.n,
                option=to_shown_letter(row.chosen, row.option_order),
                flagged=row.flagged,
            )
            for row in rows
        ),
        seq=max((row.seq for row in rows if row.lease == attempt.lease), default=0),
    )


def list_answers(db: Session, *, attempt_id: int) -> Sequence[Answer]:
    """Return the frozen paper with what was chosen, and what was ruled since, for marking."""
    return list_papers(db, attempt_ids=[attempt_id])[attempt_id]


def list_papers(
    db: Session, *, attempt_ids: Sequence[int]
) -> Mapping[int, Sequence[Answer]]:
    """Return the same of several attempts, by attempt."""
    rows = db.execute(
        select(
            Response.attempt_id,
            Response.topic,
            Response.key,
            Response.chosen,
            Rescore,
        )
        .outerjoin(
            Rescore,
            (Rescore.revision_id == Response.revision_id)
            & Rescore.reversed_at.is_(None),
        )
        .where(Response.attempt_id.in_(attempt_ids))
        .order_by(Response.attempt_id, Response.n)
    )
    papers: dict[int, list[Answer]] = {attempt_id: [] for attempt_id in attempt_ids}
    for attempt_id, topic, key, chosen, rescore in rows:
        papers[attempt_id].append(
            Answer(topic=topic, key=key, chosen=chosen, ruling=ruling_of(rescore))
        )
    return papers


def ruling_of(rescore: Rescore | None) -> Ruling | None:
    if rescore is None:
        return None
    return Ruling(new_key=rescore.new_key, old_key_counts=rescore.old_key_counts)


def result_facts(db: Session, *, ref: str, person_id: int) -> ResultFacts:
    """Return the result of the person's own finished attempt; NotFound before its end."""
    attempt = get_own_attempt(db, ref=ref, person_id=person_id)
    if attempt.finished_at is None or attempt.score is None or attempt.passed is None:
        raise NotFound
    return ResultFacts(
        attempt_id=attempt.id,
        ref=attempt.ref,
        card_role=attempt.card_role,
        practice=attempt.is_practice,
        score=attempt.score,
        out_of=attempt.out_of,
        pass_mark=attempt.pass_mark,
        passed=attempt.passed,
        voided_at=attempt.voided_at,
        void_reason=attempt.void_reason,
        started_at=attempt.started_at,
        finished_at=attempt.finished_at,
        topics=score_by_topic(list_answers(db, attempt_id=attempt.id)),
        marked_again=_list_rescored(db, attempt.id),
    )


def _list_rescored(db: Session, attempt_id: int) -> tuple[RescoredResult, ...]:
    return tuple(
        db.scalars(
            select(RescoredResult)
            .where(RescoredResult.attempt_id == attempt_id)
            .order_by(RescoredResult.changed_at, RescoredResult.id)
        )
    )


def list_overdue_attempts(db: Session, *, due: datetime) -> Sequence[int]:
    """Return unfinished attempts whose deadline was before `due`, longest overdue first.

    Those whose clock stands still are left out; of those whose hold ran out by itself, the
    deadline must be looked at again.
    """
    running = Attempt.held_until.is_(None) | (Attempt.held_until < due)
    return db.scalars(
        select(Attempt.id)
        .where(Attempt.finished_at.is_(None), Attempt.deadline < due, running)
        .order_by(Attempt.deadline, Attempt.id)
    ).all()


def find_open_practice(
    db: Session, *, person_id: int, card_role: str
) -> Attempt | None:
    return db.scalars(
        select(Attempt).where(
            Attempt.person_id == person_id,
            Attempt.card_role == card_role,
            Attempt.entry_id.is_(None),
            Attempt.finished_at.is_(None),
        )
    ).one_or_none()


def list_finished_practice(
    db: Session, *, person_id: int, card_role: str, limit: int
) -> Sequence[Attempt]:
    """Return somebody's finished practice papers of a role, newest first."""
    return db.scalars(
        select(Attempt)
        .where(
            Attempt.person_id == person_id,
            Attempt.card_role == card_role,
            Attempt.entry_id.is_(None),
            Attempt.finished_at.is_not(None),
        )
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
        .limit(limit)
    ).all()
