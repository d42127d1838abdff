"""Days on which people are off work, and counting those on which they are not."""

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5


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
