import hashlib
import sys
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import permutations
from typing import Any, cast

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from icalendar.cal import Timezone

from ecs_training.calendar_feeds.rules import (
    CalendarEntry,
    Publisher,
    invitation,
    render_feed,
)
from ecs_training.calendar_feeds.rules.rendering import RENDERER, UNPRINTABLE, VTIMEZONE
from ecs_training.foundation.london import LONDON, to_utc
from tests.calendar_feeds.reading import (
    PUBLISHER,
    an_entry,
    events,
    starts_by_icalendar,
    starts_by_vobject,
    unfolded,
)

HOSTILE = [
    "Robert\r\nATTENDEE:mailto:evil@example.org",
    "Robert\nEND:VEVENT\nBEGIN:VEVENT",
    "Robert\rX-EVIL:1",
    "Robert\u2028X-EVIL:1\u2029X-EVIL:2\x85X-EVIL:3\x0bX-EVIL:4\x0cX-EVIL:5",
    'semi; colon: comma, back\\slash "quoted" ^n percent%0d%0a',
    "\x00\x07bell",
    "END:VCALENDAR",
]
LONG = [
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Ŵŷn ap Siôn " * 3,
    "👷🏽‍♀️🔌⚡" * 40,
    "é" * 200,
    "x" * 1000,
]


def feed(*entries: CalendarEntry, name: str = "Dates") -> bytes:
    return render_feed(entries, name=name, publisher=PUBLISHER)


def around_every_clock_change() -> list[CalendarEntry]:
    """Return a 9am entry for each of the 8 days around each change of 2026, 2027 and 2028."""
    changes = [
        date(2026, 3, 29),
        date(2026, 10, 25),
        date(2027, 3, 28),
        date(2027, 10, 31),
        date(2028, 3, 26),
        date(2028, 10, 29),
    ]
    days = [day + timedelta(days=n) for day in changes for n in range(-4, 4)]
    return [
        an_entry(
            uid=f"{day}@x",
            starts_at=to_utc(day, time(9)),
            ends_at=to_utc(day, time(16, 30)),
        )
        for day in days
    ]


@pytest.mark.parametrize("read", [starts_by_icalendar, starts_by_vobject])
def test_both_readers_see_nine_in_london_on_both_sides_of_every_clock_change(
    read: Callable[[bytes], dict[str, datetime]],
) -> None:
    entries = around_every_clock_change()
    meant = {entry.uid: entry.starts_at for entry in entries}
    assert {at.hour for at in meant.values()} == {8, 9}

    assert read(feed(*entries)) == meant


@pytest.mark.parametrize(
    "zone",
    [
        cast(Timezone, Timezone.from_ical(VTIMEZONE)).to_tz(),
        vobject.readOne(feed().decode()).vtimezone.tzinfo,
    ],
    ids=["icalendar", "vobject"],
)
def test_our_vtimezone_is_london_every_morning_until_2040(zone: tzinfo) -> None:
    day, wrong = date(1997, 1, 1), []
    while day.year <= 2040:
        ours = datetime.combine(day, time(9), tzinfo=zone).utcoffset()
        if ours != datetime.combine(day, time(9), tzinfo=LONDON).utcoffset():
            wrong.append(day)
        day += timedelta(days=1)
    assert wrong == []


def test_the_zone_is_written_by_two_rules_and_no_list_of_dates() -> None:
    lines = unfolded(feed(an_entry()))
    assert lines.count("BEGIN:VTIMEZONE") == 1
    assert lines.count("BEGIN:STANDARD") == lines.count("BEGIN:DAYLIGHT") == 1
    assert sum(line.startswith("RRULE:FREQ=YEARLY;") for line in lines) == 2
    assert not any(line.startswith("RDATE") for line in lines)


