from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.assessment.queries.sittings import find_sitting
from ecs_training.assessment.rules.sittings import is_open
from ecs_training.attendance.queries import standing_marks
from ecs_training.attendance.rules import Presence
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import (
    get_visible_booking,
)
from ecs_training.foundation.london import london_date
from ecs_training.passes.models import Pass
from ecs_training.passes.rules import PassStatus
from ecs_training.payments.models import CreditNote, Invoice
from ecs_training.payments.queries import find_credit_note, find_invoice
from ecs_training.portal.queries.results import Result, result_of
from ecs_training.portal.rules import (
    Step,
    step_now,
)


@dataclass(frozen=True, kw_only=True)
class BookingPage:
    """One booking. What only the candidate may see is None for the company's people."""

    booking: Booking
    mine: bool
    invoice: Invoice | None
    credit_note: CreditNote | None
    step: Step
    presence: Presence | None
    sitting: Sitting | None
    result: Result | None


def read_booking(
    db: Session, *, ref: str, person_id: int, company_id: int | None, now: datetime
) -> BookingPage:
    """Raise NotFound for a booking that is neither the person's nor their company's."""
    booking = get_visible_booking(
        db, ref=ref, person_id=person_id, company_id=company_id
    )
    mine = booking.candidate_id == person_id
    mark = standing_marks(db, booking_ids=[booking.id]).get(booking.id)
    presence = mark.presence if mark else None
    sitting = _find_open_sitting(db, booking, now) if mine else None
    result = _find_result(db, booking, london_date(now)) if mine else None
    return BookingPage(
        booking=booking,
        mine=mine,
        invoice=find_invoice(db, booking_id=booking.id),
        credit_note=find_credit_note(db, booking_id=booking.id),
        step=step_now(
            link_known=bool(booking.course_session.joining_url),
            attended=presence is Presence.ATTENDED,
            sitting_open=sitting is not None,
            passed=result is not None and result.status is PassStatus.VALID,
        ),
        presence=presence,
        sitting=sitting,
        result=result,
    )


def _find_open_sitting(db: Session, booking: Booking, now: datetime) -> Sitting | None:
    sitting = find_sitting(db, course_session_id=booking.course_session_id)
    if booking.cancelled_at or sitting is None:
        return None
    opened = is_open(
        opened_at=sitting.opened_at,
        closes_at=sitting.closes_at,
        closed_at=sitting.closed_at,
        now=now,
    )
    return sitting if opened else None


def _find_result(db: Session, booking: Booking, today: date) -> Result | None:
    row = db.execute(
        select(Attempt, Pass)
        .join(Entry, Entry.id == Attempt.entry_id)
        .outerjoin(Pass, Pass.attempt_id == Attempt.id)
        .where(Entry.booking_id == booking.id, Attempt.finished_at.is_not(None))
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
        .limit(1)
    ).one_or_none()
    return result_of(row[0], row[1], today) if row else None
