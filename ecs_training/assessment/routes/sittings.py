"""Before the test: the sitting's door, practice, and the check of one's own machine."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import sign_in_required, who
from ecs_training.assessment.access import blueprint
from ecs_training.assessment.forms import RoomCodeForm
from ecs_training.assessment.queries.attempts import (
    find_open_practice,
    list_finished_practice,
)
from ecs_training.assessment.queries.door import read_at_the_door
from ecs_training.assessment.queries.feedback import (
    explain_practice,
    get_explained_picture,
)
from ecs_training.assessment.routes.blueprint import bp, go_to
from ecs_training.assessment.services.attempts import (
    StartRefused,
    start_attempt,
    start_practice,
    why_not_start_here,
)
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.web import now, reading, send_picture, transaction

PAPERS_SHOWN = 10


@bp.get("/sittings/<ref>")
@sign_in_required
def show_sitting(ref: str) -> str:
    return _sitting_page(ref)


def _sitting_page(ref: str, refusal: StartRefused | None = None) -> str:
    with reading() as db:
        door = read_at_the_door(
            db, sitting_ref=ref, person_id=who().person_id, minutes=blueprint().minutes
        )
    place = door.place
    return render_template(
        "assessment/sitting.html",
        place=place,
        own_time=door.own_time,
        mark=door.mark,
        check=door.check,
        role=card_role(place.course_session.card_role),
        blueprint=blueprint(),
        missing=why_not_start_here(place, now=now()),
        refusal=refusal,
    )


@bp.post("/sittings/<ref>/attempts")
@sign_in_required
def start(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            attempt = start_attempt(
                db,
                sitting_ref=ref,
                person_id=who().person_id,
                sign_in_id=who().sign_in_id,
                blueprint=blueprint(),
                now=now(),
                room_code=RoomCodeForm().room_code.data or "",
            )
    except StartRefused as refused:
        return _sitting_page(ref, refused), 409
    return go_to(attempt.ref, 1)


@bp.get("/practice/<role>")
@sign_in_required
def show_practice(role: str) -> str:
    return _practice_page(role)


def _practice_page(role: str, refusal: StartRefused | None = None) -> str:
    practised = card_role(role)
    with reading() as db:
        person_id = who().person_id
        standing = find_open_practice(db, person_id=person_id, card_role=role)
        finished = list_finished_practice(
            db, person_id=person_id, card_role=role, limit=PAPERS_SHOWN
        )
    return render_template(
        "assessment/practice.html",
        role=practised,
        standing=standing,
        finished=finished,
        blueprint=blueprint(),
        refusal=refusal,
    )


@bp.post("/practice/<role>/attempts", endpoint="start_practice")
@sign_in_required
def begin_practice(role: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            attempt = start_practice(
                db,
                card_role=card_role(role).slug,
                person_id=who().person_id,
                sign_in_id=who().sign_in_id,
                blueprint=blueprint(),
                now=now(),
            )
    except StartRefused as refused:
        return _practice_page(role, refused), 409
    return go_to(attempt.ref, 1)


@bp.get("/system-check")
@sign_in_required
def show_system_check() -> str:
    role = request.args.get("role")
    practised = card_role(role) if role else None
    return render_template("assessment/system_check.html", role=practised)


@bp.get("/attempts/<ref>/feedback")
@sign_in_required
def show_feedback(ref: str) -> str:
    with reading() as db:
        feedback = explain_practice(db, ref=ref, person_id=who().person_id)
    role = card_role(feedback.attempt.card_role)
    return render_template(
        "assessment/practice_review.html", feedback=feedback, role=role
    )


@bp.get("/attempts/<ref>/feedback/<int:n>/picture")
@sign_in_required
def show_feedback_picture(ref: str, n: int) -> ResponseReturnValue:
    with reading() as db:
        picture = get_explained_picture(db, ref=ref, person_id=who().person_id, n=n)
    return send_picture(picture.content, media_type=picture.media_type)
