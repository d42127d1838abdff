"""Asking a person about a date; once, however often it is found."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from ecs_training.scheduling.models import TimetableQuestion
from ecs_training.scheduling.queries import is_asked, list_to_ask, lock_course_session
from ecs_training.scheduling.rules import QuestionKind


def ask(
    db: Session,
    *,
    kind: QuestionKind,
    day: date,
    now: datetime,
    course_session_id: int | None = None,
    plan_id: int | None = None,
) -> bool:
    """Raise a question unless it was raised before; the caller holds what it is about."""
    subject = {"course_session_id": course_session_id, "plan_id": plan_id}
    if is_asked(db, kind=kind, day=day, **subject):
        return False
    db.add(TimetableQuestion(kind=kind, day=day, raised_at=now, **subject))
    db.flush()
    return True


def ask_about_date(db: Session, *, course_session_id: int, now: datetime) -> int:
    """Raise every question that a date gives cause for. Returns how many were new."""
    lock_course_session(db, course_session_id=course_session_id)
    due = list_to_ask(db, now=now, course_session_id=course_session_id)
    return sum(
        ask(db, kind=kind, day=day, now=now, course_session_id=course_session_id)
        for _, kind, day in due
    )
