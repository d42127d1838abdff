from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.assessment.access import blueprint
from ecs_training.assessment.forms import ResitForm
from ecs_training.assessment.queries.resits import (
    after_failure,
    get_sat,
    list_dates_for,
)
from ecs_training.assessment.rules.granting import BY_THE_RULE, word_chance_of
from ecs_training.assessment.services.resits import ResitRefused, grant_resit
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.web import now, reading, transaction

bp = Blueprint("assessment_resits", __name__)

DATES_SHOWN = 12  # a weekly course for three months


@bp.route("/staff/attempts/<ref>/resit", methods=["GET", "POST"], endpoint="grant")
@staff_required
def grant_on_a_date(ref: str) -> ResponseReturnValue:
    """Choose the date on which somebody sits again; outside the rule with a reason."""
    form = _form(ref)
    if request.method == "GET" or not form.validate():
        return _page(ref, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            sat = get_sat(db, ref=ref, sat_on=None, trainer_id=None)
            grant_resit(
                db,
                attempt_id=sat.attempt.id,
                course_session_ref=form.course_session.data,
                reason=form.outside_reason.data or BY_THE_RULE,
                granted_by_id=who().person_id,
                outside_rule=bool(form.outside_reason.data),
                now=now(),
            )
    except ResitRefused as refused:
        return _page(ref, form, refused), 409
    return redirect(url_for("assessment_resits.grant", ref=ref), 303)


def _form(ref: str) -> ResitForm:
    with reading() as db:
        sat = get_sat(db, ref=ref, sat_on=None, trainer_id=None)
        dates = list_dates_for(db, sat=sat, now=now(), limit=DATES_SHOWN)
    return ResitForm(dates=dates)


def _page(ref: str, form: ResitForm, refused: ResitRefused | None = None) -> str:
    with reading() as db:
        sat = get_sat(db, ref=ref, sat_on=None, trainer_id=None)
        after = after_failure(
            db, attempt_id=sat.attempt.id, rule=blueprint().resits, now=now()
        )
    return render_template(
        "assessment/staff_resit.html",
        sat=sat,
        after=after,
        chance=word_chance_of(after.chance),
        role=card_role(sat.attempt.card_role),
        form=form,
        refused=refused,
    )
