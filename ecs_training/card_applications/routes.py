from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from ecs_training.accounts.access import sign_in_required, who
from ecs_training.card_applications.forms import (
    ConfirmationForm,
    LineEvidenceForm,
    OpeningForm,
)
from ecs_training.card_applications.queries import get_own_evidence, get_progress
from ecs_training.card_applications.services.applying import (
    attach_evidence,
    confirm_line,
    open_application,
    submit_application,
    withdraw_application,
)
from ecs_training.card_applications.services.locking import ApplicationRefused
from ecs_training.catalogue.rules import LineKind, Region
from ecs_training.exemptions.access import send_evidence
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, transaction

bp = Blueprint("card_applications", __name__)


@bp.route("/card-applications/<role>", methods=["GET", "POST"])
@sign_in_required
def show_application(role: str) -> ResponseReturnValue:
    """Show how far somebody is with a role; sent, its form opens the application."""
    form = OpeningForm()
    if request.method == "GET" or not form.validate():
        return _application_page(role, form), 422 if form.errors else 200
    try:
        with transaction() as db:
            open_application(
                db,
                person_id=who().person_id,
                card_role=role,
                region=Region(form.region.data),
                now=now(),
            )
    except ApplicationRefused as refused:
        return _application_page(role, form, refused), 409
    return _back(role)


def _application_page(
    role: str, form: OpeningForm, refused: ApplicationRefused | None = None
) -> str:
    today = london_date(now())
    with reading() as db:
        progress = get_progress(db, person_id=who().person_id, card_role=role, on=today)
    return render_template(
        "card_applications/application.html",
        progress=progress,
        form=form,
        refused=refused,
    )


def _back(role: str) -> ResponseReturnValue:
    return redirect(url_for("card_applications.show_application", role=role), 303)


@bp.route("/card-applications/<role>/lines/<line_id>/evidence", methods=["GET", "POST"])
@sign_in_required
def edit_evidence(role: str, line_id: str) -> ResponseReturnValue:
    form = LineEvidenceForm()
    if request.method == "GET" or not form.validate():
        page = _line_page(role, line_id, LineKind.EVIDENCE, form)
        return page, 422 if form.errors else 200
    try:
        with transaction() as db:
            attach_evidence(
                db,
                person_id=who().person_id,
                card_role=role,
                line_id=line_id,
                file=form.evidence.clean,
                now=now(),
            )
    except ApplicationRefused as refused:
        return _line_page(role, line_id, LineKind.EVIDENCE, form, refused), 409
    return _back(role)


@bp.route(
    "/card-applications/<role>/lines/<line_id>/confirmation", methods=["GET", "POST"]
)
@sign_in_required
def edit_confirmation(role: str, line_id: str) -> ResponseReturnValue:
    form = ConfirmationForm()
    if request.method == "GET" or not form.validate():
        page = _line_page(role, line_id, LineKind.CONFIRMATION, form)
        return page, 422 if form.errors else 200
    try:
        with transaction() as db:
            confirm_line(
                db,
                person_id=who().person_id,
                card_role=role,
                line_id=line_id,
                now=now(),
            )
    except ApplicationRefused as refused:
        return _line_page(role, line_id, LineKind.CONFIRMATION, form, refused), 409
    return _back(role)


def _line_page(
    role: str,
    line_id: str,
    kind: LineKind,
    form: FlaskForm,
    refused: ApplicationRefused | None = None,
) -> str:
    with reading() as db:
        progress = get_progress(
            db, person_id=who().person_id, card_role=role, on=london_date(now())
        )
    return render_template(
        f"card_applications/{kind}_line.html",
        progress=progress,
        found=progress.line(line_id, kind),
        form=form,
        refused=refused,
    )


@bp.get("/card-applications/<role>/evidence/<evidence_ref>")
@sign_in_required
def show_evidence(role: str, evidence_ref: str) -> ResponseReturnValue:
    with reading() as db:
        file = get_own_evidence(
            db, person_id=who().person_id, card_role=role, ref=evidence_ref
        )
    return send_evidence(file)


@bp.post("/card-applications/<role>/submission")
@sign_in_required
def submit(role: str) -> ResponseReturnValue:
    return _change(role, submit_application)


@bp.post("/card-applications/<role>/withdrawal")
@sign_in_required
def withdraw(role: str) -> ResponseReturnValue:
    return _change(role, withdraw_application)


def _change(role: str, change: Callable[..., object]) -> ResponseReturnValue:
    try:
        with transaction() as db:
            change(db, person_id=who().person_id, card_role=role, now=now())
    except ApplicationRefused as refused:
        return _application_page(role, OpeningForm(), refused), 409
    return _back(role)
