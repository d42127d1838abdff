"""Finding dates, plans and trainers' time.

Locks are taken in this order, everywhere, so that nobody waits in a ring: weekly plan,
trainers in order of their ids, course session, booking, number series of invoices.
"""

from ecs_training.scheduling.queries.course_sessions import (
    get_course_session,
    get_course_session_of,
    get_public_course_session,
    list_course_sessions_since,
    list_open_course_sessions,
    list_trainer_course_sessions,
    lock_course_session,
    next_course_session_per_role,
)
from ecs_training.scheduling.queries.plans import (
    get_plan,
    list_plan_course_sessions,
    list_plan_dates,
    list_plan_ids,
    list_plans,
    list_plans_of_trainer,
    lock_plan,
    lock_plan_course_sessions,
)
from ecs_training.scheduling.queries.trainers import (
    is_on_leave,
    is_taken_elsewhere,
    is_trainer_busy,
    list_hours,
    list_skills,
    lock_trainer,
)

__all__ = [
    "get_course_session",
    "get_course_session_of",
    "get_plan",
    "get_public_course_session",
    "is_on_leave",
    "is_taken_elsewhere",
    "is_trainer_busy",
    "list_course_sessions_since",
    "list_hours",
    "list_open_course_sessions",
    "list_plan_course_sessions",
    "list_plan_dates",
    "list_plan_ids",
    "list_plans",
    "list_plans_of_trainer",
    "list_skills",
    "list_trainer_course_sessions",
    "lock_course_session",
    "lock_plan",
    "lock_plan_course_sessions",
    "lock_trainer",
    "next_course_session_per_role",
]
