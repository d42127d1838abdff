"""Drawing a paper and freezing it: nothing that happens to the bank later changes it."""

from functools import cache
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.queries.earlier import list_earlier
from ecs_training.questions.rules import Blueprint
from ecs_training.questions.services import read_blueprint
from ecs_training.questions.services.drawing import ready_maker

BLUEPRINT = "hse"  # the one make-up that all five roles sit, and practise


@cache
def current_blueprint(folder: Path) -> Blueprint:
    """Read the make-up of a paper from the question bank, once a process."""
    return read_blueprint(folder, BLUEPRINT)


# RETURNING makes it one statement of many rows; without, it would be one a row.
_ADD_RESPONSES = insert(Response).returning(Response.n)


def freeze_paper(db: Session, attempt: Attempt, blueprint: Blueprint) -> None:
    """Draw the attempt's paper by its seed and store it, item by item, with its key.

    Items that the person had before are left out as far as the bank allows. The attempt
    must be in the database already. Raise BankTooSmall where no paper can be drawn.
    """
    maker = ready_maker(db, blueprint=blueprint)
    paper = maker.draw(seed=attempt.seed, earlier=list_earlier(db, attempt))
    db.connection().execute(
        _ADD_RESPONSES,
        [
            {
                "attempt_id": attempt.id,
                "n": n,
                "revision_id": drawn.revision_id,
                "topic": drawn.topic,
                "option_order": drawn.order,
                "key": drawn.key,
            }
            for n, drawn in enumerate(paper, start=1)
        ],
    )
