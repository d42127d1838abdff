"""One change, run by the services that really make it, and read back as a plan.

The caller rehearses in `Database.rehearsal()`, which keeps nothing, and executes in
`transaction()`. Both run the same code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.booking.models import Booking
from ecs_training.changes.queries import (
    list_bookings,
    list_credit_notes,
    list_invoices,
    list_letters,
    read_standing,
)
from ecs_training.changes.rules import (
    ChangeKind,
    ChangeRefusal,
    Money,
    MoneyKind,
    Plan,
    PlannedLetter,
    Seat,
    fate_of,
    in_order,
    normalise,
    read_entry,
    without_moment,
)
from ecs_training.changes.services.watching import Made, watching
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.payments.models import CreditNote, Invoice
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import get_course_session_of, lock_course_session
from ecs_training.scheduling.rules import TimetableRefusal
from ecs_training.scheduling.services import (
    TimetableRefused,
    cancel_course_session,
    move_course_session,
    resize_course_session,
    restaff_course_session,
    restore_course_session,
)
from ecs_training.scheduling.services.availability import lock_trainers

# The service that makes each change, and the name under which it takes who asked for it.
_SERVICES: Mapping[ChangeKind, tuple[Callable[..., None], str]] = {
    ChangeKind.MOVE: (move_course_session, "moved_by_id"),
    ChangeKind.RESTAFF: (restaff_course_session, "restaffed_by_id"),
    ChangeKind.RESIZE: (resize_course_session, "resized_by_id"),
    ChangeKind.CANCEL: (cancel_course_session, "cancelled_by_id"),
    ChangeKind.RESTORE: (restore_course_session, "restored_by_id"),
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who wants which change of which date. `facts` are what its service takes besides.

    `trainer_id`: whose dates the person may touch, None for everybody's. A trainer may only
    cancel.
    """

    ref: str
    kind: ChangeKind
    facts: Mapping[str, Any]
    by_id: int
    trainer_id: int | None


class PlanChanged(Refused):
    """It would not do what was shown. `plan` is what it would do now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(ChangeRefusal.PLAN_CHANGED)
        self.plan = plan


def execute_change(db: Session, wanted: Wanted, *, digest: str, now: datetime) -> Plan:
    """Make a change that does exactly what was shown, or raise PlanChanged.

    Raises TimetableRefused where the change itself is refused, NotFound for a foreign date.
    """
    plan = rehearse_change(db, wanted, now=now)
    if plan.digest != digest:
        raise PlanChanged(plan)
    return plan


def rehearse_change(db: Session, wanted: Wanted, *, now: datetime) -> Plan:
    """Make a change and return everything that it did; whether it stays is the caller's.

    Raises TimetableRefused, or NotFound for a foreign date.
    """
    course_session = _hold(db, wanted)
    before = read_standing(db, course_session)
    booked = {each.id: _mark(each) for each in _bookings(db, course_session)}
    with watching(db) as made:
        _make(db, wanted, now)
    numbers, money = _read_money(db, made)
    return Plan(
        kind=wanted.kind,
        before=before,
        after=read_standing(db, course_session),
        seats=tuple(_read_seats(_bookings(db, course_session), booked)),
        letters=_read_letters(db, made, numbers),
        money=tuple(money),
    )


def _hold(db: Session, wanted: Wanted) -> CourseSession:
    """Hold all that decides about the change before anything is read: trainers, then the date."""
    if wanted.trainer_id is not None and wanted.kind is not ChangeKind.CANCEL:
        raise NotFound
    found = get_course_session_of(db, ref=wanted.ref, trainer_id=wanted.trainer_id)
    trainer_id = found.trainer_id
    lock_trainers(db, {trainer_id, wanted.facts.get("trainer_id", trainer_id)})
    course_session = lock_course_session(db, course_session_id=found.id)
    if course_session.trainer_id != trainer_id:  # between the look and the lock
        raise TimetableRefused(TimetableRefusal.CHANGED_MEANWHILE)
    return course_session


def _make(db: Session, wanted: Wanted, now: datetime) -> None:
    service, by = _SERVICES[wanted.kind]
    own = {"trainer_id": wanted.trainer_id} if wanted.kind is ChangeKind.CANCEL else {}
    service(db, ref=wanted.ref, **wanted.facts, **own, **{by: wanted.by_id}, now=now)


def _bookings(db: Session, course_session: CourseSession) -> Sequence[Booking]:
    return list_bookings(db, course_session_id=course_session.id)


def _mark(booking: Booking) -> tuple[bool, int]:
    return booking.cancelled_at is None, booking.sequence


def _read_seats(
    bookings: Sequence[Booking], before: Mapping[int, tuple[bool, int]]
) -> list[Seat]:
    seats = []
    for booking in bookings:
        was_live, sequence = before[booking.id]
        fate = fate_of(
            live=(was_live, booking.cancelled_at is None),
            revised=booking.sequence != sequence,
            goes_with_date=booking.cancelled_with_date,
        )
        if fate:
            name = booking.candidate.full_name
            seats.append(Seat(booking_ref=booking.ref, name=name, fate=fate))
    return seats


def _read_money(db: Session, made: Made) -> tuple[dict[str, str], list[Money]]:
    """Return the series of every number that was given, and what was charged or credited."""
    notes = list_credit_notes(db, ids=[each.id for each in made.of(CreditNote)])
    invoices = list_invoices(db, ids=[each.id for each in made.of(Invoice)])
    given = [(MoneyKind.CREDIT, note.number, note.invoice) for note in notes]
    given += [(MoneyKind.INVOICE, each.number, each) for each in invoices]
    numbers = {number: number.partition("-")[0] for _, number, _ in given}
    return numbers, [_money(kind, invoice) for kind, _, invoice in given]


def _money(kind: MoneyKind, invoice: Invoice) -> Money:
    return Money(
        kind=kind,
        booking_ref=invoice.booking.ref,
        name=invoice.booking.candidate.full_name,
        net_pence=invoice.net_pence,
        vat_pence=invoice.vat_pence,
    )


def _read_letters(
    db: Session, made: Made, numbers: Mapping[str, str]
) -> tuple[PlannedLetter, ...]:
    found = list_letters(db, keys=made.keys)
    return in_order(_letter(row, name or row.to, numbers) for row, name in found)


def _letter(row: OutgoingEmail, name: str, numbers: Mapping[str, str]) -> PlannedLetter:
    return PlannedLetter(
        to=row.to,
        name=name,
        subject=normalise(row.subject, numbers=numbers),
        text=normalise(row.text, numbers=numbers, one_time=row.holds_one_time_link),
        method=row.method,
        calendar=without_moment(row.calendar) if row.calendar else None,
        entry=read_entry(row.calendar) if row.calendar else None,
    )
