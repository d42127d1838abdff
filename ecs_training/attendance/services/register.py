"""What a trainer says of a person on the day. Callers own the transaction.

Nothing is overwritten: what was said before is withdrawn, and stays to be read. Whoever
may not touch a date is turned away before, by queries.get_booking_on_register.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.attendance.events import RegisterChanged
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.queries import standing_checks, standing_marks
from ecs_training.attendance.rules import (
    DocumentKind,
    IdentityOutcome,
    Presence,
    RegisterRefusal,
    why_not_mark,
)
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import lock_booking
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import CourseSession


class MarkRefused(Refused):
    reason: RegisterRefusal


def mark_attendance(
    db: Session,
    *,
    booking_id: int,
    presence: Presence,
    marked_by_id: int,
    now: datetime,
) -> AttendanceMark:
    """Say whether somebody was there; saying the same again changes nothing.

    Raise MarkRefused before the day, NotFound for a cancelled booking.
    """
    booking = _hold(db, booking_id, now)
    before = standing_marks(db, booking_ids=[booking_id]).get(booking_id)
    if before and before.presence is presence:
        return before
    _withdraw(db, before, now)
    mark = AttendanceMark(
        booking_id=booking_id,
        presence=presence,
        marked_by_id=marked_by_id,
        marked_at=now,
    )
    db.add(mark)
    db.flush()
    record(
        db,
        actor_id=marked_by_id,
        action="marked attendance",
        subject=f"booking/{booking.ref}",
        now=now,
        before=before.presence if before else None,
        after=presence,
    )
    _publish(db, booking_id, marked_by_id, now)
    return mark


def check_identity(
    db: Session,
    *,
    booking_id: int,
    document: DocumentKind,
    outcome: IdentityOutcome,
    checked_by_id: int,
    now: datetime,
) -> IdentityCheck:
    """Say what a look at a document showed; saying the same again changes nothing.

    Raise MarkRefused before the day, NotFound for a cancelled booking.
    """
    booking = _hold(db, booking_id, now)
    before = standing_checks(db, booking_ids=[booking_id]).get(booking_id)
    if before and (before.document, before.outcome) == (document, outcome):
        return before
    _withdraw(db, before, now)
    check = IdentityCheck(
        booking_id=booking_id,
        document=document,
        outcome=outcome,
        checked_by_id=checked_by_id,
        checked_at=now,
    )
    db.add(check)
    db.flush()
    record(
        db,
        actor_id=checked_by_id,
        action="checked identity",
        subject=f"booking/{booking.ref}",
        now=now,
        before=before.outcome if before else None,
        after=outcome,
        document=document,
    )
    _publish(db, booking_id, checked_by_id, now)
    return check


def withdraw_identity_check(
    db: Session, *, booking_id: int, withdrawn_by_id: int, now: datetime
) -> None:
    """Take back the check that stands; where none does, nothing changes.

    Raise MarkRefused before the day, NotFound for a cancelled booking.
    """
    booking = _hold(db, booking_id, now)
    before = standing_checks(db, booking_ids=[booking_id]).get(booking_id)
    if before is None:
        return
    _withdraw(db, before, now)
    record(
        db,
        actor_id=withdrawn_by_id,
        action="withdrew identity check",
        subject=f"booking/{booking.ref}",
        now=now,
        before=before.outcome,
    )
    _publish(db, booking_id, withdrawn_by_id, now)


def _hold(db: Session, booking_id: int, now: datetime) -> Booking:
    """Hold a booking whose day has come, so that two trainers speak one after the other."""
    booking = lock_booking(db, booking_id=booking_id)
    if booking.cancelled_at:
        raise NotFound
    course_session = db.get_one(CourseSession, booking.course_session_id)
    refusal = why_not_mark(local_date=course_session.local_date, today=london_date(now))
    if refusal:
        raise MarkRefused(refusal)
    return booking


def _withdraw(
    db: Session, standing: AttendanceMark | IdentityCheck | None, now: datetime
) -> None:
    if standing:
        standing.withdrawn_at = now
        db.flush()  # before another is added: only one may stand


def _publish(db: Session, booking_id: int, marked_by_id: int, now: datetime) -> None:
    publish(
        db,
        RegisterChanged(
            occurred_at=now, booking_id=booking_id, marked_by_id=marked_by_id
        ),
    )
