"""How one question is put on a page: rendered once a kind of page, filled in for each reader."""

from functools import cache

from flask import current_app, render_template, url_for
from markupsafe import Markup

from ecs_training.assessment.forms import ResponseForm
from ecs_training.assessment.queries.attempts import QuestionState
from ecs_training.assessment.queries.exam_page import ExamPage
from ecs_training.assessment.rules.timing import remaining_ms, word_remaining
from ecs_training.assessment.rules.writing import LETTERS, Outcome
from ecs_training.foundation.frames import Frame, mark
from ecs_training.foundation.web import csrf_token, now

CSRF = "csrf"
STAND_IN = 987654321
HERE = (" form=", ' aria-current="step" form=')  # what marks a square as this one
CHECKED, HIDDEN = Markup(" checked"), Markup(" hidden")
FACTS = (
    *("ref", "n", "answered", "lease", "seq", "nextseq"),
    *("remaining", "remainingms", "totalms", "restleft"),
    *("stem", "picture", "nopicture", "squares", "flagtick", "noback"),
    *(f"{name}{letter}" for name in ("option", "tick") for letter in LETTERS),
)


def render_again(
    page: ExamPage, *, form: ResponseForm, refusal: Outcome | None = None
) -> str:
    """Show a question again, with what was typed on it and why it was not saved."""
    option = form.option.data
    chosen = option if option in LETTERS else page.chosen
    return render_template(
        "assessment/question.html",
        form=form,
        refusal=refusal,
        answerto=url_for("assessment.answer", ref=page.ref, n=page.n),
        blank=_blank(page.out_of),
        **_kind(page),
        **_facts(page, chosen=chosen, flagged=form.flagged.data),
    )


def render_question(page: ExamPage) -> str:
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
            CSRF: csrf_token(),
        }
    )


def _make_frame(kind: dict[str, int]) -> Frame:
    marks = {name: mark(name) for name in FACTS}
    page = render_template(
        "assessment/question.html",
        form=None,
        refusal=None,
        answerto=_address_with_marks(),
        blank=_blank(kind["questions"]),
        csrf_token=lambda: mark(CSRF),
        **kind,
        **marks,
    )
    return Frame(page)


def _address_with_marks() -> str:
    # Only a number can be built into it, so one stands in that no paper has.
    address = url_for("assessment.answer", ref=mark("ref"), n=STAND_IN)
    return address.replace(str(STAND_IN), mark("n"))


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
