"""Pages of staff about the timetable and its weekly plans."""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import database, now, reading, settings, transaction
from ecs_training.scheduling.forms import (
    POLICIES,
    EndPlanForm,
    PlanTermsForm,
    WeeklyPlanForm,
    terms_of,
)
from ecs_training.scheduling.models import WeeklyPlan
from ecs_training.scheduling.queries import (
    get_plan,
    list_course_sessions_since,
    list_exceptions,
    list_open_questions,
    list_plan_course_sessions,
    list_plans,
)
from ecs_training.scheduling.rules import WEEKDAYS, PlanRefusal
from ecs_training.scheduling.services import (
    PlanDifference,
    PlanRefused,
    add_weekly_plan,
    change_weekly_plan,
    end_weekly_plan,
    publish_plan,
    read_difference,
)
from ecs_training.scheduling.staff_routes.blueprint import USUAL_SEATS, bp, trainers

MOST_DATES = 300  # on one page: twelve weeks of five courses are sixty

Write = Callable[[Session], WeeklyPlan]


@bp.get("/staff/timetable")
@staff_required
def show_timetable() -> str:
    with reading() as db:
        plans = list_plans(db)
        dates = list_course_sessions_since(db, since=now(), limit=MOST_DATES)
        questions = len(list_open_questions(db, now=now()))
    return render_template(
        "scheduling/timetable.html",
        plans=plans,
        dates=dates,
        questions=questions,
        weekdays=WEEKDAYS,
        today=london_date(now()),
    )


@bp.route("/staff/weekly-plans/new", methods=["GET", "POST"])
@staff_required
def new_plan() -> ResponseReturnValue:
    form = WeeklyPlanForm(trainers=trainers(), capacity=USUAL_SEATS)
    if request.method == "GET" or not form.validate():
        return _terms_page(form), 422 if form.errors else 200

    def write(db: Session) -> WeeklyPlan:
        return add_weekly_plan(
            db, **form.facts(), added_by_id=who().person_id, now=now()
        )

    return _look_or_publish(form, write)


@bp.route("/staff/weekly-plans/<ref>/edit", methods=["GET", "POST"])
@staff_required
def edit_plan(ref: str) -> ResponseReturnValue:
    with reading() as db:
        plan = get_plan(db, ref=ref)
    form = PlanTermsForm(trainers=trainers(), data=terms_of(plan))
    if request.method == "GET" or not form.validate():
        return _terms_page(form, plan=plan), 422 if form.errors else 200

    def write(db: Session) -> WeeklyPlan:
        facts = form.facts()
        return change_weekly_plan(
            db, ref=ref, **facts, changed_by_id=who().person_id, now=now()
        )

    return _look_or_publish(form, write, plan)


def _look_or_publish(
    form: PlanTermsForm, write: Write, plan: WeeklyPlan | None = None
) -> ResponseReturnValue:
    """Show what a plan as typed would do; or do it, if that is what was shown."""
    try:
        if "publish" not in request.form:
            return _terms_page(form, plan=plan, seen=_rehearse(write))
        with transaction() as db:
            written = write(db)
            _publish(db, written.ref, form.digest.data or "")
    except PlanRefused as refused:
        shown_anew = refused.reason is PlanRefusal.CHANGED_MEANWHILE
        seen = _rehearse(write) if shown_anew else None
        return _terms_page(form, plan=plan, seen=seen, refused=refused), 409
    return redirect(url_for("scheduling_staff.show_plan", ref=written.ref), 303)


def _rehearse(write: Write) -> PlanDifference:
    with database().rehearsal() as db:
        weeks = settings().timetable_weeks
        return read_difference(db, ref=write(db).ref, weeks=weeks, now=now())


def _publish(db: Session, ref: str, digest: str) -> None:
    publish_plan(
        db,
        ref=ref,
        digest=digest,
        weeks=settings().timetable_weeks,
        published_by_id=who().person_id,
        now=now(),
    )


def _terms_page(
    form: PlanTermsForm,
    *,
    plan: WeeklyPlan | None = None,
    seen: PlanDifference | None = None,
    refused: PlanRefused | None = None,
) -> str:
    return render_template(
        "scheduling/plan_terms.html",
        form=form,
        plan=plan,
        seen=seen,
        names=_names() if seen else {},
        weekdays=WEEKDAYS,
        refused=refused,
    )


def _names() -> dict[int, str]:
    return {each.id: each.full_name for each in trainers()}


@bp.get("/staff/weekly-plans/<ref>")
@staff_required
def show_plan(ref: str) -> str:
    return _plan_page(ref)


@bp.post("/staff/weekly-plans/<ref>/dates")
@staff_required
def publish_dates(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            _publish(db, ref, request.form.get("digest", ""))
    except PlanRefused as refused:
        return _plan_page(ref, refused), 409
    return redirect(url_for("scheduling_staff.show_plan", ref=ref), 303)


def _plan_page(ref: str, refused: PlanRefused | None = None) -> str:
    today = london_date(now())
    with reading() as db:
        seen = read_difference(db, ref=ref, weeks=settings().timetable_weeks, now=now())
        exceptions = list_exceptions(db, plan_id=seen.plan.id, since=today)
    return render_template(
        "scheduling/plan.html",
        plan=seen.plan,
        seen=seen,
        names=_names(),
        exceptions=exceptions,
        ended=seen.plan.last_on is not None and seen.plan.last_on < today,
        policies=POLICIES,
        weekdays=WEEKDAYS,
        refused=refused,
    )


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
