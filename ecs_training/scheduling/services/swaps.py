"""A trainer asks another to take a date over. Callers own the transaction.

Locks in the house's order: both trainers by their ids, the date, then the request.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.events import publish
from ecs_training.scheduling.events import (
    CourseSessionCancelled,
    CourseSessionRestaffed,
    SwapAnswered,
    SwapAsked,
)
from ecs_training.scheduling.models import CourseSession, Swap
from ecs_training.scheduling.queries import (
    get_course_session_of,
    lock_course_session,
)
from ecs_training.scheduling.queries.swaps import (
    find_open_swap,
    get_swap_of,
    lock_swap,
)
from ecs_training.scheduling.queries.trainers import get_trainer, is_trainer
from ecs_training.scheduling.rules.swaps import (
    SwapRefusal,
    why_not_answer,
    why_not_ask,
    why_not_swap,
)
from ecs_training.scheduling.services.availability import lock_trainers
from ecs_training.scheduling.services.changes import hand_over, why_cannot_give
from ecs_training.scheduling.services.dates import refuse


class SwapRefused(Refused):
    reason: SwapRefusal


def ask_swap(
    db: Session,
    *,
    course_session_ref: str,
    trainer_id: int,
    to_ref: str,
    note: str,
    now: datetime,
) -> Swap:
    """Ask another trainer to take over one's own date.

    Raise NotFound for a date or trainer that is not there, SwapRefused or TimetableRefused
    (the other cannot give it).
    """
    found = get_course_session_of(db, ref=course_session_ref, trainer_id=trainer_id)
    to_id = get_trainer(db, ref=to_ref).id
    lock_trainers(db, {trainer_id, to_id})
    course_session = lock_course_session(db, course_session_id=found.id)
    if course_session.trainer_id != trainer_id:  # between the look and the lock
        raise NotFound
    _refuse(
        _why_not_swap(course_session, now) or _why_not_ask(db, course_session, to_id)
    )
    refuse(why_cannot_give(db, course_session, to_id))
    swap = Swap(
        course_session_id=course_session.id,
        from_id=trainer_id,
        to_id=to_id,
        note=note,
        asked_at=now,
    )
    db.add(swap)
    db.flush()
    _audit(db, swap, "asked for a swap", trainer_id, now)
    publish(db, SwapAsked(occurred_at=now, swap_id=swap.id))
    return swap


def list_who_could_give(
    db: Session, *, course_session: CourseSession, trainers: Iterable[Person]
) -> list[Person]:
    """Return those of the others who could take a date over as things stand. Nothing is held."""
    return [
        each
        for each in trainers
        if each.id != course_session.trainer_id
        and why_cannot_give(db, course_session, each.id) is None
    ]


def answer_swap(
    db: Session, *, ref: str, trainer_id: int, accept: bool, now: datetime
) -> None:
    """Take over a date that one is asked to, or decline; both are judged as things stand now.

    Raise NotFound if somebody else is asked, SwapRefused if there is nothing left to
    answer, TimetableRefused if one cannot give the date.
    """
    swap, course_session = _hold(db, ref, trainer_id)
    if swap.to_id != trainer_id:
        raise NotFound
    _refuse(_why_not_answer(swap, course_session))
    if accept:
        _refuse(
            _why_not_swap(course_session, now)
            or (
                None if is_trainer(db, person_id=trainer_id) else SwapRefusal.NO_TRAINER
            )
        )
        refuse(why_cannot_give(db, course_session, trainer_id))
    swap.answered_at, swap.accepted = now, accept
    db.flush()
    _audit(db, swap, "accepted swap" if accept else "declined swap", trainer_id, now)
    if accept:
        hand_over(db, course_session, trainer_id, trainer_id, now)
    publish(db, SwapAnswered(occurred_at=now, swap_id=swap.id, accepted=accept))


def withdraw_swap(db: Session, *, ref: str, trainer_id: int, now: datetime) -> None:
    """Take back what one asked of another, or raise SwapRefused; NotFound for who was asked."""
    swap, course_session = _hold(db, ref, trainer_id)
    if swap.from_id != trainer_id:
        raise NotFound
    _refuse(_why_not_answer(swap, course_session))
    swap.withdrawn_at = now
    db.flush()
    _audit(db, swap, "withdrew swap", trainer_id, now)


def close_swap_of(
    db: Session, event: CourseSessionCancelled | CourseSessionRestaffed
) -> None:
    """Leave nothing to answer about a date that is off, or that somebody else gives by now."""
    swap = find_open_swap(db, course_session_id=event.course_session_id)
    if swap is not None:
        swap.withdrawn_at = event.occurred_at
        db.flush()


def _hold(db: Session, ref: str, trainer_id: int) -> tuple[Swap, CourseSession]:
    found = get_swap_of(db, ref=ref, trainer_id=trainer_id)
    lock_trainers(db, {found.from_id, found.to_id})
    held = lock_course_session(db, course_session_id=found.course_session_id)
    return lock_swap(db, swap_id=found.id), held


def _why_not_ask(
    db: Session, course_session: CourseSession, to_id: int
) -> SwapRefusal | None:
    open_one = find_open_swap(db, course_session_id=course_session.id)
    return why_not_ask(
        yourself=to_id == course_session.trainer_id,
        is_trainer=is_trainer(db, person_id=to_id),
        one_open=open_one is not None,
    )


def _why_not_answer(swap: Swap, course_session: CourseSession) -> SwapRefusal | None:
    if course_session.cancelled_at is not None and not swap.answered_at:
        return SwapRefusal.CANCELLED
    return why_not_answer(
        answered=swap.answered_at is not None,
        withdrawn=swap.withdrawn_at is not None,
        still_theirs=course_session.trainer_id == swap.from_id,
    )


def _why_not_swap(course_session: CourseSession, now: datetime) -> SwapRefusal | None:
    return why_not_swap(
        starts_at=course_session.starts_at,
        cancelled=course_session.cancelled_at is not None,
        now=now,
    )


def _refuse(reason: SwapRefusal | None) -> None:
    if reason:
        raise SwapRefused(reason)


def _audit(db: Session, swap: Swap, action: str, by_id: int, now: datetime) -> None:
    record(db, actor_id=by_id, action=action, subject=f"swap/{swap.ref}", now=now)
