"""The candidate's pages: the room and practice, and the test itself."""

from ecs_training.assessment.routes import questions, sittings
from ecs_training.assessment.routes.blueprint import bp

__all__ = ["bp", "questions", "sittings"]
