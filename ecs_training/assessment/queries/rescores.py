"""Whose papers had a question, and what rescores made of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import (
    Attempt,
    Rescore,
    RescoredResult,
    Response,
)
from ecs_training.assessment.queries.attempts import ruling_of
from ecs_training.assessment.rules.marking import Answer, Ruling
from ecs_training.assessment.rules.rescoring import Marked
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.rules.standing import ItemState, item_state


@dataclass(frozen=True, kw_only=True)
class Touched:
    """One result that a rescore changed, with whose it is."""

    name: str
    attempt: Attempt
    result: RescoredResult


def get_asked_revision(db: Session, *, code: str, revision: int) -> ItemRevision:
    """Return a wording with its item; NotFound for one that was never there."""
    found = db.scalars(
        select(ItemRevision)
        .join(Item)
        .options(contains_eager(ItemRevision.item))
        .where(Item.code == code, ItemRevision.revision == revision)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def can_be_drawn(revision: ItemRevision) -> bool:
    """Say whether new papers ask this wording, its item loaded."""
    item = revision.item
    is_live = item_state(item) is ItemState.LIVE
    return is_live and item.live_revision == revision.revision


def count_papers(db: Session, *, code: str) -> Mapping[int, int]:
    """Return on how many assessments each revision of an item was asked; practice apart."""
    rows = db.execute(
        select(ItemRevision.revision, func.count(Attempt.entry_id).label("papers"))
        .join(Item)
        .outerjoin(Response, Response.revision_id == ItemRevision.id)
        .outerjoin(Attempt, Attempt.id == Response.attempt_id)
        .where(Item.code == code)
        .group_by(ItemRevision.revision)
        .order_by(ItemRevision.revision)
    )
    return {row.revision: row.papers for row in rows}


def find_standing_rescore(db: Session, *, revision_id: int) -> Rescore | None:
    return db.scalars(
        select(Rescore).where(
            Rescore.revision_id == revision_id, Rescore.reversed_at.is_(None)
        )
    ).one_or_none()


def get_rescore(db: Session, *, ref: str) -> Rescore:
    """Return a rescore with its wording and who decided; NotFound if there is none."""
    found = db.scalars(
        select(Rescore)
        .where(Rescore.ref == ref)
        .options(
            joinedload(Rescore.revision).joinedload(ItemRevision.item),
            joinedload(Rescore.applied_by),
            joinedload(Rescore.reversed_by),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_rescores(db: Session) -> Sequence[tuple[Rescore, int]]:
    """Return every rescore, newest first, with how many assessment results it changed."""
    changed = (
        select(func.count())
        .select_from(RescoredResult)
        .join(Attempt, Attempt.id == RescoredResult.attempt_id)
        .where(
            RescoredResult.rescore_id == Rescore.id,
            RescoredResult.reversal.is_(False),
            Attempt.entry_id.is_not(None),
        )
        .scalar_subquery()
    )
    rows = db.execute(
        select(Rescore, changed)
        .options(joinedload(Rescore.revision).joinedload(ItemRevision.item))
        .order_by(Rescore.applied_at.desc(), Rescore.id.desc())
    )
    return [(rescore, count) for rescore, count in rows]


def list_touched(db: Session, *, rescore_id: int) -> Sequence[Touched]:
    """Return whose assessment results a rescore changed, and its reversal after it."""
    rows = db.execute(
        select(Person.full_name, Attempt, RescoredResult)
        .join(Attempt, Attempt.id == RescoredResult.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .where(RescoredResult.rescore_id == rescore_id, Attempt.entry_id.is_not(None))
        .order_by(RescoredResult.reversal, Person.full_name, Attempt.id)
    )
    return [
        Touched(name=name, attempt=attempt, result=result)
        for name, attempt, result in rows
    ]


def count_under_way(db: Session, *, revision_id: int) -> int:
    return db.scalars(
        select(func.count(Attempt.id))
        .join(Response, Response.attempt_id == Attempt.id)
        .where(
            Response.revision_id == revision_id,
            Attempt.finished_at.is_(None),
            Attempt.entry_id.is_not(None),
        )
    ).one()


def lock_papers(db: Session, *, revision_id: int) -> dict[int, Attempt]:
    """Hold every attempt that has the question: one that is ending now ends first.

    Those that were voided are worth nothing, and stay as they are.

    Whoever ends an attempt holds the same row before reading what was ruled.
    """
    asked = select(Response.attempt_id).where(Response.revision_id == revision_id)
    attempts = db.scalars(
        select(Attempt)
        .where(Attempt.id.in_(asked), Attempt.voided_at.is_(None))
        .order_by(Attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {attempt.id: attempt for attempt in attempts}


def list_marked(
    db: Session, *, revision_id: int, ruling: Ruling | None
) -> Sequence[Marked]:
    """Return every finished attempt that had the question, its answers under `ruling`.

    Other questions keep what was ruled about them.
    """
    asked = select(Response.attempt_id).where(Response.revision_id == revision_id)
    people = db.execute(
        select(Attempt, Person.full_name)
        .join(Person, Person.id == Attempt.person_id)
        .where(
            Attempt.id.in_(asked),
            Attempt.finished_at.is_not(None),
            Attempt.voided_at.is_(None),
        )
        .order_by(Attempt.id)
    ).all()
    answers = _list_answers(db, revision_id=revision_id, ruling=ruling)
    return [_marked(attempt, name, answers[attempt.id]) for attempt, name in people]


def _marked(attempt: Attempt, name: str, answers: Sequence[Answer]) -> Marked:
    finished_at: datetime | None = attempt.finished_at
    if finished_at is None or attempt.score is None or attempt.passed is None:
        raise AssertionError("a finished attempt is marked")
    return Marked(
        attempt_id=attempt.id,
        ref=attempt.ref,
        name=name,
        practice=attempt.is_practice,
        finished_on=london_date(finished_at),
        answers=tuple(answers),
        score=attempt.score,
        passed=attempt.passed,
        pass_mark=attempt.pass_mark,
        minimums=attempt.minimums,
    )


def _list_answers(
    db: Session, *, revision_id: int, ruling: Ruling | None
) -> Mapping[int, Sequence[Answer]]:
    asked = select(Response.attempt_id).where(Response.revision_id == revision_id)
    rows = db.execute(
        select(
            Response.attempt_id,
            Response.revision_id,
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
        .where(Response.attempt_id.in_(asked))
        .order_by(Response.attempt_id, Response.n)
    )
    answers: dict[int, list[Answer]] = defaultdict(list)
    for row in rows:
        asked_again = row.revision_id == revision_id
        answers[row.attempt_id].append(
            Answer(
                topic=row.topic,
                key=row.key,
                chosen=row.chosen,
                ruling=ruling if asked_again else ruling_of(row.Rescore),
            )
        )
    return answers
