"""The assessment for programs and for the page's own script; interfaces.md has the names."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, jsonify, make_response, redirect, request, url_for
from flask import render_template as render
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from ecs_training.accounts.access import (
    ask_to_sign_in,
    sign_in_token_hash,
    who,
    who_is_there,
)
from ecs_training.assessment.access import (
    holds_lease,
    signs,
    transport_grace,
    visit_attempt,
)
from ecs_training.assessment.forms import (
    LARGEST_BODY,
    read_question,
    read_sign,
    read_write,
)
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import read_progress
from ecs_training.assessment.queries.papers import PaperQuestion, list_paper
from ecs_training.assessment.queries.standing import find_standing
from ecs_training.assessment.rules.holding import hold_of
from ecs_training.assessment.rules.timing import remaining_ms
from ecs_training.assessment.rules.writing import Outcome
from ecs_training.assessment.services.holding import (
    HoldRefused,
    begin_rest,
    end_rest,
    is_held,
)
from ecs_training.assessment.services.leases import AttemptEnded, take_over
from ecs_training.assessment.services.presence import Heard, write_signs
from ecs_training.assessment.services.responses import Receipt, save_response
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.packing import pack_reply
from ecs_training.foundation.web import database, now, reading, transaction

bp = Blueprint("assessment_api", __name__)

STATUS = {
    Outcome.NOT_SIGNED_IN: 401,
    Outcome.NOT_FOUND: 404,
    Outcome.FINISHED: 410,
    Outcome.TIME_UP: 410,
    Outcome.HELD: 423,
    Outcome.MOVED: 409,
    Outcome.STALE: 409,
}


@bp.put("/attempts/<ref>/responses/<int:n>")
def put_response(ref: str, n: int) -> ResponseReturnValue:
    """Save one answer. It is on disk before this replies, and saved once however often sent."""
    received = now()  # before anything slow: whoever answered in time is in time
    token_hash = sign_in_token_hash()
    if token_hash is None:
        return _refuse(Outcome.NOT_SIGNED_IN)
    write = None if _is_too_large() else read_write(request.get_data())
    if write is None:
        _visit(ref)  # 401, 404 and 410 go before what is wrong with the body
        return {"reason": "bad_body"}, 400
    with transaction() as db:
        saving = save_response(
            db,
            token_hash=token_hash,
            attempt_ref=ref,
            n=n,
            write=write,
            received=received,
            grace=transport_grace(),
        )
    return _word(saving.receipt) if saving.receipt else _refuse(saving.outcome)


def _is_too_large() -> bool:
    return (request.content_length or 0) > LARGEST_BODY


def _word(receipt: Receipt) -> ResponseReturnValue:
    return {
        "seq": receipt.seq,
        "answered": receipt.answered,
        "late": receipt.late,
        **_time(receipt.deadline),
    }


def _time(deadline: datetime) -> dict[str, Any]:
    return {
        "remaining_ms": remaining_ms(deadline=deadline, now=now()),
        "deadline": deadline.isoformat(),
    }


def _refuse(outcome: Outcome) -> ResponseReturnValue:
    return {"reason": outcome.name.lower()}, STATUS[outcome]


@bp.post("/attempts/<ref>/presence")
def report_presence(ref: str) -> ResponseReturnValue:
    """Hear that the page is there; tell it the time, and whether it may still write."""
    moment = now()
    standing = find_standing(
        database(), token_hash=sign_in_token_hash() or "", ref=ref, now=moment
    )
    if standing is None:
        return _refuse(Outcome.NOT_SIGNED_IN)
    if standing.attempt_id is None:
        return _refuse(Outcome.NOT_FOUND)
    if standing.finished:
        return _refuse(Outcome.FINISHED)
    sign = None if _is_too_large() else read_sign(request.get_data())
    if sign is None:
        return {"reason": "bad_body"}, 400
    if holds := standing.lease == sign.lease:
        _hear(Heard(attempt_id=standing.attempt_id, sign=sign, at=moment))
    return {
        "lease_held": holds,
        "held": standing.held,
        "rest_left_ms": standing.rest_left * 1000,
        **_time(standing.deadline),
    }


def _hear(heard: Heard) -> None:
    if due := signs().note(heard):
        with transaction() as db:
            write_signs(db, due)


@bp.post("/attempts/<ref>/rest")
def start_rest(ref: str) -> ResponseReturnValue:
    return _rest(ref, begin_rest)


@bp.post("/attempts/<ref>/rest/end")
def stop_rest(ref: str) -> ResponseReturnValue:
    return _rest(ref, end_rest)


def _rest(ref: str, act: Callable[..., Attempt]) -> ResponseReturnValue:
    """Stop or start the person's own clock; a form is led to its question."""
    if who_is_there() is None:
        return ask_to_sign_in() if _is_form() else _refuse(Outcome.NOT_SIGNED_IN)
    moment = now()
    try:
        with transaction() as db:
            attempt = act(db, ref=ref, person_id=who().person_id, now=moment)
    except HoldRefused as refused:
        if not _is_form():
            return {"reason": refused.slug}, 409
    else:
        if not _is_form():
            return _standing(attempt, moment)
    n = read_question(request.form.get("n"))
    return redirect(url_for("assessment.show_question", ref=ref, n=n), 303)


