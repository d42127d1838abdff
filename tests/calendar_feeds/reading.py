"""Reading calendars as two independent programs do."""

from datetime import UTC, datetime

import vobject
from icalendar import Calendar, Event

from ecs_training.calendar_feeds.rules import CalendarEntry, Publisher

PUBLISHER = Publisher(
    name="MJ Training Solutions",
    email="bookings@training.example",
    base_url="https://training.example",
    calendar_domain="calendar.example",
)


def an_entry(**changes: object) -> CalendarEntry:
    """Return a plain entry from 9am to 4:30pm in winter, with what the test changes."""
    usual = {
        "uid": "session-1@calendar.example",
        "sequence": 0,
        "updated_at": datetime(2026, 1, 5, 10, tzinfo=UTC),
        "starts_at": datetime(2026, 1, 14, 9, tzinfo=UTC),
        "ends_at": datetime(2026, 1, 14, 16, 30, tzinfo=UTC),
        "summary": "Labourer health and safety course",
        "description": "One day.\nUK time.",
        "url": "https://training.example/course-sessions/ABC",
        "categories": ("Labourer",),
        "busy": True,
        "cancelled": False,
    }
    return CalendarEntry(**{**usual, **changes})  # type: ignore[arg-type]


def events(body: bytes | str) -> dict[str, dict[str, str]]:
    """Read the events' plain properties with icalendar, by UID, in the order of the file.

    A UID that stands twice is a failure.
    """
    found = _events(body)
    by_uid = {
        str(event["uid"]): {name.lower(): str(value) for name, value in event.items()}
        for event in found
    }
    assert len(by_uid) == len(found)
    return by_uid


def _events(body: bytes | str) -> list[Event]:
    (calendar,) = Calendar.from_ical(body, multiple=True)
    return [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]


def starts_by_icalendar(body: bytes) -> dict[str, datetime]:
    """Return each event's start in UTC, from the file's own VTIMEZONE where it has one."""
    return {
        str(event["uid"]): event.decoded("dtstart").astimezone(UTC)
        for event in _events(body)
    }


def starts_by_vobject(body: bytes) -> dict[str, datetime]:
    calendar = vobject.readOne(body.decode())
    return {
        event.uid.value: event.dtstart.value.astimezone(UTC)
        for event in calendar.contents.get("vevent", [])
    }


def unfolded(body: bytes | str) -> list[str]:
    """Return the content lines, with RFC 5545's folds taken out."""
    text = body.decode() if isinstance(body, bytes) else body
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
