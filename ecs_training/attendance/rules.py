"""What a trainer may say of a person on the day. Pure."""

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
