from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.assessment.queries.door import OwnTime, read_own_time
from ecs_training.assessment.queries.resits import AfterFailure, after_failure
from ecs_training.assessment.queries.seats import Seat, find_seat
from ecs_training.assessment.queries.sittings import find_sitting
from ecs_training.assessment.rules.adjusting import why_not_ask
from ecs_training.assessment.rules.sittings import is_open
from ecs_training.attendance.queries import standing_marks
from ecs_training.attendance.rules import Presence
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.booking.queries import (
    find_standing_adjustment,
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
from ecs_training.questions.rules import Blueprint, ResitRule


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the candidate asked for, whatever came of it, and the time that they have."""

    own_time: OwnTime
    adjustment: Adjustment | None
    may_ask: bool


@dataclass(frozen=True, kw_only=True)
class BookingPage:
    """One booking. What only the candidate may see is None for the company's people."""

    booking: Booking
    mine: bool
    invoice: Invoice | None
    credit_note: CreditNote | None
    step: Step
    presence: Presence | None
    sitting: Sitting | None  # open, and theirs to sit
    result: Result | None
    after: AfterFailure
    needs: Needs | None


def read_booking(
    db: Session,
    *,
    ref: str,
    person_id: int,
    company_id: int | None,
    paper: Blueprint,
    now: datetime,
) -> BookingPage:
    """Raise NotFound for a booking that is neither the person's nor their company's."""
    booking = get_visible_booking(
        db, ref=ref, person_id=person_id, company_id=company_id
    )
    mine = booking.candidate_id == person_id
    mark = standing_marks(db, booking_ids=[booking.id]).get(booking.id)
    presence = mark.presence if mark else None
    seat = find_seat(db, booking_id=booking.id) if mine else None
    sitting = _find_open_sitting(db, booking, seat, now) if mine else None
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
        after=_read_after(db, result, paper.resits, now),
        needs=_read_needs(db, booking, seat, paper, now) if mine else None,
    )


def _read_needs(
    db: Session, booking: Booking, seat: Seat | None, paper: Blueprint, now: datetime
) -> Needs:
    return Needs(
        own_time=read_own_time(db, booking_id=booking.id, minutes=paper.minutes),
        adjustment=find_standing_adjustment(db, booking_id=booking.id),
        may_ask=_may_ask(booking, seat, now),
    )


def _may_ask(booking: Booking, seat: Seat | None, now: datetime) -> bool:
    attempt = seat.attempt if seat else None
    return not booking.cancelled_at and not why_not_ask(
        working=attempt is not None and attempt.finished_at is None,
        can_sit=seat is not None and attempt is None,
        day_over=booking.course_session.local_date < london_date(now),
    )


def _read_after(
    db: Session, result: Result | None, rule: ResitRule, now: datetime
) -> AfterFailure:
    if result is None or result.counts:
        return AfterFailure()
    return after_failure(db, attempt_id=result.attempt.id, rule=rule, now=now)


def _find_open_sitting(
    db: Session, booking: Booking, seat: Seat | None, now: datetime
) -> Sitting | None:
    if booking.cancelled_at or (seat and seat.is_finished):
        return None
    sitting = (
        seat.sitting
        if seat
        else find_sitting(db, course_session_id=booking.course_session_id)
    )
    if sitting is None:
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
