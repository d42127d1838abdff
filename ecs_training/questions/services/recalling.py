"""A law or guide has changed: every live item that cites it is taken out in one step."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.references import new_reference
from ecs_training.questions.models import Recall
from ecs_training.questions.queries.live import live_items
from ecs_training.questions.queries.recalls import RECALLED, list_citing
from ecs_training.questions.rules.bank import Blueprint
from ecs_training.questions.rules.recalls import RecallPlan, plan_recall
from ecs_training.questions.rules.standing import BankRefusal
from ecs_training.questions.services.locking import lock_bank
from ecs_training.questions.services.suspending import BankRefused, take_out


def rehearse_recall(
    db: Session, *, source: str, blueprints: Iterable[Blueprint]
) -> RecallPlan:
    """Return what recalling a source would do to the papers, and do nothing."""
    cited = [each.item.code for each in list_citing(db, source=source)]
    return plan_recall(live_items(db), cited, blueprints)


def recall_source(
    db: Session,
    *,
    source: str,
    reason: str,
    digest: str,
    blueprints: Iterable[Blueprint],
    made_by_id: int,
    now: datetime,
) -> Recall:
    """Suspend every live item that cites a source, exactly as the plan with `digest` showed.

    BankRefused where nothing cites it, where the list would be another by now, and where a
    paper could not be filled without them.
    """
    lock_bank(db)
    cited = [each.item for each in list_citing(db, source=source)]
    plan = rehearse_recall(db, source=source, blueprints=blueprints)
    if not cited:
        raise BankRefused(BankRefusal.NOTHING_CITED)
    if plan.digest != digest:
        raise BankRefused(BankRefusal.LIST_CHANGED)
    if plan.short:
        raise BankRefused(BankRefusal.TOO_FEW, short=plan.short)
    recall = Recall(
        ref=new_reference(),
        source=source,
        reason=reason,
        made_at=now,
        made_by_id=made_by_id,
    )
    db.add(recall)
    db.flush()
    for item in cited:
        take_out(item, reason=reason, by_id=made_by_id, now=now)
        item.recall_id = recall.id
    _audit(db, recall, [item.code for item in cited])
    return recall


def _audit(db: Session, recall: Recall, codes: list[str]) -> None:
    record(
        db,
        actor_id=recall.made_by_id,
        action=RECALLED,
        subject=f"recall/{recall.ref}",
        now=recall.made_at,
        source=recall.source,
        reason=recall.reason,
        codes=codes,
    )
