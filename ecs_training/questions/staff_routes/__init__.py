"""The bank in the browser: find, write, read, put live, take out, recall."""

from ecs_training.questions.staff_routes import (
    authoring,
    items,
    listing,
    recalls,
    reviewing,
    standing,
)
from ecs_training.questions.staff_routes.blueprint import bp

__all__ = ["authoring", "bp", "items", "listing", "recalls", "reviewing", "standing"]
