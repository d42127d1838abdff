from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_training.booking.rules import (
    BookingRefusal,
    CancellationRefusal,
    free_until,
    is_cancelling_free,
    why_not_book,
    why_not_cancel,
)
from ecs_training.foundation.london import LONDON, to_utc
from ecs_training.scheduling.rules import is_working_day

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPEN: dict[str, Any] = {
    "starts_at": NOW + timedelta(days=7),
    "cancelled": False,
    "for_this_buyer": True,
    "capacity": 12,
    "seats_taken": 11,
    "already_booked": False,
    "now": NOW,
}


@pytest.mark.parametrize(
    "change", [{}, {"now": OPEN["starts_at"] - timedelta(hours=1)}]
)
def test_the_last_seat_may_be_booked_to_the_last_moment(change: dict[str, Any]) -> None:
    assert why_not_book(**OPEN | change) is None


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"seats_taken": 12}, BookingRefusal.FULL),
        ({"seats_taken": 13}, BookingRefusal.FULL),
        ({"already_booked": True, "seats_taken": 12}, BookingRefusal.ALREADY_BOOKED),
        (
            {"now": OPEN["starts_at"] - timedelta(minutes=59, seconds=59)},
            BookingRefusal.CLOSED,
        ),
        ({"now": OPEN["starts_at"] + timedelta(days=1)}, BookingRefusal.CLOSED),
        ({"cancelled": True}, BookingRefusal.CANCELLED),
        ({"for_this_buyer": False}, BookingRefusal.NOT_PUBLIC),
    ],
)
def test_why_a_seat_is_not_sold(
    change: dict[str, Any], refusal: BookingRefusal
) -> None:
    assert why_not_book(**OPEN | change) is refusal


def free_for_a_company(on: date) -> datetime:
    return free_until(on, starts_at=to_utc(on, time(9)), booked_at=NOW, consumer=False)


@pytest.mark.parametrize(
    ("on", "until"),
    [
        # winter: 09:00 is 09:00 UTC; a Monday counts back over the weekend
        (date(2026, 3, 9), datetime(2026, 3, 5, 9, tzinfo=UTC)),
        # summer: 09:00 is 08:00 UTC
        (date(2026, 9, 11), datetime(2026, 9, 9, 8, tzinfo=UTC)),
        # over Easter: Wednesday 8 April back to Thursday 2 April
        (date(2026, 4, 8), datetime(2026, 4, 2, 8, tzinfo=UTC)),
        # the clocks went forward in between: Friday 27 March is still winter
        (date(2026, 3, 31), datetime(2026, 3, 27, 9, tzinfo=UTC)),
    ],
)
def test_cancelling_is_free_until_nine_two_working_days_before(
    on: date, until: datetime
) -> None:
    assert free_for_a_company(on) == until


@pytest.mark.parametrize(
    ("booked_at", "on", "until"),
    [
        # far ahead: our own terms are kinder
        (NOW, date(2026, 4, 1), datetime(2026, 3, 30, 8, tzinfo=UTC)),
        # booked on 2 March: the 14th day after it is 16 March, to its last moment
        (NOW, date(2026, 3, 17), datetime(2026, 3, 17, tzinfo=UTC)),
        # the course comes first: until it starts
        (NOW, date(2026, 3, 9), datetime(2026, 3, 9, 9, tzinfo=UTC)),
        # late in the evening of 1 July in UTC is 2 July in London
        (
            datetime(2026, 7, 1, 23, 30, tzinfo=UTC),
            date(2026, 7, 17),
            datetime(2026, 7, 16, 23, tzinfo=UTC),
        ),
    ],
)
def test_a_consumer_has_fourteen_days_if_that_is_later(
    booked_at: datetime, on: date, until: datetime
) -> None:
    starts_at = to_utc(on, time(9))
    told = free_until(on, starts_at=starts_at, booked_at=booked_at, consumer=True)
    assert told == until


@given(st.dates(date(2026, 1, 10), date(2040, 12, 31)))
def test_the_free_time_ends_at_nine_on_a_working_day_with_one_more_in_between(
    on: date,
) -> None:
    local = free_for_a_company(on).astimezone(LONDON)
    assert (local.hour, local.minute) == (9, 0)
    assert is_working_day(local.date())
    between = (on - local.date()).days
    working = [is_working_day(on - timedelta(days=n)) for n in range(1, between)]
    assert sum(working) == 1


def test_the_free_time_ends_at_its_instant() -> None:
    assert is_cancelling_free(free_until=NOW, now=NOW - timedelta(seconds=1))
    assert not is_cancelling_free(free_until=NOW, now=NOW)


STANDING: dict[str, Any] = {
    "starts_at": NOW + timedelta(days=7),
    "cancelled": False,
    "free_until": NOW + timedelta(days=5),
    "expects_free": True,
    "now": NOW,
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"now": STANDING["free_until"] - timedelta(seconds=1)},
        {"now": STANDING["starts_at"] - timedelta(seconds=1), "expects_free": False},
    ],
)
def test_a_seat_may_be_given_back_until_the_course_starts(
    change: dict[str, Any],
) -> None:
    assert why_not_cancel(**STANDING | change) is None


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"cancelled": True}, CancellationRefusal.ALREADY_CANCELLED),
        ({"now": STANDING["starts_at"]}, CancellationRefusal.STARTED),
        ({"now": STANDING["free_until"]}, CancellationRefusal.NO_LONGER_FREE),
    ],
)
def test_why_a_seat_is_not_given_back(
    change: dict[str, Any], refusal: CancellationRefusal
) -> None:
    assert why_not_cancel(**STANDING | change) is refusal
