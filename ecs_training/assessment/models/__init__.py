"""The tables of the assessment: the room, attempts and their papers, and their record."""

from ecs_training.assessment.models.attempts import Attempt, Response
from ecs_training.assessment.models.records import (
    AttemptEvent,
    JournalLine,
    LateAnswer,
    Outage,
    Presence,
    TimeChange,
)
from ecs_training.assessment.models.rescores import Rescore, RescoredResult
from ecs_training.assessment.models.resits import Resit
from ecs_training.assessment.models.sittings import Entry, Sitting

__all__ = [
    "Attempt",
    "AttemptEvent",
    "Entry",
    "JournalLine",
    "LateAnswer",
    "Outage",
    "Presence",
    "Rescore",
    "RescoredResult",
    "Resit",
    "Response",
    "Sitting",
    "TimeChange",
]
