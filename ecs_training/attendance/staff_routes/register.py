"""Marking one person on a register. The register itself is a page of assessment's."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from ecs_training.accounts.access import trainer_required, who
from ecs_training.accounts.rules import Role
from ecs_training.attendance.forms import AttendanceForm, IdentityForm
from ecs_training.attendance.queries import get_booking_on_register
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.attendance.services import (
    check_identity,
    mark_attendance,
    withdraw_identity_check,
)
from ecs_training.booking.models import Booking
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.web import now, reading, transaction

bp = Blueprint(
    "attendance_staff",
    __name__,
    url_prefix="/trainer/course-sessions/<ref>/bookings/<booking_ref>",
)


def _get_booking(db: Session, ref: str, booking_ref: str) -> Booking:
    as_staff = Role.STAFF in who().roles
    return get_booking_on_register(
        db,
        course_session_ref=ref,
        booking_ref=booking_ref,
        trainer_id=None if as_staff else who().person_id,
    )


@bp.post("/attendance")
@trainer_required
def mark(ref: str, booking_ref: str) -> ResponseReturnValue:
    form = AttendanceForm()
    if not form.validate():
        return _page(ref, booking_ref, form), 422
    try:
        with transaction() as db:
            mark_attendance(
                db,
                booking_id=_get_booking(db, ref, booking_ref).id,
                presence=Presence(form.presence.data),
                marked_by_id=who().person_id,
                now=now(),
            )
    except Refused as refused:
        return _page(ref, booking_ref, form, refused), 409
    return _to_register(ref, booking_ref)


@bp.post("/identity")
@trainer_required
def check(ref: str, booking_ref: str) -> ResponseReturnValue:
    form = IdentityForm()
    if not form.validate():
        return _page(ref, booking_ref, form), 422
    try:
        with transaction() as db:
            check_identity(
                db,
                booking_id=_get_booking(db, ref, booking_ref).id,
                document=DocumentKind(form.document.data),
                outcome=IdentityOutcome(form.outcome.data),
                checked_by_id=who().person_id,
                now=now(),
            )
    except Refused as refused:
        return _page(ref, booking_ref, form, refused), 409
    return _to_register(ref, booking_ref)


@bp.post("/identity/withdrawal")
@trainer_required
def withdraw_check(ref: str, booking_ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            withdraw_identity_check(
                db,
                booking_id=_get_booking(db, ref, booking_ref).id,
                withdrawn_by_id=who().person_id,
                now=now(),
            )
    except Refused as refused:
        return _page(ref, booking_ref, IdentityForm(), refused), 409
    return _to_register(ref, booking_ref)


def _to_register(ref: str, booking_ref: str) -> ResponseReturnValue:
    anchor = (
        f"person-{booking_ref}"  # as templates/attendance/_register_rows.html has it
    )
    page = url_for("assessment_staff.show_register", ref=ref, _anchor=anchor)
    return redirect(page, 303)


def _page(
    ref: str, booking_ref: str, form: FlaskForm, refused: Refused | None = None
) -> str:
    """Show one person's form again, with what was chosen and what is wrong with it."""
    with reading() as db:
        booking = _get_booking(db, ref, booking_ref)
    return render_template(
        "attendance/person.html",
        booking=booking,
        course_session=booking.course_session,
        role=card_role(booking.course_session.card_role),
        form=form,
        refused=refused,
    )
