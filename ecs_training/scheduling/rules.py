"""Which dates there are, and who may stand in front of them. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

import holidays

from ecs_training.foundation.london import to_utc

SATURDAY = 5
WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
MOST_SEATS = 200
SHORTEST = timedelta(minutes=30)
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
    ALREADY_CANCELLED = "This date is cancelled already."
    OVER = "This date is over. It can no longer be changed."
    NO_REASON = "Say why. The people who booked are told."
    BAD_LINK = (
        "The joining link must be a full address that begins with https://, like the one"
        " that Teams gives you."
    )


class PlanRefusal(StrEnum):
    WEEKDAY = "Choose a day of the week."
    ENDS_BEFORE_START = (
        "The end must be later on the same day, 30 minutes after the start or more."
    )
    CAPACITY = f"Choose from 1 to {MOST_SEATS} seats."
    LAST_BEFORE_FIRST = "The last day cannot be before the first."
    TRAINER_BUSY = (
        "The trainer has another weekly course on that day at that time. Choose another"
        " time, day or trainer."
    )
    ALREADY_ENDED = "This weekly course ends before that day already."


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


@dataclass(frozen=True, kw_only=True)
class Week:
    """When a weekly plan runs. `weekday` counts from Monday, 0; times are London's."""

    weekday: int
    starts: time
    ends: time
    first_on: date
    last_on: date | None


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Return the weekdays of a year on which England and Wales are off work.

    A holiday that falls on a Saturday or Sunday is dropped: its weekday in lieu stands.
    """
    named = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return frozenset(on for on in named if on.year == year and on.weekday() < SATURDAY)


def is_bank_holiday(on: date) -> bool:
    return on in bank_holidays(on.year)


def is_working_day(on: date) -> bool:
    return on.weekday() < SATURDAY and not is_bank_holiday(on)


def working_day_before(on: date, *, days: int) -> date:
    """Count back that many working days, not counting `on` itself."""
    while days:
        on -= timedelta(days=1)
        days -= is_working_day(on)
    return on


def plan_dates(week: Week, *, from_on: date, weeks: int) -> list[date]:
    """Return the dates that a plan asks for in `weeks` weeks from a day, without holidays."""
    ahead = (week.weekday - from_on.weekday()) % 7
    first = from_on + timedelta(days=ahead)
    dates = (first + timedelta(weeks=n) for n in range(weeks))
    return [on for on in dates if _runs(week, on) and not is_bank_holiday(on)]


def _runs(week: Week, on: date) -> bool:
    return week.first_on <= on and (week.last_on is None or on <= week.last_on)


def instants(on: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """Turn London times into UTC instants; an end not after the start is the next day's."""
    ends_on = on if ends > starts else on + timedelta(days=1)
    return to_utc(on, starts), to_utc(ends_on, ends)


def why_not_add_course_session(
    *,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
    joining_url: str | None,
    trainer_busy: bool,
    now: datetime,
) -> TimetableRefusal | None:
    """Return the first reason not to publish a date, or None."""
    length = ends_at - starts_at
    reasons = {
        TimetableRefusal.IN_THE_PAST: starts_at <= now,
        TimetableRefusal.TOO_FAR: starts_at > now + FURTHEST,
        TimetableRefusal.TOO_SHORT: length < SHORTEST,
        TimetableRefusal.TOO_LONG: length > LONGEST,
        TimetableRefusal.CAPACITY: not 1 <= capacity <= MOST_SEATS,
        TimetableRefusal.BAD_LINK: joining_url is not None
        and not is_joining_link(joining_url),
        TimetableRefusal.TRAINER_BUSY: trainer_busy,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


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


def why_not_add_plan(
    week: Week, *, capacity: int, trainers_weeks: Iterable[Week]
) -> PlanRefusal | None:
    """Return the first reason not to run a course every week, or None."""
    last = week.last_on or date.max
    reasons = {
        PlanRefusal.WEEKDAY: week.weekday not in range(len(WEEKDAYS)),
        PlanRefusal.ENDS_BEFORE_START: _length(week) < SHORTEST,
        PlanRefusal.CAPACITY: not 1 <= capacity <= MOST_SEATS,
        PlanRefusal.LAST_BEFORE_FIRST: last < week.first_on,
        PlanRefusal.TRAINER_BUSY: any(_clash(week, other) for other in trainers_weeks),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_end_plan(week: Week, *, last_on: date) -> PlanRefusal | None:
    if last_on < week.first_on:
        return PlanRefusal.LAST_BEFORE_FIRST
    if week.last_on is not None and week.last_on <= last_on:
        return PlanRefusal.ALREADY_ENDED
    return None


def _length(week: Week) -> timedelta:
    starts, ends = (
        timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        for at in (week.starts, week.ends)
    )
    return ends - starts


def _clash(one: Week, other: Week) -> bool:
    """Say whether two plans would have their trainer in two rooms on some day."""
    return (
        one.weekday == other.weekday
        and one.starts < other.ends
        and other.starts < one.ends
        and one.first_on <= (other.last_on or date.max)
        and other.first_on <= (one.last_on or date.max)
    )


def missing_dates(wanted: Sequence[date], known: Iterable[date]) -> list[date]:
    """Leave out the dates that exist, cancelled ones too: nobody brings those back."""
    there = set(known)
    return [on for on in wanted if on not in there]
