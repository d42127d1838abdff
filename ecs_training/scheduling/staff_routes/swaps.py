"""Pages on which trainers ask each other to take a date over, and answer."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import trainer_required, who
from ecs_training.accounts.queries import list_people_with_role
from ecs_training.accounts.rules import Role
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.forms.trainers import SwapForm
from ecs_training.scheduling.models import Swap
from ecs_training.scheduling.queries import get_course_session_of
from ecs_training.scheduling.queries.swaps import get_swap_of
from ecs_training.scheduling.rules.swaps import why_not_answer, why_not_swap
from ecs_training.scheduling.services import TimetableRefused
from ecs_training.scheduling.services.swaps import (
    SwapRefused,
    answer_swap,
    ask_swap,
    list_who_could_give,
    withdraw_swap,
)

bp = Blueprint("scheduling_swaps", __name__)


@bp.route("/trainer/course-sessions/<ref>/swap", methods=["GET", "POST"])
@trainer_required
def new_swap(ref: str) -> ResponseReturnValue:
    with reading() as db:
        course_session = get_course_session_of(db, ref=ref, trainer_id=who().person_id)
        others = list_people_with_role(db, role=Role.TRAINER)
        able = list_who_could_give(db, course_session=course_session, trainers=others)
    form = SwapForm(trainers=able)

    def page(refused: Refused | None = None) -> str:
        return render_template(
            "scheduling/trainer_swap_new.html",
            course_session=course_session,
            role=card_role(course_session.card_role),
            able=able,
            form=form,
            refused=refused,
        )

    if request.method == "GET" or not form.validate():
        return page(), 422 if form.errors else 200
    try:
        with transaction() as db:
            swap = ask_swap(
                db,
                course_session_ref=ref,
                trainer_id=who().person_id,
                to_ref=form.to_ref.data,
                note=form.note.data,
                now=now(),
            )
    except (SwapRefused, TimetableRefused) as refused:
        return page(refused), 409
    return redirect(url_for("scheduling_swaps.show_swap", ref=swap.ref), 303)


@bp.get("/trainer/swaps/<ref>")
@trainer_required
def show_swap(ref: str) -> str:
    return _page(ref)


def _page(ref: str, refused: Refused | None = None) -> str:
    with reading() as db:
        swap = get_swap_of(db, ref=ref, trainer_id=who().person_id)
    return render_template(
        "scheduling/trainer_swap.html",
        swap=swap,
        course_session=swap.course_session,
        role=card_role(swap.course_session.card_role),
        asked_of_me=swap.to_id == who().person_id,
        is_open=_is_open(swap),
        refused=refused,
    )


def _is_open(swap: Swap) -> bool:
    date = swap.course_session
    return not (
        why_not_answer(
            answered=swap.answered_at is not None,
            withdrawn=swap.withdrawn_at is not None,
            still_theirs=date.trainer_id == swap.from_id,
        )
        or why_not_swap(
            starts_at=date.starts_at,
            cancelled=date.cancelled_at is not None,
            now=now(),
        )
    )


def _answer(ref: str, *, accept: bool) -> ResponseReturnValue:
    try:
        with transaction() as db:
            answer_swap(
                db, ref=ref, trainer_id=who().person_id, accept=accept, now=now()
            )
    except (SwapRefused, TimetableRefused) as refused:
        return _page(ref, refused), 409
    return redirect(url_for("scheduling_swaps.show_swap", ref=ref), 303)


@bp.post("/trainer/swaps/<ref>/acceptance")
@trainer_required
def accept_swap(ref: str) -> ResponseReturnValue:
    return _answer(ref, accept=True)


@bp.post("/trainer/swaps/<ref>/refusal")
@trainer_required
def decline_swap(ref: str) -> ResponseReturnValue:
    return _answer(ref, accept=False)


@bp.post("/trainer/swaps/<ref>/withdrawal")
@trainer_required
def take_back_swap(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            withdraw_swap(db, ref=ref, trainer_id=who().person_id, now=now())
    except SwapRefused as refused:
        return _page(ref, refused), 409
    return redirect(url_for("scheduling_swaps.show_swap", ref=ref), 303)
