from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.card_applications.forms import CardForm, DecisionForm
from ecs_training.card_applications.models import CardApplication
from ecs_training.card_applications.queries import (
    get_application,
    list_applications_without_card,
    list_waiting_applications,
    progress_of,
)
from ecs_training.card_applications.rules import Decision
from ecs_training.card_applications.services.deciding import (
    decide_application,
    open_evidence,
    record_card,
)
from ecs_training.card_applications.services.locking import ApplicationRefused
from ecs_training.exemptions.access import send_evidence
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, transaction

bp = Blueprint("card_applications_staff", __name__)


@bp.get("/staff/card-applications")
@staff_required
def show_applications() -> str:
    with reading() as db:
        waiting = list_waiting_applications(db)
        without_card = list_applications_without_card(db)
    return render_template(
        "card_applications/staff_applications.html",
        waiting=waiting,
        without_card=without_card,
    )


@bp.route("/staff/card-applications/<ref>", methods=["GET", "POST"])
@staff_required
def decide(ref: str) -> ResponseReturnValue:
    form = DecisionForm()
    if request.method == "GET" or not form.validate():
        return _application_page(ref, form=form), 422 if form.errors else 200
    try:
        with transaction() as db:
            decide_application(
                db,
                ref=ref,
                decision=Decision(form.decision.data),
                reason=form.reason.data,
                decided_by_id=who().person_id,
                now=now(),
            )
    except ApplicationRefused as refused:
        return _application_page(ref, form=form, refused=refused), 409
    return redirect(url_for("card_applications_staff.decide", ref=ref), 303)


@bp.post("/staff/card-applications/<ref>/card")
@staff_required
def save_card(ref: str) -> ResponseReturnValue:
    form = CardForm()
    if not form.validate():
        return _application_page(ref, card_form=form), 422
    try:
        with transaction() as db:
            record_card(
                db,
                ref=ref,
                card_number=form.card_number.data,
                expires_on=form.last_day(),
                recorded_by_id=who().person_id,
                now=now(),
            )
    except ApplicationRefused as refused:
        return _application_page(ref, card_form=form, refused=refused), 409
    return redirect(url_for("card_applications_staff.decide", ref=ref), 303)


def _application_page(
    ref: str,
    *,
    form: DecisionForm | None = None,
    card_form: CardForm | None = None,
    refused: ApplicationRefused | None = None,
) -> str:
    with reading() as db:
        application = get_application(db, ref=ref)
        progress = progress_of(db, application, on=london_date(now()))
    return render_template(
        "card_applications/staff_application.html",
        application=application,
        progress=progress,
        form=form or DecisionForm(formdata=None),
        card_form=card_form or _card_form_of(application),
        refused=refused,
    )


def _card_form_of(application: CardApplication) -> CardForm:
    known = {
        "card_number": application.card_number,
        "expires_on": application.card_expires_on,
    }
    return CardForm(formdata=None, data=known)


@bp.get("/staff/card-applications/<ref>/evidence/<evidence_ref>")
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
