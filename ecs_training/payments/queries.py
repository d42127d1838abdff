from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.booking.models import Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.payments.models import CreditNote, Invoice


def find_invoice(db: Session, *, booking_id: int) -> Invoice | None:
    """Return a booking's last invoice: one that came back after a cancellation has two."""
    return db.scalars(_invoice_of(booking_id)).one_or_none()


def _invoice_of(booking_id: int) -> Select[Invoice]:
    last = select(func.max(Invoice.turn)).where(Invoice.booking_id == booking_id)
    return select(Invoice).where(
        Invoice.booking_id == booking_id, Invoice.turn == last.scalar_subquery()
    )


def find_credit_note(db: Session, *, booking_id: int) -> CreditNote | None:
    """Return the credit note that takes a booking's last invoice back, with that invoice."""
    return db.scalars(_credit_note_of(booking_id)).one_or_none()


def get_invoice(db: Session, *, booking_id: int) -> Invoice:
    """Return a booking's invoice with the booking, its date and candidate, or raise NotFound."""
    invoice = db.scalars(
        _invoice_of(booking_id).options(*_booked(joinedload(Invoice.booking)))
    ).one_or_none()
    if invoice is None:
        raise NotFound
    return invoice


def get_credit_note(db: Session, *, booking_id: int) -> CreditNote:
    """Return a booking's credit note with invoice and booking, or raise NotFound."""
    booked = joinedload(CreditNote.invoice).joinedload(Invoice.booking)
    note: CreditNote | None = db.scalars(
        _credit_note_of(booking_id).options(*_booked(booked))
    ).one_or_none()
    if note is None:
        raise NotFound
    return note


def _credit_note_of(booking_id: int) -> Select[Any]:
    last = _invoice_of(booking_id).with_only_columns(Invoice.id)
    return (
        select(CreditNote)
        .where(CreditNote.invoice_id == last.scalar_subquery())
        .options(joinedload(CreditNote.invoice))
    )


def _booked(booking: Any) -> tuple[Any, ...]:
    return (
        booking.joinedload(Booking.course_session),
        booking.joinedload(Booking.candidate),
    )
