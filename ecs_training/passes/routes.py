from flask import Blueprint, render_template, url_for

from ecs_training.accounts.access import sign_in_required, who
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, settings
from ecs_training.passes.documents import draw_qr_code
from ecs_training.passes.queries import get_own_pass, word_pass
from ecs_training.passes.rules import pass_status

bp = Blueprint("passes", __name__)


@bp.get("/certificates/<token>")
@sign_in_required
def show_certificate(token: str) -> str:
    with reading() as db:
        passed = get_own_pass(db, token=token, person_id=who().person_id)
    address = settings().base_url + url_for(
        "verification.show_pass", token=passed.token
    )
    return render_template(
        "passes/certificate.html",
        passed=passed,
        what=word_pass(passed),
        status=pass_status(passed, london_date(now())),
        address=address,
        qr_code=draw_qr_code(address),
    )
