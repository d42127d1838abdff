"""What somebody was asked before, so that it is not asked again."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Response
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.rules import Earlier


def list_earlier(db: Session, attempt: Attempt) -> Earlier:
    """Return what the person's attempts before this one asked, whatever came of them.

    Assessments keep away from the items of assessments, and practice from those of
    practice, in any wording; what they met in the other kind is given after all else.
    """
    is_practice = Attempt.entry_id.is_(None)
    rows = db.execute(
        select(Item.code, is_practice, func.max(Attempt.id))
        .join(ItemRevision, ItemRevision.item_id == Item.id)
        .join(Response, Response.revision_id == ItemRevision.id)
        .join(Attempt, Attempt.id == Response.attempt_id)
        .where(Attempt.person_id == attempt.person_id, Attempt.id < attempt.id)
        .group_by(Item.code, is_practice)
    ).all()
    return Earlier(
        papers={code: last for code, kind, last in rows if kind == attempt.is_practice},
        elsewhere={code for code, kind, _ in rows if kind != attempt.is_practice},
    )
