"""Days on which people are off work, and counting those on which they are not."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import holidays

from ecs_training.scheduling.rules.words import Nation

SATURDAY = 5
# Whose holidays bind weekly plans and terms: the provider's own, in England.
HOME_NATION = Nation.ENGLAND_AND_WALES
_SUBDIVISIONS = {
    Nation.ENGLAND_AND_WALES: "ENG",
    Nation.SCOTLAND: "SCT",
    Nation.NORTHERN_IRELAND: "NIR",
}


@cache
def library_holidays(nation: Nation, year: int) -> Mapping[date, str]:
    """Return the weekdays of a year on which a nation is off work, with their names.

    A holiday that falls on a Saturday or Sunday is dropped: its weekday in lieu stands.
    """
    named = holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=year)
    return {
        on: name
        for on, name in sorted(named.items())
        if on.year == year and on.weekday() < SATURDAY
    }


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Return the weekdays of a year on which England and Wales are off work."""
    return frozenset(library_holidays(HOME_NATION, year))


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
