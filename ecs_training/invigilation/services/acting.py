"""One decision for one person, for some or for all: what cannot be done for somebody is
said by name, and is done for the others, all in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.services.extending import extend_attempt
from ecs_training.assessment.services.holding import hold_attempt, resume_attempt
from ecs_training.assessment.services.leases import AttemptEnded, release_lease
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.invigilation.queries.room import (
    Chosen,
    count_time_given,
    list_chosen,
    lock_attempts,
    lock_entries,
    lock_room,
)
from ecs_training.invigilation.rules.actions import (
    ActRefusal,
    Deed,
    RoomRefusal,
    why_not_act,
    why_not_admit,
)
from ecs_training.invigilation.services.requests import ask_for


class RoomRefused(Refused):
    """Nothing was done for anybody."""

    reason: RoomRefusal


class _NotDone(Refused):
    reason: ActRefusal


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done, by whom and why. `reason` is a code; `length` goes with EXTEND.

    `time_given` is how often these people had been given time when the page was made that
    this comes from, so that a button pressed twice gives time once. None: do not look.
    """

    deed: Deed
    by_id: int
    sign_in_id: int
    reason: str = ""
    note: str | None = None
    length: timedelta = timedelta(0)
    time_given: int | None = None


@dataclass(frozen=True, kw_only=True)
class Missed:
    """Somebody for whom it could not be done, and why."""

    who: Chosen
    reason: StrEnum
    slug: str


@dataclass(frozen=True, kw_only=True)
class Report:
    done: tuple[Chosen, ...]
    missed: tuple[Missed, ...]


@dataclass(frozen=True, kw_only=True)
class _Held:
    """What is locked while an order is carried out."""

    sitting: Sitting
    entries: Mapping[int, Entry]
    attempts: Mapping[int, Attempt]


def carry_out(
    db: Session, *, sitting: Sitting, refs: Sequence[str], order: Order, now: datetime
) -> Report:
    """Do it for everybody whose booking is named, where it can be done.

    NotFound if one of them is not of this room; raises RoomRefused for nobody, and where
    somebody gave them time since the page was made.
    """
    if not refs:
        raise RoomRefused(RoomRefusal.NOBODY)
    people = list_chosen(db, sitting=sitting, refs=refs)
    held = _lock(db, sitting, people, order.deed)
    _refuse_repetition(db, held, order)
    act = _DEEDS[order.deed]
    done, missed = [], []
    for one in people:
        try:
            _refuse_unfit(held, one, order.deed)
            act(db, held, one, order, now)
        except Refused as refused:
            missed.append(_word(one, refused))
        else:
            done.append(one)
    return Report(done=tuple(done), missed=tuple(missed))


def _lock(db: Session, sitting: Sitting, people: Sequence[Chosen], deed: Deed) -> _Held:
    if deed is Deed.ADMIT:
        entry_ids = [one.entry_id for one in people]
        return _Held(
            sitting=lock_room(db, sitting_id=sitting.id),
            entries=lock_entries(db, entry_ids=entry_ids),
            attempts={},
        )
    attempt_ids = [one.attempt_id for one in people if one.attempt_id]
    attempts = lock_attempts(db, attempt_ids=attempt_ids)
    return _Held(sitting=sitting, entries={}, attempts=attempts)


def _refuse_repetition(db: Session, held: _Held, order: Order) -> None:
    if order.deed is not Deed.EXTEND or order.time_given is None:
        return
    if count_time_given(db, attempt_ids=list(held.attempts)) != order.time_given:
        raise RoomRefused(RoomRefusal.TIME_GIVEN)


def _refuse_unfit(held: _Held, one: Chosen, deed: Deed) -> None:
    attempt = held.attempts.get(one.attempt_id or 0)
    refusal = why_not_act(
        deed,
        started=one.attempt_id is not None,
        finished=attempt is not None and attempt.finished_at is not None,
        voided=attempt is not None and attempt.voided_at is not None,
    )
    if refusal:
        raise _NotDone(refusal)


def _word(one: Chosen, refused: Refused) -> Missed:
    if isinstance(refused, AttemptEnded):  # worded for the candidate
        refused = _NotDone(ActRefusal.FINISHED)
    return Missed(who=one, reason=refused.reason, slug=refused.slug)


def _admit(db: Session, held: _Held, one: Chosen, order: Order, now: datetime) -> None:
    entry = held.entries[one.entry_id]
    refusal = why_not_admit(
        gated=held.sitting.gated_at is not None,
        admitted=entry.released_at is not None,
        closed=held.sitting.closed_at is not None,
    )
    if refusal:
        raise _NotDone(refusal)
    entry.released_at, entry.released_by_id = now, order.by_id
    entry.release_reason = order.reason
    record(
        db,
        actor_id=order.by_id,
        action="let one person start",
        subject=f"sitting/{held.sitting.ref}",
        now=now,
        booking=one.ref,
        reason=order.reason,
        note=order.note,
    )


def _hold(db: Session, _held: _Held, one: Chosen, order: Order, now: datetime) -> None:
    hold_attempt(
        db,
        attempt_id=one.attempt_id or 0,
        reason=order.reason,
        note=order.note,
        held_by_id=order.by_id,
        now=now,
    )


def _resume(
    db: Session, _held: _Held, one: Chosen, order: Order, now: datetime
) -> None:
    resume_attempt(
        db, attempt_id=one.attempt_id or 0, resumed_by_id=order.by_id, now=now
    )


def _extend(
    db: Session, _held: _Held, one: Chosen, order: Order, now: datetime
) -> None:
    extend_attempt(
        db,
        attempt_id=one.attempt_id or 0,
        length=order.length,
        kind=TimeChangeKind.EXTENSION,
        reason=order.reason,
        note=order.note,
        made_by_id=order.by_id,
        now=now,
    )


def _move(db: Session, _held: _Held, one: Chosen, order: Order, now: datetime) -> None:
    release_lease(
        db,
        attempt_id=one.attempt_id or 0,
        reason=order.reason,
        note=order.note,
        released_by_id=order.by_id,
        sign_in_id=order.sign_in_id,
        now=now,
    )


def _ask(db: Session, held: _Held, one: Chosen, order: Order, now: datetime) -> None:
    action = order.deed.as_request
    if action is None:
        raise AssertionError("only what takes two people is asked for")
    ask_for(
        db,
        action=action,
        attempt=held.attempts[one.attempt_id or 0],
        sitting=held.sitting,
        reason=order.reason,
        note=order.note,
        asked_by_id=order.by_id,
        now=now,
    )


_DEEDS: Mapping[Deed, Callable[[Session, _Held, Chosen, Order, datetime], None]] = {
    Deed.ADMIT: _admit,
    Deed.HOLD: _hold,
    Deed.RESUME: _resume,
    Deed.EXTEND: _extend,
    Deed.MOVE: _move,
    Deed.END: _ask,
    Deed.VOID: _ask,
}
