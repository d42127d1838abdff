"""Letters about a booking: the invitation, its new versions, and the end of it.

Each carries the calendar entry that the feeds show too: same UID, same sequence. Whoever
booked for a company gets a copy of their own, without calendar: it is not their day.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.queries import get_person
from ecs_training.booking.events import (
    BookingCancelled,
    BookingRestored,
    BookingRevised,
    SeatBooked,
)
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import get_booking
from ecs_training.calendar_feeds.rules.entries import entry_of, publisher_of
from ecs_training.calendar_feeds.rules.rendering import invitation
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.events import Event
from ecs_training.foundation.money import word_pounds
from ecs_training.notifications.queries import find_last_calendar
from ecs_training.notifications.rules import Told, read_invitation, word_changes
from ecs_training.notifications.services.letters import queue_letter
from ecs_training.payments.queries import find_credit_note, find_invoice
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import list_course_sessions_with_seats

MOST_OTHER_DATES = 3  # in one letter


def queue_booking_confirmation(db: Session, event: SeatBooked) -> None:
    booking = get_booking(db, booking_id=event.booking_id)
    booker = get_person(db, person_id=booking.booked_by_id)
    facts = _facts(db, booking, booker)
    _to_candidate(db, event, booking, "booked", facts)
    _to_booker(db, event, booking, "booked_for_company", facts)


def queue_booking_revision(db: Session, event: BookingRevised) -> None:
    """Send the new version of the invitation, and say what is new in it.

    Whoever booked for a company hears of another day or time, not of another link.
    """
    booking = get_booking(db, booking_id=event.booking_id)
    booker = get_person(db, person_id=booking.booked_by_id)
    facts = {
        **_facts(db, booking, booker),
        "changes": _changes(db, booking, event),
        "moved": event.was is not None,
    }
    _to_candidate(db, event, booking, "booking_revised", facts)
    if event.was:
        _to_booker(db, event, booking, "booking_moved_for_company", facts)


def queue_booking_return(db: Session, event: BookingRestored) -> None:
    """Put the day back into the candidate's calendar: it takes place after all."""
    booking = get_booking(db, booking_id=event.booking_id)
    booker = get_person(db, person_id=booking.booked_by_id)
    facts = _facts(db, booking, booker)
    _to_candidate(db, event, booking, "booking_restored", facts)
    _to_booker(db, event, booking, "booking_restored_for_company", facts)


def queue_booking_cancellation(db: Session, event: BookingCancelled) -> None:
    """Take the day out of the candidate's calendar; say who cancelled, and about the price."""
    booking = get_booking(db, booking_id=event.booking_id)
    booker = get_person(db, person_id=booking.booked_by_id)
    note = find_credit_note(db, booking_id=booking.id)
    facts = {
        **_facts(db, booking, booker),
        "by_provider": event.by_provider,
        "by_candidate": booking.cancelled_by_id == booking.candidate_id,
        "refundable": event.refundable,
        "credit_note": note.number if note else None,
        "others": _other_dates(db, booking, event) if event.by_provider else [],
    }
    _to_candidate(db, event, booking, "booking_cancelled", facts)
    _to_booker(db, event, booking, "booking_cancelled_for_company", facts)


def _facts(db: Session, booking: Booking, booker: Person) -> dict[str, Any]:
    invoice = find_invoice(db, booking_id=booking.id)
    return {
        "booking": booking,
        "course": booking.course_session,
        "role": card_role(booking.course_session.card_role),
        "candidate": booking.candidate,
        "company": booking.company,
        "booker": booker,
        "price": word_pounds(booking.gross_pence),
        "invoice": invoice.number if invoice else None,
        # What it costs is between us and whoever pays.
        "tell_price": booking.company_id is None or booker.id == booking.candidate_id,
    }


def _to_candidate(
    db: Session,
    event: Event,
    booking: Booking,
    template: str,
    facts: dict[str, Any],
) -> None:
    """Queue the letter with the calendar part. Its key names this version of the booking."""
    method = "CANCEL" if booking.cancelled_at else "REQUEST"
    publisher = publisher_of(settings_of(db))
    role = card_role(booking.course_session.card_role)
    queue_letter(
        db,
        key=f"booking/{booking.ref}/{booking.sequence}",
        to=booking.candidate.email,
        person_id=booking.candidate_id,
        template=template,
        now=event.occurred_at,
        calendar=invitation(
            entry_of(booking, role=role, publisher=publisher),
            method=method,
            attendee_name=booking.candidate.full_name,
            attendee_email=booking.candidate.email,
            publisher=publisher,
        ),
        method=method,
        thread=booking.calendar_uid,
        **facts,
    )


def _to_booker(
    db: Session,
    event: Event,
    booking: Booking,
    template: str,
    facts: dict[str, Any],
) -> None:
    if booking.company_id is None or booking.booked_by_id == booking.candidate_id:
        return
    booker = get_person(db, person_id=booking.booked_by_id)
    queue_letter(
        db,
        key=f"booking/{booking.ref}/{booking.sequence}/booker",
        to=booker.email,
        person_id=booker.id,
        template=template,
        now=event.occurred_at,
        thread=f"co-{booking.calendar_uid}",
        **facts,
    )


def _other_dates(
    db: Session, booking: Booking, event: BookingCancelled
) -> Sequence[CourseSession]:
    """Return a few dates of the same course that still have seats, soonest first."""
    return list_course_sessions_with_seats(
        db,
        card_role=booking.course_session.card_role,
        now=event.occurred_at,
        limit=MOST_OTHER_DATES,
    )


def _changes(db: Session, booking: Booking, event: BookingRevised) -> list[str]:
    session = booking.course_session
    now_told = Told(
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        joining_url=session.joining_url,
    )
    last = find_last_calendar(db, thread=booking.calendar_uid)
    before = read_invitation(last) if last else now_told
    if event.was:
        before = replace(before, starts_at=event.was[0], ends_at=event.was[1])
    return word_changes(before, now_told)
