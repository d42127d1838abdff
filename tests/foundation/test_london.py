from datetime import UTC, date, datetime, time, timedelta

import pytest

from ecs_training.foundation import london


@pytest.mark.parametrize(
    ("on", "at", "instant"),
    [
        (date(2026, 3, 28), time(9), "2026-03-28T09:00:00+00:00"),
        (date(2026, 3, 29), time(9), "2026-03-29T08:00:00+00:00"),
        (date(2026, 10, 24), time(9), "2026-10-24T08:00:00+00:00"),
        (date(2026, 10, 25), time(9), "2026-10-25T09:00:00+00:00"),
        (date(2026, 3, 29), time(1, 30), "2026-03-29T01:30:00+00:00"),  # skipped
        (date(2026, 10, 25), time(1, 30), "2026-10-25T00:30:00+00:00"),  # the first
    ],
)
def test_nine_in_london_is_nine_on_both_sides_of_a_clock_change(
    on: date, at: time, instant: str
) -> None:
    assert london.to_utc(on, at) == datetime.fromisoformat(instant)


def test_the_london_day_begins_at_london_midnight() -> None:
    summer_evening = datetime(2026, 7, 1, 23, 0, tzinfo=UTC)
    assert london.london_date(summer_evening) == date(2026, 7, 2)
    assert london.london_date(summer_evening - timedelta(seconds=1)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(9), "9am"),
        (time(16, 30), "4:30pm"),
        (time(12), "12 noon"),
        (time(0), "12 midnight"),
        (time(0, 5), "12:05am"),
        (time(12, 5), "12:05pm"),
    ],
)
def test_times_are_worded_as_people_say_them(at: time, words: str) -> None:
    assert london.word_time(at) == words


def test_an_instant_is_worded_in_london() -> None:
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert london.word_instant(at) == "Thursday 2 July 2026, 12:30am"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1800, "30 minutes"), (1799, "29 minutes"), (60, "1 minute"), (-5, "0 minutes")],
)
def test_a_length_never_promises_more_than_there_is(seconds: int, words: str) -> None:
    assert london.word_minutes(timedelta(seconds=seconds)) == words
