"""The record of a sitting, to keep or to hand to an auditor. Looking at it is recorded."""

from typing import Any

from flask import Blueprint, jsonify, make_response
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import trainer_required, who
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.london import word_date
from ecs_training.foundation.web import now, transaction
from ecs_training.invigilation.access import room_of
from ecs_training.invigilation.documents import render_evidence
from ecs_training.invigilation.services.evidence import take_evidence

bp = Blueprint("invigilation_evidence", __name__, url_prefix="/trainer/sittings/<ref>")


@bp.get("/evidence.json")
@trainer_required
def show_json(ref: str) -> ResponseReturnValue:
    pack, _ = _take(ref)
    return _attach(jsonify(pack).get_data(), f"evidence-{ref}.json", "application/json")


@bp.get("/evidence.pdf")
@trainer_required
def show_pdf(ref: str) -> ResponseReturnValue:
    pack, title = _take(ref)
    return _attach(
        render_evidence(pack, title=title), f"evidence-{ref}.pdf", "application/pdf"
    )


def _take(ref: str) -> tuple[dict[str, Any], str]:
    with transaction() as db:  # the look is recorded
        sitting = room_of(db, ref)
        pack = take_evidence(
            db,
            sitting=sitting,
            taken_by_id=who().person_id,
            taken_by=who().full_name,
            now=now(),
        )
    role = card_role(sitting.course_session.card_role)
    return (
        pack,
        f"Evidence: {role.name}, {word_date(sitting.course_session.local_date)}",
    )


def _attach(content: bytes, name: str, media_type: str) -> ResponseReturnValue:
    response = make_response(content)
    response.mimetype = media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
