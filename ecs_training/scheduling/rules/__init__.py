"""Which dates there are, and who may stand in front of them. Pure."""

from ecs_training.scheduling.rules.dates import (
    LONGEST_LINK,
    LONGEST_REASON,
    MOST_SEATS,
    TimetableRefusal,
    is_joining_link,
    why_not_add_course_session,
    why_not_at,
    why_not_cancel_course_session,
    why_not_change,
    why_not_move,
    why_not_resize,
    why_not_restore,
    why_not_set_joining_link,
)
from ecs_training.scheduling.rules.holidays import (
    bank_holidays,
    is_bank_holiday,
    is_working_day,
    working_day_before,
)
from ecs_training.scheduling.rules.plans import (
    PlanRefusal,
    Week,
    missing_dates,
    plan_dates,
    turn_on,
    why_not_add_plan,
    why_not_end_plan,
)
from ecs_training.scheduling.rules.times import WEEKDAYS, instants, read_time
from ecs_training.scheduling.rules.words import (
    HolidayPolicy,
    HolidaySource,
    Nation,
    QuestionKind,
)

__all__ = [
    "LONGEST_LINK",
    "LONGEST_REASON",
    "MOST_SEATS",
    "WEEKDAYS",
    "HolidayPolicy",
    "HolidaySource",
    "Nation",
    "PlanRefusal",
    "QuestionKind",
    "TimetableRefusal",
    "Week",
    "bank_holidays",
    "instants",
    "is_bank_holiday",
    "is_joining_link",
    "is_working_day",
    "missing_dates",
    "plan_dates",
    "read_time",
    "turn_on",
    "why_not_add_course_session",
    "why_not_add_plan",
    "why_not_at",
    "why_not_cancel_course_session",
    "why_not_change",
    "why_not_end_plan",
    "why_not_move",
    "why_not_resize",
    "why_not_restore",
    "why_not_set_joining_link",
    "working_day_before",
]
