"""When somebody who failed may sit again, on both sides of every London midnight."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ecs_training.assessment.rules.resits import (
    Chance,
    ChanceKind,
    FailedAttempt,
    next_chance,
)
from ecs_training.questions.rules import ResitRule

RULE = ResitRule(same_day=1, wait_days=7, attempts_per_course=3)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # winter: London is UTC
SAME_DAY, WAIT, RE_ATTEND = ChanceKind.SAME_DAY, ChanceKind.WAIT, ChanceKind.RE_ATTEND


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


def judge(*finished: datetime, now: datetime, rule: ResitRule = RULE) -> Chance:
    return next_chance(
        [FailedAttempt(finished_at=each) for each in finished], rule, now
    )


def test_a_first_failure_allows_one_more_on_the_same_day() -> None:
    chance = judge(NOON, now=NOON)
    assert chance == Chance(kind=SAME_DAY, not_before=date(2026, 3, 2))
    assert chance.is_open(now=NOON)


def test_a_second_failure_of_the_day_waits() -> None:
    later = NOON + timedelta(hours=1)
    chance = judge(NOON, later, now=later)
    assert chance == Chance(kind=WAIT, not_before=date(2026, 3, 9))
    assert not chance.is_open(now=later)


def test_a_third_failure_asks_for_the_course_again() -> None:
    last = NOON + timedelta(days=7)
    chance = judge(NOON, NOON + timedelta(hours=1), last, now=last)
    assert chance == Chance(kind=RE_ATTEND, not_before=None)
    assert not chance.is_open(now=last + timedelta(days=1000))


def test_attempts_per_course_counts_whenever_they_were() -> None:
    days = [NOON + timedelta(days=30 * n) for n in range(3)]
    assert judge(*days[:2], now=days[1] + timedelta(days=1)).kind is WAIT
    assert judge(*days, now=days[2]).kind is RE_ATTEND


def test_the_chance_of_the_same_day_ends_at_london_midnight() -> None:
    last_minute, midnight = at("2026-03-02T23:59"), at("2026-03-03T00:00")
    assert judge(NOON, now=last_minute).kind is SAME_DAY
    assert judge(NOON, now=midnight) == Chance(kind=WAIT, not_before=date(2026, 3, 9))


def test_the_wait_ends_at_london_midnight() -> None:
    chance = judge(NOON, now=at("2026-03-03T00:00"))
    assert not chance.is_open(now=at("2026-03-08T23:59"))
    assert chance.is_open(now=at("2026-03-09T00:00"))


def test_in_summer_the_day_ends_at_eleven_utc() -> None:
    noon = at("2026-07-01T11:00")
    assert judge(noon, now=at("2026-07-01T22:59")).kind is SAME_DAY
    waits = judge(noon, now=at("2026-07-01T23:00"))
    assert waits == Chance(kind=WAIT, not_before=date(2026, 7, 8))
    assert not waits.is_open(now=at("2026-07-07T22:59"))
    assert waits.is_open(now=at("2026-07-07T23:00"))


def test_a_failure_after_eleven_utc_in_summer_is_one_of_the_next_day() -> None:
    late = at("2026-07-01T23:30")  # 00:30 on 2 July in London
    assert judge(late, now=at("2026-07-02T22:59")).kind is SAME_DAY
    assert judge(late, now=at("2026-07-02T23:00")).not_before == date(2026, 7, 9)


@pytest.mark.parametrize(
    ("failed", "before", "opens", "first_day"),
    [
        # Clocks go forward on 29 March 2026: the wait is seven days and 167 hours.
        ("2026-03-25T12:00", "2026-03-31T22:59", "2026-03-31T23:00", date(2026, 4, 1)),
        # The day of the change itself: midnight after it is an hour early in UTC.
        ("2026-03-22T12:00", "2026-03-28T23:59", "2026-03-29T00:00", date(2026, 3, 29)),
        # Clocks go back on 25 October 2026.
        (
            "2026-10-20T12:00",
            "2026-10-26T23:59",
            "2026-10-27T00:00",
            date(2026, 10, 27),
        ),
        (
            "2026-10-18T12:00",
            "2026-10-24T22:59",
            "2026-10-24T23:00",
            date(2026, 10, 25),
        ),
    ],
)
def test_the_wait_is_whole_london_days_over_a_clock_change(
    failed: str, before: str, opens: str, first_day: date
) -> None:
    chance = judge(at(failed), now=at(before))
    assert chance == Chance(kind=WAIT, not_before=first_day)
    assert not chance.is_open(now=at(before))
    assert chance.is_open(now=at(opens))


@pytest.mark.parametrize(
    ("failed", "last_minute", "over"),
    [
        ("2026-03-29T12:00", "2026-03-29T22:59", "2026-03-29T23:00"),  # of 23 hours
        ("2026-10-25T12:00", "2026-10-25T23:59", "2026-10-26T00:00"),  # of 25 hours
    ],
)
def test_the_same_day_is_a_short_or_a_long_one_when_the_clocks_change(
    failed: str, last_minute: str, over: str
) -> None:
    assert judge(at(failed), now=at(last_minute)).kind is SAME_DAY
    assert judge(at(failed), now=at(over)).kind is WAIT


def test_a_resit_of_the_same_day_is_had_once_in_all() -> None:
    rule = ResitRule(same_day=1, wait_days=7, attempts_per_course=9)
    second_day = NOON + timedelta(days=7)
    used = [NOON, NOON + timedelta(hours=1), second_day]
    assert judge(*used, now=second_day, rule=rule).kind is WAIT
    unused = [NOON, second_day]
    assert judge(*unused, now=second_day, rule=rule).kind is SAME_DAY


def test_two_of_the_same_day_are_two() -> None:
    rule = ResitRule(same_day=2, wait_days=7, attempts_per_course=9)
    goes = [NOON + timedelta(hours=n) for n in range(3)]
    assert judge(*goes[:2], now=goes[1], rule=rule).kind is SAME_DAY
    assert judge(*goes, now=goes[2], rule=rule).kind is WAIT


def test_none_of_the_same_day_waits_at_once() -> None:
    rule = ResitRule(same_day=0, wait_days=1, attempts_per_course=2)
    chance = judge(NOON, now=NOON, rule=rule)
    assert chance == Chance(kind=WAIT, not_before=date(2026, 3, 3))
    assert not chance.is_open(now=NOON)


def test_without_a_rule_the_course_comes_first() -> None:
    assert judge(NOON, now=NOON, rule=ResitRule()).kind is RE_ATTEND


def test_the_order_of_the_failures_does_not_matter() -> None:
    later = NOON + timedelta(days=8)
    assert judge(later, NOON, now=later) == judge(NOON, later, now=later)
    assert judge(later, NOON, now=later).not_before == date(2026, 3, 10)


def test_who_has_not_failed_has_no_resit() -> None:
    with pytest.raises(ValueError, match="nobody has failed"):
        judge(now=NOON)
