"""What a trainer teaches and when they work. Callers own the transaction.

Both are changed under the trainer's lock, so that nobody schedules by what is changing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.catalogue.queries import scheme
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.scheduling.models import TrainerHours, TrainerSkill
from ecs_training.scheduling.queries import lock_trainer
from ecs_training.scheduling.rules.leave import (
    TrainerTimeRefusal,
    why_not_set_hours,
    word_hours,
)
from ecs_training.scheduling.rules.trainers import Hours


class TrainerTimeRefused(Refused):
    reason: TrainerTimeRefusal


def set_skills(
    db: Session,
    *,
    trainer_id: int,
    card_roles: Collection[str],
    set_by_id: int,
    now: datetime,
) -> None:
    """Say which courses a trainer may give, or raise TrainerTimeRefused; none means every one.

    What they may give already stays granted as it was; what is left out ends now.
    """
    known = {role.slug for role in scheme().roles}
    if not known.issuperset(card_roles):
        raise TrainerTimeRefused(TrainerTimeRefusal.UNKNOWN_COURSE)
    lock_trainer(db, person_id=trainer_id)
    held = {
        skill.card_role: skill
        for skill in db.scalars(
            select(TrainerSkill).where(
                TrainerSkill.trainer_id == trainer_id, TrainerSkill.ended_at.is_(None)
            )
        )
    }
    granted = sorted(set(card_roles) - held.keys())
    ended = sorted(held.keys() - set(card_roles))
    for card_role in ended:
        held[card_role].ended_at = now
    db.add_all(
        TrainerSkill(
            trainer_id=trainer_id,
            card_role=card_role,
            granted_at=now,
            granted_by_id=set_by_id,
        )
        for card_role in granted
    )
    if granted or ended:
        what = {"granted": granted, "ended": ended}
        _audit(db, trainer_id, "changed skills", set_by_id, now, **what)


def set_hours(
    db: Session,
    *,
    trainer_id: int,
    hours: Sequence[Hours],
    set_by_id: int,
    now: datetime,
) -> None:
    """Give a trainer a new working week, or raise TrainerTimeRefused; an empty one: any hour."""
    if refusal := why_not_set_hours(hours):
        raise TrainerTimeRefused(refusal)
    lock_trainer(db, person_id=trainer_id)
    db.execute(delete(TrainerHours).where(TrainerHours.trainer_id == trainer_id))
    db.add_all(
        TrainerHours(
            trainer_id=trainer_id,
            weekday=each.weekday,
            starts=each.starts,
            ends=each.ends,
        )
        for each in hours
    )
    week = {
        str(weekday): word_hours(
            [(each.starts, each.ends) for each in hours if each.weekday == weekday]
        )
        for weekday in sorted({each.weekday for each in hours})
    }
    _audit(db, trainer_id, "changed working hours", set_by_id, now, week=week)


def _audit(
    db: Session,
    trainer_id: int,
    action: str,
    by_id: int,
    now: datetime,
    **details: object,
) -> None:
    db.flush()
    subject = f"trainer/{db.get_one(Person, trainer_id).ref}"
    record(db, actor_id=by_id, action=action, subject=subject, now=now, **details)