def test_the_bytes_do_not_depend_on_the_order_of_the_rows() -> None:
    later = an_entry(uid="a@x", starts_at=datetime(2026, 1, 21, 9, tzinfo=UTC))
    entries = [later, an_entry(uid="c@x"), an_entry(uid="b@x")]

    bodies = {feed(*order) for order in permutations(entries)}

    assert len(bodies) == 1
    assert list(events(bodies.pop())) == ["b@x", "c@x", "a@x"]


def test_a_change_to_the_bytes_needs_a_new_renderer_number() -> None:
    """Or subscribers' If-None-Match would keep the old bytes: raise RENDERER, then mend this."""
    body = feed(an_entry(), an_entry(uid="x@x", cancelled=True))
    seen = (RENDERER, hashlib.sha256(body).hexdigest()[:16])
    assert seen == (2, "29f3c545d05ec034")


def test_a_feed_says_what_calendars_need_and_has_no_uid_of_its_own() -> None:
    lines = unfolded(feed(an_entry(), name="Dates; new, old"))
    head = lines[1 : lines.index("BEGIN:VTIMEZONE")]
    assert sorted(head) == [
        "CALSCALE:GREGORIAN",
        "COLOR:goldenrod",
        "METHOD:PUBLISH",
        "NAME:Dates\\; new\\, old",
        "PRODID:-//ECS Training//Calendars//EN",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "VERSION:2.0",
        "X-PUBLISHED-TTL:PT1H",
        "X-WR-CALNAME:Dates\\; new\\, old",
        "X-WR-TIMEZONE:Europe/London",
    ]


def test_an_entry_of_a_feed_is_whole() -> None:
    lines = unfolded(feed(an_entry(sequence=3, summary="Labourer, one day")))
    event = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    assert sorted(event) == [
        "CATEGORIES:Labourer",
        "DESCRIPTION:One day.\\nUK time.",
        "DTEND;TZID=Europe/London:20260114T163000",
        "DTSTAMP:20260105T100000Z",
        "DTSTART;TZID=Europe/London:20260114T090000",
        "LAST-MODIFIED:20260105T100000Z",
        "LOCATION:Microsoft Teams",
        'ORGANIZER;CN="MJ Training Solutions":mailto:bookings@training.example',
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "SUMMARY:Labourer\\, one day",
        "TRANSP:OPAQUE",
        "UID:session-1@calendar.example",
        "URL:https://training.example/course-sessions/ABC",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    ]


@pytest.mark.parametrize(
    ("busy", "cancelled", "title", "status", "takes_time"),
    [
        (True, False, "Course", "CONFIRMED", True),
        (False, False, "Course", "CONFIRMED", False),
        (True, True, "CANCELLED: Course", "CANCELLED", False),
    ],
)
def test_only_a_standing_entry_of_ones_own_takes_ones_time(
    busy: bool, cancelled: bool, title: str, status: str, takes_time: bool
) -> None:
    entry = an_entry(summary="Course", busy=busy, cancelled=cancelled)
    event = events(feed(entry))[entry.uid]
    assert (event["summary"], event["status"]) == (title, status)
    assert event["transp"] == ("OPAQUE" if takes_time else "TRANSPARENT")
    assert event["x-microsoft-cdo-busystatus"] == ("BUSY" if takes_time else "FREE")


def test_an_empty_feed_is_a_valid_calendar_with_its_zone() -> None:
    body = feed()
    assert starts_by_icalendar(body) == starts_by_vobject(body) == {}
    assert b"\r\nTZID:Europe/London\r\n" in body
    assert body.endswith(b"END:VCALENDAR\r\n")


@pytest.mark.parametrize("text", [*HOSTILE, *LONG])
def test_lines_end_in_crlf_and_fold_at_75_octets_between_characters(text: str) -> None:
    body = feed(an_entry(summary=text, description=text, categories=(text,)), name=text)
    lines = body.split(b"\r\n")
    assert lines.pop() == b""
    for line in lines:
        assert len(line) <= 75
        assert b"\r" not in line
        assert b"\n" not in line
        line.decode()  # a fold inside a character would not decode


