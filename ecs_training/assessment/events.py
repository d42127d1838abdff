from dataclasses import dataclass
from datetime import datetime

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class AttemptFinished(Event):
    """`finished_at` is never after the deadline; `occurred_at`, when we noticed, may be."""

    attempt_id: int
    person_id: int
    finished_at: datetime
    passed: bool
    practice: bool


@dataclass(frozen=True, kw_only=True)
class AttemptVoided(Event):
    """An attempt is worth nothing from now on, whether it was open or had passed."""

    attempt_id: int
    person_id: int
    voided_by_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResultChanged(Event):
    """A rescore, or undoing one, gave a finished attempt another score. Never practice."""

    attempt_id: int
    person_id: int
    rescore_id: int
    finished_at: datetime
    passed_before: bool
    passed_after: bool
    decided_by_id: int


@dataclass(frozen=True, kw_only=True)
class SittingOpened(Event):
    sitting_id: int


@dataclass(frozen=True, kw_only=True)
class ResitGranted(Event):
    resit_id: int


@dataclass(frozen=True, kw_only=True)
class ResitWithdrawn(Event):
    """The register says no longer that the person attended and was identified."""

    resit_id: int
