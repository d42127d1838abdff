"""What a trainer may say of a person on the day. Pure."""

from datetime import date
from enum import StrEnum


class Presence(StrEnum):
    ATTENDED = "attended"
    ABSENT = "absent"


class DocumentKind(StrEnum):
    """The documents the scheme accepts; a photograph, in date."""

    PASSPORT = "passport"
    DRIVING_LICENCE = "driving-licence"
    ECS_CARD = "ecs-card"


class IdentityOutcome(StrEnum):
    MATCHED = "matched"
    NAME_DIFFERS = "name-differs"
    NOT_MATCHED = "not-matched"


class RegisterRefusal(StrEnum):
    TOO_EARLY = (
        "This course has not reached its day yet. Come back on the day to mark who is"
        " there and to check identity."
    )


def why_not_mark(*, local_date: date, today: date) -> RegisterRefusal | None:
    """Refuse before the London day of the course session; afterwards, mistakes are mended."""
    return RegisterRefusal.TOO_EARLY if today < local_date else None
