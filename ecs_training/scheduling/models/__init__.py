"""The timetable: plans, the dates they become, the days off, and the trainers' time."""

from ecs_training.scheduling.models.course_sessions import CourseSession
from ecs_training.scheduling.models.meetings import Meeting
from ecs_training.scheduling.models.plans import (
    Closure,
    Holiday,
    PlanException,
    PlanTrainer,
    TimetableQuestion,
    WeeklyPlan,
)
from ecs_training.scheduling.models.trainers import (
    BusyCalendar,
    BusyTime,
    Swap,
    TrainerHours,
    TrainerLeave,
    TrainerSkill,
)

__all__ = [
    "BusyCalendar",
    "BusyTime",
    "Closure",
    "CourseSession",
    "Holiday",
    "Meeting",
    "PlanException",
    "PlanTrainer",
    "Swap",
    "TimetableQuestion",
    "TrainerHours",
    "TrainerLeave",
    "TrainerSkill",
    "WeeklyPlan",
]
