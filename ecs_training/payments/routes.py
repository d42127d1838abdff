from flask import Blueprint, render_template

from ecs_training.accounts.access import sign_in_required, who
from ecs_training.booking.queries import get_visible_booking
from ecs_training.foundation.web import reading
from ecs_training.payments.queries import find_credit_note, get_credit_note, get_invoice

bp = Blueprint("payments", __name__)


@bp.get("/bookings/<ref>/invoice")
@sign_in_required
def show_invoice(ref: str) -> str:
    me = who()
    with reading() as db:
        booking = get_visible_booking(
            db, ref=ref, person_id=me.person_id, company_id=me.company_id
        )
        invoice = get_invoice(db, booking_id=booking.id)
        credit_note = find_credit_note(db, booking_id=booking.id)
    return render_template(
        "payments/invoice.html",
        booking=booking,
        invoice=invoice,
        credit_note=credit_note,
    )


@bp.get("/bookings/<ref>/credit-note")
@sign_in_required
def show_credit_note(ref: str) -> str:
    me = who()
    with reading() as db:
        booking = get_visible_booking(
            db, ref=ref, person_id=me.person_id, company_id=me.company_id
        )
        credit_note = get_credit_note(db, booking_id=booking.id)
    return render_template(
        "payments/credit_note.html", booking=booking, credit_note=credit_note
    )
