from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.questions.access import plan
from ecs_training.questions.forms.deciding import PutBackForm, ReasonForm
from ecs_training.questions.models import Item
from ecs_training.questions.queries.dossiers import Dossier, get_dossier
from ecs_training.questions.rules.wording import word_topic
from ecs_training.questions.services import suspending
from ecs_training.questions.services.suspending import BankRefused
from ecs_training.questions.staff_routes.blueprint import bp


@bp.route("/staff/questions/<code>/suspension", methods=["GET", "POST"])
@staff_required
def suspend(code: str) -> ResponseReturnValue:
    return _take_out(code, "suspend", suspending.suspend, "suspended_by_id")


@bp.route("/staff/questions/<code>/retirement", methods=["GET", "POST"])
@staff_required
def retire(code: str) -> ResponseReturnValue:
    return _take_out(code, "retire", suspending.retire, "retired_by_id")


def _take_out(
    code: str, what: str, take_out: Callable[..., Item], by: str
) -> ResponseReturnValue:
    form = ReasonForm()
    if request.method == "GET" or not form.validate():
        return _page(code, what, form), 422 if form.errors else 200
    decided: dict[str, Any] = {by: who().person_id, "reason": form.reason.data}
    try:
        with transaction() as db:
            take_out(db, code=code, blueprints=plan().blueprints, now=now(), **decided)
    except BankRefused as refused:
        return _page(code, what, form, refused), 409
    return redirect(url_for("questions_staff.show_question", code=code), 303)


@bp.route("/staff/questions/<code>/return", methods=["GET", "POST"])
@staff_required
def put_back(code: str) -> ResponseReturnValue:
    form = PutBackForm(data={"clause": _dossier(code).standing.row.clause})
    if request.method == "GET" or not form.validate():
        return _page(code, "put-back", form), 422 if form.errors else 200
    try:
        with transaction() as db:
            suspending.put_back(
                db,
                code=code,
                clause=form.clause.data,
                checked_on=form.checked_day(),
                reason=form.reason.data,
                put_back_by_id=who().person_id,
                now=now(),
            )
    except BankRefused as refused:
        return _page(code, "put-back", form, refused), 409
    return redirect(url_for("questions_staff.show_question", code=code), 303)


def _dossier(code: str) -> Dossier:
    with reading() as db:
        return get_dossier(db, code=code, viewer_id=who().person_id)


def _page(
    code: str, what: str, form: ReasonForm, refused: BankRefused | None = None
) -> str:
    return render_template(
        "questions/staff_standing.html",
        dossier=_dossier(code),
        what=what,
        form=form,
        refused=refused,
        sources=plan().sources,
        word_topic=word_topic,
    )
