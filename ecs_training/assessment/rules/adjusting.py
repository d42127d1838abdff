"""What an adjustment does to a test, and until when one can be asked for. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum


class AskRefusal(StrEnum):
    RUNNING = (
        "Your test is running. Tell your invigilator now: they can still give you time."
    )
    OVER = "This assessment is over, so there is nothing to prepare any more. If you sit again, call us."


def why_not_ask(*, working: bool, can_sit: bool, day_over: bool) -> AskRefusal | None:
    """Refuse once a test has begun, and after the day unless a resit is still to be sat.

    `can_sit` says that there is an entry which nobody has sat; before the day has come
    there is none, and asking is what the time is for.
    """
    if working:
        return AskRefusal.RUNNING
    return AskRefusal.OVER if day_over and not can_sit else None


def moved_deadline(
    *,
    deadline: datetime,
    before: timedelta,
    after: timedelta,
    stood: timedelta,
    now: datetime,
) -> datetime:
    """Return the deadline of a test whose time became `after` instead of `before`.

    More time is added in full. Less time takes none that is gone already: it ends a test at
    this moment at the earliest, and never one that was over. `stood` is how long a clock
    that stands still has stood, which the deadline does not say yet.
    """
    moved = deadline + (after - before)
    if moved >= deadline:
        return moved
    return min(deadline, max(moved, now - stood))
