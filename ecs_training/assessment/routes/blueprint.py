"""What the modules of these pages share: their blueprint, and the way to a question."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

bp = Blueprint("assessment", __name__)


def go_to(ref: str, n: int | None) -> ResponseReturnValue:
    """Lead to a question of the test, or for None to the look over the paper."""
    if n is None:
        return redirect(url_for("assessment.show_review", ref=ref), 303)
    return redirect(url_for("assessment.show_question", ref=ref, n=n), 303)
