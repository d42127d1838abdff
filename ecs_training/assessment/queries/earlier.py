"""What somebody was asked before, so that it is not asked again."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Response
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.rules import Earlier

_is_practice = Attempt.entry_id.is_(None)
# Asked by each start, and all start together.
_EARLIER = (
    select(Item.code, _is_practice, func.max(Attempt.id))
    .join(ItemRevision, ItemRevision.item_id == Item.id)
    .join(Response, Response.revision_id == ItemRevision.id)
    .join(Attempt, Attempt.id == Response.attempt_id)
    .where(
        Attempt.person_id == bindparam("person_id"),
        Attempt.id < bindparam("attempt_id"),
    )
    .group_by(Item.code, _is_practice)
)


def list_earlier(db: Session, attempt: Attempt) -> Earlier:
    """Return what the person's attempts before this one asked, whatever came of them.

    Assessments keep away from the items of assessments, and practice from those of
    practice, in any wording; what they met in the other kind is given after all else.
    """
    asked = {"person_id": attempt.person_id, "attempt_id": attempt.id}
    rows = db.execute(_EARLIER, asked).all()
    return Earlier(
        papers={code: last for code, kind, last in rows if kind == attempt.is_practice},
        elsewhere={code for code, kind, _ in rows if kind != attempt.is_practice},
    )
