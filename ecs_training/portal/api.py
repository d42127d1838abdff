"""Results, receipts and public keys for programs; interfaces.md has the names."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import sign_in_required, who, who_is_there
from ecs_training.assessment.access import transport_grace, visit_attempt
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.signing import public_keys
from ecs_training.foundation.web import reading
from ecs_training.portal.access import own_receipt
from ecs_training.portal.queries.results import read_result

bp = Blueprint("portal_api", __name__)

KEYS_KEPT = "public, max-age=300"  # seconds; a new key vouches for nothing older


@bp.get("/attempts/<ref>/result.json")
def show_result_json(ref: str) -> ResponseReturnValue:
    """Give a person's own result. Before the end there is none: 404."""
    if who_is_there() is None:
        return {"reason": "not_signed_in"}, 401
    try:
        visit_attempt(ref, patience=transport_grace())
        with reading() as db:
            facts, passed = read_result(db, ref=ref, person_id=who().person_id)
    except NotFound:
        return {"reason": "not_found"}, 404
    return {
        "score": facts.score,
        "out_of": facts.out_of,
        "passed": facts.passed,
        "finished_at": facts.finished_at.isoformat(),
        "topics": [
            {"topic": topic.topic, "right": topic.right, "of": topic.of}
            for topic in facts.topics
        ],
        "pass_token": passed.token if passed else None,
    }


@bp.get("/attempts/<ref>/receipt.jws")
@sign_in_required
def show_receipt_file(ref: str) -> ResponseReturnValue:
    """Give a person's own receipt as a file; no practice, and nothing before the end: 404."""
    _, token = own_receipt(ref, patience=transport_grace())
    return token, {"Content-Type": "application/jose"}


@bp.get("/.well-known/jwks.json")
def show_public_keys() -> ResponseReturnValue:
    """Give the public halves of every key that ever signed for us."""
    with reading() as db:
        keys = public_keys(db)
    return keys, {"Cache-Control": KEYS_KEPT}
