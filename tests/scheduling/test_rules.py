"""Which dates a plan yields, what a London time means, and why a date is refused."""

import os
import time as process
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_training.scheduling.rules import (
    PlanRefusal,
    TimetableRefusal,
    Week,
    bank_holidays,
    instants,
    is_bank_holiday,
    is_joining_link,
    plan_dates,
    read_time,
    why_not_add_course_session,
    why_not_add_plan,
    why_not_cancel_course_session,
    why_not_end_plan,
    why_not_set_joining_link,
    working_day_before,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONES = ["UTC", "Europe/London", "America/New_York"]


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    process.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    process.tzset()


def last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def by_hand(on: date, at: time) -> datetime:
    """Say what a London time between 3am and midnight is in UTC, without any zone data."""
    summer = last_sunday(on.year, 3) <= on < last_sunday(on.year, 10)
    return datetime.combine(on, at, tzinfo=UTC) - timedelta(hours=summer)


days = st.dates(date(2026, 1, 1), date(2040, 12, 31))
daytimes = st.times(time(3), time(21, 59)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@pytest.mark.parametrize("zone", ZONES)
@given(on=days, starts=daytimes, minutes=st.integers(30, 120))
def test_nine_stays_nine_across_both_clock_changes_wherever_the_machine_stands(
    zone: str, on: date, starts: time, minutes: int
) -> None:
    ends = (datetime.combine(on, starts) + timedelta(minutes=minutes)).time()
    with machine_in(zone):
        assert instants(on, starts, ends) == (by_hand(on, starts), by_hand(on, ends))


@given(
    weekday=st.integers(0, 6),
    first_on=days,
    length=st.integers(0, 400),
    from_on=days,
    weeks=st.integers(1, 52),
)
def test_a_plan_yields_every_day_it_should_and_no_other(
    weekday: int, first_on: date, length: int, from_on: date, weeks: int
) -> None:
    week = Week(
        weekday=weekday,
        starts=time(9),
        ends=time(16),
        first_on=first_on,
        last_on=first_on + timedelta(days=length),
    )
    horizon = (from_on + timedelta(days=n) for n in range(weeks * 7))
    assert plan_dates(week, from_on=from_on, weeks=weeks) == [
        on
        for on in horizon
        if on.weekday() == weekday
        and first_on <= on <= first_on + timedelta(days=length)
    ]


def test_bank_holidays_are_those_of_gov_uk() -> None:
    assert sorted(bank_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 4),
        date(2026, 5, 25),
        date(2026, 8, 31),
        date(2026, 12, 25),
        date(2026, 12, 28),
    ]
    assert date(2027, 12, 27) in bank_holidays(2027)
    assert date(2027, 12, 28) in bank_holidays(2027)
    assert date(2028, 1, 3) in bank_holidays(2028)
    assert not is_bank_holiday(
        date(2026, 12, 26)
    )  # a Saturday: the Monday stands for it
    assert not is_bank_holiday(date(2026, 3, 17))  # Northern Ireland's only


@pytest.mark.parametrize(
    ("on", "days", "expected"),
    [
        (date(2026, 9, 11), 2, date(2026, 9, 9)),  # Friday: Wednesday
        (date(2026, 9, 14), 2, date(2026, 9, 10)),  # Monday: Thursday, over a weekend
        (date(2026, 4, 7), 2, date(2026, 4, 1)),  # Tuesday after Easter: Wednesday
        (date(2026, 9, 13), 1, date(2026, 9, 11)),  # Sunday: Friday
        (date(2026, 9, 11), 0, date(2026, 9, 11)),
    ],
)
def test_working_days_leave_out_weekends_and_bank_holidays(
    on: date, days: int, expected: date
) -> None:
    assert working_day_before(on, days=days) == expected


def test_an_end_not_after_the_start_is_the_next_day() -> None:
    on = date(2026, 3, 10)
    assert instants(on, time(22), time(6))[1] == datetime(2026, 3, 11, 6, tzinfo=UTC)
    assert instants(on, time(9), time(9))[1] == datetime(2026, 3, 11, 9, tzinfo=UTC)
    assert instants(on, time(9), time(9, 1))[1].date() == on


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9", time(9)),
        ("9am", time(9)),
        ("09:00", time(9)),
        (" 4.30 PM ", time(16, 30)),
        ("1630", time(16, 30)),
        ("900", time(9)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("23:59", time(23, 59)),
        ("24:00", None),
        ("13pm", None),
        ("0am", None),
        ("9:60", None),
        ("nine", None),
        ("", None),
    ],
)
def test_times_are_read_as_people_type_them(typed: str, read: time | None) -> None:
    assert read_time(typed) == read


