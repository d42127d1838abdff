"""Ending and voiding: the page on which a second person decides.

Whoever is a trainer or staff may be that person, once they are sent the address.
"""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import trainer_required, who
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.invigilation.queries.requests import list_asked_together
from ecs_training.invigilation.queries.room import get_any_room
from ecs_training.invigilation.rules.actions import word_reason
from ecs_training.invigilation.services.requests import (
    RequestRefused,
    decide_requests,
    withdraw_requests,
)

bp = Blueprint(
    "invigilation_requests",
    __name__,
    url_prefix="/trainer/sittings/<ref>/requests/<request_ref>",
)

CONFIRM = "confirm"


@bp.get("")
@trainer_required
def show_request(ref: str, request_ref: str) -> str:
    return _request_page(ref, request_ref)


def _request_page(
    ref: str,
    request_ref: str,
    *,
    refused: RequestRefused | None = None,
    missed: Sequence[tuple[str, str]] = (),
    slug: str = "",
) -> str:
    with reading() as db:
        sitting = get_any_room(db, ref=ref)
        asked = list_asked_together(db, sitting_id=sitting.id, ref=request_ref)
    first = asked[0].request
    return render_template(
        "invigilation/request.html",
        sitting=sitting,
        role=card_role(sitting.course_session.card_role),
        first=first,
        reason=word_reason(first.reason),
        asked=asked,
        waiting=[one for one in asked if one.waits],
        request_ref=request_ref,
        own=first.asked_by_id == who().person_id,
        refused=refused,
        missed=missed,
        slug=refused.slug if refused else slug,
    )


@bp.post("/decision")
@trainer_required
def decide(ref: str, request_ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            decided = decide_requests(
                db,
                sitting_id=get_any_room(db, ref=ref).id,
                ref=request_ref,
                chosen=request.form.getlist("who"),
                confirm=request.form.get("decision") == CONFIRM,
                decided_by_id=who().person_id,
                now=now(),
            )
    except RequestRefused as refused:
        return _request_page(ref, request_ref, refused=refused), 409
    if not decided.missed:
        return _back(ref, request_ref)
    missed = [(name, refusal.value) for name, refusal in decided.missed]
    slug = RequestRefused(decided.missed[0][1]).slug
    page = _request_page(ref, request_ref, missed=missed, slug=slug)
    return page, 200 if decided.done else 409


@bp.post("/withdrawal")
@trainer_required
def withdraw(ref: str, request_ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            withdraw_requests(
                db,
                sitting_id=get_any_room(db, ref=ref).id,
                ref=request_ref,
                withdrawn_by_id=who().person_id,
                now=now(),
            )
    except RequestRefused as refused:
        return _request_page(ref, request_ref, refused=refused), 409
    return _back(ref, request_ref)


def _back(ref: str, request_ref: str) -> ResponseReturnValue:
    page = url_for(
        "invigilation_requests.show_request", ref=ref, request_ref=request_ref
    )
    return redirect(page, 303)
