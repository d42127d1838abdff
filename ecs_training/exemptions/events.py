from dataclasses import dataclass

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class ExemptionClaimed(Event):
    claim_id: int


@dataclass(frozen=True, kw_only=True)
class ExemptionDecided(Event):
    """`outcome` is granted, declined or more."""

    claim_id: int
    outcome: str
