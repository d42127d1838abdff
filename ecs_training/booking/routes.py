from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ecs_training.accounts.access import (
    current_company_id,
    sign_in_required,
    who,
    who_is_there,
)
from ecs_training.accounts.queries import get_company, list_open_sites
from ecs_training.booking.forms import (
    AdjustmentForm,
    BookingForm,
    CancellationForm,
)
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import (
    find_booking_on,
    find_standing_adjustment,
    get_own_booking,
    get_visible_booking,
)
from ecs_training.booking.rules import (
    Buyer,
    free_until,
    is_booking_closed,
    is_cancelling_free,
    why_not_book,
    why_not_cancel,
)
from ecs_training.booking.services import (
    BookingRefused,
    CancellationRefused,
    ask_adjustment,
    book_for_delegate,
    book_seat,
    cancel_booking,
)
from ecs_training.catalogue.queries import card_role, prices, scheme
from ecs_training.catalogue.rules import price_on
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.queries import (
    get_public_course_session,
    list_open_course_sessions,
)

bp = Blueprint("booking", __name__)

MOST_DATES = 100  # on one page; twelve weeks ahead are a dozen


@bp.get("/courses/<role>")
def show_course(role: str) -> str:
    found = card_role(role)
    with reading() as db:
        dates = list_open_course_sessions(
            db, card_role=found.slug, now=now(), limit=MOST_DATES
        )
    return render_template(
        "booking/course.html",
        role=found,
        dates=[
            (
                each,
                price_on(prices(), each.local_date),
                is_booking_closed(starts_at=each.starts_at, now=now()),
            )
            for each in dates
        ],
        price=price_on(prices(), london_date(now())),
        exemptions=scheme().qualifications_for(found.slug),
    )


@bp.get("/course-sessions/<ref>")
def show_course_session(ref: str) -> str:
    return _course_session_page(ref, _booking_form())


def _booking_form() -> BookingForm:
    me = who_is_there()
    if me is None or me.company_id is None:
        return BookingForm(has_company=False)
    with reading() as db:
        sites = list_open_sites(db, company_id=me.company_id)
    return BookingForm(has_company=True, sites=sites)


def _course_session_page(
    ref: str, form: BookingForm, refused: BookingRefused | None = None
) -> str:
    me = who_is_there()
    with reading() as db:
        course_session = get_public_course_session(db, ref=ref)
        own = me and find_booking_on(
            db, course_session_id=course_session.id, candidate_id=me.person_id
        )
        company = (
            get_company(db, company_id=me.company_id) if me and me.company_id else None
        )
    return render_template(
        "booking/course_session.html",
        course_session=course_session,
        role=card_role(course_session.card_role),
        price=price_on(prices(), course_session.local_date),
        free_until=free_until(
            course_session.local_date,
            starts_at=course_session.starts_at,
            booked_at=now(),
            consumer=company is None,
        ),
        now=now(),
        standing=why_not_book(
            starts_at=course_session.starts_at,
            cancelled=course_session.cancelled_at is not None,
            for_this_buyer=True,
            capacity=course_session.capacity,
            seats_taken=course_session.seats_taken,
            already_booked=False,
            now=now(),
        ),
        own=own,
        company=company,
        form=form,
        refused=refused,
    )


@bp.post("/course-sessions/<ref>/bookings")
@sign_in_required
def create_booking(ref: str) -> ResponseReturnValue:
    form = _booking_form()
    if not form.validate():
        return _course_session_page(ref, form), 422
    try:
        with transaction() as db:
            booking = _BOOK[Buyer(form.buyer.data)](db, ref, form)
    except BookingRefused as refused:
        return _course_session_page(ref, form, refused), 409
    return redirect(url_for("portal.show_booking", ref=booking.ref), 303)


def _book_for_self(db: Session, ref: str, _form: BookingForm) -> Booking:
    return book_seat(
        db,
        course_session_ref=get_public_course_session(db, ref=ref).ref,
        candidate_id=who().person_id,
        booked_by_id=who().person_id,
        company_id=None,
        now=now(),
    )


def _book_for_delegate(db: Session, ref: str, form: BookingForm) -> Booking:
    return book_for_delegate(
        db,
        course_session_ref=get_public_course_session(db, ref=ref).ref,
        delegate_name=form.delegate_name.data,
        delegate_email=form.delegate_email.data,
        booked_by_id=who().person_id,
        company_id=current_company_id(),
        site_ref=form.site.data or "",
        now=now(),
    )


_BOOK = {Buyer.SELF: _book_for_self, Buyer.COMPANY: _book_for_delegate}


@bp.get("/bookings/<ref>/cancellation")
@sign_in_required
def show_cancellation(ref: str) -> str:
    return _cancellation_page(ref, CancellationForm())


@bp.post("/bookings/<ref>/cancellation")
@sign_in_required
def cancel(ref: str) -> ResponseReturnValue:
    me = who()
    form = CancellationForm()
    if not form.validate():
        return _cancellation_page(ref, form), 422
    try:
        with transaction() as db:
            cancel_booking(
                db,
                ref=ref,
                person_id=me.person_id,
                company_id=me.company_id,
                reason=form.reason.data,
                expects_free=form.expects_free.data == "yes",
                now=now(),
            )
    except CancellationRefused as refused:
        return _cancellation_page(ref, form, refused), 409
    return redirect(url_for("portal.show_booking", ref=ref), 303)


def _cancellation_page(
    ref: str, form: CancellationForm, refused: CancellationRefused | None = None
) -> str:
    me = who()
    with reading() as db:
        booking = get_visible_booking(
            db, ref=ref, person_id=me.person_id, company_id=me.company_id
        )
    free = is_cancelling_free(free_until=booking.free_until, now=now())
    return render_template(
        "booking/cancellation.html",
        booking=booking,
        role=card_role(booking.course_session.card_role),
        free=free,
        standing=why_not_cancel(
            starts_at=booking.course_session.starts_at,
            cancelled=booking.cancelled_at is not None,
            free_until=booking.free_until,
            expects_free=False,
            now=now(),
        ),
        form=form,
        refused=refused,
    )


@bp.get("/bookings/<ref>/adjustments")
@sign_in_required
def show_adjustments(ref: str) -> str:
    return _adjustments_page(ref, AdjustmentForm())


@bp.post("/bookings/<ref>/adjustments", endpoint="ask_adjustment")
@sign_in_required
def ask_for_adjustment(ref: str) -> ResponseReturnValue:
    """Take down what the candidate needs; whoever paid for the seat has no such page."""
    form = AdjustmentForm()
    if not form.validate():
        return _adjustments_page(ref, form), 422
    try:
        with transaction() as db:
            ask_adjustment(
                db,
                booking_ref=ref,
                person_id=who().person_id,
                needs=form.needs.data,
                now=now(),
            )
    except Refused as refused:  # the assessment may have begun
        return _adjustments_page(ref, form, refused), 409
    return redirect(url_for("booking.show_adjustments", ref=ref), 303)


def _adjustments_page(
    ref: str, form: AdjustmentForm, refused: Refused | None = None
) -> str:
    with reading() as db:
        booking = get_own_booking(db, ref=ref, person_id=who().person_id)
        standing = find_standing_adjustment(db, booking_id=booking.id)
    return render_template(
        "booking/adjustments.html",
        booking=booking,
        standing=standing,
        role=card_role(booking.course_session.card_role),
        form=form,
        refused=refused,
    )
