"""Reports as three generations of Teams write them: what is read, and what is refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from ecs_training.attendance.rules.report_dates import CourseTime, read_length
from ecs_training.attendance.rules.report_files import LARGEST, read_report
from ecs_training.attendance.rules.reports import (
    DateOrder,
    ReportRefusal,
    ReportRefused,
)
from ecs_training.attendance.rules.stays import Stay

# Thursday 20 July 2023, 9am to 4pm in London's summer.
COURSE = CourseTime(
    starts_at=datetime(2023, 7, 20, 8, tzinfo=UTC),
    ends_at=datetime(2023, 7, 20, 15, tzinfo=UTC),
)

CURRENT = """1. Summary
Meeting title\tLabourer, Thursday 20 July 2023
Attended participants\t3
Start time\t7/20/23, 8:55:00 AM
End time\t7/20/23, 4:16:29 PM
Meeting duration\t7h 21m 29s
Average attendance time\t6h 1m 2s

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Alice Ashe\t7/20/23, 8:58:10 AM\t7/20/23, 4:00:00 PM\t6h 50m 0s\talice@example.org\talice@example.org\tPresenter
"Brown,\tBob
(Guest)"\t7/20/23, 9:00:00 AM\t7/20/23, 1:00:05 PM\t4h 0m 5s\t\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Alice Ashe\t7/20/23, 8:58:10 AM\t7/20/23, 12:00:00 PM\t3h 1m 50s\tALICE@example.org\tPresenter
Alice Ashe\t7/20/23, 12:11:50 PM\t7/20/23, 4:00:00 PM\t3h 48m 10s\talice@example.org\tPresenter
"Brown,\tBob
(Guest)"\t7/20/23, 9:00:00\u202fAM\t7/20/23, 1:00:05\u202fPM\t4h 0m 5s\t\tAttendee
"""

SENTENCE_CASE = (
    CURRENT.replace("Join Time", "Join time")
    .replace("Leave Time", "Leave time")
    .replace("In-Meeting Activities", "In-Meeting activities")
)

OF_2021 = """Meeting Summary
Total Number of Participants\t2
Meeting Title\tLabourer
Meeting Start Time\t20/07/2023, 08:55:00
Meeting End Time\t20/07/2023, 16:16:29
Meeting Id\t0b1c

Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)
Alice Ashe\t20/07/2023, 08:58:10\t20/07/2023, 12:00:00\t3h 1m\talice@example.org\tOrganiser\ta
Bob Brown (External)\t20/07/2023, 09:00:00\t20/07/2023, 13:00:05\t4h\t\tAttendee\t
"""

OF_2020 = """Full Name\tUser Action\tTimestamp
Alice Ashe\tJoined before\t20/07/2023, 09:00:00
Bob Brown\tJoined\t20/07/2023, 09:05:00
Bob Brown\tLeft\t20/07/2023, 10:00:00
Bob Brown\tJoined\t20/07/2023, 10:30:00
Carol Cole\tJoined\t20/07/2023, 11:00:00
Carol Cole\tLeft\t20/07/2023, 11:00:00
Dan Dell\tLeft\t20/07/2023, 12:00:00
"""


def in_utf_16(text: str) -> bytes:
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")


def read(text: str, **change: object) -> list[Stay]:
    return read_report(in_utf_16(text), course=COURSE, **change)  # type: ignore[arg-type]


def times(stays: list[Stay], name: str) -> list[tuple[str, str]]:
    """Return somebody's stays in UTC, as hours and minutes and seconds."""
    return [
        (f"{stay.joined_at:%H:%M:%S}", f"{stay.left_at:%H:%M:%S}")
        for stay in stays
        if stay.shown_name.startswith(name)
    ]


@pytest.mark.parametrize("text", [CURRENT, SENTENCE_CASE])
@pytest.mark.parametrize(
    "encode",
    [
        in_utf_16,
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode(),
    ],
)
def test_a_report_of_today_gives_every_stay_in_london_time(
    text: str, encode: Callable[[str], bytes]
) -> None:
    stays = read_report(encode(text), course=COURSE)
    assert times(stays, "Alice") == [("07:58:10", "11:00:00"), ("11:11:50", "15:00:00")]
    assert times(stays, "Brown,") == [("08:00:00", "12:00:05")]
    alice, _, bob = stays
    assert (alice.email, alice.role, alice.identity) == (
        "alice@example.org",
        "Presenter",
        "alice@example.org",
    )
    assert (bob.email, bob.shown_name) == ("", "Brown, Bob (Guest)")


def test_a_report_of_2021_is_read() -> None:
    stays = read(OF_2021)
    assert times(stays, "Alice") == [("07:58:10", "11:00:00")]
    assert times(stays, "Bob") == [("08:00:00", "12:00:05")]


def test_of_a_list_of_2020_who_never_left_was_there_at_its_last_line() -> None:
    stays = read(OF_2020)
    assert times(stays, "Alice") == [("08:00:00", "11:00:00")]
    assert times(stays, "Bob") == [("08:05:00", "09:00:00"), ("09:30:00", "11:00:00")]
    assert times(stays, "Carol") == [("10:00:00", "10:00:00")]
    assert times(stays, "Dan") == []


def test_a_winter_course_is_read_with_winter_time() -> None:
    text = OF_2021.replace("20/07/2023", "12/01/2023")
    course = CourseTime(
        starts_at=datetime(2023, 1, 12, 9, tzinfo=UTC),
        ends_at=datetime(2023, 1, 12, 16, tzinfo=UTC),
    )
    stays = read_report(in_utf_16(text), course=course)
    assert times(stays, "Alice") == [("08:58:10", "12:00:00")]


