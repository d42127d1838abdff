"""Changing a published date: what is to change, what would come of it, and doing it.

Staff may change everything about any date. A trainer may cancel their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, trainer_required, who
from ecs_training.accounts.queries import list_people_with_role
from ecs_training.accounts.rules import Role
from ecs_training.catalogue.queries import card_role
from ecs_training.changes.forms import ChangeForm, form_for
from ecs_training.changes.queries import list_past_changes
from ecs_training.changes.rules import (
    BELOW_MINIMUM,
    ChangeKind,
    Differences,
    Plan,
    compare,
    kinds_open_to,
    mark_of,
    write_lines,
)
from ecs_training.changes.services import (
    PlanChanged,
    Wanted,
    execute_change,
    rehearse_change,
)
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.web import now, reading, rehearsal, transaction
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import (
    get_course_session_of,
    list_course_sessions_with_seats,
)
from ecs_training.scheduling.rules import TimetableRefusal, why_not_change
from ecs_training.scheduling.services import TimetableRefused

bp = Blueprint("changes_staff", __name__)

OWN_FIELDS = {"csrf_token", "digest", "lines"}
MOST_OTHER_DATES = 3
REASONS = {"below-minimum": BELOW_MINIMUM}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One date, what is to change about it, and whose dates the person may touch."""

    kind: ChangeKind
    course_session: CourseSession
    others: Sequence[CourseSession]
    form: ChangeForm
    trainer_id: int | None

    def wanted(self) -> Wanted:
        return Wanted(
            ref=self.course_session.ref,
            kind=self.kind,
            facts=self.form.facts(),
            by_id=who().person_id,
            trainer_id=self.trainer_id,
        )


@bp.get("/staff/course-sessions/<ref>/changes")
@staff_required
def choose_change(ref: str) -> str:
    with reading() as db:
        course_session = get_course_session_of(db, ref=ref, trainer_id=None)
        past = list_past_changes(db, ref=ref)
    at = now()
    return render_template(
        "changes/choose.html",
        course_session=course_session,
        role=card_role(course_session.card_role),
        kinds=kinds_open_to(
            cancelled=course_session.cancelled_at is not None,
            begun=course_session.starts_at <= at,
            over=course_session.ends_at <= at,
        ),
        past=past,
        done=request.args.get("done") in list(ChangeKind),
    )


@bp.get("/staff/course-sessions/<ref>/changes/<kind>")
@staff_required
def show_change(ref: str, kind: str) -> str:
    return _form_page(_asked(ref, kind, None))


@bp.post("/staff/course-sessions/<ref>/changes/<kind>/rehearsal")
@staff_required
def rehearse(ref: str, kind: str) -> ResponseReturnValue:
    return _rehearse(_asked(ref, kind, None))


@bp.post("/staff/course-sessions/<ref>/changes/<kind>")
@staff_required
def execute(ref: str, kind: str) -> ResponseReturnValue:
    done = url_for("changes_staff.choose_change", ref=ref, done=kind)
    return _execute(_asked(ref, kind, None), done)


@bp.get("/trainer/course-sessions/<ref>/changes/cancellation")
@trainer_required
def show_cancellation(ref: str) -> str:
    return _form_page(_asked(ref, ChangeKind.CANCEL, _own()))


@bp.post("/trainer/course-sessions/<ref>/changes/cancellation/rehearsal")
@trainer_required
def rehearse_cancellation(ref: str) -> ResponseReturnValue:
    return _rehearse(_asked(ref, ChangeKind.CANCEL, _own()))


@bp.post("/trainer/course-sessions/<ref>/changes/cancellation")
@trainer_required
def execute_cancellation(ref: str) -> ResponseReturnValue:
    return _execute(_asked(ref, ChangeKind.CANCEL, _own()), _home())


def _own() -> int | None:
    return None if _is_staff() else who().person_id


def _is_staff() -> bool:
    return Role.STAFF in who().roles


def _home() -> str:
    return url_for(
        "scheduling_staff.show_timetable" if _is_staff() else "portal.show_trainer"
    )


def _asked(ref: str, kind: str, trainer_id: int | None) -> Asked:
    """Raise NotFound for a kind of change that there is not, and for a foreign date."""
    if kind not in list(ChangeKind):
        raise NotFound
    with reading() as db:
        course_session = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
        trainers = list_people_with_role(db, role=Role.TRAINER)
        others = list_course_sessions_with_seats(
            db,
            card_role=course_session.card_role,
            now=now(),
            limit=MOST_OTHER_DATES + 1,
        )
    reason = REASONS.get(request.args.get("reason", ""))
    return Asked(
        kind=ChangeKind(kind),
        course_session=course_session,
        others=[each for each in others if each.ref != ref][:MOST_OTHER_DATES],
        form=form_for(
            ChangeKind(kind), course_session, trainers=trainers, reason=reason
        ),
        trainer_id=trainer_id,
    )


def _rehearse(asked: Asked) -> ResponseReturnValue:
    if not asked.form.validate():
        return _form_page(asked), 422
    try:
        with rehearsal() as db:
            plan = rehearse_change(db, asked.wanted(), now=now())
    except TimetableRefused as refused:
        return _form_page(asked, refused), 409
    return _plan_page(asked, plan)


def _execute(asked: Asked, done: str) -> ResponseReturnValue:
    if not asked.form.validate():
        return _form_page(asked), 422
    digest = request.form.get("digest", "")
    try:
        with transaction() as db:
            execute_change(db, asked.wanted(), digest=digest, now=now())
    except TimetableRefused as refused:
        return _form_page(asked, refused), 409
    except PlanChanged as changed:
        differences = compare(request.form.get("lines", ""), changed.plan)
        return _plan_page(asked, changed.plan, changed, differences), 409
    return redirect(done, 303)


def _form_page(asked: Asked, refused: Refused | None = None) -> str:
    return render_template(
        "changes/change.html", refused=refused, **_facts(asked), form=asked.form
    )


def _plan_page(
    asked: Asked,
    plan: Plan,
    refused: Refused | None = None,
    differences: Differences | None = None,
) -> str:
    return render_template(
        "changes/rehearsal.html",
        **_facts(asked),
        plan=plan,
        lines=write_lines(plan),
        refused=refused,
        differences=differences,
        mark_of=mark_of,
        typed=[each for each in request.form.items() if each[0] not in OWN_FIELDS],
    )


def _facts(asked: Asked) -> dict[str, object]:
    ref, kind = asked.course_session.ref, asked.kind
    mine = asked.trainer_id is not None
    course_session = asked.course_session
    own: dict[str, Any] = {"ref": ref} if mine else {"ref": ref, "kind": kind}
    names = (
        ("show_cancellation", "rehearse_cancellation", "execute_cancellation")
        if mine
        else ("show_change", "rehearse", "execute")
    )
    ask, look, do = (url_for(f"changes_staff.{name}", **own) for name in names)
    return {
        "kind": kind,
        "course_session": course_session,
        "role": card_role(course_session.card_role),
        "standing": _standing(asked),
        "others": asked.others,
        "ask": ask,
        "look": look,
        "do": do,
        "back": _home() if mine else url_for("changes_staff.choose_change", ref=ref),
        "home": _home(),
    }


def _standing(asked: Asked) -> TimetableRefusal | None:
    """Return why there is nothing to ask: what has been cancelled or is over."""
    if asked.kind is ChangeKind.RESTORE:
        return None
    return why_not_change(
        ends_at=asked.course_session.ends_at,
        cancelled=asked.course_session.cancelled_at is not None,
        now=now(),
    )
