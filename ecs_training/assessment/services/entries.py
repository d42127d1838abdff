"""The right to sit: it follows from the register, whoever marks it and in which order."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from ecs_training.assessment.events import ResitGranted, ResitWithdrawn
from ecs_training.assessment.models import Entry, Resit
from ecs_training.assessment.queries.resits import find_resit_of_entry
from ecs_training.assessment.queries.sittings import (
    find_last_entry,
    is_entry_sat,
    lock_entry,
)
from ecs_training.assessment.services.resits import revise
from ecs_training.attendance.events import RegisterChanged
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.queries import standing_checks, standing_marks
from ecs_training.attendance.rules import IdentityOutcome, Presence
from ecs_training.booking.queries import get_booking
from ecs_training.foundation.events import publish


def settle_entry(db: Session, event: RegisterChanged) -> None:
    """Grant an entry to whoever attended and was identified; withdraw it from all others.

    An entry that an attempt stands on stays: what happened cannot be undone by a mark.
    Whoever marks holds the booking, so marks are settled one after the other.
    """
    entry = lock_entry(db, booking_id=event.booking_id)
    if entry and is_entry_sat(db, entry_id=entry.id):
        return
    mark, check = _what_entitles(db, event.booking_id)
    if entry and mark and check and _stands_on(entry, mark, check):
        return
    if entry:
        entry.withdrawn_at = event.occurred_at
        db.flush()  # before another is granted: a booking has one live entry
    granted = _grant(db, event, mark, check) if mark and check else None
    if entry and not granted:
        _tell_of_resit(db, event, entry, ResitWithdrawn)
    elif granted and not entry:
        _tell_of_resit(db, event, granted, ResitGranted)


def _tell_of_resit(
    db: Session,
    event: RegisterChanged,
    entry: Entry,
    told: type[ResitWithdrawn | ResitGranted],
) -> None:
    """Say that a resit fell with its entry, or came back with another."""
    if resit := find_resit_of_entry(db, entry_id=entry.id):
        revise(resit, event.occurred_at)
        db.flush()
        publish(db, told(occurred_at=event.occurred_at, resit_id=resit.id))


def _grant(
    db: Session, event: RegisterChanged, mark: AttendanceMark, check: IdentityCheck
) -> Entry:
    """Grant an entry for the date of the one before: a resit stays on its own date."""
    before = find_last_entry(db, booking_id=event.booking_id)
    booking = get_booking(db, booking_id=event.booking_id)
    entry = Entry(
        booking_id=event.booking_id,
        course_session_id=(before or booking).course_session_id,
        attendance_mark_id=mark.id,
        identity_check_id=check.id,
        granted_at=event.occurred_at,
    )
    db.add(entry)
    db.flush()
    if before:
        again = update(Resit).where(Resit.entry_id == before.id)
        db.execute(again.values(entry_id=entry.id))
    return entry


def _what_entitles(
    db: Session, booking_id: int
) -> tuple[AttendanceMark | None, IdentityCheck | None]:
    mark = standing_marks(db, booking_ids=[booking_id]).get(booking_id)
    check = standing_checks(db, booking_ids=[booking_id]).get(booking_id)
    attended = mark is not None and mark.presence is Presence.ATTENDED
    matched = check is not None and check.outcome is IdentityOutcome.MATCHED
    return (mark if attended else None), (check if matched else None)


def _stands_on(entry: Entry, mark: AttendanceMark, check: IdentityCheck) -> bool:
    return (entry.attendance_mark_id, entry.identity_check_id) == (mark.id, check.id)
