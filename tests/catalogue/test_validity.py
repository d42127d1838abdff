from datetime import date, timedelta
from typing import Any

import pytest

from ecs_training.catalogue.rules import (
    ExemptionRefusal,
    Qualification,
    anniversary_minus_one_day,
    exemption_valid_until,
    why_not_exempt,
)

AWARDED = date(2024, 5, 3)
LAST_DAY = date(2027, 5, 2)
A_DAY = timedelta(days=1)
PASSPORT = Qualification(
    slug="passport",
    name="Passport",
    roles=("labourer", "site-support"),
    valid_months=36,
    detail="For tests.",
)
GOOD: dict[str, Any] = {
    "role_slug": "labourer",
    "awarded_on": AWARDED,
    "expires_on": None,
    "on": LAST_DAY,
}


@pytest.mark.parametrize(
    ("awarded_on", "months", "last_day"),
    [
        (date(2026, 9, 11), 24, date(2028, 9, 10)),
        (date(2024, 2, 28), 24, date(2026, 2, 27)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2024, 3, 1), 24, date(2026, 2, 28)),
        (date(2022, 3, 1), 24, date(2024, 2, 29)),
        (date(2024, 2, 29), 48, date(2028, 2, 28)),
        (date(2026, 1, 1), 36, date(2028, 12, 31)),
        (date(2026, 12, 31), 24, date(2028, 12, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
    ],
)
def test_the_last_valid_day_is_the_day_before_the_anniversary(
    awarded_on: date, months: int, last_day: date
) -> None:
    assert anniversary_minus_one_day(awarded_on, months=months) == last_day


@pytest.mark.parametrize("months", [24, 36])
def test_nobody_who_was_awarded_later_runs_out_sooner(months: int) -> None:
    days = [date(2023, 1, 1) + n * A_DAY for n in range(4 * 366)]
    last_days = [anniversary_minus_one_day(day, months=months) for day in days]
    assert last_days == sorted(last_days)
    assert {
        (last + A_DAY).timetuple()[1:3]
        for day, last in zip(days, last_days, strict=True)
        if (day.month, day.day) == (2, 29)
    } == {(3, 1)}


@pytest.mark.parametrize(
    ("expires_on", "valid_until"),
    [
        (None, LAST_DAY),
        (LAST_DAY - A_DAY, LAST_DAY - A_DAY),
        (LAST_DAY, LAST_DAY),
        (LAST_DAY + A_DAY, LAST_DAY),
    ],
)
def test_an_exemption_ends_with_the_certificate_or_the_scheme_whichever_is_sooner(
    expires_on: date | None, valid_until: date
) -> None:
    assert (
        exemption_valid_until(PASSPORT, awarded_on=AWARDED, expires_on=expires_on)
        == valid_until
    )


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"role_slug": "site-support"},
        {"on": AWARDED},
        {"expires_on": LAST_DAY},
        {"expires_on": AWARDED, "on": AWARDED},
    ],
)
def test_a_certificate_counts_from_its_first_day_to_its_last(
    change: dict[str, Any],
) -> None:
    assert why_not_exempt(PASSPORT, **GOOD | change) is None


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"role_slug": "lv-jointer"}, ExemptionRefusal.NOT_FOR_ROLE),
        ({"role_slug": "no-such-role"}, ExemptionRefusal.NOT_FOR_ROLE),
        ({"on": AWARDED - A_DAY}, ExemptionRefusal.AWARDED_IN_FUTURE),
        ({"awarded_on": date.max}, ExemptionRefusal.AWARDED_IN_FUTURE),
        ({"on": LAST_DAY + A_DAY}, ExemptionRefusal.OUT_OF_DATE),
        ({"expires_on": LAST_DAY - A_DAY}, ExemptionRefusal.OUT_OF_DATE),
        ({"expires_on": AWARDED - A_DAY, "on": AWARDED}, ExemptionRefusal.OUT_OF_DATE),
    ],
)
def test_refusals(change: dict[str, Any], refusal: ExemptionRefusal) -> None:
    assert why_not_exempt(PASSPORT, **GOOD | change) is refusal
