"""Calendar entries as iCalendar text (RFC 5545), and as invitations (RFC 5546).

Nothing here knows what time it is: the same entries are the same bytes for ever.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from urllib.parse import quote

import icalendar
from icalendar import (
    Calendar,
    Event,
    Timezone,
    vCalAddress,
    vCategory,
    vDuration,
    vInt,
    vText,
    vUri,
)

from ecs_training.calendar_feeds.rules.entries import CalendarEntry, Publisher
from ecs_training.foundation.london import LONDON, ZONE_NAME

# Raise it with every change to the bytes, or subscribers keep the old ones.
RENDERER = 2
ASK_AGAIN_AFTER = timedelta(hours=1)
REMEMBERED = 4096  # entries in each process, about 1 kB each
COLOUR = "goldenrod"  # RFC 7986 takes a name of CSS; the nearest to our yellow
# One feature only: the library writes several as one quoted value.
CONFERENCE = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": "Join on Teams"}
# Every control character that is no white space.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
IN_AN_ADDRESS = "@+!$&'*=~"  # what need not be encoded after mailto:

# By hand: what libraries generate (lists of RDATEs) is read an hour wrong by Outlook,
# Thunderbird and Nextcloud. tests/ compare it with the real zone until 2040.
VTIMEZONE = "\r\n".join(
    (
        "BEGIN:VTIMEZONE",
        f"TZID:{ZONE_NAME}",
        "BEGIN:DAYLIGHT",
        "DTSTART:19810329T010000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0100",
        "TZNAME:BST",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0000",
        "TZNAME:GMT",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    )
)
_ZONE = Timezone.from_ical(VTIMEZONE)


def renderer_version(*told: object) -> str:
    """Name what shapes the bytes besides the rows: this module, its library, and `told`."""
    shaped_by = repr((RENDERER, icalendar.__version__, told))
    return hashlib.sha256(shaped_by.encode()).hexdigest()


def render_feed(
    entries: Iterable[CalendarEntry],
    *,
    name: str,
    publisher: Publisher,
    address: str | None = None,
) -> bytes:
    """Return a whole feed, ordered by (start, UID). No entries make a valid empty feed.

    `address` is where a public feed is found. A private one must not carry its own: a copy
    that is passed on would open everything that comes later.
    """
    calendar = _calendar("PUBLISH")
    # No UID for the calendar itself: vdirsyncer would show the whole feed as one entry.
    calendar.add("name", vText(_one_line(name)))
    calendar.add("x-wr-calname", vText(_one_line(name)))
    calendar.add("x-wr-timezone", vText(ZONE_NAME))
    wait = ASK_AGAIN_AFTER
    calendar.add("refresh-interval", wait, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(wait))
    calendar.add("color", COLOUR)
    if address:
        calendar.add("source", vUri(address), parameters={"VALUE": "URI"})
    head, *end = calendar.to_ical().rpartition(b"END:VCALENDAR")
    ordered = sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))
    events = [_event_bytes(entry, publisher) for entry in ordered]
    return b"".join([head, *events, *end])


@lru_cache(maxsize=REMEMBERED)
def _event_bytes(entry: CalendarEntry, publisher: Publisher) -> bytes:
    """Remember what has been rendered: of a feed that changed, most entries did not."""
    body: bytes = _event(entry, publisher).to_ical()
    return body


def invitation(
    entry: CalendarEntry,
    *,
    method: str,
    attendee_name: str,
    attendee_email: str,
    publisher: Publisher,
) -> str:
    """Return one e-mail's calendar part: exactly one event, for exactly one person.

    `method` is REQUEST (take this in, or take it in again) or CANCEL (take it out). No reply
    is asked for: whoever booked has accepted.
    """
    calendar = _calendar(method)
    event = _event(entry, publisher)
    attendee = _address(attendee_name, attendee_email)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    event.add("attendee", attendee)
    calendar.add_component(event)
    body: bytes = calendar.to_ical()
    return body.decode()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//ECS Training//Calendars//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_ZONE)
    return calendar


def _event(entry: CalendarEntry, publisher: Publisher) -> Event:
    """Build one event. The organiser is our own mailbox, never a trainer's.

    Texts are put in place as they are: finding out for each which type it needs takes as
    long as writing them.
    """
    event = Event()
    event.add("dtstamp", entry.updated_at)
    event.add("dtstart", entry.starts_at.astimezone(LONDON))
    event.add("dtend", entry.ends_at.astimezone(LONDON))
    title = _one_line(entry.summary)
    takes_time = entry.busy and not entry.cancelled
    event.update(
        {
            "last-modified": event["dtstamp"],
            "uid": vText(entry.uid),
            "sequence": vInt(entry.sequence),
            # Outlook shows a cancelled entry like any other, so its title must say it.
            "summary": vText(f"CANCELLED: {title}" if entry.cancelled else title),
            "description": vText(_lines(entry.description)),
            "location": vText(_one_line(entry.location)),
            "url": vUri(entry.url),
            "categories": vCategory([_one_line(each) for each in entry.categories]),
            "organizer": _organiser(publisher),
            "status": vText("CANCELLED" if entry.cancelled else "CONFIRMED"),
            "transp": vText("OPAQUE" if takes_time else "TRANSPARENT"),
            "x-microsoft-cdo-busystatus": vText("BUSY" if takes_time else "FREE"),
        }
    )
    if entry.joining_url:
        event.add("conference", _one_line(entry.joining_url), parameters=CONFERENCE)
    return event


@lru_cache(maxsize=8)
def _organiser(publisher: Publisher) -> vCalAddress:
    return _address(publisher.name, publisher.email)


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{quote(email, safe=IN_AN_ADDRESS)}")
    # Inside quotes a parameter may hold anything but quotes and control characters.
    address.params["CN"] = _one_line(name).replace('"', "'")
    return address


def _lines(text: str) -> str:
    return "\n".join(_one_line(line) for line in text.split("\n"))


def _one_line(text: str) -> str:
    """Return text that cannot begin another line or property, whoever typed it.

    split() also knows the rarer line ends (U+0085, U+2028 …) that some readers break at.
    """
    return " ".join(UNPRINTABLE.sub("", text).split())
