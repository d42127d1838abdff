"""The test itself: one question a page, the look over the paper, and the end."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import sign_in_required, sign_in_token_hash, who
from ecs_training.assessment.access import (
    holds_lease,
    open_attempt,
    running_attempt,
    transport_grace,
)
from ecs_training.assessment.forms import ResponseForm
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import (
    Progress,
    get_own_attempt,
    read_progress,
)
from ecs_training.assessment.queries.exam_page import ExamPage, find_exam_page
from ecs_training.assessment.queries.papers import get_picture, look_over
from ecs_training.assessment.routes.blueprint import bp, go_to
from ecs_training.assessment.routes.question_page import (
    render_again,
    render_question,
)
from ecs_training.assessment.rules.going import where_next
from ecs_training.assessment.rules.timing import remaining_ms, word_remaining
from ecs_training.assessment.rules.wording import word_unanswered
from ecs_training.assessment.rules.writing import Outcome
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.holding import is_held
from ecs_training.assessment.services.responses import save_response
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.packing import pack_reply
from ecs_training.foundation.web import (
    database,
    now,
    reading,
    send_picture,
    transaction,
)


@bp.get("/attempts/<ref>/questions/<int:n>")
def show_question(ref: str, n: int) -> str:
    """Show one question. Guarded by its own query, which finds nothing for a stranger."""
    page = _find_page(ref, n)
    if page is None or page.is_over or page.held:
        return _turn_away(ref, n)
    pack_reply()
    return render_question(page)


def _find_page(ref: str, n: int) -> ExamPage | None:
    return find_exam_page(
        database(), token_hash=sign_in_token_hash() or "", ref=ref, n=n, now=now()
    )


def _get_page(ref: str, n: int) -> ExamPage:
    page = _find_page(ref, n)
    if page is None:
        raise NotFound
    return page


def _turn_away(ref: str, n: int) -> str:
    """Lead to sign in or to the result, show that the clock stands still, or say 404."""
    who()
    held = _held_page(open_attempt(ref), n)
    if not held:
        raise NotFound
    return held


def _held_page(attempt: Attempt, n: int, refusal: Outcome | None = None) -> str:
    """Show that the clock stands still, and no question; empty while it runs."""
    if not is_held(attempt, now()):
        return ""
    with reading() as db:
        facts = _exam_facts(attempt, read_progress(db, attempt))
    return render_template("assessment/held.html", n=n, refusal=refusal, **facts)


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
        return render_again(_get_page(ref, n), form=form), 422
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
        page = _get_page(ref, n)
        return render_again(page, form=form, refusal=saving.outcome), 409
    # Where time has run out meanwhile, that page leads on to the result.
    return go_to(ref, where_next(form.go.data, n=n, out_of=attempt.out_of))


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