@pytest.mark.parametrize(
    ("typed", "fine"),
    [
        ("https://teams.microsoft.com/l/meetup-join/19%3ameeting?context=%7b%7d", True),
        ("https://teams.live.com/meet/93", True),
        ("https://a.uk/" + "x" * 987, True),
        ("https://a.uk/" + "x" * 988, False),
        ("http://teams.microsoft.com/l", False),
        ("javascript:alert(1)", False),
        ("https://teams", False),
        ("https://", False),
        ("https://[", False),
        ("https://me@evil.example/", False),
        ("https://a.uk/one two", False),
        ("https://a.uk/\nX", False),
        ("teams.microsoft.com", False),
    ],
)
def test_a_joining_link_is_an_https_address(typed: str, fine: bool) -> None:
    assert is_joining_link(typed) is fine


GOOD: dict[str, Any] = {
    "starts_at": NOW + timedelta(days=7),
    "ends_at": NOW + timedelta(days=7, hours=7),
    "capacity": 12,
    "joining_url": None,
    "now": NOW,
}
SOON = NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"starts_at": SOON, "ends_at": SOON + timedelta(minutes=30)},
        {"ends_at": GOOD["starts_at"] + timedelta(hours=14)},
        {
            "starts_at": NOW + timedelta(days=366),
            "ends_at": NOW + timedelta(days=366, hours=1),
        },
        {"capacity": 1},
        {"capacity": 200},
        {"minimum": 1},
        {"minimum": 12},
        {"joining_url": "https://teams.example.org/1"},
    ],
)
def test_a_date_may_be_added_to_the_very_edges(change: dict[str, Any]) -> None:
    assert why_not_add_course_session(**GOOD | change) is None


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"starts_at": NOW}, TimetableRefusal.IN_THE_PAST),
        (
            {"starts_at": NOW + timedelta(days=366, seconds=1)},
            TimetableRefusal.TOO_FAR,
        ),
        (
            {"ends_at": GOOD["starts_at"] + timedelta(minutes=29)},
            TimetableRefusal.TOO_SHORT,
        ),
        (
            {"ends_at": GOOD["starts_at"] + timedelta(hours=14, seconds=1)},
            TimetableRefusal.TOO_LONG,
        ),
        ({"capacity": 0}, TimetableRefusal.CAPACITY),
        ({"capacity": 201}, TimetableRefusal.CAPACITY),
        ({"joining_url": "http://a.example/"}, TimetableRefusal.BAD_LINK),
        ({"minimum": 0}, TimetableRefusal.MINIMUM),
        ({"minimum": 13}, TimetableRefusal.MINIMUM),
    ],
)
def test_why_a_date_is_not_added(
    change: dict[str, Any], refusal: TimetableRefusal
) -> None:
    assert why_not_add_course_session(**GOOD | change) is refusal


