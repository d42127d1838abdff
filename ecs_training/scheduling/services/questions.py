"""Answering what the timetable asks."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.errors import Refused
from ecs_training.scheduling.queries import (
    get_question,
    is_question_open,
    lock_course_session,
    lock_plan,
    lock_question,
)
from ecs_training.scheduling.rules import QuestionRefusal, why_not_answer
from ecs_training.scheduling.services.publishing import extend_plan


class QuestionRefused(Refused):
    reason: QuestionRefusal


def answer_question(
    db: Session, *, ref: str, answer: str, answered_by_id: int, now: datetime
) -> None:
    """Decide, once, or raise QuestionRefused. A day that a plan shall run is published."""
    found = get_question(db, ref=ref)
    if found.plan_id is not None:
        lock_plan(db, plan_id=found.plan_id)
    else:
        lock_course_session(db, course_session_id=found.course_session_id)
    question = lock_question(db, question_id=found.id)
    refusal = why_not_answer(
        question.kind,
        answer=answer,
        answered=question.answered_at is not None,
        open_still=is_question_open(db, question_id=question.id, now=now),
    )
    if refusal:
        raise QuestionRefused(refusal)
    question.answer, question.answered_at = answer, now
    question.answered_by_id = answered_by_id
    db.flush()
    record(
        db,
        actor_id=answered_by_id,
        action="answered timetable question",
        subject=f"timetable-question/{question.ref}",
        now=now,
        kind=question.kind.value,
        day=question.day.isoformat(),
        answer=answer,
    )
    if question.plan_id is not None:
        weeks = settings_of(db).timetable_weeks
        extend_plan(db, plan_id=question.plan_id, weeks=weeks, now=now)
