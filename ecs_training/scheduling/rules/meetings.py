"""When Microsoft is asked again, and what staff are told of a date's meeting. Pure."""

from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from ecs_training.foundation.london import word_date

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_ASKED = timedelta(days=1)  # what a Retry-After may ask of us
LONGEST_PROBLEM = 300  # characters
CHECK_BEFORE = timedelta(days=1)  # when a link is compared once more
REPORTS_AFTER = (  # from the end; Microsoft may take a day
    timedelta(minutes=15),
    timedelta(hours=2),
    timedelta(hours=24),
    timedelta(hours=72),
)

REPORTS_GIVEN_UP = timedelta(days=7)  # after the end; a file can still be sent


class MeetingState(StrEnum):
    """How far a date's meeting is, worded for staff."""

    BY_HAND = "Typed by hand"
    WAITING = "Waiting for Microsoft"
    MADE = "Made"
    FAILING = "A problem with Microsoft"
    REMOVED = "Removed"


def judge_meeting(*, up_to_date: bool, failing: bool, exists: bool) -> MeetingState:
    """Say how far a meeting is of which Microsoft knows all, or not yet."""
    if failing:
        return MeetingState.FAILING
    if not up_to_date:
        return MeetingState.WAITING
    return MeetingState.MADE if exists else MeetingState.REMOVED


def word_subject(course: str, on: date) -> str:
    """Word what people see above the meeting in Teams."""
    return f"{course}, {word_date(on)}"


def wait_before_retry(
    *, tries: int, retry_after: str | None, now: datetime, jitter: float
) -> timedelta:
    """Return how long to leave Microsoft alone after that many failures in a row.

    As long as its Retry-After asks, or 1, 2, 4 … and at most 60 minutes. `jitter`, from 0
    to 1, adds up to a quarter, so that many do not come back at one moment.
    """
    asked = read_retry_after(retry_after, now=now)
    doubled = FIRST_WAIT * 2 ** min(max(tries - 1, 0), 6)
    wait = min(doubled, LONGEST_WAIT) if asked is None else min(asked, LONGEST_ASKED)
    return wait * (1 + jitter / 4)


def read_retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """Read seconds or an HTTP date (RFC 9110, 10.2.3); None for neither."""
    typed = (header or "").strip()
    if typed.isascii() and typed.isdigit():
        return timedelta(seconds=min(int(typed), LONGEST_ASKED.total_seconds()))
    try:
        at = parsedate_to_datetime(typed)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(at - now, timedelta(0))


def next_check(*, starts_at: datetime, now: datetime) -> datetime | None:
    """Return when a meeting that stands is looked at again; None once that has passed."""
    at = starts_at - CHECK_BEFORE
    return at if at > now else None


def next_reports(*, ends_at: datetime, now: datetime) -> datetime | None:
    """Return when reports are asked for next; None when there will be no more."""
    return next(
        (ends_at + after for after in REPORTS_AFTER if ends_at + after > now), None
    )
