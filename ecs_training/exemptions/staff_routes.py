from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.exemptions.access import send_evidence
from ecs_training.exemptions.forms import DecisionForm
from ecs_training.exemptions.queries import (
    find_shared_numbers,
    get_papers,
    list_claims_asked_more,
    list_same_number,
    list_waiting_claims,
    qualification_of,
)
from ecs_training.exemptions.rules import Decision, claim_state
from ecs_training.exemptions.services import ClaimRefused, decide_claim, open_evidence
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, transaction

bp = Blueprint("exemptions_staff", __name__)


@bp.get("/staff/exemptions")
@staff_required
def show_claims() -> str:
    with reading() as db:
        waiting = list_waiting_claims(db)
        asked = list_claims_asked_more(db)
        shared = find_shared_numbers(db)
    return render_template(
        "exemptions/staff_claims.html",
        waiting=waiting,
        asked=asked,
        shared=shared,
        qualification_of=qualification_of,
    )


@bp.route("/staff/exemptions/<ref>", methods=["GET", "POST"])
@staff_required
def decide(ref: str) -> ResponseReturnValue:
    form = DecisionForm()
    if request.method == "GET" or not form.validate():
        return _claim_page(ref, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            decide_claim(
                db,
                ref=ref,
                decision=Decision(form.decision.data),
                reason=form.reason.data,
                decided_by_id=who().person_id,
                now=now(),
            )
    except ClaimRefused as refused:
        return _claim_page(ref, form, refused), 409
    return redirect(url_for("exemptions_staff.show_claims"), 303)


def _claim_page(
    ref: str, form: DecisionForm, refused: ClaimRefused | None = None
) -> str:
    with reading() as db:
        papers = get_papers(db, ref=ref, person_id=None)
        same_number = list_same_number(db, claim=papers.claim)
    return render_template(
        "exemptions/staff_claim.html",
        papers=papers,
        claim=papers.claim,
        state=claim_state(papers.claim),
        same_number=same_number,
        today=london_date(now()),
        form=form,
        refused=refused,
    )


@bp.get("/staff/exemptions/<ref>/evidence/<evidence_ref>")
@staff_required
def show_evidence(ref: str, evidence_ref: str) -> ResponseReturnValue:
    with transaction() as db:  # the look is recorded
        file = open_evidence(
            db,
            ref=ref,
            evidence_ref=evidence_ref,
            viewer_id=who().person_id,
            now=now(),
        )
    return send_evidence(file)
