"""How an attempt stands at this moment, in one question of the database: for the poll."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select

from ecs_training.accounts.models import SignIn
from ecs_training.accounts.queries import IS_LIVE_SIGN_IN
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.rules.holding import HoldKind, hold_of, standing_deadline
from ecs_training.foundation.database import Database

_sign_ins = cast(Table, SignIn.__table__)
_attempts = cast(Table, Attempt.__table__)
# Thousands of pages ask every few seconds, so it is put together once. The sign-in is
# there without an attempt, too: then the attempt is nobody's, or another person's.
_STANDING = (
    select(
        _attempts.c.id,
        _attempts.c.deadline,
        _attempts.c.finished_at,
        _attempts.c.held_at,
        _attempts.c.held_until,
        _attempts.c.held_kind,
        _attempts.c.rest_seconds,
        _attempts.c.rest_used_seconds,
        _attempts.c.lease,
        (_attempts.c.lease_sign_in_id == _sign_ins.c.id).label("same_sign_in"),
    )
    .select_from(_sign_ins)
    .outerjoin(
        _attempts,
        (_attempts.c.person_id == _sign_ins.c.person_id)
        & (_attempts.c.ref == bindparam("ref")),
    )
    .where(IS_LIVE_SIGN_IN)
)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An attempt of a person who is signed in; `attempt_id` is None if it is not theirs."""

    attempt_id: int | None
    finished: bool
    deadline: datetime
    held: HoldKind | None
    rest_left: int  # seconds
    lease: str | None  # if it is this sign-in's


def find_standing(
    database: Database, *, token_hash: str, ref: str, now: datetime
) -> Standing | None:
    """Return how the attempt stands, or None where nobody is signed in."""
    asked = {"token_hash": token_hash, "ref": ref, "now": now}
    row = database.ask(_STANDING, asked)
    if row is None:
        return None
    if row.id is None:
        return Standing(
            attempt_id=None,
            finished=False,
            deadline=now,
            held=None,
            rest_left=0,
            lease=None,
        )
    hold = hold_of(row.held_at, row.held_until)
    return Standing(
        attempt_id=row.id,
        finished=row.finished_at is not None,
        deadline=standing_deadline(row.deadline, hold, now),
        held=row.held_kind if hold and hold.is_on(now) else None,
        rest_left=row.rest_seconds - row.rest_used_seconds,
        lease=row.lease if row.same_sign_in else None,
    )
