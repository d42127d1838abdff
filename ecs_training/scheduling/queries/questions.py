"""Finding what the timetable asks people, and what it has to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import (
    CourseSession,
    Holiday,
    TimetableQuestion,
    WeeklyPlan,
)
from ecs_training.scheduling.rules import HOME_NATION, HolidayPolicy, QuestionKind


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question with what it is about: a date, or a plan that has none on that day."""

    question: TimetableQuestion
    course_session: CourseSession | None
    plan: WeeklyPlan | None
    holiday: str | None  # its name, if it is about one


def list_open_questions(db: Session, *, now: datetime) -> Sequence[OpenQuestion]:
    """Return what still waits for a person, soonest first.

    A question whose date was moved, cancelled or filled meanwhile waits no more.
    """
    found = db.execute(
        _with_subject()
        .where(TimetableQuestion.answered_at.is_(None), _is_open(now))
        .order_by(TimetableQuestion.day, TimetableQuestion.id)
    )
    return [
        OpenQuestion(question=question, course_session=date_, plan=plan, holiday=name)
        for question, date_, plan, name in found
    ]


def get_question(db: Session, *, ref: str) -> TimetableQuestion:
    question = db.scalars(
        select(TimetableQuestion).where(TimetableQuestion.ref == ref)
    ).one_or_none()
    if question is None:
        raise NotFound
    return question


def lock_question(db: Session, *, question_id: int) -> TimetableQuestion:
    """Hold a question; its date or plan is held before."""
    return db.scalars(
        select(TimetableQuestion)
        .where(TimetableQuestion.id == question_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def is_question_open(db: Session, *, question_id: int, now: datetime) -> bool:
    """Say whether it still matters, answered or not."""
    asked = _with_subject().where(TimetableQuestion.id == question_id, _is_open(now))
    return db.execute(asked).first() is not None


def is_asked(
    db: Session,
    *,
    kind: QuestionKind,
    day: date,
    course_session_id: int | None,
    plan_id: int | None,
) -> bool:
    asked = select(TimetableQuestion.id).where(
        TimetableQuestion.kind == kind,
        TimetableQuestion.day == day,
        TimetableQuestion.course_session_id == course_session_id,
        TimetableQuestion.plan_id == plan_id,
    )
    return bool(db.scalar(select(asked.exists())))


def list_to_ask(
    db: Session, *, now: datetime, course_session_id: int | None = None
) -> Sequence[tuple[int, QuestionKind, date]]:
    """Return the dates about which somebody has to be asked, of which kind, for which day.

    A date below its minimum, from the day to decide on; and one with bookings on a holiday
    of which nobody knew when it was published.
    """
    below = _unasked(QuestionKind.BELOW_MINIMUM, CourseSession.decide_on).where(
        CourseSession.decide_on <= london_date(now),
        CourseSession.seats_taken < CourseSession.minimum,
    )
    on_holiday = (
        _unasked(QuestionKind.NEW_HOLIDAY, CourseSession.local_date)
        .join(Holiday, Holiday.day == CourseSession.local_date)
        .where(
            Holiday.nation == HOME_NATION,
            Holiday.removed_at.is_(None),
            Holiday.known_at > CourseSession.created_at,
            CourseSession.seats_taken > 0,
        )
    )
    found = []
    for kind, query in (
        (QuestionKind.BELOW_MINIMUM, below),
        (QuestionKind.NEW_HOLIDAY, on_holiday),
    ):
        due = query.where(CourseSession.starts_at > now).order_by(CourseSession.id)
        if course_session_id is not None:
            due = due.where(CourseSession.id == course_session_id)
        found += [(date_id, kind, day) for date_id, day in db.execute(due) if day]
    return found


def _unasked(
    kind: QuestionKind,
    day: InstrumentedAttribute[date] | InstrumentedAttribute[date | None],
) -> Select[int, date | None]:
    asked = exists().where(
        TimetableQuestion.course_session_id == CourseSession.id,
        TimetableQuestion.kind == kind,
        TimetableQuestion.day == day,
    )
    return select(CourseSession.id, day).where(
        CourseSession.cancelled_at.is_(None), ~asked
    )


def _with_subject() -> Select[
    TimetableQuestion, CourseSession | None, WeeklyPlan | None, str | None
]:
    return (
        select(TimetableQuestion, CourseSession, WeeklyPlan, Holiday.name)
        .outerjoin(
            CourseSession, CourseSession.id == TimetableQuestion.course_session_id
        )
        .outerjoin(WeeklyPlan, WeeklyPlan.id == TimetableQuestion.plan_id)
        .outerjoin(
            Holiday,
            and_(
                Holiday.day == TimetableQuestion.day,
                Holiday.nation == HOME_NATION,
                Holiday.removed_at.is_(None),
                TimetableQuestion.kind != QuestionKind.BELOW_MINIMUM,
            ),
        )
    )


def _is_open(now: datetime) -> ColumnElement[bool]:
    gone = aliased(Holiday)
    taken_back = exists().where(
        gone.day == TimetableQuestion.day,
        gone.nation == HOME_NATION,
        gone.removed_at.is_not(None),
    )
    still_holiday = or_(Holiday.id.is_not(None), ~taken_back)
    stands = and_(CourseSession.cancelled_at.is_(None), CourseSession.starts_at > now)
    return or_(
        and_(
            TimetableQuestion.kind == QuestionKind.BELOW_MINIMUM,
            stands,
            CourseSession.seats_taken < CourseSession.minimum,
        ),
        and_(
            TimetableQuestion.kind == QuestionKind.NEW_HOLIDAY,
            stands,
            CourseSession.local_date == TimetableQuestion.day,
            still_holiday,
        ),
        and_(
            TimetableQuestion.kind == QuestionKind.HOLIDAY_ON_PLAN,
            WeeklyPlan.holiday_policy == HolidayPolicy.ASK,
            TimetableQuestion.day > london_date(now),
            or_(
                WeeklyPlan.last_on.is_(None),
                WeeklyPlan.last_on >= TimetableQuestion.day,
            ),
            still_holiday,
        ),
    )
