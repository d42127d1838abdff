"""Publishing, changing and cancelling dates. Callers own the transaction.

The order in which rows are locked stands at the top of queries.py.
"""

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
from ecs_training.scheduling.services.plans import (
    PlanRefused,
    add_weekly_plan,
    end_weekly_plan,
    extend_plan,
    extend_timetable,
)
from ecs_training.scheduling.services.seats import release_seat, take_seat

__all__ = [
    "PlanRefused",
    "TimetableRefused",
    "add_course_session",
    "add_weekly_plan",
    "cancel_course_session",
    "end_weekly_plan",
    "extend_plan",
    "extend_timetable",
    "move_course_session",
    "release_seat",
    "resize_course_session",
    "restaff_course_session",
    "restore_course_session",
    "set_joining_link",
    "take_seat",
]
