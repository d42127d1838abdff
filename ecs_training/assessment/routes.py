from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import sign_in_required, sign_in_token_hash, who
from ecs_training.assessment.access import (
    blueprint,
    holds_lease,
    open_attempt,
    running_attempt,
    transport_grace,
)
from ecs_training.assessment.forms import ResponseForm, RoomCodeForm
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import (
    Progress,
    find_open_practice,
    get_own_attempt,
    get_picture,
    get_question,
    list_finished_practice,
    look_over,
    read_progress,
)
from ecs_training.assessment.queries.feedback import (
    explain_practice,
    get_explained_picture,
)
from ecs_training.assessment.queries.sittings import get_place
from ecs_training.assessment.rules.going import where_next
from ecs_training.assessment.rules.timing import remaining_ms, word_remaining
from ecs_training.assessment.rules.wording import word_unanswered
from ecs_training.assessment.rules.writing import (
    Outcome,
    shown_options,
    to_shown_letter,
)
from ecs_training.assessment.services.attempts import (
    StartRefused,
    start_attempt,
    start_practice,
    why_not_start_here,
)
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.holding import is_held
from ecs_training.assessment.services.responses import save_response
from ecs_training.attendance.queries import standing_checks, standing_marks
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.web import now, reading, send_picture, transaction

bp = Blueprint("assessment", __name__)

PAPERS_SHOWN = 10


@bp.get("/sittings/<ref>")
@sign_in_required
def show_sitting(ref: str) -> str:
    return _sitting_page(ref)


def _sitting_page(ref: str, refusal: StartRefused | None = None) -> str:
    with reading() as db:
        place = get_place(db, sitting_ref=ref, person_id=who().person_id)
        booking_id = place.booking.id
        mark = standing_marks(db, booking_ids=[booking_id]).get(booking_id)
        check = standing_checks(db, booking_ids=[booking_id]).get(booking_id)
    return render_template(
        "assessment/sitting.html",
        place=place,
        mark=mark,
        check=check,
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
    return _go_to(attempt.ref, 1)


def _go_to(ref: str, n: int | None) -> ResponseReturnValue:
    if n is None:
        return redirect(url_for("assessment.show_review", ref=ref), 303)
    return redirect(url_for("assessment.show_question", ref=ref, n=n), 303)


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
    return _go_to(attempt.ref, 1)


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


@bp.get("/attempts/<ref>/questions/<int:n>")
@sign_in_required
def show_question(ref: str, n: int) -> str:
    attempt = open_attempt(ref)
    return _held_page(attempt, n) or _question_page(attempt, n)


def _held_page(attempt: Attempt, n: int, refusal: Outcome | None = None) -> str:
    """Show that the clock stands still, and no question; empty while it runs."""
    if not is_held(attempt, now()):
        return ""
    with reading() as db:
        facts = _exam_facts(attempt, read_progress(db, attempt))
    return render_template("assessment/held.html", n=n, refusal=refusal, **facts)


def _question_page(
    attempt: Attempt,
    n: int,
    *,
    form: ResponseForm | None = None,
    refusal: Outcome | None = None,
) -> str:
    with reading() as db:
        response = get_question(db, attempt, n)
        saved = to_shown_letter(response.chosen, response.option_order)
        facts = _exam_facts(attempt, read_progress(db, attempt))
    return render_template(
        "assessment/question.html",
        n=n,
        stem=response.revision.stem,
        options=shown_options(response.revision.options, response.option_order),
        image=response.revision.image,
        chosen=form.option.data or saved if form else saved,
        flagged=form.flagged.data if form else response.flagged,
        form=form,
        refusal=refusal,
        **facts,
    )


@bp.get("/attempts/<ref>/questions/<int:n>/picture")
@sign_in_required
def show_picture(ref: str, n: int) -> ResponseReturnValue:
    attempt = running_attempt(ref)
    with reading() as db:
        picture = get_picture(db, attempt, n)
    return send_picture(picture.content, media_type=picture.media_type)


def _exam_facts(attempt: Attempt, progress: Progress) -> dict[str, Any]:
    """Return what every page of an open attempt shows around its matter."""
    holds = holds_lease(attempt)
    moment = now()
    left = remaining_ms(deadline=attempt.deadline_at(moment), now=moment)
    return {
        "attempt": attempt,
        "progress": progress,
        "holds_lease": holds,
        "lease": attempt.lease if holds else "",  # nobody else has a use for it
        "remaining_ms": left,
        "remaining": word_remaining(left),
        "total_ms": remaining_ms(deadline=attempt.deadline, now=attempt.started_at),
        "held": attempt.held_kind if is_held(attempt, moment) else None,
        "rest_left": word_remaining(
            (attempt.rest_seconds - attempt.rest_used_seconds) * 1000
        ),
    }


@bp.post("/attempts/<ref>/responses/<int:n>")
@sign_in_required
def answer(ref: str, n: int) -> ResponseReturnValue:
    """Save an answer sent by a form, then go where its button leads."""
    received = now()
    attempt = open_attempt(ref)
    form = ResponseForm()
    if not form.validate():
        return _question_page(attempt, n, form=form), 422
    with transaction() as db:
        saving = save_response(
            db,
            token_hash=sign_in_token_hash() or "",
            attempt_ref=ref,
            n=n,
            write=form.to_write(),
            received=received,
            grace=transport_grace(),
        )
    if saving.outcome is Outcome.NOT_FOUND:
        raise NotFound
    if saving.outcome is Outcome.HELD:
        return _held_page(open_attempt(ref), n, saving.outcome), 423
    if saving.outcome in {Outcome.MOVED, Outcome.STALE}:
        page = _question_page(attempt, n, form=form, refusal=saving.outcome)
        return page, 409
    # Where time has run out meanwhile, that page leads on to the result.
    return _go_to(ref, where_next(form.go.data, n=n, out_of=attempt.out_of))


@bp.get("/attempts/<ref>/review")
@sign_in_required
def show_review(ref: str) -> str:
    attempt = open_attempt(ref)
    if held := _held_page(attempt, 1):
        return held
    with reading() as db:
        lines = look_over(db, attempt)
        facts = _exam_facts(attempt, read_progress(db, attempt))
    return render_template(
        "assessment/review.html",
        unanswered=[row for row in lines if row.text is None],
        flagged_rows=[row for row in lines if row.flagged],
        unanswered_words=word_unanswered(sum(row.text is None for row in lines)),
        **facts,
    )


@bp.post("/attempts/<ref>/completion")
@sign_in_required
def complete(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        own = get_own_attempt(db, ref=ref, person_id=who().person_id)
        finish_attempt(db, attempt_id=own.id, now=now())
    return redirect(url_for("portal.show_result", ref=ref), 303)
