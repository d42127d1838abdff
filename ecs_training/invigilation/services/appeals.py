"""Appeals: somebody says that their test went wrong, and a person decides about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import lock_own_attempt
from ecs_training.assessment.services.finish import void_attempt
from ecs_training.assessment.services.resits import grant_resit
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.events import publish
from ecs_training.invigilation.events import AppealDecided, AppealMade
from ecs_training.invigilation.models import Appeal
from ecs_training.invigilation.queries.appeals import (
    find_appeal,
    get_appeal,
    lock_appeal,
)
from ecs_training.invigilation.rules.appeals import (
    AppealOutcome,
    AppealRefusal,
    why_not_decide_appeal,
)
from ecs_training.scheduling.queries import lock_course_session

VOIDED_BY_APPEAL = "You told us that something was wrong, and we agreed."
REASON = "appeal"


class AppealRefused(Refused):
    reason: AppealRefusal


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What somebody decides. `course_session_ref` is where a resit is sat; None is the
    date of the sitting. Without meaning where the result stands.
    """

    outcome: AppealOutcome
    reply: str
    course_session_ref: str | None
    by_id: int


def make_appeal(
    db: Session, *, attempt_ref: str, person_id: int, words: str, now: datetime
) -> Appeal:
    """Keep what somebody says about their own finished assessment, once.

    NotFound for practice, for another's, and before its end. Raises AppealRefused the
    second time: the first one is what is decided about.
    """
    attempt = lock_own_attempt(db, ref=attempt_ref, person_id=person_id)
    if attempt.is_practice or attempt.finished_at is None:
        raise NotFound
    if find_appeal(db, attempt_id=attempt.id):
        raise AppealRefused(AppealRefusal.MADE_ALREADY)
    appeal = Appeal(attempt_id=attempt.id, words=words, made_at=now)
    db.add(appeal)
    db.flush()
    publish(db, AppealMade(occurred_at=now, appeal_id=appeal.id))
    return appeal


def decide_appeal(db: Session, *, ref: str, ruling: Ruling, now: datetime) -> Appeal:
    """Let a result stand, void it, or give a resit, with a reply to the person.

    Raises AppealRefused for a second decision, for one's own test, and for a resit after a
    pass; ResitRefused where the resit cannot be sat on that date.
    """
    case = get_appeal(db, ref=ref)
    if ruling.outcome is not AppealOutcome.STANDS:
        # Dates are locked before attempts, by everybody.
        date_id = case.sitting.course_session_id
        lock_course_session(db, course_session_id=date_id)
    appeal = lock_appeal(db, ref=ref)
    attempt = lock_own_attempt(
        db, ref=case.attempt.ref, person_id=case.attempt.person_id
    )
    _refuse(appeal, attempt, ruling)
    _follow(db, attempt, ruling, now)
    appeal.outcome, appeal.reply = ruling.outcome, ruling.reply
    appeal.decided_at, appeal.decided_by_id = now, ruling.by_id
    db.flush()
    record(
        db,
        actor_id=ruling.by_id,
        action="decided appeal",
        subject=f"attempt/{attempt.ref}",
        now=now,
        appeal=appeal.ref,
        outcome=ruling.outcome.value,
        reply=ruling.reply,
    )
    publish(db, AppealDecided(occurred_at=now, appeal_id=appeal.id))
    return appeal


def _refuse(appeal: Appeal, attempt: Attempt, ruling: Ruling) -> None:
    refusal = why_not_decide_appeal(
        outcome=ruling.outcome,
        decided=appeal.decided_at is not None,
        passed=bool(attempt.passed) and attempt.voided_at is None,
        own=attempt.person_id == ruling.by_id,
    )
    if refusal:
        raise AppealRefused(refusal)


def _follow(db: Session, attempt: Attempt, ruling: Ruling, now: datetime) -> None:
    if ruling.outcome is AppealOutcome.STANDS:
        return
    if ruling.outcome is AppealOutcome.VOIDED:
        void_attempt(
            db,
            attempt_id=attempt.id,
            reason=VOIDED_BY_APPEAL,
            voided_by_id=ruling.by_id,
            now=now,
        )
    grant_resit(
        db,
        attempt_id=attempt.id,
        course_session_ref=ruling.course_session_ref,
        reason=REASON,
        granted_by_id=ruling.by_id,
        now=now,
        outside_rule=True,
    )
