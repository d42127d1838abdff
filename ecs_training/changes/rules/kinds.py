"""The changes that can be rehearsed."""

from enum import StrEnum

BELOW_MINIMUM = "Too few people have booked for the course to run."


class ChangeKind(StrEnum):
    """Named as the thing of a date that changes, for it stands in the address."""

    MOVE = "time"
    RESTAFF = "trainer"
    RESIZE = "seats"
    CANCEL = "cancellation"
    RESTORE = "restoration"


class ChangeRefusal(StrEnum):
    PLAN_CHANGED = (
        "Something has changed since you looked, so nothing was done. This is what would"
        " happen now; what is different is marked."
    )


def kinds_open_to(*, cancelled: bool, begun: bool, over: bool) -> list[ChangeKind]:
    """Return what may still be tried with a date, the likeliest first."""
    if cancelled:
        return [] if begun else [ChangeKind.RESTORE]
    if over:
        return []
    later = [ChangeKind.RESTAFF, ChangeKind.RESIZE, ChangeKind.CANCEL]
    return later if begun else [ChangeKind.MOVE, *later]