def on(day: date) -> CourseTime:
    start = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    return CourseTime(starts_at=start, ends_at=start + timedelta(hours=7))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("7/8/2023", date(2023, 7, 8)),  # the month first
        ("7/8/2023", date(2023, 8, 7)),  # the day first
        ("7/7/23", date(2023, 7, 7)),
        ("2023-07-08", date(2023, 7, 8)),
        ("08.07.2023", date(2023, 7, 8)),
    ],
)
def test_the_day_of_the_course_says_which_number_is_the_month(
    written: str, day: date
) -> None:
    text = OF_2021.replace("20/07/2023", written)
    stays = read_report(in_utf_16(text), course=on(day))
    assert {stay.joined_at.date() for stay in stays} == {day}


def test_a_file_that_fits_another_course_the_other_way_round_waits_for_a_word() -> None:
    content = in_utf_16(OF_2021.replace("20/07/2023", "7/8/2023"))
    here, there = date(2023, 7, 8), date(2023, 8, 7)
    course = CourseTime(
        starts_at=on(here).starts_at,
        ends_at=on(here).ends_at,
        other_days=[there, date(2023, 9, 1)],
    )
    with pytest.raises(ReportRefused) as refused:
        read_report(content, course=course)
    assert refused.value.reason is ReportRefusal.AMBIGUOUS
    stays = read_report(content, course=course, order=DateOrder.MONTH_FIRST)
    assert {stay.joined_at.date() for stay in stays} == {here}
    with pytest.raises(ReportRefused) as refused:
        read_report(content, course=course, order=DateOrder.DAY_FIRST)
    assert refused.value.reason is ReportRefusal.OTHER_DAY


def test_a_file_in_two_orders_at_once_is_of_no_day() -> None:
    text = OF_2021.replace("Bob Brown (External)\t20/07/2023", "Bob\t07/20/2023")
    with pytest.raises(ReportRefused) as refused:
        read(text)
    assert refused.value.reason is ReportRefusal.OTHER_DAY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Name\tMarks\nAlice\t50\n", ReportRefusal.NOT_A_REPORT),
        ("just words", ReportRefusal.NOT_A_REPORT),
        (CURRENT.replace("7/20/23", "7/22/23"), ReportRefusal.OTHER_DAY),
        (CURRENT.replace("7/20/23", "13/32/23"), ReportRefusal.OTHER_DAY),
        (OF_2021.replace("12:00:00", "noon"), ReportRefusal.DAMAGED),
        (OF_2021.replace("12:00:00", "25:00:00"), ReportRefusal.DAMAGED),
        (OF_2021.replace("12:00:00", "08:00:00"), ReportRefusal.DAMAGED),  # left before
        (OF_2020.replace("Joined before", "Waved"), ReportRefusal.DAMAGED),
        (OF_2021 + "Carol\n", ReportRefusal.DAMAGED),
        (CURRENT.partition("3. In-Meeting")[0], ReportRefusal.SPANS_ONLY),
        (
            OF_2021.replace(" 08:", " 18:").replace(" 09:", " 18:")
            .replace(" 12:", " 19:").replace(" 13:", " 19:"),
            ReportRefusal.OTHER_TIME,
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_relied_on_is_refused(text: str, reason: ReportRefusal) -> None:
    with pytest.raises(ReportRefused) as refused:
        read(text)
    assert refused.value.reason is reason


def test_spans_are_taken_where_nobody_was_away_in_between() -> None:
    text = CURRENT.partition("3. In-Meeting")[0].replace("6h 50m 0s", "7h 1m 50s")
    assert times(read(text), "Alice") == [("07:58:10", "15:00:00")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", ReportRefusal.EMPTY),
        (b"\xff\xfe", ReportRefusal.NOT_A_REPORT),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ReportRefusal.NOT_A_REPORT),
        (b"a\xff\x00", ReportRefusal.NOT_A_REPORT),
        (b"PK\x03\x04\x14\x00\x06\x00", ReportRefusal.NOT_A_REPORT),
        (b"a" * (LARGEST + 1), ReportRefusal.TOO_LARGE),
        (b"a\n" * (LARGEST // 2), ReportRefusal.NOT_A_REPORT),
        (b"a\t" + b"b" * 200_000, ReportRefusal.DAMAGED),  # no cell is so long
    ],
)
def test_what_is_no_text_of_teams_is_refused(
    content: bytes, reason: ReportRefusal
) -> None:
    with pytest.raises(ReportRefused) as refused:
        read_report(content, course=COURSE)
    assert refused.value.reason is reason


def test_a_very_long_name_is_cut_and_an_address_that_is_none_is_left_out() -> None:
    text = OF_2021.replace("Alice Ashe", "A" * 500).replace("alice@example.org", "-")
    first = read(text)[0]
    assert (len(first.shown_name), first.email) == (200, "")
    assert first.identity == "a" * 200


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("1h 13m 42s", 4422),
        ("8s", 8),
        ("59m", 3540),
        ("1 h 2 min 3 sec", 3723),
        ("", None),
        ("long", None),
    ],
)
def test_lengths_are_read(typed: str, seconds: int | None) -> None:
    length = read_length(typed)
    assert (length.total_seconds() if length else None) == seconds
