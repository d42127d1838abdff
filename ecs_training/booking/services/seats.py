"""Booking seats and giving them back. Callers own the transaction.

A date's row is held before anything about its seats is decided; the order in which rows
are locked stands at the top of scheduling/queries.py.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_open_site
from ecs_training.accounts.services.people import invite
from ecs_training.booking.events import BookingCancelled, SeatBooked
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import (
    get_visible_booking,
    list_seat_holders,
    lock_booking,
)
from ecs_training.booking.rules import (
    TERMS_VERSION,
    BookingRefusal,
    Buyer,
    CancellationRefusal,
    free_until,
    is_cancelling_free,
    why_not_book,
    why_not_cancel,
)
from ecs_training.catalogue.queries import prices
from ecs_training.catalogue.rules import price_on
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.events import publish
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import lock_course_session
from ecs_training.scheduling.services import release_seat, take_seat


class BookingRefused(Refused):
    reason: BookingRefusal


class CancellationRefused(Refused):
    reason: CancellationRefusal


def book_seat(
    db: Session,
    *,
    course_session_ref: str,
    candidate_id: int,
    booked_by_id: int,
    company_id: int | None,
    site_id: int | None = None,
    now: datetime,
    in_house: bool = False,
) -> Booking:
    """Book a seat for a candidate, or raise BookingRefused.

    The company pays if one is named, for a site of its own if it says so, else the candidate. Only whoever runs an in-house date
    says `in_house` to fill it; the public cannot.
    """
    course_session = lock_course_session(db, ref=course_session_ref)
    holders = list_seat_holders(db, course_session_id=course_session.id)
    refusal = why_not_book(
        starts_at=course_session.starts_at,
        cancelled=course_session.cancelled_at is not None,
        for_this_buyer=in_house or not course_session.in_house,
        capacity=course_session.capacity,
        seats_taken=len(holders),
        already_booked=candidate_id in holders,
        now=now,
    )
    if refusal:
        raise BookingRefused(refusal)
    # The seat before the booking: if the count above were ever wrong, its constraint would
    # stop us here, with nothing written.
    take_seat(db, course_session)
    booking = _make(course_session, candidate_id, booked_by_id, company_id, now)
    booking.site_id = site_id
    db.add(booking)
    db.flush()
    audit(db, booked_by_id, "booked seat", booking, now)
    publish(db, SeatBooked(occurred_at=now, booking_id=booking.id))
    return booking


def _make(
    course_session: CourseSession,
    candidate_id: int,
    booked_by_id: int,
    company_id: int | None,
    now: datetime,
) -> Booking:
    """Snapshot the price and terms of the day, so that a later change alters no booking."""
    price = price_on(prices(), course_session.local_date)
    return Booking(
        course_session_id=course_session.id,
        candidate_id=candidate_id,
        booked_by_id=booked_by_id,
        buyer=Buyer.SELF if company_id is None else Buyer.COMPANY,
        company_id=company_id,
        booked_at=now,
        terms_version=TERMS_VERSION,
        free_until=free_until(
            course_session.local_date,
            starts_at=course_session.starts_at,
            booked_at=now,
            consumer=company_id is None,
        ),
        net_pence=price.net_pence,
        vat_pence=price.vat_pence,
        vat_percent=price.vat_percent,
        calendar_uid=str(uuid.uuid4()),
        updated_at=now,
    )


def book_for_delegate(
    db: Session,
    *,
    course_session_ref: str,
    delegate_name: str,
    delegate_email: str,
    booked_by_id: int,
    company_id: int,
    site_ref: str = "",
    now: datetime,
) -> Booking:
    """Book a seat that a company pays for; a delegate without an account is invited.

    Raise NotFound for a site that is not an open one of the company's own.
    """
    site = get_open_site(db, ref=site_ref, company_id=company_id) if site_ref else None
    # Held before the invitation: a form sent twice then finds the person it has just added.
    lock_course_session(db, ref=course_session_ref)
    delegate = invite(db, full_name=delegate_name, email=delegate_email, now=now)
    return book_seat(
        db,
        course_session_ref=course_session_ref,
        candidate_id=delegate.id,
        booked_by_id=booked_by_id,
        company_id=company_id,
        site_id=site.id if site else None,
        now=now,
    )


def book_by_staff(
    db: Session,
    *,
    course_session_ref: str,
    full_name: str,
    email: str,
    company_id: int | None,
    booked_by_id: int,
    now: datetime,
) -> Booking:
    """Put somebody on any date, in-house ones too, or raise BookingRefused.

    Whoever has no account is invited; they pay, or the company if one is named.
    """
    lock_course_session(db, ref=course_session_ref)
    person = invite(db, full_name=full_name, email=email, now=now)
    return book_seat(
        db,
        course_session_ref=course_session_ref,
        candidate_id=person.id,
        booked_by_id=booked_by_id,
        company_id=company_id,
        in_house=True,
        now=now,
    )


def cancel_booking(
    db: Session,
    *,
    ref: str,
    person_id: int,
    company_id: int | None,
    reason: str,
    now: datetime,
    expects_free: bool = False,
) -> Booking:
    """Cancel one's own booking or one's company's, or raise CancellationRefused.

    Before `free_until` the whole price goes back, after it none; `expects_free` refuses
    rather than charge somebody who was told that it costs nothing.
    """
    found = get_visible_booking(db, ref=ref, person_id=person_id, company_id=company_id)
    course_session = lock_course_session(db, course_session_id=found.course_session_id)
    booking = lock_booking(db, booking_id=found.id)
    refusal = why_not_cancel(
        starts_at=course_session.starts_at,
        cancelled=booking.cancelled_at is not None,
        free_until=booking.free_until,
        expects_free=expects_free,
        now=now,
    )
    if refusal:
        raise CancellationRefused(refusal)
    free = is_cancelling_free(free_until=booking.free_until, now=now)
    release_seat(db, course_session)
    cancel(db, booking, person_id, reason, now)
    publish(
        db,
        BookingCancelled(
            occurred_at=now, booking_id=booking.id, refundable=free, by_provider=False
        ),
    )
    return booking


def cancel(
    db: Session, booking: Booking, cancelled_by_id: int, reason: str, now: datetime
) -> None:
    booking.cancelled_at = now
    booking.cancelled_by_id = cancelled_by_id
    booking.cancel_reason = reason or None
    revise(booking, now)
    db.flush()
    audit(db, cancelled_by_id, "cancelled booking", booking, now)


def revise(booking: Booking, now: datetime) -> None:
    booking.sequence += 1
    booking.updated_at = now


def audit(
    db: Session, actor_id: int, action: str, booking: Booking, now: datetime
) -> None:
    record(
        db, actor_id=actor_id, action=action, subject=f"booking/{booking.ref}", now=now
    )
