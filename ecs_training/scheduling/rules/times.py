"""Times of day as people type them, and the instants that they mean."""

import re
from datetime import date, datetime, time, timedelta

from ecs_training.foundation.london import to_utc

SHORTEST = timedelta(minutes=30)
WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)

_CLOCK = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*([ap]m)?", re.IGNORECASE)
NOON = 12


def read_time(typed: str) -> time | None:
    """Read a time of day as people type it: 9, 9am, 09:00, 4.30 pm, 1630. None if it is not one."""
    found = _CLOCK.fullmatch(typed.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= NOON:
        return None
    if half:
        hour = hour % NOON + (NOON if half == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def instants(on: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """Turn London times into UTC instants; an end not after the start is the next day's."""
    ends_on = on if ends > starts else on + timedelta(days=1)
    return to_utc(on, starts), to_utc(ends_on, ends)
