"""The test itself: one question a page, the look over the paper, and the end."""

from functools import cache
from typing import Any

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

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
    QuestionState,
    get_own_attempt,
    read_progress,
)
from ecs_training.assessment.queries.exam_page import ExamPage, find_exam_page
from ecs_training.assessment.queries.papers import get_picture, look_over
from ecs_training.assessment.routes.blueprint import bp, go_to
from ecs_training.assessment.rules.going import where_next
from ecs_training.assessment.rules.timing import remaining_ms, word_remaining
from ecs_training.assessment.rules.wording import word_unanswered
from ecs_training.assessment.rules.writing import LETTERS, Outcome
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.holding import is_held
from ecs_training.assessment.services.responses import save_response
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.frames import Frame, mark
from ecs_training.foundation.packing import pack_reply
from ecs_training.foundation.web import asking, now, reading, send_picture, transaction

CSRF = "csrf"
HERE = (" form=", ' aria-current="step" form=')  # what marks a square as this one
CHECKED, HIDDEN = Markup(" checked"), Markup(" hidden")
FACTS = (
    *("ref", "n", "answered", "lease", "seq", "nextseq", "answerto"),
    *("remaining", "remainingms", "totalms", "restleft"),
    *("stem", "picture", "nopicture", "squares", "flagtick", "noback"),
    *(f"{name}{letter}" for name in ("option", "tick") for letter in LETTERS),
)


@bp.get("/attempts/<ref>/questions/<int:n>")
def show_question(ref: str, n: int) -> str:
    """Show one question. Guarded by its own query, which finds nothing for a stranger."""
    page = _find_page(ref, n)
    if page is None or page.is_over or page.held:
        return _turn_away(ref, n)
    pack_reply()
    return _fill_in(page)


def _find_page(ref: str, n: int) -> ExamPage | None:
    with asking() as db:
        return find_exam_page(
            db, token_hash=sign_in_token_hash() or "", ref=ref, n=n, now=now()
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


def _question_page(
    page: ExamPage, *, form: ResponseForm, refusal: Outcome | None = None
) -> str:
    """Show a question again, with what was typed on it and why it was not saved."""
    option = form.option.data
    chosen = option if option in LETTERS else page.chosen
    return render_template(
        "assessment/question.html",
        form=form,
        refusal=refusal,
        blank=_blank(page.out_of),
        **_kind(page),
        **_facts(page, chosen=chosen, flagged=form.flagged.data),
    )


def _fill_in(page: ExamPage) -> str:
    """Fill the page in where readers differ; the rest of it was rendered once."""
    kind = _kind(page)
    frames: dict[tuple[int, ...], Frame] = current_app.extensions.setdefault(
        "exam_frames", {}
    )
    frame = frames.get(tuple(kind.values()))
    if frame is None:
        frame = frames[tuple(kind.values())] = _make_frame(kind)
    return frame.fill(
        {
            **_facts(page, chosen=page.chosen, flagged=page.flagged),
            CSRF: generate_csrf(),
        }
    )


def _make_frame(kind: dict[str, int]) -> Frame:
    marks = {name: mark(name) for name in FACTS}
    page = render_template(
        "assessment/question.html",
        form=None,
        refusal=None,
        blank=_blank(kind["questions"]),
        csrf_token=lambda: mark(CSRF),
        **kind,
        **marks,
    )
    return Frame(page)


def _blank(questions: int) -> list[QuestionState]:
    """Return the states of an untouched paper, for the look over it that a script fills."""
    return [
        QuestionState(n=n, option=None, flagged=False) for n in range(1, questions + 1)
    ]


def _kind(page: ExamPage) -> dict[str, int]:
    """Return what makes one reader's page another page, and not only other words on it."""
    return {
        "is_practice": page.is_practice,
        "holds_lease": bool(page.lease),
        "can_rest": page.rest_left > 0,
        "questions": page.out_of,
    }


def _facts(page: ExamPage, *, chosen: str | None, flagged: bool) -> dict[str, object]:
    """Return the words and attributes in which one reader's page differs from the next."""
    left = remaining_ms(deadline=page.deadline, now=now())
    return {
        "ref": page.ref,
        "n": page.n,
        "answered": page.progress.answered,
        "lease": page.lease,
        "seq": page.progress.seq,
        "nextseq": page.progress.seq + 1,
        "remaining": word_remaining(left),
        "remainingms": left,
        "totalms": remaining_ms(deadline=page.deadline, now=page.started_at),
        "restleft": word_remaining(page.rest_left * 1000),
        "stem": page.stem,
        "picture": _picture(page),
        "squares": _squares(page),
        "answerto": url_for("assessment.answer", ref=page.ref, n=page.n),
        "flagtick": CHECKED if flagged else "",
        "nopicture": "" if page.image else HIDDEN,
        "noback": HIDDEN if page.n == 1 else "",
        **{f"option{letter}": text for letter, text in page.options},
        **{f"tick{each}": CHECKED if each == chosen else "" for each in LETTERS},
    }


def _picture(page: ExamPage) -> Markup | str:
    if page.image is None:
        return ""
    src = url_for("assessment.show_picture", ref=page.ref, n=page.n)
    return Markup('<img src="{}" alt="{}">').format(src, page.image["alt"])


def _squares(page: ExamPage) -> Markup:
    square = _square if page.lease else _dead_square
    squares = [square(state) for state in page.progress.states]
    squares[page.n - 1] = squares[page.n - 1].replace(*HERE)
    return Markup("".join(squares))  # noqa: S704 - each comes escaped from its template


@cache
def _square(state: QuestionState) -> str:
    """Render one square of the grid, once a process: there are not many of each number."""
    return render_template("assessment/_square.html", state=state, dead="").strip()


@cache
def _dead_square(state: QuestionState) -> str:
    """Render the same for a page that may not write."""
    dead = Markup(" disabled")
    return render_template("assessment/_square.html", state=state, dead=dead).strip()


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
        return _question_page(_get_page(ref, n), form=form), 422
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
        return _question_page(page, form=form, refusal=saving.outcome), 409
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
