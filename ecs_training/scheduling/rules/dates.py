"""What may become of a single date. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from ecs_training.scheduling.rules.times import SHORTEST

MOST_SEATS = 200
LONGEST = timedelta(hours=14)
FURTHEST = timedelta(days=366)
LONGEST_LINK = 1000  # characters
LONGEST_REASON = 300  # characters


class TimetableRefusal(StrEnum):
    IN_THE_PAST = "That date and time have passed. Choose a later one."
    TOO_FAR = "Dates are published a year ahead at most. Check the year."
    TOO_SHORT = "A course lasts at least 30 minutes. Check when it starts and ends."
    TOO_LONG = "A course lasts 14 hours at most. Check when it starts and ends."
    CAPACITY = f"Choose from 1 to {MOST_SEATS} seats."
    TRAINER_BUSY = (
        "The trainer has another course at that time. Choose another time or trainer."
    )
    TRAINER_SKILL = (
        "The trainer is not down to teach this course. Choose another, or add it to what"
        " they teach."
    )
    TRAINER_HOURS = (
        "The trainer does not work at that time. Choose another time or trainer."
    )
    TRAINER_AWAY = "The trainer is away on that day. Choose another day or trainer."
    TRAINER_TAKEN = (
        "The trainer's own calendar says that they are taken then. Choose another time or"
        " trainer."
    )
    SAME_TRAINER = "That trainer has this date already. Choose another."
    NOTHING_NEW = "Nothing is different. Change something, or go back."
    TOO_FEW_SEATS = (
        "More people than that are booked. Choose as many seats as there are people, or"
        " more."
    )
    MINIMUM = "The minimum must be at least 1 and not more than the seats."
    HAS_BEGUN = "This date has begun. It can no longer be moved."
    NOT_CANCELLED = "This date is not cancelled. There is nothing to bring back."
    CHANGED_MEANWHILE = "Somebody else has just changed this date. Look at it again."
    ALREADY_CANCELLED = "This date is cancelled already."
    OVER = "This date is over. It can no longer be changed."
    NO_REASON = "Say why. The people who booked are told."
    BAD_LINK = (
        "The joining link must be a full address that begins with https://, like the one"
        " that Teams gives you."
    )


def why_not_add_course_session(
    *,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
    joining_url: str | None,
    minimum: int = 1,
    now: datetime,
) -> TimetableRefusal | None:
    """Return the first reason not to publish a date, its trainer aside, or None."""
    reasons = {
        TimetableRefusal.CAPACITY: not 1 <= capacity <= MOST_SEATS,
        TimetableRefusal.MINIMUM: not 1 <= minimum <= capacity,
        TimetableRefusal.BAD_LINK: joining_url is not None
        and not is_joining_link(joining_url),
    }
    first = next((reason for reason, holds in reasons.items() if holds), None)
    return why_not_at(starts_at=starts_at, ends_at=ends_at, now=now) or first


def why_not_at(
    *, starts_at: datetime, ends_at: datetime, now: datetime
) -> TimetableRefusal | None:
    """Return the first reason why no course can be held at that time, or None."""
    length = ends_at - starts_at
    reasons = {
        TimetableRefusal.IN_THE_PAST: starts_at <= now,
        TimetableRefusal.TOO_FAR: starts_at > now + FURTHEST,
        TimetableRefusal.TOO_SHORT: length < SHORTEST,
        TimetableRefusal.TOO_LONG: length > LONGEST,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_move(
    *,
    starts_at: datetime,
    cancelled: bool,
    moved_to: tuple[datetime, datetime],
    stays: bool,
    now: datetime,
) -> TimetableRefusal | None:
    """Say why a date cannot go to another time, its trainer aside, or None.

    `stays`: the new time is the old one.
    """
    if cancelled:
        return TimetableRefusal.ALREADY_CANCELLED
    if starts_at <= now:
        return TimetableRefusal.HAS_BEGUN
    if stays:
        return TimetableRefusal.NOTHING_NEW
    return why_not_at(starts_at=moved_to[0], ends_at=moved_to[1], now=now)


def why_not_resize(
    *,
    capacity: int,
    minimum: int,
    seats_taken: int,
    stays: bool,
) -> TimetableRefusal | None:
    """Say why a date cannot have that many seats, or None."""
    reasons = {
        TimetableRefusal.NOTHING_NEW: stays,
        TimetableRefusal.CAPACITY: not 1 <= capacity <= MOST_SEATS,
        TimetableRefusal.MINIMUM: not 1 <= minimum <= capacity,
        TimetableRefusal.TOO_FEW_SEATS: capacity < seats_taken,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_restore(
    *, starts_at: datetime, cancelled: bool, now: datetime
) -> TimetableRefusal | None:
    """Say why a cancelled date cannot come back, its trainer aside, or None."""
    if not cancelled:
        return TimetableRefusal.NOT_CANCELLED
    return TimetableRefusal.IN_THE_PAST if starts_at <= now else None


def why_not_change(
    *, ends_at: datetime, cancelled: bool, now: datetime
) -> TimetableRefusal | None:
    """Say why a published date can be neither cancelled nor given a link, or None."""
    if cancelled:
        return TimetableRefusal.ALREADY_CANCELLED
    return TimetableRefusal.OVER if ends_at <= now else None


def why_not_cancel_course_session(
    *, ends_at: datetime, cancelled: bool, reason: str, now: datetime
) -> TimetableRefusal | None:
    if refusal := why_not_change(ends_at=ends_at, cancelled=cancelled, now=now):
        return refusal
    return None if reason.strip() else TimetableRefusal.NO_REASON


def why_not_set_joining_link(
    *, ends_at: datetime, cancelled: bool, joining_url: str, now: datetime
) -> TimetableRefusal | None:
    if refusal := why_not_change(ends_at=ends_at, cancelled=cancelled, now=now):
        return refusal
    return None if is_joining_link(joining_url) else TimetableRefusal.BAD_LINK


def is_joining_link(typed: str) -> bool:
    """Say whether people can be sent to this address: https, a named host, one line."""
    if len(typed) > LONGEST_LINK or not typed.isprintable() or " " in typed:
        return False
    try:
        parts = urlsplit(typed)
    except ValueError:  # https://[ is no address
        return False
    named = "." in (parts.hostname or "").strip(".") and "@" not in parts.netloc
    return parts.scheme == "https" and named
