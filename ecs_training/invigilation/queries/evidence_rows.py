"""Every row that the record of a sitting consists of, loaded kind by kind: a fixed number of
statements, however many people sat."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, Select, select, union
from sqlalchemy.orm import Session, aliased, joinedload

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import (
    Attempt,
    AttemptEvent,
    Entry,
    JournalLine,
    LateAnswer,
    Outage,
    Response,
    Sitting,
    TimeChange,
)
from ecs_training.assessment.queries.record import SPELLED
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.booking.models import Booking
from ecs_training.foundation.audit import AuditEntry
from ecs_training.invigilation.models import RoomRequest
from ecs_training.questions.models import Item, ItemRevision

T = TypeVar("T")
Asked = Row[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a sitting: of people by booking id, of attempts by attempt id."""

    bookings: Sequence[Booking]
    marks: Mapping[int, list[AttendanceMark]]
    checks: Mapping[int, list[IdentityCheck]]
    entries: Mapping[int, list[Entry]]
    attempts: Mapping[int, Attempt]  # by entry id
    paper: Mapping[int, list[Asked]]
    journal: Mapping[int, list[Asked]]
    late: Mapping[int, list[LateAnswer]]
    changes: Mapping[int, list[TimeChange]]
    outages: Mapping[int, list[Outage]]
    events: Mapping[int, list[AttemptEvent]]
    requests: Mapping[int, list[RoomRequest]]
    audit: Sequence[AuditEntry]
    names: Mapping[int, str]  # of everybody who decided something

    def name(self, person_id: int | None) -> str | None:
        return self.names.get(person_id) if person_id else None


def load_rows(db: Session, *, sitting: Sitting) -> Rows:
    """Load the whole record of a sitting, each kind in the order in which it happened."""
    bookings = _list_bookings(db, sitting)
    ids = [booking.id for booking in bookings]
    attempts = db.scalars(
        select(Attempt).where(Attempt.sitting_id == sitting.id).order_by(Attempt.id)
    ).all()
    audit = _list_audit(db, sitting, attempts)
    return Rows(
        bookings=bookings,
        marks=_of_bookings(db, AttendanceMark, ids),
        checks=_of_bookings(db, IdentityCheck, ids),
        entries=_list_entries(db, sitting),
        attempts={attempt.entry_id or 0: attempt for attempt in attempts},
        paper=_group(_of_attempt, db.execute(_paper(sitting.id))),
        journal=_group(_of_attempt, db.execute(_journal(sitting.id))),
        late=_of_attempts(db, LateAnswer, sitting.id),
        changes=_of_attempts(db, TimeChange, sitting.id),
        outages=_of_attempts(db, Outage, sitting.id),
        events=_of_attempts(db, AttemptEvent, sitting.id),
        requests=_of_attempts(db, RoomRequest, sitting.id),
        audit=audit,
        names=_list_names(db, sitting, ids, {row.actor_id for row in audit}),
    )


def _list_bookings(db: Session, sitting: Sitting) -> Sequence[Booking]:
    """Return who was booked on the date or sat again there, by name."""
    again = select(Entry.booking_id).where(
        Entry.course_session_id == sitting.course_session_id
    )
    return db.scalars(
        select(Booking)
        .join(Booking.candidate)
        .where(
            (Booking.course_session_id == sitting.course_session_id)
            | Booking.id.in_(again)
        )
        .options(joinedload(Booking.candidate))
        .order_by(Person.full_name, Booking.id)
    ).all()


def _list_entries(db: Session, sitting: Sitting) -> Mapping[int, list[Entry]]:
    entries = db.scalars(
        select(Entry)
        .where(Entry.course_session_id == sitting.course_session_id)
        .order_by(Entry.id)
    )
    return _group(lambda entry: entry.booking_id, entries)


def _of_bookings(
    db: Session, model: type[T], booking_ids: Sequence[int]
) -> Mapping[int, list[T]]:
    table: Any = model
    rows = db.scalars(
        select(model).where(table.booking_id.in_(booking_ids)).order_by(table.id)
    )
    return _group(lambda row: row.booking_id, rows)


def _of_attempts(db: Session, model: type[T], sitting_id: int) -> Mapping[int, list[T]]:
    table: Any = model
    rows = db.scalars(
        select(model)
        .join(Attempt, Attempt.id == table.attempt_id)
        .where(Attempt.sitting_id == sitting_id)
        .order_by(table.id)
    )
    return _group(_of_attempt, rows)


def _of_attempt(row: Any) -> int:
    attempt_id: int = row.attempt_id
    return attempt_id


def _group(key: Callable[[Any], int], rows: Iterable[T]) -> Mapping[int, list[T]]:
    grouped: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return grouped


def _paper(sitting_id: int) -> Select[*tuple[Any, ...]]:
    # Never the key: whoever reads the record must not learn it from here.
    return (
        select(
            Response.attempt_id,
            Response.n,
            Response.option_order,
            Response.chosen,
            Response.flagged,
            Item.code,
            ItemRevision.revision,
        )
        .join(Attempt, Attempt.id == Response.attempt_id)
        .join(ItemRevision, ItemRevision.id == Response.revision_id)
        .join(Item, Item.id == ItemRevision.item_id)
        .where(Attempt.sitting_id == sitting_id)
        .order_by(Response.attempt_id, Response.n)
    )


def _journal(sitting_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*SPELLED, JournalLine.attempt_id)
        .join(Attempt, Attempt.id == JournalLine.attempt_id)
        .where(Attempt.sitting_id == sitting_id)
        .order_by(JournalLine.id)
    )


def _list_audit(
    db: Session, sitting: Sitting, attempts: Sequence[Attempt]
) -> Sequence[AuditEntry]:
    subjects = [f"sitting/{sitting.ref}"]
    subjects += [f"attempt/{attempt.ref}" for attempt in attempts]
    return db.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject.in_(subjects))
        .order_by(AuditEntry.id)
    ).all()


def _list_names(
    db: Session,
    sitting: Sitting,
    booking_ids: Sequence[int],
    audited: set[int | None],
) -> Mapping[int, str]:
    """Return the names of all who did something, by id."""
    request = aliased(RoomRequest)
    actors = (
        select(Sitting.closed_by_id).where(Sitting.id == sitting.id),
        select(AttendanceMark.marked_by_id).where(
            AttendanceMark.booking_id.in_(booking_ids)
        ),
        select(IdentityCheck.checked_by_id).where(
            IdentityCheck.booking_id.in_(booking_ids)
        ),
        select(Entry.released_by_id).where(Entry.booking_id.in_(booking_ids)),
        select(Attempt.voided_by_id).where(Attempt.sitting_id == sitting.id),
        select(TimeChange.made_by_id)
        .join(Attempt, Attempt.id == TimeChange.attempt_id)
        .where(Attempt.sitting_id == sitting.id),
        select(request.asked_by_id).where(request.sitting_id == sitting.id),
        select(request.decided_by_id).where(request.sitting_id == sitting.id),
    )
    ids = union(*actors).subquery()
    rows = db.execute(
        select(Person.id, Person.full_name).where(
            Person.id.in_(select(ids.c[0])) | Person.id.in_(audited - {None})
        )
    )
    return dict(rows.all())
