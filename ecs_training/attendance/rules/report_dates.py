"""Instants as an attendance report writes them: local time, in an order it does not say. Pure.

The file follows the settings of whoever downloaded it: 7/20/23, 4:16:29 PM and
21/10/22 12:00:00 both occur in the United Kingdom. The day of the course decides; London
is taken for the place of the clock.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ecs_training.attendance.rules.reports import (
    DateOrder,
    ReportRefusal,
    ReportRefused,
)
from ecs_training.foundation.london import london_date, to_utc

WRITTEN = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4}),?\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
    r"(?:\s*([ap])\.?\s?m\.?)?",
    re.IGNORECASE,
)
LENGTH = re.compile(
    r"(?:(\d{1,4})\s*h\w*)?\s*(?:(\d{1,4})\s*m\w*)?\s*(?:(\d{1,5})\s*s\w*)?",
    re.IGNORECASE,
)
CENTURY = 2000
NOON = 12


@dataclass(frozen=True, kw_only=True)
class Written:
    """A timestamp with its three numbers as they stand, and the time of day."""

    numbers: tuple[int, int, int]
    year_first: bool
    at: time


@dataclass(frozen=True, kw_only=True)
class CourseTime:
    """When the course was, and on which other days its trainer has one."""

    starts_at: datetime
    ends_at: datetime
    other_days: Collection[date] = ()

    @property
    def days(self) -> set[date]:
        return {london_date(self.starts_at), london_date(self.ends_at)}


def read_written(cell: str) -> Written:
    """Read a timestamp without deciding which number is the month; else refuse the file."""
    found = WRITTEN.fullmatch(" ".join(cell.split()))
    if found is None:
        raise ReportRefused(ReportRefusal.DAMAGED)
    first, second, third, hour, minute, seconds, half = found.groups()
    hours = int(hour)
    if half:
        hours = hours % NOON + (NOON if half in "pP" else 0)
    try:
        at = time(hours, int(minute), int(seconds or 0))
    except ValueError:
        raise ReportRefused(ReportRefusal.DAMAGED) from None
    numbers = (int(first), int(second), int(third))
    return Written(numbers=numbers, year_first=len(first) > 2, at=at)  # noqa: PLR2004


def read_length(cell: str) -> timedelta | None:
    """Read 1h 13m 42s; None for what is no length."""
    typed = " ".join(cell.split())
    found = LENGTH.fullmatch(typed)
    if found is None or not typed:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def settle_order(
    written: Sequence[Written], *, course: CourseTime, order: DateOrder
) -> Callable[[Written], datetime]:
    """Return how the file's timestamps become instants, or refuse the file.

    Every date of a file is read in one order. It must put somebody on the day of the course,
    and nobody further than a day from it. If the other order is as good and puts the file on
    another course of the trainer's, a person must say which it is.
    """
    orders = (
        [DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST]
        if order is DateOrder.FIND_OUT
        else [order]
    )
    days = {each: _days(written, each) for each in orders}
    fitting = [each for each in orders if _fits(days[each], course.days)]
    if not fitting:
        raise ReportRefused(ReportRefusal.OTHER_DAY)
    others = set(course.other_days) - course.days
    if any(days[each] & others for each in orders if each not in fitting):
        raise ReportRefused(ReportRefusal.AMBIGUOUS)
    chosen = fitting[0]

    def instant(each: Written) -> datetime:
        day = _day(each, chosen)
        assert day  # noqa: S101 - it fits
        return to_utc(day, each.at)

    return instant


def _days(written: Iterable[Written], order: DateOrder) -> set[date]:
    """Return the days of a file in one order; none if a date of it would not exist."""
    days = {_day(each, order) for each in written}
    return set() if None in days else {day for day in days if day}


def _fits(days: set[date], course: set[date]) -> bool:
    nearest, furthest = min(course) - timedelta(days=1), max(course) + timedelta(days=1)
    near = all(nearest <= day <= furthest for day in days)
    return near and bool(days & course)


def _day(written: Written, order: DateOrder) -> date | None:
    first, second, third = written.numbers
    if written.year_first:
        year, month, day = first, second, third
    elif order is DateOrder.DAY_FIRST:
        day, month, year = first, second, third
    else:
        month, day, year = first, second, third
    try:
        return date(year + CENTURY if year < 100 else year, month, day)  # noqa: PLR2004
    except ValueError:
        return None
