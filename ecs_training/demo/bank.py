"""A question that one of the demo's staff wrote, and another can read."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.demo.people import STAFF, Cast
from ecs_training.foundation.london import london_date
from ecs_training.questions.models import Item
from ecs_training.questions.rules.bank import Jurisdiction
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.services.writing import add_item

TOPIC = "electrotechnical"


def leave_a_question_to_read(db: Session, cast: Cast, *, now: datetime) -> None:
    """Add it once; a rerun of the demo leaves alone what became of it."""
    written = select(Item.id).where(Item.origin == "staff").limit(1)
    if db.scalars(written).first() is not None:
        return
    add_item(
        db,
        topic=TOPIC,
        draft=ItemDraft(
            stem="You have to leave a board open while you fetch a part from the van. What should you do?",
            options={
                "a": "Close it, or have somebody stay with it",
                "b": "Hang your jacket over the open front",
                "c": "Write a note and fix it to the wall",
                "d": "Be quick, and leave your tools by it",
            },
            key="a",
            rationale="Live parts may be within reach while a board is open, so nobody may be able to walk up to it. A jacket or a note does not keep a hand out.",
            source="eawr-1989",
            clause="reg 4(3)",
            checked_on=london_date(now),
            difficulty=0.9,
            jurisdiction=Jurisdiction.GB,
        ),
        submit=True,
        written_by_id=cast.ids[STAFF],
        now=now,
    )
