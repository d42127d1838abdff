from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import ResultFacts, result_facts
from ecs_training.assessment.queries.resits import AfterFailure, after_failure
from ecs_training.passes.models import Pass
from ecs_training.passes.queries import find_pass_of_attempt
from ecs_training.passes.rules import PassStatus, pass_status
from ecs_training.questions.rules import ResitRule


@dataclass(frozen=True, kw_only=True)
class Result:
    """One finished assessment and, if it was passed, its pass on the day it is looked at."""

    attempt: Attempt
    passed: Pass | None
    status: PassStatus | None

    @property
    def counts(self) -> bool:
        """Say whether it was passed and stands, whatever became of the pass since."""
        return bool(self.attempt.passed) and self.attempt.voided_at is None


def result_of(attempt: Attempt, passed: Pass | None, today: date) -> Result:
    status = pass_status(passed, today) if passed else None
    return Result(attempt=attempt, passed=passed, status=status)


def read_result(
    db: Session, *, ref: str, person_id: int
) -> tuple[ResultFacts, Pass | None]:
    """Return the person's own finished attempt and its pass; NotFound for all else."""
    facts = result_facts(db, ref=ref, person_id=person_id)
    return facts, find_pass_of_attempt(db, attempt_id=facts.attempt_id)


def read_after(
    db: Session, facts: ResultFacts, rule: ResitRule, *, now: datetime
) -> AfterFailure:
    """Return what comes after an assessment; nothing after practice, or one that counts."""
    if facts.practice or (facts.passed and not facts.voided_at):
        return AfterFailure()
    return after_failure(db, attempt_id=facts.attempt_id, rule=rule, now=now)
