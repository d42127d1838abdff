"""Finding days off: what a plan leaves out, closures, bank holidays."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import extract, select
from sqlalchemy.orm import Session

from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import (
    Closure,
    Holiday,
    PlanException,
    TimetableQuestion,
)
from ecs_training.scheduling.rules import (
    HOME_NATION,
    Answer,
    Closed,
    DaysOff,
    HolidaySource,
    Nation,
    QuestionKind,
    library_holidays,
)


def read_days_off(
    db: Session, *, plan_id: int, first_on: date, last_on: date
) -> DaysOff:
    """Return why a plan may not run on some of these days, both included."""
    return DaysOff(
        exceptions={
            each.day: each.reason
            for each in list_exceptions(db, plan_id=plan_id, since=first_on)
        },
        closures=[
            Closed(first_on=each.first_on, last_on=each.last_on, reason=each.reason)
            for each in list_closures(db, since=first_on)
        ],
        holidays=read_holidays(db, first_on=first_on, last_on=last_on),
        answers=_read_answers(db, plan_id),
    )


def read_holidays(
    db: Session, *, first_on: date, last_on: date, nation: Nation = HOME_NATION
) -> Mapping[date, str]:
    """Return a nation's bank holidays on these days, both included, with their names.

    The table decides. A year that it has never been filled for is the library's, so that
    nothing is published on a holiday before the first refresh.
    """
    standing = db.scalars(
        select(Holiday).where(
            Holiday.nation == nation,
            Holiday.removed_at.is_(None),
            Holiday.day.between(first_on, last_on),
        )
    )
    found = {each.day: each.name for each in standing}
    filled = _years_filled(db, nation)
    for year in range(first_on.year, last_on.year + 1):
        if year not in filled:
            found = {**library_holidays(nation, year), **found}
    return found


def _years_filled(db: Session, nation: Nation) -> set[int]:
    years = db.scalars(
        select(extract("year", Holiday.day))
        .where(Holiday.nation == nation, Holiday.source == HolidaySource.LIBRARY)
        .distinct()
    )
    return {int(year) for year in years}


def _read_answers(db: Session, plan_id: int) -> dict[date, Answer]:
    answered = db.scalars(
        select(TimetableQuestion).where(
            TimetableQuestion.plan_id == plan_id,
            TimetableQuestion.kind == QuestionKind.HOLIDAY_ON_PLAN,
            TimetableQuestion.answer.is_not(None),
        )
    )
    return {each.day: Answer(each.answer) for each in answered if each.answer}


def list_exceptions(
    db: Session, *, plan_id: int, since: date
) -> Sequence[PlanException]:
    return db.scalars(
        select(PlanException)
        .where(PlanException.plan_id == plan_id, PlanException.day >= since)
        .order_by(PlanException.day)
    ).all()


def list_closures(db: Session, *, since: date) -> Sequence[Closure]:
    """Return the closures that stand and do not end before a day, soonest first."""
    return db.scalars(
        select(Closure)
        .where(Closure.removed_at.is_(None), Closure.last_on >= since)
        .order_by(Closure.first_on, Closure.id)
    ).all()


def list_holidays(db: Session, *, since: date) -> Sequence[Holiday]:
    """Return every nation's holidays that stand, from a day on."""
    return db.scalars(
        select(Holiday)
        .where(Holiday.removed_at.is_(None), Holiday.day >= since)
        .order_by(Holiday.day, Holiday.nation)
    ).all()


def find_holiday(db: Session, *, nation: Nation, day: date) -> Holiday | None:
    return db.scalars(
        select(Holiday).where(
            Holiday.nation == nation, Holiday.day == day, Holiday.removed_at.is_(None)
        )
    ).one_or_none()


def lock_closure(db: Session, *, ref: str) -> Closure:
    """Hold a closure that stands, or raise NotFound."""
    closure = db.scalars(
        select(Closure)
        .where(Closure.ref == ref, Closure.removed_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if closure is None:
        raise NotFound
    return closure


def lock_holiday(db: Session, *, ref: str) -> Holiday:
    """Hold a holiday that stands, or raise NotFound."""
    holiday = db.scalars(
        select(Holiday)
        .where(Holiday.ref == ref, Holiday.removed_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if holiday is None:
        raise NotFound
    return holiday
