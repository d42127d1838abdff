"""What the pages of the bank need of the running app."""

from ecs_training.foundation.web import settings
from ecs_training.questions.services.plans import BankPlan, read_plan


def plan() -> BankPlan:
    """Return the sources, blueprints and terms of the bank's folder."""
    return read_plan(settings().question_bank)
