"""The only module that reads the clock; everything else is handed `now`.

UTC everywhere; what people are shown is worded by foundation/london.py.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

MOST_DRIFT = timedelta(seconds=2)  # beyond it two machines disagree about a deadline


def utc_now() -> datetime:
    """Read this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class ShiftedClock:
    """This machine's clock, moved by a fixed amount.

    The shift is the measured offset to the database's clock, so that every machine agrees
    with the one database about a deadline, plus whatever the settings ask for.
    """

    shift: timedelta

    def __call__(self) -> datetime:
        return utc_now() + self.shift


def stopwatch() -> float:
    """Read seconds for measuring how long something took; never for telling the time."""
    return time.monotonic()


def measure_shift(tell_time: Clock) -> timedelta:
    """Return how far the database's clock is ahead of this machine's, to be added to ours.

    Less than a tenth of a second is the question's own journey, and counts as none.
    """
    before = utc_now()
    told = tell_time()
    after = utc_now()
    shift = told - (before + (after - before) / 2)
    return shift if abs(shift) > timedelta(seconds=0.1) else timedelta(0)
