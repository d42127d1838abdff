"""Saving one answer: the hot path. One SELECT, one conditional UPDATE, then the commit.

Plain Core, and statements that are put together once, because 40 people save 50 answers
each in half an hour. An answer is acknowledged only after the caller's transaction has
committed; its line in the journal is written by a trigger of the same statement.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Row,
    Table,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.orm import Session

from ecs_training.accounts.models import SignIn
from ecs_training.accounts.queries import IS_LIVE_SIGN_IN
from ecs_training.assessment.models import Attempt, LateAnswer, Response
from ecs_training.assessment.queries.numbers import highest_seq
from ecs_training.assessment.rules.holding import Hold, hold_of, standing_deadline
from ecs_training.assessment.rules.writing import (
    Outcome,
    Stored,
    Write,
    choose,
    decide_write,
)

MOST_LATE_ANSWERS = 200  # kept of one attempt: four for each question
Found = Row[*tuple[Any, ...]]
_sign_ins = cast(Table, SignIn.__table__)
_attempts = cast(Table, Attempt.__table__)
_responses = cast(Table, Response.__table__)
_others = _responses.alias("others")


# Holds the attempt, and reads all that the decision needs.
_READ = (
    select(
        _attempts.c.id,
        _attempts.c.deadline,
        _attempts.c.finished_at,
        _attempts.c.held_at,
        _attempts.c.held_until,
        _attempts.c.lease,
        (_attempts.c.lease_sign_in_id == _sign_ins.c.id).label("same_sign_in"),
        _responses.c.option_order,
        _responses.c.chosen,
        _responses.c.flagged,
        _responses.c.seq,
        _responses.c.lease.label("seq_lease"),
        _responses.c.late,
        highest_seq(_attempts.c.id, _attempts.c.lease).label("highest_seq"),
        select(func.count(_others.c.chosen))
        .where(_others.c.attempt_id == _attempts.c.id)
        .scalar_subquery()
        .label("answered"),
    )
    .select_from(_attempts)
    .join(_sign_ins, _sign_ins.c.person_id == _attempts.c.person_id)
    .join(_responses, _responses.c.attempt_id == _attempts.c.id)
    .where(
        _attempts.c.ref == bindparam("ref"),
        _responses.c.n == bindparam("n"),
        IS_LIVE_SIGN_IN,
    )
    .with_for_update(of=_attempts)
)
# Returns how many other questions are answered; no row if a higher number came first.
_WRITE = (
    update(_responses)
    .where(
        _responses.c.attempt_id == bindparam("of_attempt"),
        _responses.c.n == bindparam("of_n"),
        highest_seq(bindparam("of_attempt"), bindparam("lease")) < bindparam("seq"),
    )
    .values(
        {
            name: bindparam(name)
            for name in ("chosen", "flagged", "seq", "lease", "answered_at", "late")
        }
    )
    .returning(
        select(func.count(_others.c.chosen))
        .where(
            _others.c.attempt_id == bindparam("of_attempt"),
            _others.c.n != bindparam("of_n"),
        )
        .scalar_subquery()
    )
)


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
    connection = db.connection()
    asked = {"token_hash": token_hash, "ref": attempt_ref, "n": n, "now": received}
    for _ in range(2):
        row = connection.execute(_READ, asked).one_or_none()
        if row is None:
            return Saving(outcome=_why_nothing(connection, asked))
        saving = _decide(
            connection, row, n=n, write=write, received=received, grace=grace
        )
        if saving and saving.outcome in {Outcome.TIME_UP, Outcome.FINISHED}:
            _keep_late(db, row.id, n=n, write=write, received=received)
        if saving:
            return saving
        # PostgreSQL: another answer was saved while this one waited for the attempt, so
        # what it read was old. It holds the attempt now, so this happens once.
    msg = f"attempt {attempt_ref} was written while it was held"
    raise RuntimeError(msg)


def _decide(
    connection: Connection,
    row: Found,
    *,
    n: int,
    write: Write,
    received: datetime,
    grace: timedelta,
) -> Saving | None:
    """Save or refuse by what was read; None if that is out of date by now."""
    hold = hold_of(row.held_at, row.held_until)
    deadline = standing_deadline(row.deadline, hold, received)
    stored = _stored(row, hold)
    outcome = decide_write(write, stored, received=received, grace=grace)
    if outcome is Outcome.REPEAT:
        return _saved(outcome, write, deadline, answered=row.answered, late=row.late)
    if outcome is not Outcome.OK:
        return Saving(outcome=outcome)
    chosen, late = choose(write, stored), received > deadline
    changes = {
        "chosen": chosen,
        "flagged": write.flagged,
        "seq": write.seq,
        "lease": write.lease,
        "answered_at": received,
        "late": late,
        "of_attempt": row.id,
        "of_n": n,
    }
    others = connection.execute(_WRITE, changes).scalar_one_or_none()
    if others is None:
        return None
    answered = others + (chosen is not None)
    return _saved(outcome, write, deadline, answered=answered, late=late)


def _saved(
    outcome: Outcome, write: Write, deadline: datetime, *, answered: int, late: bool
) -> Saving:
    receipt = Receipt(seq=write.seq, answered=answered, deadline=deadline, late=late)
    return Saving(outcome=outcome, receipt=receipt)


def _stored(row: Found, hold: Hold | None) -> Stored:
    return Stored(
        finished=row.finished_at is not None,
        deadline=row.deadline,
        hold=hold,
        lease=row.lease,
        same_sign_in=row.same_sign_in,
        highest_seq=row.highest_seq,
        option_order=row.option_order,
        chosen=row.chosen,
        flagged=row.flagged,
        seq=row.seq,
        seq_lease=row.seq_lease,
    )


def _keep_late(
    db: Session, attempt_id: int, *, n: int, write: Write, received: datetime
) -> None:
    """Keep what came too late, once; the attempt is held, so copies come one by one."""
    mine = select(LateAnswer.id).where(LateAnswer.attempt_id == attempt_id)
    known = mine.where(
        LateAnswer.lease == write.lease, LateAnswer.seq == write.seq, LateAnswer.n == n
    )
    if db.scalar(known.limit(1)):
        return
    if (
        db.scalar(select(func.count()).select_from(mine.subquery()))
        == MOST_LATE_ANSWERS
    ):
        return
    db.add(
        LateAnswer(
            attempt_id=attempt_id,
            n=n,
            option=write.option,
            flagged=write.flagged,
            seq=write.seq,
            lease=write.lease,
            age_ms=write.age // timedelta(milliseconds=1),
            received_at=received,
        )
    )


def _why_nothing(connection: Connection, asked: dict[str, Any]) -> Outcome:
    signed_in = connection.execute(
        select(_sign_ins.c.id).where(IS_LIVE_SIGN_IN),
        {"token_hash": asked["token_hash"], "now": asked["now"]},
    ).one_or_none()
    return Outcome.NOT_FOUND if signed_in else Outcome.NOT_SIGNED_IN
