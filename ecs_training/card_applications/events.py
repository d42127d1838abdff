from dataclasses import dataclass

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(Event):
    application_id: int


@dataclass(frozen=True, kw_only=True)
class ApplicationDecided(Event):
    """`outcome` is returned, accepted or issued (the card's number was recorded)."""

    application_id: int
    outcome: str
