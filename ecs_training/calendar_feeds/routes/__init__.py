"""The feeds that programs fetch, people's own addresses, and the timetable elsewhere."""

from ecs_training.calendar_feeds.routes import companies, feeds, own, timetable
from ecs_training.calendar_feeds.routes.blueprint import bp

__all__ = ["bp", "companies", "feeds", "own", "timetable"]
