from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.accounts.queries import list_companies
from ecs_training.booking.forms import StaffBookingForm
from ecs_training.booking.services import BookingRefused, book_by_staff
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.queries import get_course_session

bp = Blueprint("booking_staff", __name__)


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
