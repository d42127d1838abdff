"""Ending and voiding take two people: one asks, another confirms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Sitting
from ecs_training.assessment.services.finish import end_attempt, void_attempt
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.invigilation.models import RoomRequest
from ecs_training.invigilation.queries.requests import (
    Asked,
    find_waiting,
    list_asked_together,
    lock_requests,
)
from ecs_training.invigilation.queries.room import lock_attempts
from ecs_training.invigilation.rules.actions import (
    ActRefusal,
    RequestRefusal,
    RoomAction,
    why_not_decide,
    why_not_withdraw,
    word_reason,
)


class AskRefused(Refused):
    reason: ActRefusal


class RequestRefused(Refused):
    reason: RequestRefusal


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What became of the requests that somebody ticked: names, and names with reasons."""

    done: tuple[str, ...]
    missed: tuple[tuple[str, RequestRefusal], ...]


def ask_for(
    db: Session,
    *,
    action: RoomAction,
    attempt: Attempt,
    sitting: Sitting,
    reason: str,
    note: str | None,
    asked_by_id: int,
    now: datetime,
) -> RoomRequest:
    """Ask a second person to end or void an attempt, which the caller holds.

    Raises AskRefused while an earlier request about it waits.
    """
    if find_waiting(db, attempt_id=attempt.id):
        raise AskRefused(ActRefusal.ASKED_ALREADY)
    request = RoomRequest(
        sitting_id=sitting.id,
        attempt_id=attempt.id,
        action=action,
        reason=reason,
        note=note,
        asked_at=now,
        asked_by_id=asked_by_id,
    )
    db.add(request)
    db.flush()
    _record(
        db,
        attempt,
        request,
        f"asked to {action.value} attempt",
        by_id=asked_by_id,
        now=now,
    )
    return request


def decide_requests(
    db: Session,
    *,
    sitting_id: int,
    ref: str,
    chosen: Sequence[str],
    confirm: bool,
    decided_by_id: int,
    now: datetime,
) -> Decided:
    """Confirm, or decline, what was asked for together with `ref`; `chosen` are references.

    What cannot be decided is returned by name, and the others are. NotFound for a
    reference that is not among them; raises RequestRefused for none.
    """
    asked, attempts = _hold(db, sitting_id, ref, chosen)
    done, missed = [], []
    for one in asked:
        attempt = attempts[one.request.attempt_id]
        refusal = _why_not(one.request, attempt, confirm=confirm, by_id=decided_by_id)
        if refusal:
            missed.append((one.name, refusal))
            continue
        _decide(db, one.request, attempt, confirm=confirm, by_id=decided_by_id, now=now)
        done.append(one.name)
    return Decided(done=tuple(done), missed=tuple(missed))


def withdraw_requests(
    db: Session,
    *,
    sitting_id: int,
    ref: str,
    withdrawn_by_id: int,
    now: datetime,
) -> None:
    """Take back all that still waits of what was asked for together.

    Raises RequestRefused for what another person asked for, and where nothing waits.
    """
    together = list_asked_together(db, sitting_id=sitting_id, ref=ref)
    asked, attempts = _hold(db, sitting_id, ref, [one.request.ref for one in together])
    waiting = [one.request for one in asked if one.waits]
    first = asked[0].request
    refusal = why_not_withdraw(
        own=first.asked_by_id == withdrawn_by_id,
        decided=not waiting and first.decided_at is not None,
        withdrawn=not waiting and first.withdrawn_at is not None,
    )
    if refusal:
        raise RequestRefused(refusal)
    for request in waiting:
        request.withdrawn_at = now
        _record(
            db,
            attempts[request.attempt_id],
            request,
            f"took back the request to {request.action.value} attempt",
            by_id=withdrawn_by_id,
            now=now,
        )


def _hold(
    db: Session, sitting_id: int, ref: str, chosen: Sequence[str]
) -> tuple[list[Asked], dict[int, Attempt]]:
    """Lock what is decided about: attempts first, as whoever asks does."""
    if not chosen:
        raise RequestRefused(RequestRefusal.NOBODY)
    together = list_asked_together(db, sitting_id=sitting_id, ref=ref)
    asked = [one for one in together if one.request.ref in set(chosen)]
    if len(asked) != len(set(chosen)):
        raise NotFound
    attempts = lock_attempts(db, attempt_ids=[one.request.attempt_id for one in asked])
    lock_requests(db, request_ids=[one.request.id for one in asked])
    return asked, attempts


def _why_not(
    request: RoomRequest, attempt: Attempt, *, confirm: bool, by_id: int
) -> RequestRefusal | None:
    return why_not_decide(
        action=request.action,
        own=request.asked_by_id == by_id,
        confirm=confirm,
        decided=request.decided_at is not None,
        withdrawn=request.withdrawn_at is not None,
        finished=attempt.finished_at is not None,
        voided=attempt.voided_at is not None,
    )


def _decide(
    db: Session,
    request: RoomRequest,
    attempt: Attempt,
    *,
    confirm: bool,
    by_id: int,
    now: datetime,
) -> None:
    request.confirmed, request.decided_at, request.decided_by_id = confirm, now, by_id
    db.flush()
    verb = "confirmed" if confirm else "declined"
    words = f"{verb} the request to {request.action.value} attempt"
    _record(db, attempt, request, words, by_id=by_id, now=now)
    if not confirm:
        return
    if request.action is RoomAction.END:
        end_attempt(
            db,
            attempt_id=attempt.id,
            reason=request.reason,
            ended_by_id=by_id,
            now=now,
        )
    else:
        void_attempt(
            db,
            attempt_id=attempt.id,
            reason=word_reason(request.reason),
            voided_by_id=by_id,
            now=now,
        )


def _record(
    db: Session,
    attempt: Attempt,
    request: RoomRequest,
    action: str,
    *,
    by_id: int,
    now: datetime,
) -> None:
    record(
        db,
        actor_id=by_id,
        action=action,
        subject=f"attempt/{attempt.ref}",
        now=now,
        request=request.ref,
        reason=request.reason,
        note=request.note,
    )
