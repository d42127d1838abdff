"""Drawing a paper and freezing it: nothing that happens to the bank later changes it."""

from functools import cache
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Response
from ecs_training.questions.queries import live_items
from ecs_training.questions.rules import Blueprint, draw_paper
from ecs_training.questions.services import read_blueprint

BLUEPRINT = "hse"  # the one make-up that all five roles sit, and practise


@cache
def current_blueprint(folder: Path) -> Blueprint:
    """Read the make-up of a paper from the question bank, once a process."""
    return read_blueprint(folder, BLUEPRINT)


def freeze_paper(db: Session, attempt: Attempt, blueprint: Blueprint) -> None:
    """Draw the attempt's paper by its seed and store it, item by item, with its key."""
    drawn = draw_paper(live_items(db), blueprint, seed=attempt.seed)
    db.execute(
        insert(Response),
        [
            {
                "attempt_id": attempt.id,
                "n": n,
                "revision_id": item.revision_id,
                "topic": item.topic,
                "option_order": "".join(item.order),
                "key": item.key,
            }
            for n, item in enumerate(drawn, start=1)
        ],
    )
