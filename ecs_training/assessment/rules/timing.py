"""The deadline decides. Pure: every function is told when it is."""

from datetime import datetime, timedelta
from enum import Enum, auto

NO_GRACE = timedelta(0)
MILLISECOND = timedelta(milliseconds=1)


class Arrival(Enum):
    IN_TIME = auto()
    LATE = auto()  # answered in time, received within the transport grace: it counts
    TOO_LATE = auto()


def judge_arrival(
    *, received: datetime, age: timedelta, deadline: datetime, grace: timedelta
) -> Arrival:
    """Say whether an answer counts that was made `age` before we received it.

    The age is the page's own claim, so it is believed only within the grace.
    """
    if received <= deadline:
        return Arrival.IN_TIME
    # No age beyond the grace can make a difference, and a huge one would overflow.
    if received <= deadline + grace and received - min(age, grace) <= deadline:
        return Arrival.LATE
    return Arrival.TOO_LATE


def is_over(*, deadline: datetime, now: datetime, grace: timedelta = NO_GRACE) -> bool:
    """Say whether nothing more can be answered, once `grace` after the deadline is past."""
    return now > deadline + grace


def finish_time(*, deadline: datetime, now: datetime) -> datetime:
    """Return when an attempt that ends now was finished: never after its deadline."""
    return min(now, deadline)


def time_allowed(*, minutes: int, percent: int) -> timedelta:
    """Return how long somebody has whose agreed time is `percent` of the paper's minutes."""
    return timedelta(minutes=minutes) * percent / 100


def remaining_ms(*, deadline: datetime, now: datetime) -> int:
    return max(0, (deadline - now) // MILLISECOND)


def word_remaining(milliseconds: int) -> str:
    """Word what is left as a clock does: 21:48. A second that has begun is shown in full."""
    seconds = -(-milliseconds // 1000)
    return f"{seconds // 60}:{seconds % 60:02}"


def word_length(length: timedelta) -> str:
    """Word how long somebody has: 45 minutes, 37 minutes 30 seconds."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    words = "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{words} {seconds} seconds" if seconds else words
