from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.assessment.forms import ReasonForm, RulingForm
from ecs_training.assessment.queries.rescores import (
    can_be_drawn,
    count_papers,
    get_asked_revision,
    get_rescore,
    list_rescores,
    list_touched,
)
from ecs_training.assessment.rules.rescoring import RescorePlan
from ecs_training.assessment.services.rescoring import (
    Decision,
    RescoreRefused,
    rehearse_rescore,
    rescore,
    undo_rescore,
)
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.questions.access import plan
from ecs_training.questions.services.suspending import BankRefused

bp = Blueprint("assessment_rescores", __name__)


@bp.get("/staff/rescores")
@staff_required
def show_rescores() -> str:
    with reading() as db:
        rescores = list_rescores(db)
    return render_template("assessment/staff_rescores.html", rescores=rescores)


@bp.get("/staff/questions/<code>/revisions/<int:revision>/rescore")
@staff_required
def new_rescore(code: str, revision: int) -> ResponseReturnValue:
    """Ask what shall count, then show in full whose results would change. Changes nothing."""
    form = RulingForm(request.args)
    if form.is_asked() and not form.validate():
        return _rescore_page(code, revision, form), 422
    return _rescore_page(code, revision, form)


@bp.post("/staff/questions/<code>/revisions/<int:revision>/rescore")
@staff_required
def apply_rescore(code: str, revision: int) -> ResponseReturnValue:
    form, reason = RulingForm(request.form), ReasonForm()
    if not (form.validate() and reason.validate()):
        return _rescore_page(code, revision, form, reason), 422
    try:
        with transaction() as db:
            row = rescore(
                db,
                code=code,
                revision=revision,
                ruling=form.ruling(),
                decision=_decision(reason),
                suspend_for=plan().blueprints if form.suspend.data else None,
                now=now(),
            )
    except (RescoreRefused, BankRefused) as refused:
        return _rescore_page(code, revision, form, reason, refused), 409
    return redirect(url_for("assessment_rescores.show_rescore", ref=row.ref), 303)


def _decision(form: ReasonForm) -> Decision:
    return Decision(
        reason=form.reason.data,
        take_passes_of=request.form.getlist("take_pass"),
        digest=request.form.get("digest", ""),
        by_id=who().person_id,
    )


def _rescore_page(
    code: str,
    number: int,
    form: RulingForm,
    reason: ReasonForm | None = None,
    refused: Refused | None = None,
) -> str:
    with reading() as db:
        revision = get_asked_revision(db, code=code, revision=number)
        papers = count_papers(db, code=code)
        shown = (
            rehearse_rescore(db, revision_id=revision.id, ruling=form.ruling())
            if form.is_asked() and form.validate()
            else None
        )
    return render_template(
        "assessment/staff_rescore_new.html",
        revision=revision,
        papers=papers,
        drawn=can_be_drawn(revision),
        form=form,
        reason=reason or ReasonForm(),
        refused=refused,
        **_plan_facts(shown),
    )


def _plan_facts(plan: RescorePlan | None) -> dict[str, Any]:
    return {"plan": plan, "taken": set(request.form.getlist("take_pass"))}


@bp.get("/staff/rescores/<ref>")
@staff_required
def show_rescore(ref: str) -> str:
    with reading() as db:
        row = get_rescore(db, ref=ref)
        touched = list_touched(db, rescore_id=row.id)
    return render_template(
        "assessment/staff_rescore.html", rescore=row, touched=touched
    )


@bp.route("/staff/rescores/<ref>/reversal", methods=["GET", "POST"])
@staff_required
def reverse_rescore(ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    if request.method == "GET" or not form.validate():
        return _reversal_page(ref, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            undo_rescore(db, ref=ref, decision=_decision(form), now=now())
    except RescoreRefused as refused:
        return _reversal_page(ref, form, refused), 409
    return redirect(url_for("assessment_rescores.show_rescore", ref=ref), 303)


def _reversal_page(
    ref: str, form: ReasonForm, refused: RescoreRefused | None = None
) -> str:
    with reading() as db:
        row = get_rescore(db, ref=ref)
        plan = rehearse_rescore(db, revision_id=row.revision_id, ruling=None)
    return render_template(
        "assessment/staff_rescore_reversal.html",
        rescore=row,
        form=form,
        refused=refused,
        **_plan_facts(plan),
    )