@given(st.text() | st.sampled_from([*HOSTILE, *LONG]))
def test_no_name_can_add_a_property_or_an_event(text: str) -> None:
    plain = unfolded(feed(an_entry(), name="Dates"))
    entry = an_entry(summary=text, description=text, categories=(text,), location=text)
    publisher = Publisher(
        name=text, email="a@b.example", base_url="", calendar_domain=""
    )
    lines = unfolded(render_feed([entry], name=text, publisher=publisher))

    def properties(of: list[str]) -> list[str]:
        return [line.partition(":")[0].partition(";")[0] for line in of]

    assert properties(lines) == properties(plain)


@pytest.mark.parametrize("text", LONG)
def test_a_long_name_arrives_whole_in_both_readers(text: str) -> None:
    body = feed(an_entry(summary=text))
    meant = " ".join(text.split())
    (event,) = events(body).values()
    assert event["summary"] == meant
    assert vobject.readOne(body.decode()).vevent.summary.value == meant


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_is_one_event_for_one_person_and_asks_for_no_reply(
    method: str,
) -> None:
    entry = an_entry(sequence=4, cancelled=method == "CANCEL")
    text = invitation(
        entry,
        method=method,
        attendee_name="Siân O'Neill",
        attendee_email="sian.o'neill+ecs@example.org",
        publisher=PUBLISHER,
    )
    calendar: Any = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    attendee = event["attendee"]
    assert calendar["method"] == method
    assert "uid" not in calendar
    assert attendee == "mailto:sian.o'neill+ecs@example.org"
    assert attendee.params["CN"] == "Siân O'Neill"
    assert attendee.params["RSVP"] == "FALSE"
    assert attendee.params["PARTSTAT"] == "ACCEPTED"
    assert event["organizer"] == "mailto:bookings@training.example"
    assert (event["uid"], event["sequence"]) == (entry.uid, 4)
    assert event["status"] == ("CANCELLED" if method == "CANCEL" else "CONFIRMED")
    assert event.start == entry.starts_at
    assert len(calendar.walk("VTIMEZONE")) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_inside_the_attendee(name: str) -> None:
    text = invitation(
        an_entry(),
        method="REQUEST",
        attendee_name=name,
        attendee_email="a@b.example",
        publisher=PUBLISHER,
    )
    (attendee,) = [line for line in unfolded(text) if line.startswith("ATTENDEE")]
    assert attendee.endswith(":mailto:a@b.example")
    assert not any(
        line.startswith(("X-EVIL", "ATTENDEE:mailto:evil")) for line in unfolded(text)
    )
    (event,) = events(text).values()
    assert event["attendee"] == "mailto:a@b.example"


def test_the_joining_link_is_a_conference_with_one_feature() -> None:
    link = "https://teams.example/l/meetup-join/19%3ameeting?a=1,2;3"
    lines = unfolded(feed(an_entry(joining_url=link)))
    wanted = f"CONFERENCE;FEATURE=VIDEO;LABEL=Join on Teams;VALUE=URI:{link}"
    assert wanted in lines
    assert not any("CONFERENCE" in line for line in unfolded(feed(an_entry())))
    broken = feed(an_entry(joining_url="https://x.example\r\nX-EVIL:1"))
    assert not any(line.startswith("X-EVIL") for line in unfolded(broken))


def test_no_feed_rings_an_alarm_or_invites() -> None:
    body = feed(an_entry(), an_entry(uid="x@x", cancelled=True))
    assert not any(word in body for word in (b"VALARM", b"ATTENDEE", b"RSVP"))


def test_every_control_character_is_left_out_and_nothing_else() -> None:
    kept = [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]
    for n in kept:
        is_control = unicodedata.category(chr(n)) == "Cc" and not chr(n).isspace()
        assert (UNPRINTABLE.match(chr(n)) is not None) is is_control
