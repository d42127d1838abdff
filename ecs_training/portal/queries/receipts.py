"""The signed statement of what somebody handed in, and what one that comes back is worth."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Response, Sitting
from ecs_training.assessment.queries.record import digest_journal
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.signing import check
from ecs_training.passes.rules import word_what

KIND = "receipt"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What our record says of one finished assessment. No question, and no answer, is in it.

    `journal` is the SHA-256 (hex) of every answer that was accepted, in order; our audit
    holds the same digest. Instants are ISO 8601 in UTC.
    """

    iss: str
    attempt: str
    sitting: str
    who: str
    what: str
    started_at: str
    finished_at: str
    ending: str
    answered: int
    out_of: int
    journal: str
    score: int
    passed: bool
    voided: bool

    def claims(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def started(self) -> datetime:
        return datetime.fromisoformat(self.started_at)

    @property
    def finished(self) -> datetime:
        return datetime.fromisoformat(self.finished_at)


@dataclass(frozen=True, kw_only=True)
class CheckedReceipt:
    """A receipt of ours that came back, and whether our record still says the same."""

    receipt: Receipt
    stands: bool


def get_own_receipt(db: Session, *, ref: str, person_id: int) -> Receipt:
    """Return it for the person's own finished assessment; NotFound for practice, for one
    that is still open and for anybody else's."""
    receipt, owner_id = _find_receipt(db, ref)
    if owner_id != person_id:
        raise NotFound
    return receipt


def check_receipt(db: Session, *, token: str) -> CheckedReceipt | None:
    """Return what a pasted receipt says; None if we did not sign it so."""
    claims = check(db, token, kind=KIND)
    if claims is None:
        return None
    return CheckedReceipt(receipt=Receipt(**claims), stands=_still_stands(db, claims))


def _still_stands(db: Session, claims: Mapping[str, Any]) -> bool:
    try:
        today, _ = _find_receipt(db, claims["attempt"])
    except NotFound:
        return False
    # We may have moved to another address since.
    return {**today.claims(), "iss": claims["iss"]} == claims


def _find_receipt(db: Session, ref: str) -> tuple[Receipt, int]:
    row = db.execute(
        select(Attempt, Person.full_name, Sitting.ref)
        .join(Person, Person.id == Attempt.person_id)
        .join(Sitting, Sitting.id == Attempt.sitting_id)  # practice has none
        .where(Attempt.ref == ref, Attempt.finished_at.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    attempt, name, sitting_ref = row
    receipt = _make_receipt(db, attempt, who=name, sitting=sitting_ref)
    return receipt, attempt.person_id


def _make_receipt(db: Session, attempt: Attempt, *, who: str, sitting: str) -> Receipt:
    digest, _ = digest_journal(db, attempt_id=attempt.id)
    return Receipt(
        iss=settings_of(db).base_url,
        attempt=attempt.ref,
        sitting=sitting,
        who=who,
        what=word_what(card_role(attempt.card_role).name),
        started_at=attempt.started_at.isoformat(),
        finished_at=attempt.finished_at.isoformat() if attempt.finished_at else "",
        ending=attempt.ending or "",
        answered=_count_answered(db, attempt.id),
        out_of=attempt.out_of,
        journal=digest,
        score=attempt.score or 0,
        passed=bool(attempt.passed),
        voided=attempt.voided_at is not None,
    )


def _count_answered(db: Session, attempt_id: int) -> int:
    return db.scalars(
        select(func.count())
        .select_from(Response)
        .where(Response.attempt_id == attempt_id, Response.chosen.is_not(None))
    ).one()
