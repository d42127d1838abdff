"""What somebody's own calendar says about their time, and what is refused of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_training.foundation.clock import stopwatch
from ecs_training.scheduling.outside.busy import busy_times
from ecs_training.scheduling.outside.calendars import read_calendar
from ecs_training.scheduling.outside.problems import (
    CalendarProblem,
    CalendarUnreadable,
)
from tests.scheduling.internet import calendar

SINCE = datetime(2026, 3, 2, tzinfo=UTC)
UNTIL = SINCE + timedelta(weeks=16)
OURS = "ecs-training.example"


def taken(*entries: str) -> list[str]:
    found = busy_times(calendar(*entries), own_domain=OURS, since=SINCE, until=UNTIL)
    return [f"{start:%d %b %H:%M} to {end:%d %b %H:%M}" for start, end in found]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        # winter, then summer: a floating time is London's
        (
            "DTSTART:20260310T090000|DTEND:20260310T100000",
            "10 Mar 09:00 to 10 Mar 10:00",
        ),
        (
            "DTSTART:20260410T090000|DTEND:20260410T100000",
            "10 Apr 08:00 to 10 Apr 09:00",
        ),
        ("DTSTART:20260410T090000Z|DURATION:PT90M", "10 Apr 09:00 to 10 Apr 10:30"),
        (
            "DTSTART;TZID=America/New_York:20260410T090000|DURATION:PT1H",
            "10 Apr 13:00 to 10 Apr 14:00",
        ),
        # nobody knows that zone: read as London's rather than not at all
        (
            "DTSTART;TZID=Nowhere/Bad:20260410T090000|DURATION:PT1H",
            "10 Apr 08:00 to 10 Apr 09:00",
        ),
        # whole days are London's; the end is not included
        ("DTSTART;VALUE=DATE:20260310", "10 Mar 00:00 to 11 Mar 00:00"),
        (
            "DTSTART;VALUE=DATE:20260410|DTEND;VALUE=DATE:20260412",
            "09 Apr 23:00 to 11 Apr 23:00",
        ),
        # the last Sunday of March has 23 hours
        ("DTSTART;VALUE=DATE:20260329", "29 Mar 00:00 to 29 Mar 23:00"),
    ],
)
def test_a_time_is_read_as_its_owner_means_it(entry: str, expected: str) -> None:
    assert taken(entry) == [expected]


HOUR = "DTSTART:20260310T090000|DTEND:20260310T100000"


@pytest.mark.parametrize(
    "entry",
    [
        HOUR + "|TRANSP:TRANSPARENT",
        HOUR + "|STATUS:CANCELLED",
        HOUR + "|X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        HOUR + f"|UID:session-1@{OURS}",
        HOUR + f"|UID:SESSION-1@{OURS.upper()}",
        "DTSTART:20260310T090000",  # no length
        "DTSTART:20260310T090000|DTEND:20260310T090000",
        "DTSTART:20260310T090000|DTEND:20260310T080000",
        "DTSTART:20260301T090000Z|DTEND:20260302T000000Z",  # ends as the window opens
        "DTSTART:20260622T000000Z|DURATION:PT1H",  # begins as it closes
    ],
)
def test_what_takes_no_time_of_ours_is_left_out(entry: str) -> None:
    assert taken(entry) == []


@pytest.mark.parametrize(
    "entry",
    [
        HOUR + "|TRANSP:OPAQUE",
        HOUR + "|STATUS:TENTATIVE",
        HOUR + f"|UID:1@not-{OURS}",
        "DTSTART:20260301T090000Z|DTEND:20260302T000001Z",
        "DTSTART:20260621T235959Z|DURATION:PT1H",
    ],
)
def test_what_takes_time_is_kept(entry: str) -> None:
    assert len(taken(entry)) == 1


def test_a_series_keeps_its_local_time_its_gaps_and_its_moved_days() -> None:
    weekly = (
        "UID:series@x|DTSTART;TZID=Europe/London:20260310T090000"
        "|DTEND;TZID=Europe/London:20260310T100000|RRULE:FREQ=WEEKLY;COUNT=6"
        "|EXDATE;TZID=Europe/London:20260317T090000"
    )
    moved = (
        "UID:series@x|RECURRENCE-ID;TZID=Europe/London:20260324T090000"
        "|DTSTART;TZID=Europe/London:20260325T140000|DURATION:PT30M"
    )
    called_off = (
        "UID:series@x|RECURRENCE-ID;TZID=Europe/London:20260407T090000"
        "|DTSTART;TZID=Europe/London:20260407T090000|DURATION:PT1H|STATUS:CANCELLED"
    )
    assert taken(weekly, moved, called_off) == [
        "10 Mar 09:00 to 10 Mar 10:00",
        "25 Mar 14:00 to 25 Mar 14:30",
        "31 Mar 08:00 to 31 Mar 09:00",
        "14 Apr 08:00 to 14 Apr 09:00",
    ]


def test_until_counts_its_own_instant_and_extra_days_count_too() -> None:
    series = (
        "DTSTART;TZID=Europe/London:20260323T090000|DURATION:PT1H"
        "|RRULE:FREQ=WEEKLY;UNTIL={}|RDATE;TZID=Europe/London:20260416T110000"
    )
    until = taken(series.format("20260406T080000Z"))
    assert until[-2:] == [
        "06 Apr 08:00 to 06 Apr 09:00",
        "16 Apr 10:00 to 16 Apr 11:00",
    ]
    assert taken(series.format("20260406T075959Z"))[-2] == (
        "30 Mar 08:00 to 30 Mar 09:00"
    )


def test_a_rule_without_an_end_ends_with_the_window() -> None:
    old = "DTSTART:20100104T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY"
    assert len(taken(old)) == 16 * 7


def test_times_that_touch_or_overlap_are_one() -> None:
    assert taken(HOUR, HOUR, "DTSTART:20260310T100000|DURATION:PT1H") == [
        "10 Mar 09:00 to 10 Mar 11:00"
    ]


def problem(content: bytes) -> CalendarProblem:
    with pytest.raises(CalendarUnreadable) as unreadable:
        read_calendar(content, own_domain=OURS, since=SINCE, until=UNTIL)
    return unreadable.value.problem


SERIES = "DTSTART:20260310T090000Z|DURATION:PT1S|RRULE:"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", CalendarProblem.NOT_A_CALENDAR),
        (b"<html>", CalendarProblem.NOT_A_CALENDAR),
        (b"\xff\xfe\x00", CalendarProblem.NOT_A_CALENDAR),
        (calendar("DTSTART:soon"), CalendarProblem.NOT_A_CALENDAR),
        (calendar("DTEND:20260310T090000"), CalendarProblem.NOT_A_CALENDAR),
        (calendar(SERIES + "FREQ=NEVER"), CalendarProblem.NOT_A_CALENDAR),
        (calendar(SERIES + "FREQ=HOURLY"), CalendarProblem.TOO_OFTEN),
        (calendar(SERIES + "FREQ=SECONDLY"), CalendarProblem.TOO_OFTEN),
        (
            calendar(SERIES + "FREQ=DAILY;BYMINUTE=" + ",".join(map(str, range(25)))),
            CalendarProblem.TOO_OFTEN,
        ),
        (calendar(*[HOUR] * 5001), CalendarProblem.TOO_MUCH),
        (
            calendar(*["DTSTART:19700101T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY"] * 12),
            CalendarProblem.TOO_MUCH,
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    content: bytes, expected: CalendarProblem
) -> None:
    assert problem(content) is expected


def test_an_empty_calendar_is_one() -> None:
    assert read_calendar(calendar(), own_domain=OURS, since=SINCE, until=UNTIL) == []


def test_a_rule_that_never_comes_true_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ecs_training.scheduling.outside.calendars.PATIENCE", 2.0)
    never = SERIES + "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    began = stopwatch()
    assert problem(calendar(*[never] * 100)) is CalendarProblem.TOO_MUCH
    assert stopwatch() - began < 20


lines = st.sampled_from(
    [
        *calendar(HOUR, SERIES + "FREQ=WEEKLY;COUNT=3").decode().split("\r\n"),
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VALARM",
        "RRULE:FREQ=DAILY;UNTIL=20260401",
        "RRULE:FREQ=YEARLY;BYYEARDAY=-1;BYSETPOS=2;COUNT=2",
        "EXDATE;VALUE=DATE:20260310",
        "RDATE;VALUE=PERIOD:20260310T090000Z/PT1H",
        "RECURRENCE-ID:20260310T090000Z",
        "DTSTART;TZID=:20260310T090000",
        "DTSTART;VALUE=DATE:00010101",
        "DTEND:99991231T235959Z",
        "DURATION:P9999999999D",
        "TRANSP",
        ":",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(lines | st.text(max_size=30), max_size=40))
def test_hostile_lines_are_read_or_refused_and_never_break_us(
    typed: list[str],
) -> None:
    content = "\r\n".join(["BEGIN:VCALENDAR", *typed, "END:VCALENDAR"]).encode(
        errors="replace"
    )
    try:
        found = busy_times(content, own_domain=OURS, since=SINCE, until=UNTIL)
    except CalendarUnreadable:
        return
    assert all(SINCE <= start < end <= UNTIL for start, end in found)
