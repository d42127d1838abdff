"""Reading how a date stands, and what a change has made."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import Person
from ecs_training.booking.models import Booking
from ecs_training.changes.rules import Standing
from ecs_training.foundation.audit import AuditEntry
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.payments.models import CreditNote, Invoice
from ecs_training.scheduling.models import CourseSession, Meeting


def read_standing(db: Session, course_session: CourseSession) -> Standing:
    meeting = db.scalars(
        select(Meeting.wanted).where(Meeting.course_session_id == course_session.id)
    ).one_or_none()
    return Standing(
        starts_at=course_session.starts_at,
        ends_at=course_session.ends_at,
        trainer=db.get_one(Person, course_session.trainer_id).full_name,
        capacity=course_session.capacity,
        minimum=course_session.minimum,
        seats_taken=course_session.seats_taken,
        cancelled=course_session.cancelled_at is not None,
        sequence=course_session.sequence,
        meeting=meeting,
        joining_url=course_session.joining_url,
    )


def list_bookings(db: Session, *, course_session_id: int) -> Sequence[Booking]:
    """Return every booking ever made on a date with its candidate, by name."""
    return db.scalars(
        select(Booking)
        .join(Booking.candidate)
        .where(Booking.course_session_id == course_session_id)
        .options(joinedload(Booking.candidate))
        .order_by(Person.full_name, Booking.id)
    ).all()


def list_letters(
    db: Session, *, keys: Collection[str]
) -> Sequence[tuple[OutgoingEmail, str | None]]:
    """Return the letters about those occasions, with the names of who gets them."""
    found = db.execute(
        select(OutgoingEmail, Person.full_name)
        .outerjoin(Person, Person.id == OutgoingEmail.person_id)
        .where(OutgoingEmail.key.in_(keys))
        .order_by(OutgoingEmail.id)
    )
    return [(letter, name) for letter, name in found]


def list_credit_notes(db: Session, *, ids: Collection[int]) -> Sequence[CreditNote]:
    """Return credit notes with their invoices, bookings and candidates."""
    to_invoice = joinedload(CreditNote.invoice)
    query = select(CreditNote).where(CreditNote.id.in_(ids))
    return db.scalars(_with_people(query, to_invoice).order_by(CreditNote.id)).all()


def list_invoices(db: Session, *, ids: Collection[int]) -> Sequence[Invoice]:
    query = select(Invoice).where(Invoice.id.in_(ids))
    booked = joinedload(Invoice.booking).joinedload(Booking.candidate)
    return db.scalars(query.options(booked).order_by(Invoice.id)).all()


def _with_people(query: Any, to_invoice: Any) -> Any:
    booked = to_invoice.joinedload(Invoice.booking)
    return query.options(booked.joinedload(Booking.candidate))


def list_past_changes(db: Session, *, ref: str) -> Sequence[tuple[AuditEntry, str]]:
    """Return what was done to a date and by whom, the newest first."""
    found = db.execute(
        select(AuditEntry, Person.full_name)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.subject == f"course-session/{ref}")
        .order_by(AuditEntry.id.desc())
    )
    return [(entry, name or "the timetable") for entry, name in found]
