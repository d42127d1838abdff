"""Pages about a trainer's time: their own, and for staff anybody's."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from ecs_training.accounts.access import staff_required, trainer_required, who
from ecs_training.accounts.models import Person
from ecs_training.accounts.queries import get_person, list_people_with_role
from ecs_training.accounts.rules import Role
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, settings, transaction
from ecs_training.scheduling.forms.trainers import (
    CalendarForm,
    HoursForm,
    LeaveForm,
    SkillsForm,
    TimeForm,
)
from ecs_training.scheduling.queries import list_hours, list_skills
from ecs_training.scheduling.queries.busy import (
    count_busy_times,
    list_busy_calendars,
)
from ecs_training.scheduling.queries.swaps import list_open_swaps
from ecs_training.scheduling.queries.trainers import (
    get_trainer,
    list_dates_on_leave,
    list_leave,
    list_skills_of_all,
)
from ecs_training.scheduling.rules.leave import host_of
from ecs_training.scheduling.rules.trainers import Hours
from ecs_training.scheduling.services.busy import (
    CalendarRefused,
    add_busy_address,
    add_busy_file,
    read_calendar_file,
    remove_busy_calendar,
)
from ecs_training.scheduling.services.leave import add_leave, cancel_leave
from ecs_training.scheduling.services.trainers import (
    TrainerTimeRefused,
    set_hours,
    set_skills,
)

bp = Blueprint("scheduling_trainers", __name__)

OWN, ANYBODYS = "/trainer/time", "/staff/trainers/<ref>"


@dataclass(frozen=True)
class Whose:
    """The trainer whose time a page is about; `ref` is None on their own page."""

    person: Person
    ref: str | None

    def back(self) -> Response:
        return redirect(self.page(), 303)

    def page(self) -> str:
        return self.link("show_time")

    def link(self, name: str, **values: Any) -> str:
        """Address a page of this trainer's, as whoever looks at it reaches it."""
        own: dict[str, Any] = {} if self.ref is None else {"ref": self.ref}
        return url_for(f"scheduling_trainers.{name}", **own, **values)


def _whose(ref: str | None) -> Whose:
    """Return oneself, or for staff the trainer of that reference; else raise NotFound."""
    wanted = Role.TRAINER if ref is None else Role.STAFF
    if wanted not in who().roles:
        raise NotFound
    with reading() as db:
        found = (
            get_person(db, person_id=who().person_id)
            if ref is None
            else get_trainer(db, ref=ref)
        )
    return Whose(found, ref)


@bp.get("/staff/trainers")
@staff_required
def show_trainers() -> str:
    with reading() as db:
        return render_template(
            "scheduling/trainer_list.html",
            trainers=list_people_with_role(db, role=Role.TRAINER),
            skills=list_skills_of_all(db),
            on_leave=list_dates_on_leave(db, now=now()),
            swaps=list_open_swaps(db, now=now()),
        )


@bp.get(OWN)
@bp.get(ANYBODYS)
@trainer_required
def show_time(ref: str | None = None) -> str:
    return _page(_whose(ref))


def _page(
    whose: Whose, form: TimeForm | None = None, refused: Refused | None = None
) -> str:
    """Show everything about a trainer's time; `form` is the one that was just sent."""
    today, trainer_id = london_date(now()), whose.person.id
    with reading() as db:
        hours = [
            Hours(weekday=each.weekday, starts=each.starts, ends=each.ends)
            for each in list_hours(db, trainer_id=trainer_id)
        ]
        skills = list_skills(db, trainer_id=trainer_id)
        leave = list_leave(db, trainer_id=trainer_id, from_on=today)
        on_leave = list_dates_on_leave(db, now=now(), trainer_id=trainer_id)
        calendars = list_busy_calendars(db, trainer_id=trainer_id)
        counts = count_busy_times(db, trainer_id=trainer_id, since=now())
    forms: dict[str, FlaskForm] = {
        "hours_form": HoursForm.of(hours),
        "leave_form": LeaveForm(formdata=None),
        "calendar_form": CalendarForm(formdata=None),
        "skills_form": SkillsForm(formdata=None, card_roles=skills),
    }
    if form is not None:
        forms[form.name] = form
    return render_template(
        "scheduling/trainer_time.html",
        whose=whose,
        sent=form,
        refused=refused,
        **forms,
        hours=hours,
        skills=skills,
        leave=leave,
        on_leave=on_leave,
        calendars=calendars,
        hosts={each.id: host_of(each.address or "") for each in calendars},
        counts=counts,
    )


