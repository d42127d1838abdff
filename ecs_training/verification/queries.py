from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.london import london_date
from ecs_training.passes.queries import find_pass, word_pass
from ecs_training.passes.rules import pass_status
from ecs_training.verification.rules import Verification


def check_pass(db: Session, *, token: str, now: datetime) -> Verification | None:
    """Return what a stranger may know of a pass, or None for a code that is no pass."""
    passed = find_pass(db, token=token)
    if passed is None:
        return None
    return Verification(
        status=pass_status(passed, london_date(now)),
        name=passed.holder,
        what=word_pass(passed),
        awarded_on=passed.awarded_on,
        valid_until=passed.valid_until,
        checked_at=now,
    )
