from dataclasses import dataclass

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class AppealMade(Event):
    appeal_id: int


@dataclass(frozen=True, kw_only=True)
class AppealDecided(Event):
    appeal_id: int
