"""The room and its board. The board is asked for every few seconds: three statements, plain
columns, whatever the number of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import (
    Attempt,
    Entry,
    LateAnswer,
    Outage,
    Presence,
    Response,
    Sitting,
    TimeChange,
)
from ecs_training.assessment.rules.holding import hold_of
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.booking.models import Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.invigilation.models import RoomRequest
from ecs_training.invigilation.rules.board import Line, Sighting, judge_line
from ecs_training.scheduling.models import CourseSession

_SEEN = (
    Attempt.id,
    Attempt.started_at,
    Attempt.deadline,
    Attempt.finished_at,
    Attempt.voided_at,
    Attempt.held_at,
    Attempt.held_until,
    Attempt.held_kind,
    Attempt.out_of,
    Presence.seen_at,
    Presence.hidden_at,
    Presence.unsaved,
)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Somebody with an entry for the room, to do something with. `ref` is the booking's."""

    ref: str
    name: str
    entry_id: int
    attempt_id: int | None


@dataclass(frozen=True, kw_only=True)
class News:
    """How much waits for a decision, so that a page can say that it is out of date."""

    requests: int
    outages: int


def get_room(db: Session, *, ref: str, trainer_id: int | None) -> Sitting:
    """Return a sitting with its date, trainer and invigilator.

    NotFound for another trainer's date; None stands for staff, who see any.
    """
    query = (
        select(Sitting)
        .join(Sitting.course_session)
        .where(Sitting.ref == ref)
        .options(
            joinedload(Sitting.course_session).joinedload(CourseSession.trainer),
            joinedload(Sitting.invigilator),
        )
    )
    if trainer_id is not None:
        query = query.where(CourseSession.trainer_id == trainer_id)
    return _one(db.scalars(query).one_or_none())


def get_any_room(db: Session, *, ref: str) -> Sitting:
    """Return the sitting whoever's date it is, for a second person who was sent its link."""
    return get_room(db, ref=ref, trainer_id=None)


def lock_room(db: Session, *, sitting_id: int) -> Sitting:
    """Hold a sitting until the transaction ends, so that nobody starts meanwhile."""
    return _one(
        db.scalars(
            select(Sitting)
            .where(Sitting.id == sitting_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
    )


def _one(sitting: Sitting | None) -> Sitting:
    if sitting is None:
        raise NotFound
    return sitting


def read_board(db: Session, *, sitting: Sitting, now: datetime) -> list[Line]:
    """Return everybody with an entry for the room, by name, as they are at this moment.

    Somebody who sits again in the same room is there once, with the newer entry.
    """
    rows = db.execute(
        select(Booking.ref, Person.full_name, Entry.released_at, *_SEEN)
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Person, Person.id == Booking.candidate_id)
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .outerjoin(Presence, Presence.attempt_id == Attempt.id)
        .where(
            Entry.course_session_id == sitting.course_session_id,
            Entry.withdrawn_at.is_(None),
        )
        .order_by(Entry.id)
    )
    answers = _count_answers(db, sitting.id)
    late = _count_late(db, sitting.id)
    lines = {row.ref: _judge(row, answers, late, now) for row in rows}
    return sorted(lines.values(), key=lambda line: (line.name.casefold(), line.ref))


def _judge(
    row: Row[*tuple[object, ...]],
    answers: dict[int, tuple[int, datetime | None]],
    late: dict[int, int],
    now: datetime,
) -> Line:
    seen = None
    if row.id is not None:
        answered, answered_at = answers.get(row.id, (0, None))
        seen = Sighting(
            started_at=row.started_at,
            deadline=row.deadline,
            finished=row.finished_at is not None,
            voided=row.voided_at is not None,
            hold=hold_of(row.held_at, row.held_until),
            held_kind=row.held_kind,
            answered=answered,
            out_of=row.out_of,
            answered_at=answered_at,
            seen_at=row.seen_at,
            hidden_at=row.hidden_at,
            unsaved=row.unsaved or 0,
            late=late.get(row.id, 0),
        )
    return judge_line(
        ref=row.ref,
        name=row.full_name,
        admitted=row.released_at is not None,
        seen=seen,
        now=now,
    )


def _count_answers(
    db: Session, sitting_id: int
) -> dict[int, tuple[int, datetime | None]]:
    """Return attempt id -> (questions answered, when the last answer was accepted)."""
    rows = db.execute(
        select(
            Response.attempt_id,
            func.count(Response.chosen),
            func.max(Response.answered_at),
        )
        .join(Attempt, Attempt.id == Response.attempt_id)
        .where(Attempt.sitting_id == sitting_id)
        .group_by(Response.attempt_id)
    )
    return {attempt_id: (count, last) for attempt_id, count, last in rows}


def _count_late(db: Session, sitting_id: int) -> dict[int, int]:
    rows = db.execute(
        select(LateAnswer.attempt_id, func.count())
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .where(Attempt.sitting_id == sitting_id)
        .group_by(LateAnswer.attempt_id)
    )
    return dict(rows.all())


def count_news(db: Session, *, sitting_id: int) -> News:
    """Count the requests that wait in a room, and the silences that nobody gave back."""
    waiting = (
        select(func.count(RoomRequest.id))
        .where(
            RoomRequest.sitting_id == sitting_id,
            RoomRequest.decided_at.is_(None),
            RoomRequest.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
    lost = (
        select(func.count(Outage.id))
        .join(Attempt, Attempt.id == Outage.attempt_id)
        .where(Attempt.sitting_id == sitting_id, Outage.credited_by_id.is_(None))
        .scalar_subquery()
    )
    requests, outages = db.execute(select(waiting, lost)).one()
    return News(requests=requests, outages=outages)


def list_chosen(db: Session, *, sitting: Sitting, refs: Sequence[str]) -> list[Chosen]:
    """Return the people whom a form names by their bookings, by name.

    NotFound if one of them has no entry for the room.
    """
    rows = db.execute(
        select(Booking.ref, Person.full_name, Entry.id, Attempt.id.label("attempt_id"))
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Person, Person.id == Booking.candidate_id)
        .outerjoin(Attempt, Attempt.entry_id == Entry.id)
        .where(
            Entry.course_session_id == sitting.course_session_id,
            Entry.withdrawn_at.is_(None),
            Booking.ref.in_(refs),
        )
        .order_by(Entry.id)
    )
    found = {
        ref: Chosen(ref=ref, name=name, entry_id=entry_id, attempt_id=attempt_id)
        for ref, name, entry_id, attempt_id in rows
    }
    if found.keys() != set(refs):
        raise NotFound
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.ref))


def lock_entries(db: Session, *, entry_ids: Sequence[int]) -> dict[int, Entry]:
    """Hold entries in the order of their ids."""
    entries = db.scalars(
        select(Entry)
        .where(Entry.id.in_(entry_ids))
        .order_by(Entry.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {entry.id: entry for entry in entries}


def lock_attempts(db: Session, *, attempt_ids: Sequence[int]) -> dict[int, Attempt]:
    """Hold attempts in the order of their ids, so that two who act on many do not meet."""
    attempts = db.scalars(
        select(Attempt)
        .where(Attempt.id.in_(attempt_ids))
        .order_by(Attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {attempt.id: attempt for attempt in attempts}


def count_time_given(db: Session, *, attempt_ids: Sequence[int]) -> int:
    """Count how often a person gave these attempts time."""
    given = (TimeChangeKind.EXTENSION, TimeChangeKind.OUTAGE)
    return db.scalars(
        select(func.count(TimeChange.id)).where(
            TimeChange.attempt_id.in_(attempt_ids), TimeChange.kind.in_(given)
        )
    ).one()
