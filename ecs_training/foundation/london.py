"""Europe/London for people: which day it is, and how an instant is worded. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE_NAME = "Europe/London"
LONDON = ZoneInfo(ZONE_NAME)


def london_date(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def to_utc(on: date, at: time) -> datetime:
    """Turn a London wall-clock time into the instant it names.

    A time that the spring change skips (01:30 on the last Sunday of March) is read with the
    offset before the change; one that the autumn change repeats means the first of the two.
    """
    return datetime.combine(on, at, tzinfo=LONDON).astimezone(UTC)


def word_date(on: date) -> str:
    """Word a day for people: Thursday 2 July 2026."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def word_short_date(on: date) -> str:
    """Word a day for a list of dates: Thu 2 July."""
    return f"{on:%a} {on.day} {on:%B}"


def word_time(at: time) -> str:
    """Word a wall-clock time for people: 9am, 4:30pm, 12 noon, 12 midnight."""
    if at.minute == 0 and at.hour in {0, 12}:
        return "12 noon" if at.hour else "12 midnight"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def word_instant(at: datetime) -> str:
    """Word an instant for people: Thursday 2 July 2026, 12:30am."""
    local = at.astimezone(LONDON)
    return f"{word_date(local.date())}, {word_time(local.time())}"


def word_clock(at: datetime) -> str:
    """Word an instant by its London time alone: 9:07am."""
    return word_time(at.astimezone(LONDON).time())


def word_minutes(length: timedelta) -> str:
    """Word a length as the whole minutes left in it: 29:30 is 29 minutes."""
    minutes = max(0, int(length.total_seconds()) // 60)
    return f"{minutes} minute" if minutes == 1 else f"{minutes} minutes"
