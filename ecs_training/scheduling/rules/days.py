"""Days off that staff type in: exceptions of a plan, closures, holidays. Pure."""

from datetime import date, timedelta
from enum import StrEnum

from ecs_training.scheduling.rules.holidays import SATURDAY
from ecs_training.scheduling.rules.plans import Week

LONGEST_CLOSURE = timedelta(days=92)


class DaysRefusal(StrEnum):
    IN_THE_PAST = "That day has passed. Choose a later one."
    NOT_ITS_DAY = "The weekly course does not run on that day. Check the date."
    LEFT_OUT_ALREADY = "That day is left out already."
    LAST_BEFORE_FIRST = "The last day cannot be before the first."
    TOO_LONG = "A closure lasts three months at most. Check the dates."
    WEEKEND = "A bank holiday is on a weekday. Choose the day that is off instead."
    HOLIDAY_ALREADY = "That day is a bank holiday already."
    NO_REASON = "Say why. Whoever looks at the timetable reads it."


def why_not_add_exception(
    week: Week, *, day: date, reason: str, there: bool, today: date
) -> DaysRefusal | None:
    """Say why a plan cannot leave out a day, or None. `there`: it does so already."""
    last = week.last_on or date.max
    its_own = day.weekday() == week.weekday and week.first_on <= day <= last
    reasons = {
        DaysRefusal.IN_THE_PAST: day < today,
        DaysRefusal.NOT_ITS_DAY: not its_own,
        DaysRefusal.LEFT_OUT_ALREADY: there,
        DaysRefusal.NO_REASON: not reason.strip(),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_add_closure(
    *, first_on: date, last_on: date, reason: str, today: date
) -> DaysRefusal | None:
    reasons = {
        DaysRefusal.LAST_BEFORE_FIRST: last_on < first_on,
        DaysRefusal.IN_THE_PAST: last_on < today,
        DaysRefusal.TOO_LONG: last_on - first_on >= LONGEST_CLOSURE,
        DaysRefusal.NO_REASON: not reason.strip(),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_add_holiday(*, day: date, there: bool, today: date) -> DaysRefusal | None:
    reasons = {
        DaysRefusal.IN_THE_PAST: day < today,
        DaysRefusal.WEEKEND: day.weekday() >= SATURDAY,
        DaysRefusal.HOLIDAY_ALREADY: there,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
