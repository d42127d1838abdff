from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import trainer_required, who
from ecs_training.accounts.rules import Role
from ecs_training.assessment.access import blueprint
from ecs_training.assessment.forms import DeclarationForm
from ecs_training.assessment.queries.register import read_register
from ecs_training.assessment.queries.resits import get_sat
from ecs_training.assessment.rules.granting import BY_THE_RULE
from ecs_training.assessment.rules.sittings import (
    CLOSING_DECLARATION,
    OPENING_DECLARATION,
    word_still_working,
)
from ecs_training.assessment.services.resits import ResitRefused, grant_resit
from ecs_training.assessment.services.sittings import (
    SittingRefused,
    close_sitting,
    open_sitting,
)
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.web import now, reading, transaction

bp = Blueprint("assessment_staff", __name__)


def _scope() -> int | None:
    """Return whose dates may be seen: the trainer's own, and for staff (None) all."""
    return None if Role.STAFF in who().roles else who().person_id


@bp.get("/trainer/course-sessions/<ref>")
@trainer_required
def show_register(ref: str) -> str:
    return _register_page(ref, DeclarationForm())


def _register_page(
    ref: str, form: DeclarationForm, refused: Refused | None = None
) -> str:
    moment = now()
    with reading() as db:
        register = read_register(
            db,
            ref=ref,
            trainer_id=_scope(),
            now=moment,
            resits=blueprint().resits,
        )
    return render_template(
        "assessment/register.html",
        register=register,
        role=card_role(register.course_session.card_role),
        blueprint=blueprint(),
        form=form,
        refusal=refused,
        problem=_word(refused),
        opening=OPENING_DECLARATION,
        closing=CLOSING_DECLARATION,
    )


def _word(refused: Refused | None) -> str | None:
    """Word a refusal, with how many it has to wait for or from which day on it would not be."""
    if isinstance(refused, SittingRefused) and refused.still_working:
        return f"{refused.reason.value} {word_still_working(refused.still_working)}"
    if isinstance(refused, ResitRefused):
        return refused.words
    return refused.reason.value if refused else None


@bp.post("/trainer/course-sessions/<ref>/sitting", endpoint="open_sitting")
@trainer_required
def begin_sitting(ref: str) -> ResponseReturnValue:
    form = DeclarationForm()
    if not form.validate():
        return _register_page(ref, form), 422
    try:
        with transaction() as db:
            open_sitting(
                db,
                course_session_ref=ref,
                trainer_id=_scope(),
                invigilator_id=who().person_id,
                declaration=OPENING_DECLARATION,
                blueprint=blueprint(),
                gated=form.gated.data,
                now=now(),
            )
    except SittingRefused as refused:
        return _register_page(ref, form, refused), 409
    return redirect(url_for("assessment_staff.show_register", ref=ref), 303)


@bp.post("/trainer/course-sessions/<ref>/sitting/closing", endpoint="close_sitting")
@trainer_required
def end_sitting(ref: str) -> ResponseReturnValue:
    form = DeclarationForm()
    if not form.validate():
        return _register_page(ref, form), 422
    try:
        with transaction() as db:
            close_sitting(
                db,
                course_session_ref=ref,
                trainer_id=_scope(),
                closed_by_id=who().person_id,
                declaration=CLOSING_DECLARATION,
                now=now(),
            )
    except SittingRefused as refused:
        return _register_page(ref, form, refused), 409
    return redirect(url_for("assessment_staff.show_register", ref=ref), 303)


@bp.post("/trainer/course-sessions/<ref>/attempts/<attempt_ref>/resit")
@trainer_required
def grant_resit_today(ref: str, attempt_ref: str) -> ResponseReturnValue:
    """Let somebody who failed sit again where they are, as far as the rule allows it."""
    try:
        with transaction() as db:
            sat = get_sat(db, ref=attempt_ref, sat_on=ref, trainer_id=_scope())
            grant_resit(
                db,
                attempt_id=sat.attempt.id,
                course_session_ref=None,
                reason=BY_THE_RULE,
                granted_by_id=who().person_id,
                now=now(),
            )
    except ResitRefused as refused:
        return _register_page(ref, DeclarationForm(), refused), 409
    anchor = f"person-{sat.booking.ref}"
    page = url_for("assessment_staff.show_register", ref=ref, _anchor=anchor)
    return redirect(page, 303)
