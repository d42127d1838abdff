"""Pages of staff about days off: of one plan, of all, of a nation."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Protocol

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.forms import (
    NATIONS,
    ClosureForm,
    ExceptionForm,
    HolidayForm,
)
from ecs_training.scheduling.queries import get_plan, list_closures, list_holidays
from ecs_training.scheduling.rules import HOME_NATION, WEEKDAYS, HolidaySource
from ecs_training.scheduling.services import (
    DaysRefused,
    add_closure,
    add_exception,
    add_holiday,
    remove_closure,
    remove_exception,
    remove_holiday,
)
from ecs_training.scheduling.staff_routes.blueprint import bp


@bp.get("/staff/timetable/days-off")
@staff_required
def show_days_off() -> str:
    today = london_date(now())
    with reading() as db:
        closures = list_closures(db, since=today)
        holidays = list_holidays(db, since=today)
    return render_template(
        "scheduling/days_off.html",
        closures=closures,
        holidays=holidays,
        nations=NATIONS,
        home_nation=HOME_NATION,
        by_hand=HolidaySource.BY_HAND,
    )


@bp.route("/staff/timetable/closures/new", methods=["GET", "POST"])
@staff_required
def new_closure() -> ResponseReturnValue:
    then = url_for("scheduling_staff.show_days_off")
    return _add(ClosureForm(), "scheduling/new_closure.html", add_closure, then)


@bp.post("/staff/timetable/closures/<ref>/removal")
@staff_required
def end_closure(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        remove_closure(db, ref=ref, removed_by_id=who().person_id, now=now())
    return redirect(url_for("scheduling_staff.show_days_off"), 303)


@bp.route("/staff/timetable/holidays/new", methods=["GET", "POST"])
@staff_required
def new_holiday() -> ResponseReturnValue:
    then = url_for("scheduling_staff.show_days_off")
    return _add(HolidayForm(), "scheduling/new_holiday.html", add_holiday, then)


@bp.post("/staff/timetable/holidays/<ref>/removal")
@staff_required
def end_holiday(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        remove_holiday(db, ref=ref, removed_by_id=who().person_id, now=now())
    return redirect(url_for("scheduling_staff.show_days_off"), 303)


@bp.route("/staff/weekly-plans/<ref>/exceptions/new", methods=["GET", "POST"])
@staff_required
def new_exception(ref: str) -> ResponseReturnValue:
    with reading() as db:
        plan = get_plan(db, ref=ref)
    return _add(
        ExceptionForm(),
        "scheduling/new_exception.html",
        partial(add_exception, ref=ref),
        url_for("scheduling_staff.show_plan", ref=ref),
        plan=plan,
        weekdays=WEEKDAYS,
    )


@bp.post("/staff/weekly-plans/<ref>/exceptions/<day>/removal")
@staff_required
def end_exception(ref: str, day: str) -> ResponseReturnValue:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    with transaction() as db:
        remove_exception(db, ref=ref, day=on, removed_by_id=who().person_id, now=now())
    return redirect(url_for("scheduling_staff.show_plan", ref=ref), 303)


class DaysForm(Protocol):
    """A form that knows what its service wants to be told."""

    errors: dict[str, Any]

    def validate(self) -> bool: ...
    def facts(self) -> dict[str, Any]: ...


def _add(
    form: DaysForm,
    page: str,
    add: Callable[..., object],
    then: str,
    **shown: object,
) -> ResponseReturnValue:
    """Show the form, or add what it says and lead on; what is refused keeps what was typed."""
    facts: dict[str, Any] = {"form": form, "refused": None, **shown}
    if request.method == "GET" or not form.validate():
        return render_template(page, **facts), 422 if form.errors else 200
    try:
        with transaction() as db:
            add(db, **form.facts(), added_by_id=who().person_id, now=now())
    except DaysRefused as refused:
        return render_template(page, **{**facts, "refused": refused}), 409
    return redirect(then, 303)