def _standing(attempt: Attempt, moment: datetime) -> dict[str, Any]:
    """Return how an open attempt stands: its time, its hold, what is left of its breaks."""
    hold = hold_of(attempt.held_at, attempt.held_until)
    is_on = hold is not None and hold.is_on(moment)
    return {
        **_time(attempt.deadline_at(moment)),
        "held": attempt.held_kind if is_on else None,
        "rest_left_ms": (attempt.rest_seconds - attempt.rest_used_seconds) * 1000,
    }


@bp.get("/attempts/<ref>/responses")
def list_saved(ref: str) -> ResponseReturnValue:
    attempt = _visit(ref)
    with reading() as db:
        progress = read_progress(db, attempt)
    return {
        "lease_held": holds_lease(attempt),
        "seq": progress.seq,
        **_standing(attempt, now()),
        "responses": [
            {"n": state.n, "option": state.option, "flagged": state.flagged}
            for state in progress.states
        ],
    }


@bp.get("/attempts/<ref>/paper")
def show_paper(ref: str) -> ResponseReturnValue:
    """Give the whole paper at once, so that a lost network stops nobody. Without any key."""
    attempt = _visit(ref)
    if is_held(attempt, now()):
        return _refuse(Outcome.HELD)
    with reading() as db:
        paper = list_paper(db, attempt)
    pack_reply()
    return {
        "attempt": attempt.ref,
        "out_of": attempt.out_of,
        **_time(attempt.deadline_at(now())),
        "questions": [
            {
                "n": question.n,
                "stem": question.stem,
                "options": dict(question.options),
                "picture": _picture(attempt, question),
            }
            for question in paper
        ],
    }


def _picture(attempt: Attempt, question: PaperQuestion) -> dict[str, str] | None:
    if question.image is None:
        return None
    src = url_for("assessment.show_picture", ref=attempt.ref, n=question.n)
    return {"src": src, "alt": question.image["alt"]}


@bp.post("/attempts/<ref>/lease")
def take_over_lease(ref: str) -> ResponseReturnValue:
    """Go on with the attempt here: a form is led to its question, a program gets the lease."""
    if who_is_there() is None:
        return ask_to_sign_in() if _is_form() else _refuse(Outcome.NOT_SIGNED_IN)
    n = read_question(request.form.get("n"))
    try:
        with transaction() as db:
            attempt = take_over(
                db,
                ref=ref,
                person_id=who().person_id,
                sign_in_id=who().sign_in_id,
                grace=transport_grace(),
                now=now(),
            )
    except AttemptEnded as ended:
        if not _is_form():
            return _refuse(ended.reason)
    else:
        if not _is_form():
            return {"lease": attempt.lease, "seq": 0}
    return redirect(url_for("assessment.show_question", ref=ref, n=n), 303)


def _visit(ref: str) -> Attempt:
    """Return the person's own open attempt, or answer 401, 404 or 410.

    One that is out of time is finished only after the grace: an answer may be on its way.
    """
    if who_is_there() is None:
        abort(make_response(*_json_of(Outcome.NOT_SIGNED_IN)))
    attempt = visit_attempt(ref, patience=transport_grace())
    if attempt.finished_at:
        abort(make_response(*_json_of(Outcome.FINISHED)))
    return attempt


def _json_of(outcome: Outcome) -> tuple[Any, int]:
    return jsonify(reason=outcome.name.lower()), STATUS[outcome]


def _is_form() -> bool:
    """Say whether a person sent this from a page without script; programs send a header."""
    return "csrf_token" in request.form


@bp.errorhandler(NotFound)
def say_not_found(_error: NotFound) -> ResponseReturnValue:
    if _is_form():
        return render("errors/not_found.html"), 404
    return _refuse(Outcome.NOT_FOUND)


@bp.errorhandler(CSRFError)
def say_form_expired(_error: CSRFError) -> ResponseReturnValue:
    """Tell a program without a sign-in that it needs one first; its token died with it."""
    if _is_form():
        return render("errors/form_expired.html"), 400
    if who_is_there() is None:
        return _refuse(Outcome.NOT_SIGNED_IN)
    return {"reason": "form_expired"}, 400
