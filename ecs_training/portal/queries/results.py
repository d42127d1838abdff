from dataclasses import dataclass
from datetime import date

from ecs_training.assessment.models import Attempt
from ecs_training.passes.models import Pass
from ecs_training.passes.rules import PassStatus, pass_status


@dataclass(frozen=True, kw_only=True)
class Result:
    """One finished assessment and, if it was passed, its pass on the day it is looked at."""

    attempt: Attempt
    passed: Pass | None
    status: PassStatus | None


def result_of(attempt: Attempt, passed: Pass | None, today: date) -> Result:
    status = pass_status(passed, today) if passed else None
    return Result(attempt=attempt, passed=passed, status=status)
