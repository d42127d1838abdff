"""The timetable in the browser: dates, weekly plans, days off, and what is to be decided."""

from ecs_training.scheduling.staff_routes import dates, days, plans, questions
from ecs_training.scheduling.staff_routes.blueprint import bp

__all__ = ["bp", "dates", "days", "plans", "questions"]
