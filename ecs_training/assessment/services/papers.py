"""Drawing a paper and freezing it: nothing that happens to the bank later changes it."""

from functools import cache
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Insert,
    Integer,
    String,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.queries.earlier import list_earlier
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.rules import Blueprint
from ecs_training.questions.rules.bank import LETTERS
from ecs_training.questions.services import read_blueprint
from ecs_training.questions.services.drawing import ready_maker

BLUEPRINT = "hse"  # the one make-up that all five roles sit, and practise


@cache
def current_blueprint(folder: Path) -> Blueprint:
    """Read the make-up of a paper from the question bank, once a process."""
    return read_blueprint(folder, BLUEPRINT)


def freeze_paper(db: Session, attempt: Attempt, blueprint: Blueprint) -> None:
    """Draw the attempt's paper by its seed and store it, item by item, with its key.

    Items that the person had before are left out as far as the bank allows. The attempt
    must be in the database already. Raise BankTooSmall where no paper can be drawn.
    """
    maker = ready_maker(db, blueprint=blueprint)
    paper = maker.draw(seed=attempt.seed, earlier=list_earlier(db, attempt))
    values = {
        "attempt_id": attempt.id,
        "items": len(paper),
        "revisions": "".join(f"{drawn.revision_id:0{DIGITS}}" for drawn in paper),
        "orders": "".join(drawn.order for drawn in paper),
    }
    db.connection().execute(_STORE_PAPER, values)


DIGITS = 10  # that a revision's number is written with


def _store_paper() -> Insert:
    """Return one statement that takes a paper as two texts, cut into the rows of it.

    Fifty rows of values would cost the web process four to ten times as much.
    """
    place = select(literal(1).label("n")).cte("place", recursive=True)
    place = place.union_all(
        select(place.c.n + 1).where(place.c.n < bindparam("items", type_=Integer))
    )

    def cut(text: str, width: int) -> ColumnElement[str]:
        start = (place.c.n - 1) * width + 1
        return func.substr(bindparam(text, type_=String), start, width)

    revision_id = cast(cut("revisions", DIGITS), Integer)
    drawn = (
        select(
            bindparam("attempt_id", type_=Integer),
            place.c.n,
            ItemRevision.id,
            Item.topic,
            ItemRevision.key,
            cut("orders", len(LETTERS)),
        )
        .select_from(place)
        .join(ItemRevision, ItemRevision.id == revision_id)
        .join(Item, Item.id == ItemRevision.item_id)
    )
    names = ["attempt_id", "n", "revision_id", "topic", "key", "option_order"]
    return insert(Response).from_select(names, drawn)


_STORE_PAPER = _store_paper()
