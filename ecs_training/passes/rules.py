"""How a pass stands on a day, and when it may be revoked. Pure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class PassStatus(StrEnum):
    VALID = "VALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class RevokeRefusal(StrEnum):
    ALREADY_REVOKED = (
        "This pass was revoked before. Nothing was changed; the first reason stands."
    )


class PassFacts(Protocol):
    @property
    def valid_until(self) -> date: ...

    @property
    def revoked_at(self) -> datetime | None: ...


def pass_status(facts: PassFacts, on: date) -> PassStatus:
    """Say how a pass stands on a London day. Revoked beats expired; its last day is valid."""
    if facts.revoked_at is not None:
        return PassStatus.REVOKED
    return PassStatus.VALID if on <= facts.valid_until else PassStatus.EXPIRED


def why_not_revoke(facts: PassFacts) -> RevokeRefusal | None:
    return RevokeRefusal.ALREADY_REVOKED if facts.revoked_at else None


def word_what(role_name: str) -> str:
    """Word what was passed. Never the name of the scheme's own test: this is not it."""
    return f"Health, safety and environment assessment – {role_name}"  # noqa: RUF001
