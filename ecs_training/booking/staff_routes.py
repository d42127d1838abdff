from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.accounts.queries import list_companies
from ecs_training.booking.forms import AdjustmentDecisionForm, StaffBookingForm
from ecs_training.booking.models import Adjustment
from ecs_training.booking.queries import (
    find_agreed_before,
    get_adjustment_by_ref,
    list_decided_adjustments,
    list_waiting_adjustments,
)
from ecs_training.booking.rules import word_agreed
from ecs_training.booking.services import (
    AdjustmentRefused,
    BookingRefused,
    book_by_staff,
    decide_adjustment,
)
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.queries import get_course_session

bp = Blueprint("booking_staff", __name__)

DECIDED_SHOWN = 50


@bp.route("/staff/course-sessions/<ref>/bookings/new", methods=["GET", "POST"])
@staff_required
def add_person(ref: str) -> ResponseReturnValue:
    """Put somebody on a date: the only way onto an in-house one."""
    form = StaffBookingForm()
    with reading() as db:
        form.company_id.choices = [
            (0, "They pay themselves"),
            *((company.id, company.name) for company in list_companies(db)),
        ]
    if request.method == "GET" or not form.validate():
        return _page(ref, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            booking = book_by_staff(
                db,
                course_session_ref=ref,
                full_name=form.full_name.data,
                email=form.email.data,
                company_id=form.company_id.data or None,
                booked_by_id=who().person_id,
                now=now(),
            )
    except BookingRefused as refused:
        return _page(ref, form, refused), 409
    register = url_for("assessment_staff.show_register", ref=ref)
    return redirect(f"{register}#{booking.ref}", 303)


def _page(
    ref: str, form: StaffBookingForm, refused: BookingRefused | None = None
) -> str:
    with reading() as db:
        course_session = get_course_session(db, ref=ref)
    return render_template(
        "booking/add_person.html",
        course_session=course_session,
        role=card_role(course_session.card_role),
        form=form,
        refused=refused,
    )


@bp.get("/staff/adjustments")
@staff_required
def show_adjustments() -> str:
    with reading() as db:
        waiting = list_waiting_adjustments(db)
        decided = list_decided_adjustments(db, limit=DECIDED_SHOWN)
    return render_template(
        "booking/staff_adjustments.html",
        waiting=waiting,
        decided=decided,
        words=_words,
        role_of=card_role,
    )


def _words(adjustment: Adjustment) -> str:
    return word_agreed(
        time_percent=adjustment.time_percent, rest_minutes=adjustment.rest_minutes
    )


@bp.route(
    "/staff/adjustments/<ref>", methods=["GET", "POST"], endpoint="decide_adjustment"
)
@staff_required
def decide_on_adjustment(ref: str) -> ResponseReturnValue:
    form = AdjustmentDecisionForm()
    if request.method == "GET" or not form.validate():
        return _adjustment_page(ref, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            decide_adjustment(
                db,
                ref=ref,
                agreed=form.agreed,
                time_percent=form.time_percent,
                rest_minutes=form.minutes_of_rest,
                reply=form.reply.data,
                decided_by_id=who().person_id,
                expects_decided_at=form.decision_seen,
                now=now(),
            )
    except AdjustmentRefused as refused:
        return _adjustment_page(ref, form, refused), 409
    return redirect(url_for("booking_staff.show_adjustments"), 303)


def _adjustment_page(
    ref: str, form: AdjustmentDecisionForm, refused: AdjustmentRefused | None = None
) -> str:
    with reading() as db:
        adjustment = get_adjustment_by_ref(db, ref=ref)
        before = find_agreed_before(db, adjustment=adjustment)
    if request.method == "GET":
        form.show(adjustment)
    return render_template(
        "booking/staff_adjustment.html",
        adjustment=adjustment,
        booking=adjustment.booking,
        role=card_role(adjustment.booking.course_session.card_role),
        agreed_before=_words(before) if before else "",
        words=_words,
        own=adjustment.booking.candidate_id == who().person_id,
        form=form,
        refused=refused,
    )
