"""What candidates say about a test that went wrong."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import sign_in_required, who
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.invigilation.forms import AppealForm
from ecs_training.invigilation.queries.appeals import find_appeal, get_sat_attempt
from ecs_training.invigilation.services.appeals import AppealRefused, make_appeal

bp = Blueprint("invigilation", __name__)


@bp.route("/attempts/<ref>/appeal", methods=["GET", "POST"])
@sign_in_required
def appeal(ref: str) -> ResponseReturnValue:
    form = AppealForm()
    if request.method == "GET" or not form.validate():
        return _appeal_page(ref, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            make_appeal(
                db,
                attempt_ref=ref,
                person_id=who().person_id,
                words=form.words.data,
                now=now(),
            )
    except AppealRefused as refused:
        return _appeal_page(ref, form, refused), 409
    return redirect(url_for("invigilation.appeal", ref=ref), 303)


def _appeal_page(
    ref: str, form: AppealForm, refused: AppealRefused | None = None
) -> str:
    with reading() as db:
        attempt = get_sat_attempt(db, ref=ref, person_id=who().person_id)
        standing = find_appeal(db, attempt_id=attempt.id)
    return render_template(
        "invigilation/appeal.html",
        attempt=attempt,
        role=card_role(attempt.card_role),
        appeal=standing,
        form=form,
        refused=refused,
    )
