from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.passes.forms import RevocationForm, SearchForm
from ecs_training.passes.queries import get_pass, search_passes, word_pass
from ecs_training.passes.rules import pass_status
from ecs_training.passes.services import RevokeRefused, revoke_pass

bp = Blueprint("passes_staff", __name__)

MOST_SHOWN = 50  # rows; whoever wants more searches


@bp.get("/staff/passes")
@staff_required
def show_passes() -> str:
    form = SearchForm(request.args)
    with reading() as db:
        passes = search_passes(db, words=form.words(), limit=MOST_SHOWN)
    return render_template(
        "passes/staff_passes.html",
        form=form,
        passes=passes,
        most=MOST_SHOWN,
        status=pass_status,
        today=london_date(now()),
        revoked=request.args.get("revoked"),
    )


@bp.route("/staff/passes/<token>/revocation", methods=["GET", "POST"])
@staff_required
def revoke(token: str) -> ResponseReturnValue:
    form = RevocationForm()
    if request.method == "GET" or not form.validate():
        return _revocation_page(token, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            revoke_pass(
                db,
                token=token,
                reason=form.reason.data,
                revoked_by_id=who().person_id,
                now=now(),
            )
    except RevokeRefused as refused:
        return _revocation_page(token, form, refused), 409
    return redirect(url_for("passes_staff.show_passes", q=token, revoked="yes"), 303)


def _revocation_page(
    token: str, form: RevocationForm, refused: RevokeRefused | None = None
) -> str:
    with reading() as db:
        passed = get_pass(db, token=token)
    return render_template(
        "passes/staff_revocation.html",
        form=form,
        passed=passed,
        what=word_pass(passed),
        status=pass_status(passed, london_date(now())),
        refused=refused,
    )
