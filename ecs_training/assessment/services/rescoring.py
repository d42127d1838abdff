"""A question was wrong: marking again whoever had it, openly, and undoing that.

Nobody loses a pass by it unless staff name them; both ways are on record.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.events import ResultChanged
from ecs_training.assessment.models import Attempt, Rescore, RescoredResult
from ecs_training.assessment.queries.rescores import (
    count_under_way,
    find_standing_rescore,
    get_asked_revision,
    get_rescore,
    list_marked,
    lock_papers,
)
from ecs_training.assessment.rules.marking import Ruling
from ecs_training.assessment.rules.rescoring import (
    ChangedResult,
    RescorePlan,
    RescoreRefusal,
    plan_rescore,
)
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.references import new_reference
from ecs_training.questions.models import ItemRevision
from ecs_training.questions.rules.bank import Blueprint
from ecs_training.questions.services.suspending import suspend


class RescoreRefused(Refused):
    reason: RescoreRefusal


def rehearse_rescore(
    db: Session, *, revision_id: int, ruling: Ruling | None
) -> RescorePlan:
    """Return what marking again under `ruling` would do, and do nothing. None: as asked."""
    return plan_rescore(
        list_marked(db, revision_id=revision_id, ruling=ruling),
        under_way=count_under_way(db, revision_id=revision_id),
    )


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What somebody confirmed who had looked at a plan.

    `digest` is that plan's. Only those named in `take_passes_of`, by the attempt's
    reference, may lose a pass.
    """

    reason: str
    take_passes_of: Collection[str]
    digest: str
    by_id: int


def rescore(
    db: Session,
    *,
    code: str,
    revision: int,
    ruling: Ruling,
    decision: Decision,
    suspend_for: Iterable[Blueprint] | None = None,
    now: datetime,
) -> Rescore:
    """Mark again everybody who had this wording, exactly as the plan showed.

    With `suspend_for`, the blueprints to be filled, new papers no longer ask the question.
    Raises RescoreRefused where it was rescored before, where the key is the old one, and
    where the plan would be another by now; BankRefused where papers need the question.
    """
    asked = get_asked_revision(db, code=code, revision=revision)
    if suspend_for is not None:
        _suspend(db, code, suspend_for, decision, now)
    attempts = lock_papers(db, revision_id=asked.id)
    if refusal := _why_not(db, asked, ruling):
        raise RescoreRefused(refusal)
    plan = _plan_as_shown(db, asked.id, ruling, decision)
    row = _add_row(db, asked, ruling, decision, now)
    _change_results(
        db, row=row, plan=plan, attempts=attempts, decision=decision, now=now
    )
    _audit(
        db,
        row,
        action="rescored question",
        asked=asked,
        plan=plan,
        decision=decision,
        now=now,
    )
    return row


def _suspend(
    db: Session,
    code: str,
    blueprints: Iterable[Blueprint],
    decision: Decision,
    now: datetime,
) -> None:
    suspend(
        db,
        code=code,
        reason=decision.reason,
        blueprints=blueprints,
        suspended_by_id=decision.by_id,
        now=now,
    )


def _add_row(
    db: Session, asked: ItemRevision, ruling: Ruling, decision: Decision, now: datetime
) -> Rescore:
    row = Rescore(
        ref=new_reference(),
        revision_id=asked.id,
        new_key=ruling.new_key,
        old_key_counts=ruling.old_key_counts,
        reason=decision.reason,
        applied_at=now,
        applied_by_id=decision.by_id,
    )
    db.add(row)
    db.flush()
    return row


def _why_not(db: Session, asked: ItemRevision, ruling: Ruling) -> RescoreRefusal | None:
    if find_standing_rescore(db, revision_id=asked.id):
        return RescoreRefusal.STANDING
    if ruling.new_key == asked.key:
        return RescoreRefusal.SAME_KEY
    return None


def undo_rescore(
    db: Session, *, ref: str, decision: Decision, now: datetime
) -> Rescore:
    """Mark everybody as before the rescore; what the plan showed, or nothing.

    A pass that the rescore took comes back; one that it gave stays unless it is named.
    Raises RescoreRefused if it was undone before, or the plan changed.
    """
    row = get_rescore(db, ref=ref)
    attempts = lock_papers(db, revision_id=row.revision_id)
    db.refresh(row, ["reversed_at"], with_for_update=True)
    if row.reversed_at:
        raise RescoreRefused(RescoreRefusal.REVERSED)
    plan = _plan_as_shown(db, row.revision_id, None, decision)
    row.reversed_at, row.reversed_by_id = now, decision.by_id
    row.reverse_reason = decision.reason
    db.flush()
    _change_results(
        db, row=row, plan=plan, attempts=attempts, decision=decision, now=now
    )
    _audit(
        db,
        row,
        action="undid rescore",
        asked=row.revision,
        plan=plan,
        decision=decision,
        now=now,
    )
    return row


def _plan_as_shown(
    db: Session, revision_id: int, ruling: Ruling | None, decision: Decision
) -> RescorePlan:
    plan = rehearse_rescore(db, revision_id=revision_id, ruling=ruling)
    if plan.digest != decision.digest:
        raise RescoreRefused(RescoreRefusal.WORLD_CHANGED)
    return plan


def _change_results(
    db: Session,
    *,
    row: Rescore,
    plan: RescorePlan,
    attempts: Mapping[int, Attempt],
    decision: Decision,
    now: datetime,
) -> None:
    for change in plan.changes:
        attempt = attempts[change.attempt_id]
        passed_after = change.passed_after(decision.take_passes_of)
        attempt.score, attempt.passed = change.score_after, passed_after
        db.add(
            RescoredResult(
                rescore_id=row.id,
                attempt_id=attempt.id,
                reversal=row.reversed_at is not None,
                score_before=change.score_before,
                score_after=change.score_after,
                passed_before=change.passed_before,
                passed_after=passed_after,
                kept_pass=passed_after and not change.enough,
                changed_at=now,
            )
        )
        db.flush()
        if not change.practice:
            publish(db, _event(attempt, row, change, decision.by_id, now))


def _event(
    attempt: Attempt, row: Rescore, change: ChangedResult, by_id: int, now: datetime
) -> ResultChanged:
    if attempt.finished_at is None or attempt.passed is None:
        raise AssertionError("only finished attempts are marked again")
    return ResultChanged(
        occurred_at=now,
        attempt_id=attempt.id,
        person_id=attempt.person_id,
        rescore_id=row.id,
        finished_at=attempt.finished_at,
        passed_before=change.passed_before,
        passed_after=attempt.passed,
        decided_by_id=by_id,
    )


def _audit(
    db: Session,
    row: Rescore,
    *,
    action: str,
    asked: ItemRevision,
    plan: RescorePlan,
    decision: Decision,
    now: datetime,
) -> None:
    lost = [change for change in plan.real if change.falls_short]
    record(
        db,
        actor_id=decision.by_id,
        action=action,
        subject=f"rescore/{row.ref}",
        now=now,
        question=asked.item.code,
        revision=asked.revision,
        change="re-keyed" if row.new_key else "withdrawn",
        results=len(plan.real),
        practice=plan.practice,
        gained=sum(change.gains for change in plan.real),
        taken=sum(change.ref in decision.take_passes_of for change in lost),
        reason=decision.reason,
    )
