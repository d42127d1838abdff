"""The kinds of things that the record of an attempt names. Pure."""

from enum import StrEnum


class TimeChangeKind(StrEnum):
    """Why a deadline moved."""

    ADJUSTMENT = "adjustment"  # agreed with the person, before the test or during it
    EXTENSION = "extension"  # the invigilator's own decision
    OUTAGE = "outage"  # given back for a stretch without a connection
    HOLD = "hold"
    REST = "rest"


class AttemptEventKind(StrEnum):
    """What the record says of an attempt that nobody decided."""

    TOOK_OVER = "took-over"  # another tab, device or sign-in goes on with it
    LEFT_PAGE = "left-page"  # another window came to the front
    CAME_BACK = "came-back"
    UNHEARD = "unheard"  # not heard of for a while, and heard of again
    FINISHED = "finished"
