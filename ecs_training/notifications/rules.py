"""When a letter is tried again, and how its facts are worded. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar

from ecs_training.foundation.london import LONDON, word_instant, word_time

LONGEST_WAIT = timedelta(minutes=60)
LONGEST_SUBJECT = 200  # characters
LONGEST_PROBLEM = 300


def wait_before_retry(failures: int) -> timedelta:
    """Return how long to wait after that many failures: 1, 2, 4 … and at most 60 minutes."""
    return min(timedelta(minutes=2 ** min(failures - 1, 6)), LONGEST_WAIT)


def message_id_of(key: str, domain: str) -> str:
    """Name a letter for ever, so that receivers recognise one that came twice."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def teaching_thread(calendar_uid: str, person_id: int) -> str:
    """Name the row of letters in which one trainer hears of one date.

    Of each trainer by themselves: a full mailbox of the old one must not hold up the new.
    """
    told = f"{calendar_uid}/{person_id}"
    return f"t-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def word_span(starts_at: datetime, ends_at: datetime) -> str:
    """Word when a course is: Thursday 2 July 2026, 9am to 4:30pm."""
    return (
        f"{word_instant(starts_at)} to {word_time(ends_at.astimezone(LONDON).time())}"
    )


def word_length(length: timedelta) -> str:
    """Word how long a link works: 14 days, 2 days, 1 hour."""
    hours = int(length.total_seconds()) // 3600
    number, unit = (hours // 24, "day") if hours >= 48 else (hours, "hour")  # noqa: PLR2004 - 24 hours, then 2 days
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an invitation said of a course day. `joining_url` is None if it had none yet."""

    starts_at: datetime
    ends_at: datetime
    joining_url: str | None


def read_invitation(text: str) -> Told:
    """Read back an invitation that we made: its joining link is its first line."""
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    first_line = str(event["description"]).partition("\n")[0]
    return Told(
        starts_at=event.decoded("dtstart"),
        ends_at=event.decoded("dtend"),
        joining_url=first_line if first_line.startswith("https://") else None,
    )


def word_changes(before: Told, after: Told) -> list[str]:
    """Say in sentences what is new since the last invitation; never nothing."""
    changes = []
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        changes += [
            "The day or time has changed.",
            f"Before: {word_span(before.starts_at, before.ends_at)}, UK time.",
            f"Now: {word_span(after.starts_at, after.ends_at)}, UK time.",
        ]
    if before.joining_url != after.joining_url:
        changes.append(_word_link_change(before.joining_url, after.joining_url))
    return changes or ["Some details have changed. This is how it stands now."]


def _word_link_change(before: str | None, after: str | None) -> str:
    if after is None:
        return "The joining link has been taken away. We send you a new one."
    if before is None:
        return "Your joining link is here."
    return "The joining link is new. The old one no longer works."
