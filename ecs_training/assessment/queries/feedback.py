"""What a finished practice paper teaches: the only place that shows a key to a candidate."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.assessment.models import Attempt, Rescore, Response
from ecs_training.assessment.queries.attempts import ruling_of
from ecs_training.assessment.rules.marking import Answer, Ruling
from ecs_training.assessment.rules.writing import shown_options, to_shown_letter
from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import ItemPicture, ItemRevision
from ecs_training.questions.rules.wording import word_topic


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One question of the paper with its answer. Letters are those shown on the attempt.

    `chosen` is None where nothing was answered, `right` where the question was withdrawn.
    """

    n: int
    topic: str
    stem: str
    options: tuple[tuple[str, str], ...]
    picture: str | None  # in words
    chosen: str | None
    right: str | None
    scored: bool
    rationale: str


@dataclass(frozen=True, kw_only=True)
class Feedback:
    attempt: Attempt
    questions: tuple[Explained, ...]

    @property
    def wrong(self) -> tuple[Explained, ...]:
        return tuple(question for question in self.questions if not question.scored)


def explain_practice(db: Session, *, ref: str, person_id: int) -> Feedback:
    """Explain the person's own finished practice paper, in its order.

    Raises NotFound for an open one, for a real assessment, and for anybody else's.
    """
    attempt = db.scalars(_finished_practice(ref, person_id)).one_or_none()
    if attempt is None:
        raise NotFound
    wording = joinedload(Response.revision).load_only(
        ItemRevision.stem,
        ItemRevision.options,
        ItemRevision.image,
        ItemRevision.rationale,
        raiseload=True,
    )
    rows = db.execute(
        select(Response, Rescore)
        .outerjoin(
            Rescore,
            (Rescore.revision_id == Response.revision_id)
            & Rescore.reversed_at.is_(None),
        )
        .where(Response.attempt_id == attempt.id)
        .order_by(Response.n)
        .options(wording)
    )
    questions = tuple(_explain(row, ruling_of(rescore)) for row, rescore in rows)
    return Feedback(attempt=attempt, questions=questions)


def get_explained_picture(
    db: Session, *, ref: str, person_id: int, n: int
) -> ItemPicture:
    """Return the picture of one question of such a paper; NotFound where there is none."""
    image = db.scalars(
        select(ItemRevision.image)
        .join(Response, Response.revision_id == ItemRevision.id)
        .where(
            Response.n == n,
            Response.attempt_id.in_(
                _finished_practice(ref, person_id).with_only_columns(Attempt.id)
            ),
        )
    ).one_or_none()
    found = db.get(ItemPicture, image["sha256"]) if image else None
    if found is None:
        raise NotFound
    return found


def _finished_practice(ref: str, person_id: int) -> Select[Attempt]:
    return select(Attempt).where(
        Attempt.ref == ref,
        Attempt.person_id == person_id,
        Attempt.entry_id.is_(None),
        Attempt.finished_at.is_not(None),
    )


def _explain(response: Response, ruling: Ruling | None) -> Explained:
    revision = response.revision
    key = ruling.new_key if ruling else response.key
    answer = Answer(
        topic=response.topic, key=response.key, chosen=response.chosen, ruling=ruling
    )
    return Explained(
        n=response.n,
        topic=word_topic(response.topic),
        stem=revision.stem,
        options=shown_options(revision.options, response.option_order),
        picture=revision.image["alt"] if revision.image else None,
        chosen=to_shown_letter(response.chosen, response.option_order),
        right=to_shown_letter(key, response.option_order),
        scored=answer.right,
        rationale=revision.rationale,
    )
