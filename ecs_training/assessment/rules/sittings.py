"""Opening and closing a sitting, and the words the invigilator stands by. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

OPEN_FOR = timedelta(hours=8)

OPENING_DECLARATION = (
    "I am the invigilator of this assessment. I have checked the identity of everybody whom"
    " I have marked as checked. I will stay in the room until the last person has finished."
    " I will not help anybody with an answer."
)
CLOSING_DECLARATION = (
    "I was in the room from start to end. Everybody worked alone, without books, notes,"
    " telephones or help. I have told the office about anything unusual."
)


class SittingRefusal(StrEnum):
    NOT_DECLARED = "Read the declaration and tick it."
    CANCELLED = "This date was cancelled, so it has no assessment."
    NOT_TODAY = "The assessment opens on the day of the course only."
    OPENED_ALREADY = "The assessment of this date was opened before. It opens once."
    NOT_OPENED = "The assessment has not been opened, so it cannot be closed."
    CLOSED_ALREADY = "The assessment was closed before."
    STILL_WORKING = "Wait until everybody has finished, then close the assessment."


def why_not_open(
    *, cancelled: bool, local_date: date, today: date, opened_already: bool
) -> SittingRefusal | None:
    """Return the first reason to refuse; `today` and `local_date` are London days."""
    if cancelled:
        return SittingRefusal.CANCELLED
    if opened_already:
        return SittingRefusal.OPENED_ALREADY
    return None if local_date == today else SittingRefusal.NOT_TODAY


def why_not_close(
    *, closed_at: datetime | None, still_working: int
) -> SittingRefusal | None:
    """Return the first reason to refuse; `still_working` counts attempts open and in time."""
    if closed_at is not None:
        return SittingRefusal.CLOSED_ALREADY
    return SittingRefusal.STILL_WORKING if still_working else None


def word_still_working(count: int) -> str:
    """Word how many people work on their paper: 1 person is, 3 people are still working."""
    people = "1 person is" if count == 1 else f"{count} people are"
    return f"{people} still working."


def is_open(
    *,
    opened_at: datetime,
    closes_at: datetime,
    closed_at: datetime | None,
    now: datetime,
) -> bool:
    return closed_at is None and opened_at <= now < closes_at
