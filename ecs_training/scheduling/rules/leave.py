"""What trainers and staff may say about a trainer's time. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from urllib.parse import urlsplit

from ecs_training.scheduling.rules.dates import FURTHEST
from ecs_training.scheduling.rules.times import read_time
from ecs_training.scheduling.rules.trainers import Hours

LONGEST_NOTE = 300  # characters
LONGEST_LABEL = 80  # characters
MOST_CALENDARS = 10  # of one trainer
WEEKS_BEYOND = 4  # read behind the last published date, for those added by hand


class TrainerTimeRefusal(StrEnum):
    LEAVE_BACKWARDS = "The last day cannot be before the first."
    LEAVE_OVER = "Those days have passed. Choose later ones."
    LEAVE_TOO_FAR = "Leave is kept for a year ahead at most. Check the year."
    LEAVE_CANCELLED = "That leave has been taken back already."
    LEAVE_PAST = "That leave is over. It can no longer be taken back."
    HOURS_BACKWARDS = "Each day must end after it begins."
    HOURS_OVERLAP = "Two times of one day overlap. Make one of them."
    TOO_MANY_CALENDARS = (
        f"{MOST_CALENDARS} calendars can be read for one trainer. Remove one first."
    )
    UNKNOWN_COURSE = "Choose from the courses in the list."


def why_not_add_leave(
    *, first_on: date, last_on: date, today: date
) -> TrainerTimeRefusal | None:
    """Return the first reason why nobody can be away on those days, or None."""
    reasons = {
        TrainerTimeRefusal.LEAVE_BACKWARDS: last_on < first_on,
        TrainerTimeRefusal.LEAVE_OVER: last_on < today,
        TrainerTimeRefusal.LEAVE_TOO_FAR: last_on > today + FURTHEST,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_cancel_leave(
    *, last_on: date, cancelled: bool, today: date
) -> TrainerTimeRefusal | None:
    """Say why leave cannot be taken back, or None."""
    if cancelled:
        return TrainerTimeRefusal.LEAVE_CANCELLED
    return TrainerTimeRefusal.LEAVE_PAST if last_on < today else None


def why_not_set_hours(hours: Iterable[Hours]) -> TrainerTimeRefusal | None:
    """Say why nobody can work a week like that, or None."""
    week = sorted(hours, key=lambda each: (each.weekday, each.starts))
    if any(each.ends <= each.starts for each in week):
        return TrainerTimeRefusal.HOURS_BACKWARDS
    overlaps = any(
        first.weekday == then.weekday and then.starts < first.ends
        for first, then in pairwise(week)
    )
    return TrainerTimeRefusal.HOURS_OVERLAP if overlaps else None


def word_hours(hours: Sequence[tuple[time, time]]) -> str:
    """Word the hours of a day as they are typed: 09:00-12:00, 13:00-17:00."""
    return ", ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in hours)


def wait_before_reading(tries: int) -> timedelta:
    """Return how long a calendar waits: four hours, or less after a reading that failed."""
    if not tries:
        return timedelta(hours=4)
    doubled: int = 2 ** min(tries - 1, 4)
    return min(doubled * timedelta(minutes=15), timedelta(hours=4))


def read_hours(typed: str) -> list[tuple[time, time]] | None:
    """Read the hours of a day: "9-12, 1pm-4:30pm". Nothing typed is no hours; None: unreadable."""
    found = []
    for part in filter(None, (part.strip() for part in typed.split(","))):
        ends = re.split(r"\s*(?:-|–|—|\bto\b)\s*", part, maxsplit=1)  # noqa: RUF001 - people type dashes
        times = [read_time(each) for each in ends]
        if len(times) != 2 or times[0] is None or times[1] is None:  # noqa: PLR2004 - from and to
            return None
        found.append((times[0], times[1]))
    return found


def host_of(address: str) -> str:
    """Say where a calendar is kept, and nothing of the rest, which opens it."""
    return urlsplit(address).hostname or ""
