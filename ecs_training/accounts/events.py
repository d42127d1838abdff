from dataclasses import dataclass, field

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class LinkRequested(Event):
    """A one-time link must reach a person by e-mail; `token` opens it, so never log this."""

    person_id: int
    purpose: str
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RegisteredAgain(Event):
    """Somebody tried to register an address that has an account; only its owner is told."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    person_id: int


@dataclass(frozen=True, kw_only=True)
class PersonRenamed(Event):
    person_id: int
