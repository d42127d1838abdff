from datetime import UTC

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ecs_training.foundation.web import now, reading
from ecs_training.verification.forms import VerifyForm
from ecs_training.verification.queries import check_pass

bp = Blueprint("verification", __name__)

UNLISTED = {"X-Robots-Tag": "noindex"}


@bp.get("/verify")
def show_verify() -> str:
    return render_template("verification/verify.html", form=VerifyForm())


@bp.post("/verify")
def find_pass() -> ResponseReturnValue:
    form = VerifyForm()
    if not form.validate():
        return render_template("verification/verify.html", form=form), 422
    return redirect(url_for("verification.show_pass", token=form.token()), 303)


@bp.get("/v/<token>")
def show_pass(token: str) -> ResponseReturnValue:
    with reading() as db:
        found = check_pass(db, token=token, now=now())
    page = render_template("verification/pass.html", found=found)
    return page, 200 if found else 404, UNLISTED


@bp.get("/v/<token>.json")
def show_pass_json(token: str) -> ResponseReturnValue:
    with reading() as db:
        found = check_pass(db, token=token, now=now())
    if found is None:
        return {"status": "NOT-FOUND"}, 404, UNLISTED
    checked_at = found.checked_at.astimezone(UTC).replace(tzinfo=None)
    answer = {
        "status": found.status.value,
        "name": found.name,
        "what": found.what,
        "awarded_on": found.awarded_on.isoformat(),
        "valid_until": found.valid_until.isoformat(),
        "checked_at": f"{checked_at.isoformat(timespec='seconds')}Z",
        "kid": None,
    }
    return answer, UNLISTED
