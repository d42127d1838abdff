"""One question of an open attempt and everything around it, in one question of the database.

The page that people reload, and that those without script load fifty times: its statement
is put together once, and nothing is loaded that it does not show. Never the key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

from sqlalchemy import (
    String,
    Table,
    bindparam,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy import cast as cast_to

from ecs_training.accounts.models import SignIn
from ecs_training.accounts.queries import IS_LIVE_SIGN_IN
from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.queries.attempts import Progress, QuestionState
from ecs_training.assessment.rules.holding import HoldKind, hold_of, standing_deadline
from ecs_training.assessment.rules.timing import is_over
from ecs_training.assessment.rules.writing import shown_options, to_shown_letter
from ecs_training.foundation.database import Database
from ecs_training.questions.models import ItemRevision

_sign_ins = cast(Table, SignIn.__table__)
_attempts = cast(Table, Attempt.__table__)
_responses = cast(Table, Response.__table__)
_revisions = cast(Table, ItemRevision.__table__)
_all = _responses.alias("paper")
# Written into the statement: whatever is bound is worked through in every execution.
_DOT = literal_column("'.'", String)
_FLAG = literal_column("'.f'", String)
_NOTHING = literal_column("''", String)
_SPACE = literal_column("' '", String)
_ZERO = literal_column("'0'", String)
_state = (
    cast_to(_all.c.n, String)
    + _DOT
    + func.coalesce(_all.c.chosen, _NOTHING)
    + _DOT
    + _all.c.option_order
    + case((_all.c.flagged, _FLAG), else_=_DOT)
)
_seq = func.max(case((_all.c.lease == _attempts.c.lease, _all.c.seq)))
# The whole paper as one text, the lease's highest number in front: fifty rows would cost as
# much as all the rest of the page.
_paper = (
    select(
        func.coalesce(cast_to(_seq, String), _ZERO)
        + _SPACE
        + func.aggregate_strings(_state, _SPACE)  # type: ignore[arg-type]
    )
    .where(_all.c.attempt_id == _attempts.c.id)
    .scalar_subquery()
)
_PAGE = (
    select(
        _attempts.c.entry_id,
        _attempts.c.started_at,
        _attempts.c.deadline,
        _attempts.c.finished_at,
        _attempts.c.held_at,
        _attempts.c.held_until,
        _attempts.c.held_kind,
        (_attempts.c.rest_seconds - _attempts.c.rest_used_seconds).label("rest_left"),
        _attempts.c.lease,
        (_attempts.c.lease_sign_in_id == _sign_ins.c.id).label("same_sign_in"),
        _responses.c.option_order,
        _responses.c.chosen,
        _responses.c.flagged,
        _revisions.c.stem,
        _revisions.c.options,
        _revisions.c.image,
        _paper.label("paper"),
    )
    .select_from(_sign_ins)
    .join(_attempts, _attempts.c.person_id == _sign_ins.c.person_id)
    .join(_responses, _responses.c.attempt_id == _attempts.c.id)
    .join(_revisions, _revisions.c.id == _responses.c.revision_id)
    .where(
        IS_LIVE_SIGN_IN,
        _attempts.c.ref == bindparam("ref"),
        _responses.c.n == bindparam("n"),
    )
)


@dataclass(frozen=True, kw_only=True)
class ExamPage:
    """What the page of one question shows. `lease` is empty for whoever may not write."""

    ref: str
    n: int
    out_of: int
    is_practice: bool
    started_at: datetime
    deadline: datetime  # as it stands: a stopped clock has moved it
    is_over: bool
    held: HoldKind | None
    rest_left: int  # seconds
    lease: str
    stem: str
    options: tuple[tuple[str, str], ...]  # (letter shown, text)
    image: Mapping[str, str] | None
    chosen: str | None  # the letter shown
    flagged: bool
    progress: Progress


def find_exam_page(
    database: Database, *, token_hash: str, ref: str, n: int, now: datetime
) -> ExamPage | None:
    """Return question `n` of the person's own attempt, by what names their sign-in.

    None where nobody is signed in, the attempt is not theirs, or it has no such question.
    """
    asked = {"token_hash": token_hash, "ref": ref, "n": n, "now": now}
    row = database.ask(_PAGE, asked)
    if row is None:
        return None
    seq, *states = row.paper.split(" ")
    hold = hold_of(row.held_at, row.held_until)
    deadline = standing_deadline(row.deadline, hold, now)
    return ExamPage(
        ref=ref,
        n=n,
        out_of=len(states),
        is_practice=row.entry_id is None,
        started_at=row.started_at,
        deadline=deadline,
        is_over=row.finished_at is not None or is_over(deadline=deadline, now=now),
        held=row.held_kind if hold and hold.is_on(now) else None,
        rest_left=row.rest_left,
        lease=row.lease if row.same_sign_in else "",
        stem=row.stem,
        options=shown_options(row.options, row.option_order),
        image=row.image,
        chosen=to_shown_letter(row.chosen, row.option_order),
        flagged=row.flagged,
        progress=Progress(states=_read_states(states), seq=int(seq)),
    )


def _read_states(states: Iterable[str]) -> tuple[QuestionState, ...]:
    """Read what `_state` wrote of each question; the database promises no order of them."""
    return tuple(sorted(map(_read_state, states)))


@cache
def _read_state(text: str) -> QuestionState:
    n, chosen, order, flag = text.split(".")
    option = to_shown_letter(chosen or None, order)
    return QuestionState(n=int(n), option=option, flagged=bool(flag))
