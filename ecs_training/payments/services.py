"""Invoices and credit notes, written in the transaction that books or cancels."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from ecs_training.booking.events import BookingCancelled, BookingRestored, SeatBooked
from ecs_training.booking.queries import get_booking
from ecs_training.foundation.london import london_date
from ecs_training.payments.models import CreditNote, Invoice
from ecs_training.payments.queries import find_credit_note, find_invoice
from ecs_training.payments.rules import (
    CANCELLED_IN_TIME,
    Series,
    billed_to,
    word_number,
)

# One statement, so that two who race for the first number do not both begin the series. It
# holds the row until the transaction ends: a number that is rolled back is given again.
_NEXT = text(
    "INSERT INTO invoice_numbers (series, last) VALUES (:series, 1)"
    " ON CONFLICT (series) DO UPDATE SET last = invoice_numbers.last + 1"
    " RETURNING last"
)


def issue_invoice(db: Session, event: SeatBooked | BookingRestored) -> None:
    """Charge for a booking, once; again only for one that came back and was credited."""
    before = find_invoice(db, booking_id=event.booking_id)
    if before and not find_credit_note(db, booking_id=event.booking_id):
        return
    booking = get_booking(db, booking_id=event.booking_id)
    company, candidate = booking.company, booking.candidate
    db.add(
        Invoice(
            number=_next_number(db, Series.INVOICE),
            booking_id=booking.id,
            turn=before.turn + 1 if before else 0,
            issued_at=event.occurred_at,
            issued_on=london_date(event.occurred_at),
            billed_to=billed_to(
                company=(company.name, company.invoice_address) if company else None,
                full_name=candidate.full_name,
                email=candidate.email,
            ),
            net_pence=booking.net_pence,
            vat_pence=booking.vat_pence,
            vat_percent=booking.vat_percent,
        )
    )
    db.flush()


def credit_invoice(db: Session, event: BookingCancelled) -> None:
    """Take a refundable booking's invoice back whole, once; a late one's stays payable."""
    invoice = find_invoice(db, booking_id=event.booking_id)
    if not (event.refundable and invoice):
        return
    if find_credit_note(db, booking_id=event.booking_id):
        return
    booking = get_booking(db, booking_id=event.booking_id)
    db.add(
        CreditNote(
            number=_next_number(db, Series.CREDIT_NOTE),
            invoice_id=invoice.id,
            issued_at=event.occurred_at,
            issued_on=london_date(event.occurred_at),
            reason=booking.cancel_reason or CANCELLED_IN_TIME,
        )
    )
    db.flush()


def _next_number(db: Session, series: Series) -> str:
    n: int = db.scalars(_NEXT, {"series": series.value}).one()
    return word_number(series, n)
