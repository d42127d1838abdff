from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.assessment.queries.resits import list_resit_dates
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.london import word_short_date, word_time
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.invigilation.forms import AppealDecisionForm
from ecs_training.invigilation.queries.appeals import get_appeal, list_appeals
from ecs_training.invigilation.rules.appeals import AppealOutcome
from ecs_training.invigilation.services.appeals import Ruling, decide_appeal

bp = Blueprint("invigilation_appeals", __name__, url_prefix="/staff/appeals")

MOST_SHOWN = 200
MOST_DATES = 20


@bp.get("")
@staff_required
def show_appeals() -> str:
    with reading() as db:
        cases = list_appeals(db, limit=MOST_SHOWN)
    return render_template(
        "invigilation/staff_appeals.html",
        waiting=[case for case in cases if case.appeal.decided_at is None],
        decided=[case for case in cases if case.appeal.decided_at],
    )


@bp.route("/<ref>", methods=["GET", "POST"])
@staff_required
def decide(ref: str) -> ResponseReturnValue:
    form = AppealDecisionForm()
    if request.method == "GET" or not form.validate():
        return _appeal_page(ref, form), 422 if form.errors else 200
    ruling = Ruling(
        outcome=AppealOutcome(form.outcome.data),
        reply=form.reply.data,
        course_session_ref=form.date.data or None,
        by_id=who().person_id,
    )
    try:
        with transaction() as db:
            decide_appeal(db, ref=ref, ruling=ruling, now=now())
    except Refused as refused:
        return _appeal_page(ref, form, refused), 409
    return redirect(url_for("invigilation_appeals.decide", ref=ref), 303)


def _appeal_page(
    ref: str, form: AppealDecisionForm, refused: Refused | None = None
) -> str:
    with reading() as db:
        case = get_appeal(db, ref=ref)
        dates = list_resit_dates(
            db, card_role=case.attempt.card_role, now=now(), limit=MOST_DATES
        )
    form.offer(
        [
            (date, f"{word_short_date(date.local_date)}, {word_time(date.local_start)}")
            for date in dates
        ]
    )
    return render_template(
        "invigilation/staff_appeal.html",
        case=case,
        role=card_role(case.attempt.card_role),
        form=form,
        refused=refused,
    )
