"""The whole paper of an attempt as its page shows it. The key is not even asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.rules.writing import shown_options
from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import ItemPicture, ItemRevision

_responses = cast(Table, Response.__table__)
_revisions = cast(Table, ItemRevision.__table__)
# Everybody asks in the same minute, so it is put together once.
_PAPER = (
    select(
        _responses.c.n,
        _responses.c.option_order,
        _responses.c.chosen,
        _responses.c.flagged,
        _revisions.c.stem,
        _revisions.c.options,
        _revisions.c.image,
    )
    .join(_revisions, _revisions.c.id == _responses.c.revision_id)
    .where(_responses.c.attempt_id == bindparam("attempt_id"))
    .order_by(_responses.c.n)
)


@dataclass(frozen=True, kw_only=True)
class PaperQuestion:
    """One question as this attempt shows it: its options in the order drawn."""

    n: int
    stem: str
    options: tuple[tuple[str, str], ...]  # (letter shown, text)
    image: Mapping[str, str] | None


@dataclass(frozen=True, kw_only=True)
class PaperLine:
    """One question in the look over the paper; `text` is the answer chosen, or None."""

    n: int
    stem: str
    text: str | None
    flagged: bool


def list_paper(db: Session, attempt: Attempt) -> list[PaperQuestion]:
    """Return the whole paper as drawn, with its wording."""
    return [
        PaperQuestion(
            n=row.n,
            stem=row.stem,
            options=shown_options(row.options, row.option_order),
            image=row.image,
        )
        for row in _list_rows(db, attempt)
    ]


def look_over(db: Session, attempt: Attempt) -> list[PaperLine]:
    """Return every question with what was answered to it, for the look before the end."""
    return [
        PaperLine(
            n=row.n,
            stem=row.stem,
            text=row.options[row.chosen] if row.chosen else None,
            flagged=row.flagged,
        )
        for row in _list_rows(db, attempt)
    ]


def _list_rows(db: Session, attempt: Attempt) -> Any:
    return db.connection().execute(_PAPER, {"attempt_id": attempt.id}).all()


def get_picture(db: Session, attempt: Attempt, n: int) -> ItemPicture:
    """Return the picture beside one question; NotFound where there is none."""
    image = db.scalars(
        select(ItemRevision.image)
        .join(Response, Response.revision_id == ItemRevision.id)
        .where(Response.attempt_id == attempt.id, Response.n == n)
    ).one_or_none()
    found = db.get(ItemPicture, image["sha256"]) if image else None
    if found is None:
        raise NotFound
    return found
