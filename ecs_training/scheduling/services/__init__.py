"""Publishing, changing and cancelling dates. Callers own the transaction.

The order in which rows are locked stands at the top of queries.py.
"""

from ecs_training.scheduling.services.asking import ask_about_date
from ecs_training.scheduling.services.changes import (
    move_course_session,
    resize_course_session,
    restaff_course_session,
    restore_course_session,
)
from ecs_training.scheduling.services.dates import (
    TimetableRefused,
    add_course_session,
    cancel_course_session,
    set_joining_link,
)
from ecs_training.scheduling.services.days import (
    DaysRefused,
    Refreshed,
    add_closure,
    add_exception,
    add_holiday,
    refresh_holidays,
    remove_closure,
    remove_exception,
    remove_holiday,
)
from ecs_training.scheduling.services.differences import (
    PlanDifference,
    read_difference,
)
from ecs_training.scheduling.services.plans import (
    PlanRefused,
    add_weekly_plan,
    change_weekly_plan,
    end_weekly_plan,
)
from ecs_training.scheduling.services.publishing import (
    extend_plan,
    extend_timetable,
    publish_plan,
)
from ecs_training.scheduling.services.questions import (
    QuestionRefused,
    answer_question,
)
from ecs_training.scheduling.services.seats import release_seat, take_seat

__all__ = [
    "DaysRefused",
    "PlanDifference",
    "PlanRefused",
    "QuestionRefused",
    "Refreshed",
    "TimetableRefused",
    "add_closure",
    "add_course_session",
    "add_exception",
    "add_holiday",
    "add_weekly_plan",
    "answer_question",
    "ask_about_date",
    "cancel_course_session",
    "change_weekly_plan",
    "end_weekly_plan",
    "extend_plan",
    "extend_timetable",
    "move_course_session",
    "publish_plan",
    "read_difference",
    "refresh_holidays",
    "release_seat",
    "remove_closure",
    "remove_exception",
    "remove_holiday",
    "resize_course_session",
    "restaff_course_session",
    "restore_course_session",
    "set_joining_link",
    "take_seat",
]
