"""What the invigilator may do in a room, and for which reasons. Pure."""

from enum import StrEnum


class RoomAction(StrEnum):
    """What takes a second person before it is done."""

    END = "end"
    VOID = "void"


class AppealOutcome(StrEnum):
    """What a person decided about an appeal."""

    RESIT = "resit"  # they may sit again
    VOIDED = "voided"  # the result does not count, and they may sit again
    STANDS = "stands"  # the result stands
