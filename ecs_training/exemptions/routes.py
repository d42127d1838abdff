from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import sign_in_required, who
from ecs_training.exemptions.access import send_evidence
from ecs_training.exemptions.forms import ClaimForm, EvidenceForm
from ecs_training.exemptions.queries import get_claim, get_evidence, get_papers
from ecs_training.exemptions.rules import claim_state
from ecs_training.exemptions.services import (
    ClaimRefused,
    add_evidence,
    claim_exemption,
    withdraw_claim,
)
from ecs_training.foundation.web import now, reading, transaction

bp = Blueprint("exemptions", __name__)


@bp.route("/exemptions/new", methods=["GET", "POST"])
@sign_in_required
def new_claim() -> ResponseReturnValue:
    form = ClaimForm()
    if request.method == "GET" or not form.validate():
        return _new_claim_page(form), 422 if form.errors else 200
    try:
        with transaction() as db:
            claim = claim_exemption(
                db,
                person_id=who().person_id,
                qualification=form.qualification.data,
                certificate_number=form.certificate_number.data,
                awarded_on=form.award_day(),
                expires_on=form.expires_on.data,
                evidence=form.evidence.clean,
                now=now(),
            )
    except ClaimRefused as refused:
        return _new_claim_page(form, refused), 409
    return redirect(url_for("exemptions.show_claim", ref=claim.ref), 303)


def _new_claim_page(form: ClaimForm, refused: ClaimRefused | None = None) -> str:
    return render_template("exemptions/new_claim.html", form=form, refused=refused)


@bp.get("/exemptions/<ref>")
@sign_in_required
def show_claim(ref: str) -> str:
    return _claim_page(ref, EvidenceForm())


def _claim_page(
    ref: str, form: EvidenceForm, refused: ClaimRefused | None = None
) -> str:
    with reading() as db:
        papers = get_papers(db, ref=ref, person_id=who().person_id)
    return render_template(
        "exemptions/claim.html",
        papers=papers,
        claim=papers.claim,
        state=claim_state(papers.claim),
        form=form,
        refused=refused,
    )


@bp.post("/exemptions/<ref>/evidence")
@sign_in_required
def add_file(ref: str) -> ResponseReturnValue:
    form = EvidenceForm()
    if not form.validate():
        return _claim_page(ref, form), 422
    try:
        with transaction() as db:
            add_evidence(
                db,
                ref=ref,
                person_id=who().person_id,
                evidence=form.evidence.clean,
                now=now(),
            )
    except ClaimRefused as refused:
        return _claim_page(ref, form, refused), 409
    return redirect(url_for("exemptions.show_claim", ref=ref), 303)


@bp.post("/exemptions/<ref>/withdrawal")
@sign_in_required
def withdraw(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            withdraw_claim(db, ref=ref, person_id=who().person_id, now=now())
    except ClaimRefused as refused:
        return _claim_page(ref, EvidenceForm(), refused), 409
    return redirect(url_for("exemptions.show_claim", ref=ref), 303)


@bp.get("/exemptions/<ref>/evidence/<evidence_ref>")
@sign_in_required
def show_evidence(ref: str, evidence_ref: str) -> ResponseReturnValue:
    with reading() as db:
        claim = get_claim(db, ref=ref, person_id=who().person_id)
        file = get_evidence(db, claim_id=claim.id, ref=evidence_ref)
    return send_evidence(file)
