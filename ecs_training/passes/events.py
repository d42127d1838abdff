from dataclasses import dataclass

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class PassAwarded(Event):
    pass_id: int


@dataclass(frozen=True, kw_only=True)
class PassRevoked(Event):
    pass_id: int
