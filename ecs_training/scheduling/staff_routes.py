"""Pages of trainers and staff about dates and weekly plans."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, trainer_required, who
from ecs_training.accounts.models import Person
from ecs_training.accounts.queries import get_person, list_people_with_role
from ecs_training.accounts.rules import Role
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, settings, transaction
from ecs_training.scheduling.forms import (
    CancelForm,
    CourseSessionForm,
    EndPlanForm,
    JoiningLinkForm,
    WeeklyPlanForm,
)
from ecs_training.scheduling.queries import (
    get_course_session_of,
    get_plan,
    list_course_sessions_since,
    list_plan_course_sessions,
    list_plans,
)
from ecs_training.scheduling.rules import WEEKDAYS, why_not_change
from ecs_training.scheduling.services import (
    PlanRefused,
    TimetableRefused,
    add_course_session,
    add_weekly_plan,
    cancel_course_session,
    end_weekly_plan,
    extend_plan,
    set_joining_link,
)

bp = Blueprint("scheduling_staff", __name__)

MOST_DATES = 300  # on one page: twelve weeks of five courses are sixty
USUAL_SEATS = 20


def _is_staff() -> bool:
    return Role.STAFF in who().roles


def _scope() -> int | None:
    """Return whose dates the person may touch; None stands for everybody's."""
    return None if _is_staff() else who().person_id


def _trainers() -> Sequence[Person]:
    with reading() as db:
        if _is_staff():
            return list_people_with_role(db, role=Role.TRAINER)
        return [get_person(db, person_id=who().person_id)]


def _home() -> str:
    staff = _is_staff()
    return url_for(
        "scheduling_staff.show_timetable" if staff else "portal.show_trainer"
    )


@bp.get("/staff/timetable")
@staff_required
def show_timetable() -> str:
    with reading() as db:
        plans = list_plans(db)
        dates = list_course_sessions_since(db, since=now(), limit=MOST_DATES)
    return render_template(
        "scheduling/timetable.html",
        plans=plans,
        dates=dates,
        weekdays=WEEKDAYS,
        today=london_date(now()),
    )


@bp.route("/staff/weekly-plans/new", methods=["GET", "POST"])
@staff_required
def new_plan() -> ResponseReturnValue:
    form = WeeklyPlanForm(trainers=_trainers(), capacity=USUAL_SEATS)
    if request.method == "GET" or not form.validate():
        return _plan_page(form), 422 if form.errors else 200
    try:
        with transaction() as db:
            plan = add_weekly_plan(
                db,
                **form.facts(),
                added_by_id=who().person_id,
                now=now(),
            )
            weeks = settings().timetable_weeks
            extend_plan(db, plan_id=plan.id, weeks=weeks, now=now())
    except PlanRefused as refused:
        return _plan_page(form, refused), 409
    return redirect(url_for("scheduling_staff.show_timetable"), 303)


def _plan_page(form: WeeklyPlanForm, refused: PlanRefused | None = None) -> str:
    return render_template("scheduling/new_plan.html", form=form, refused=refused)


@bp.route("/staff/weekly-plans/<ref>/end", methods=["GET", "POST"])
@staff_required
def end_plan(ref: str) -> ResponseReturnValue:
    form = EndPlanForm(last_on=london_date(now()))
    if request.method == "GET" or not form.validate():
        return _end_page(ref, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            end_weekly_plan(
                db,
                ref=ref,
                **form.facts(),
                ended_by_id=who().person_id,
                now=now(),
            )
    except PlanRefused as refused:
        return _end_page(ref, form, refused), 409
    return redirect(url_for("scheduling_staff.show_timetable"), 303)


def _end_page(ref: str, form: EndPlanForm, refused: PlanRefused | None = None) -> str:
    with reading() as db:
        plan = get_plan(db, ref=ref)
        later = list_plan_course_sessions(db, plan_id=plan.id, after=london_date(now()))
    return render_template(
        "scheduling/end_plan.html",
        plan=plan,
        booked=[each for each in later if each.seats_taken],
        weekdays=WEEKDAYS,
        form=form,
        refused=refused,
    )


@bp.route("/trainer/course-sessions/new", methods=["GET", "POST"])
@trainer_required
def new_course_session() -> ResponseReturnValue:
    form = CourseSessionForm(trainers=_trainers(), capacity=USUAL_SEATS)
    if request.method == "GET" or not form.validate():
        return _date_page(form), 422 if form.errors else 200
    try:
        with transaction() as db:
            add_course_session(
                db,
                **form.facts(),
                added_by_id=who().person_id,
                now=now(),
            )
    except TimetableRefused as refused:
        return _date_page(form, refused), 409
    return redirect(_home(), 303)


def _date_page(form: CourseSessionForm, refused: TimetableRefused | None = None) -> str:
    return render_template(
        "scheduling/new_course_session.html", form=form, refused=refused, home=_home()
    )


@bp.route(
    "/trainer/course-sessions/<ref>/cancellation",
    methods=["GET", "POST"],
    endpoint="cancel_course_session",
)
@trainer_required
def cancel_date(ref: str) -> ResponseReturnValue:
    form = CancelForm()
    if request.method == "GET" or not form.validate():
        page = _one_date_page("scheduling/cancel_course_session.html", ref, form)
        return page, 422 if form.errors else 200
    try:
        with transaction() as db:
            cancel_course_session(
                db,
                ref=ref,
                trainer_id=_scope(),
                reason=form.reason.data,
                cancelled_by_id=who().person_id,
                now=now(),
            )
    except TimetableRefused as refused:
        page = _one_date_page(
            "scheduling/cancel_course_session.html", ref, form, refused
        )
        return page, 409
    return redirect(_home(), 303)


@bp.route("/trainer/course-sessions/<ref>/joining-link", methods=["GET", "POST"])
@trainer_required
def edit_joining_link(ref: str) -> ResponseReturnValue:
    form = JoiningLinkForm()
    if request.method == "GET" or not form.validate():
        page = _one_date_page("scheduling/joining_link.html", ref, form)
        return page, 422 if form.errors else 200
    try:
        with transaction() as db:
            set_joining_link(
                db,
                ref=ref,
                trainer_id=_scope(),
                joining_url=form.joining_url.data,
                set_by_id=who().person_id,
                now=now(),
            )
    except TimetableRefused as refused:
        return _one_date_page("scheduling/joining_link.html", ref, form, refused), 409
    return redirect(url_for("assessment_staff.show_register", ref=ref), 303)


def _one_date_page(
    template: str,
    ref: str,
    form: CancelForm | JoiningLinkForm,
    refused: TimetableRefused | None = None,
) -> str:
    with reading() as db:
        course_session = get_course_session_of(db, ref=ref, trainer_id=_scope())
    return render_template(
        template,
        course_session=course_session,
        role=card_role(course_session.card_role),
        standing=why_not_change(
            ends_at=course_session.ends_at,
            cancelled=course_session.cancelled_at is not None,
            now=now(),
        ),
        form=form,
        refused=refused,
        home=_home(),
    )
