"""How an attempt came to its end. Pure."""

from enum import StrEnum


class Ending(StrEnum):
    """What ended an attempt; exactly one thing does."""

    SUBMITTED = "submitted"  # the candidate pressed Finish
    TIME_UP = "time-up"
    ENDED = "ended"  # the invigilator, with a second person
    VOIDED = "voided"  # stopped because it cannot count