@bp.post(f"{OWN}/hours")
@bp.post(f"{ANYBODYS}/hours")
@trainer_required
def save_hours(ref: str | None = None) -> ResponseReturnValue:
    whose, form = _whose(ref), HoursForm()
    if not form.validate():
        return _page(whose, form), 422
    try:
        with transaction() as db:
            set_hours(
                db,
                trainer_id=whose.person.id,
                hours=form.hours(),
                set_by_id=who().person_id,
                now=now(),
            )
    except TrainerTimeRefused as refused:
        return _page(whose, form, refused), 409
    return whose.back()


@bp.post(f"{ANYBODYS}/skills")
@staff_required
def save_skills(ref: str) -> ResponseReturnValue:
    whose, form = _whose(ref), SkillsForm()
    if not form.validate():
        return _page(whose, form), 422
    try:
        with transaction() as db:
            set_skills(
                db,
                trainer_id=whose.person.id,
                card_roles=form.card_roles.data or [],
                set_by_id=who().person_id,
                now=now(),
            )
    except TrainerTimeRefused as refused:
        return _page(whose, form, refused), 409
    return whose.back()


@bp.post(f"{OWN}/leave")
@bp.post(f"{ANYBODYS}/leave")
@trainer_required
def take_leave(ref: str | None = None) -> ResponseReturnValue:
    whose, form = _whose(ref), LeaveForm()
    if not form.validate():
        return _page(whose, form), 422
    try:
        with transaction() as db:
            add_leave(
                db,
                trainer_id=whose.person.id,
                **form.facts(),
                added_by_id=who().person_id,
                now=now(),
            )
    except TrainerTimeRefused as refused:
        return _page(whose, form, refused), 409
    return whose.back()


@bp.post(f"{OWN}/leave/<leave_ref>/cancellation")
@bp.post(f"{ANYBODYS}/leave/<leave_ref>/cancellation")
@trainer_required
def take_back_leave(leave_ref: str, ref: str | None = None) -> ResponseReturnValue:
    whose = _whose(ref)
    try:
        with transaction() as db:
            cancel_leave(
                db,
                ref=leave_ref,
                trainer_id=whose.person.id,
                cancelled_by_id=who().person_id,
                now=now(),
            )
    except TrainerTimeRefused as refused:
        return _page(whose, refused=refused), 409
    return whose.back()


@bp.post(f"{OWN}/calendars")
@bp.post(f"{ANYBODYS}/calendars")
@trainer_required
def add_calendar(ref: str | None = None) -> ResponseReturnValue:
    whose, form = _whose(ref), CalendarForm()
    if not form.validate():
        return _page(whose, form), 422
    try:
        _add_calendar(whose, form)
    except (CalendarRefused, TrainerTimeRefused) as refused:
        return _page(whose, form, refused), 409
    return whose.back()


def _add_calendar(whose: Whose, form: CalendarForm) -> None:
    facts = {
        "trainer_id": whose.person.id,
        "label": form.label.data,
        "added_by_id": who().person_id,
        "now": now(),
    }
    if form.address.data:
        with transaction() as db:
            add_busy_address(db, address=form.address.data, **facts)
        return
    times = read_calendar_file(
        form.content(),
        own_domain=settings().calendar_domain,
        weeks=settings().timetable_weeks,
        now=now(),
    )
    with transaction() as db:
        add_busy_file(db, times=times, **facts)


@bp.post(f"{OWN}/calendars/<calendar_ref>/removal")
@bp.post(f"{ANYBODYS}/calendars/<calendar_ref>/removal")
@trainer_required
def remove_calendar(calendar_ref: str, ref: str | None = None) -> ResponseReturnValue:
    whose = _whose(ref)
    with transaction() as db:
        remove_busy_calendar(
            db,
            ref=calendar_ref,
            trainer_id=whose.person.id,
            removed_by_id=who().person_id,
            now=now(),
        )
    return whose.back()