def test_a_date_can_be_changed_until_it_ends() -> None:
    standing: dict[str, Any] = {"ends_at": NOW, "cancelled": False}
    last = NOW - timedelta(seconds=1)
    link = "https://teams.example.org/1"

    assert why_not_cancel_course_session(**standing, reason="Ill", now=last) is None
    assert why_not_set_joining_link(**standing, joining_url=link, now=last) is None
    assert (
        why_not_cancel_course_session(**standing, reason="Ill", now=NOW)
        is TimetableRefusal.OVER
    )
    assert (
        why_not_set_joining_link(**standing, joining_url=link, now=NOW)
        is TimetableRefusal.OVER
    )
    assert (
        why_not_cancel_course_session(**standing, reason=" ", now=last)
        is TimetableRefusal.NO_REASON
    )
    assert (
        why_not_set_joining_link(**standing, joining_url="ftp://x.y", now=last)
        is TimetableRefusal.BAD_LINK
    )
    gone = {**standing, "cancelled": True}
    assert (
        why_not_cancel_course_session(**gone, reason="Ill", now=last)
        is TimetableRefusal.ALREADY_CANCELLED
    )


WEEK = Week(
    weekday=2,
    starts=time(9),
    ends=time(16),
    first_on=date(2026, 4, 1),
    last_on=date(2026, 6, 30),
)


def other(**change: Any) -> Week:
    return Week(**{**WEEK.__dict__, **change})


@pytest.mark.parametrize(
    "theirs",
    [
        other(weekday=3),
        other(starts=time(16), ends=time(18)),
        other(starts=time(7), ends=time(9)),
        other(first_on=date(2026, 7, 1), last_on=None),
        other(first_on=date(2026, 1, 1), last_on=date(2026, 3, 31)),
    ],
)
def test_plans_that_only_touch_do_not_clash(theirs: Week) -> None:
    assert why_not_add_plan(WEEK, capacity=12, trainers_weeks=[theirs]) is None


@pytest.mark.parametrize(
    "theirs",
    [
        WEEK,
        other(starts=time(15, 59), ends=time(18)),
        other(starts=time(7), ends=time(9, 1)),
        other(first_on=date(2026, 6, 30), last_on=None),
        other(first_on=date(2026, 1, 1), last_on=date(2026, 4, 1)),
    ],
)
def test_a_trainer_has_one_plan_at_a_time(theirs: Week) -> None:
    refusal = why_not_add_plan(WEEK, capacity=12, trainers_weeks=[theirs])
    assert refusal is PlanRefusal.TRAINER_BUSY


@pytest.mark.parametrize(
    ("week", "capacity", "refusal"),
    [
        (other(weekday=7), 12, PlanRefusal.WEEKDAY),
        (other(weekday=-1), 12, PlanRefusal.WEEKDAY),
        (other(ends=time(9, 29)), 12, PlanRefusal.ENDS_BEFORE_START),
        (other(ends=time(8)), 12, PlanRefusal.ENDS_BEFORE_START),
        (other(ends=time(9, 30)), 12, None),
        (WEEK, 0, PlanRefusal.CAPACITY),
        (WEEK, 201, PlanRefusal.CAPACITY),
        (other(last_on=date(2026, 3, 31)), 12, PlanRefusal.LAST_BEFORE_FIRST),
        (other(last_on=date(2026, 4, 1)), 12, None),
        (other(last_on=None), 12, None),
    ],
)
def test_why_a_plan_is_not_added(
    week: Week, capacity: int, refusal: PlanRefusal | None
) -> None:
    assert why_not_add_plan(week, capacity=capacity, trainers_weeks=[]) is refusal


def test_a_plan_ends_once_and_never_before_it_began() -> None:
    assert why_not_end_plan(WEEK, last_on=date(2026, 6, 29)) is None
    assert why_not_end_plan(WEEK, last_on=date(2026, 4, 1)) is None
    assert (
        why_not_end_plan(WEEK, last_on=date(2026, 6, 30)) is PlanRefusal.ALREADY_ENDED
    )
    assert (
        why_not_end_plan(WEEK, last_on=date(2026, 3, 31))
        is PlanRefusal.LAST_BEFORE_FIRST
    )
