"""Saving one answer: the hot path. One SELECT, one conditional UPDATE, then the commit.

Plain Core, because 40 people save 50 answers each in half an hour. An answer is
acknowledged only after the caller's transaction has committed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, ScalarSelect, Table, func, select, update
from sqlalchemy.orm import Session

from ecs_training.accounts.models import SignIn
from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.rules.writing import (
    Outcome,
    Stored,
    Write,
    choose,
    decide_write,
)

Found = Row[*tuple[Any, ...]]
_responses = cast(Table, Response.__table__)
_others = _responses.alias("others")


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What we say to an answer that is saved. `answered` counts the whole paper."""

    seq: int
    answered: int
    deadline: datetime
    late: bool


@dataclass(frozen=True, kw_only=True)
class Saving:
    """How saving went; there is a receipt exactly when the answer is in the database."""

    outcome: Outcome
    receipt: Receipt | None = None


def save_response(
    db: Session,
    *,
    token_hash: str,
    attempt_ref: str,
    n: int,
    write: Write,
    received: datetime,
    grace: timedelta,
) -> Saving:
    """Save the answer to question `n`, or say why not. What was saved is saved once.

    A refusal is returned, not raised: it is an answer that every client must expect.
    """
    for _ in range(2):
        row = _read(db, token_hash, attempt_ref, n, received)
        if row is None:
            return Saving(outcome=_why_nothing(db, token_hash, received))
        saving = _decide(db, row, n=n, write=write, received=received, grace=grace)
        if saving:
            return saving
        # PostgreSQL: another answer was saved while this one waited for the attempt, so
        # what it read was old. It holds the attempt now, so this happens once.
    msg = f"attempt {attempt_ref} was written while it was held"
    raise RuntimeError(msg)


def _decide(
    db: Session,
    row: Found,
    *,
    n: int,
    write: Write,
    received: datetime,
    grace: timedelta,
) -> Saving | None:
    """Save or refuse by what was read; None if that is out of date by now."""
    stored = _stored(row)
    outcome = decide_write(write, stored, received=received, grace=grace)
    if outcome is Outcome.REPEAT:
        return _saved(outcome, row, write, answered=row.answered, late=row.late)
    if outcome is not Outcome.OK:
        return Saving(outcome=outcome)
    chosen, late = choose(write, stored), received > row.deadline
    changes = {
        "chosen": chosen,
        "flagged": write.flagged,
        "seq": write.seq,
        "lease": write.lease,
        "answered_at": received,
        "late": late,
    }
    others = _write(db, row.id, n, changes)
    if others is None:
        return None
    answered = others + (chosen is not None)
    return _saved(outcome, row, write, answered=answered, late=late)


def _saved(
    outcome: Outcome, row: Found, write: Write, *, answered: int, late: bool
) -> Saving:
    receipt = Receipt(
        seq=write.seq, answered=answered, deadline=row.deadline, late=late
    )
    return Saving(outcome=outcome, receipt=receipt)


def _read(
    db: Session, token_hash: str, attempt_ref: str, n: int, now: datetime
) -> Found | None:
    """Hold the attempt, and read all that the decision needs."""
    return db.execute(
        select(
            Attempt.id,
            Attempt.deadline,
            Attempt.finished_at,
            Attempt.lease,
            (Attempt.lease_sign_in_id == SignIn.id).label("same_sign_in"),
            Response.option_order,
            Response.chosen,
            Response.flagged,
            Response.seq,
            Response.lease.label("seq_lease"),
            Response.late,
            _highest_seq(Attempt.id, Attempt.lease).label("highest_seq"),
            select(func.count(_others.c.chosen))
            .where(_others.c.attempt_id == Attempt.id)
            .scalar_subquery()
            .label("answered"),
        )
        .join(SignIn, SignIn.person_id == Attempt.person_id)
        .join(Response, Response.attempt_id == Attempt.id)
        .where(
            Attempt.ref == attempt_ref,
            Response.n == n,
            SignIn.token_hash == token_hash,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
        )
        .with_for_update(of=Attempt)
    ).one_or_none()


def _highest_seq(attempt_id: Any, lease: Any) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.max(_others.c.seq), 0))
        .where(_others.c.attempt_id == attempt_id, _others.c.lease == lease)
        .scalar_subquery()
    )


def _stored(row: Found) -> Stored:
    return Stored(
        finished=row.finished_at is not None,
        deadline=row.deadline,
        lease=row.lease,
        same_sign_in=row.same_sign_in,
        highest_seq=row.highest_seq,
        option_order=row.option_order,
        chosen=row.chosen,
        flagged=row.flagged,
        seq=row.seq,
        seq_lease=row.seq_lease,
    )


def _write(db: Session, attempt_id: int, n: int, changes: dict[str, Any]) -> int | None:
    """Return how many other questions are answered; None if a higher number came first."""
    return db.execute(
        update(_responses)
        .where(
            _responses.c.attempt_id == attempt_id,
            _responses.c.n == n,
            _highest_seq(attempt_id, changes["lease"]) < changes["seq"],
        )
        .values(changes)
        .returning(
            select(func.count(_others.c.chosen))
            .where(_others.c.attempt_id == attempt_id, _others.c.n != n)
            .scalar_subquery()
        )
    ).scalar_one_or_none()


def _why_nothing(db: Session, token_hash: str, now: datetime) -> Outcome:
    live = select(SignIn.id).where(
        SignIn.token_hash == token_hash,
        SignIn.ended_at.is_(None),
        SignIn.expires_at > now,
    )
    signed_in = db.execute(live).one_or_none()
    return Outcome.NOT_FOUND if signed_in else Outcome.NOT_SIGNED_IN
