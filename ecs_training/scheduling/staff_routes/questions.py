"""The page of staff on which the timetable asks."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.queries import list_open_questions
from ecs_training.scheduling.rules import ANSWERS, Answer
from ecs_training.scheduling.services import QuestionRefused, answer_question
from ecs_training.scheduling.staff_routes.blueprint import bp

WORDS = {
    Answer.RUN: "Run it on the holiday",
    Answer.SKIP: "Leave it out that week",
    Answer.NEXT_WORKING_DAY: "Hold it on the next working day",
    Answer.KEEP: "It runs as it is",
}


@bp.get("/staff/timetable/questions")
@staff_required
def show_questions() -> str:
    return _questions_page()


@bp.post("/staff/timetable/questions/<ref>/answer")
@staff_required
def answer(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            answer_question(
                db,
                ref=ref,
                answer=request.form.get("answer", ""),
                answered_by_id=who().person_id,
                now=now(),
            )
    except QuestionRefused as refused:
        return _questions_page(refused), 409
    return redirect(url_for("scheduling_staff.show_questions"), 303)


def _questions_page(refused: QuestionRefused | None = None) -> str:
    with reading() as db:
        questions = list_open_questions(db, now=now())
    return render_template(
        "scheduling/questions.html",
        questions=questions,
        answers=ANSWERS,
        words=WORDS,
        refused=refused,
    )
