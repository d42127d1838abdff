"""Finding appeals: the person's own, and those that staff decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Sitting
from ecs_training.assessment.queries.attempts import get_own_attempt
from ecs_training.foundation.errors import NotFound
from ecs_training.invigilation.models import Appeal


@dataclass(frozen=True, kw_only=True)
class AppealCase:
    """An appeal with what it is about."""

    appeal: Appeal
    attempt: Attempt
    sitting: Sitting
    name: str
    email: str


def get_sat_attempt(db: Session, *, ref: str, person_id: int) -> Attempt:
    """Return the person's own finished assessment; NotFound for practice and before its end."""
    attempt = get_own_attempt(db, ref=ref, person_id=person_id)
    if attempt.is_practice or attempt.finished_at is None:
        raise NotFound
    return attempt


def find_appeal(db: Session, *, attempt_id: int) -> Appeal | None:
    return db.scalars(
        select(Appeal).where(Appeal.attempt_id == attempt_id)
    ).one_or_none()


def get_appeal(db: Session, *, ref: str) -> AppealCase:
    """Return any appeal, for staff; NotFound if there is no such."""
    row = db.execute(_cases().where(Appeal.ref == ref)).one_or_none()
    if row is None:
        raise NotFound
    return _case(row)


def list_appeals(db: Session, *, limit: int) -> Sequence[AppealCase]:
    """Return appeals: those that wait first, oldest first; then the newest decisions."""
    rows = db.execute(
        _cases()
        .order_by(
            Appeal.decided_at.is_not(None),
            Appeal.decided_at.desc(),
            Appeal.made_at,
            Appeal.id,
        )
        .limit(limit)
    )
    return [_case(row) for row in rows]


def list_waiting_appeals(db: Session) -> Sequence[AppealCase]:
    """Return the appeals that nobody has decided, oldest first."""
    waiting = _cases().where(Appeal.decided_at.is_(None))
    return [
        _case(row) for row in db.execute(waiting.order_by(Appeal.made_at, Appeal.id))
    ]


def lock_appeal(db: Session, *, ref: str) -> Appeal:
    """Hold an appeal until the transaction ends: it is decided once."""
    appeal = db.scalars(
        select(Appeal)
        .where(Appeal.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if appeal is None:
        raise NotFound
    return appeal


def _cases() -> Select[Appeal, Attempt, Sitting, str, str]:
    return (
        select(Appeal, Attempt, Sitting, Person.full_name, Person.email)
        .join(Attempt, Attempt.id == Appeal.attempt_id)
        .join(Sitting, Sitting.id == Attempt.sitting_id)
        .join(Person, Person.id == Attempt.person_id)
    )


def _case(row: Row[Appeal, Attempt, Sitting, str, str]) -> AppealCase:
    appeal, attempt, sitting, name, email = row
    return AppealCase(
        appeal=appeal, attempt=attempt, sitting=sitting, name=name, email=email
    )
