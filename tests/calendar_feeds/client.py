"""A calendar program, as small as one can be: what it does with mail and with a feed.

It knows nothing of ours. RFC 5546: a REQUEST puts an event in or replaces it, a CANCEL takes
it out, and what is older than what is known (by SEQUENCE) is left aside. RFC 5545: a feed is
what it holds, whole; an event with STATUS:CANCELLED is shown struck through.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage

import vobject
from icalendar import Calendar


@dataclass(frozen=True, kw_only=True)
class Event:
    uid: str
    sequence: int
    cancelled: bool
    starts_at: datetime
    ends_at: datetime
    summary: str
    first_line: str


Reader = Callable[[bytes], tuple[str, list[Event]]]


def read_by_icalendar(body: bytes) -> tuple[str, list[Event]]:
    """Return METHOD and the events."""
    calendar = Calendar.from_ical(body)
    found = [
        Event(
            uid=str(each["uid"]),
            sequence=int(str(each["sequence"])),
            cancelled=str(each["status"]) == "CANCELLED",
            starts_at=each.decoded("dtstart").astimezone(UTC),
            ends_at=each.decoded("dtend").astimezone(UTC),
            summary=str(each["summary"]),
            first_line=str(each["description"]).split("\n")[0],
        )
        for each in calendar.walk("VEVENT")
    ]
    return str(calendar["method"]), found


def read_by_vobject(body: bytes) -> tuple[str, list[Event]]:
    calendar = vobject.readOne(body.decode())
    found = [
        Event(
            uid=each.uid.value,
            sequence=int(each.sequence.value),
            cancelled=each.status.value == "CANCELLED",
            starts_at=each.dtstart.value.astimezone(UTC),
            ends_at=each.dtend.value.astimezone(UTC),
            summary=each.summary.value,
            first_line=each.description.value.split("\n")[0],
        )
        for each in calendar.contents.get("vevent", [])
    ]
    return calendar.method.value, found


READERS: dict[str, Reader] = {
    "icalendar": read_by_icalendar,
    "vobject": read_by_vobject,
}


@dataclass
class Client:
    """One person's calendar. `invited` came by mail, None where a CANCEL took it out."""

    read: Reader
    invited: dict[str, Event | None] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    subscribed: list[Event] = field(default_factory=list)

    def receive(self, message: EmailMessage) -> None:
        """Take an invitation in. Letters without one are only read."""
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                body = part.get_payload(decode=True)
                assert isinstance(body, bytes)
                self._take(body, str(part["Content-Type"].params["method"]))

    def _take(self, body: bytes, told: str) -> None:
        method, (event,) = self.read(body)
        assert method == told  # or Outlook shows the raw lines
        if event.sequence < self.known.get(event.uid, 0):
            return
        self.known[event.uid] = event.sequence
        self.invited[event.uid] = None if method == "CANCEL" else event

    def fetch(self, body: bytes) -> None:
        method, events = self.read(body)
        assert method == "PUBLISH"
        self.subscribed = events

    def by_mail(self) -> list[Event]:
        """Return what stands in the calendar that mail fills."""
        return [event for event in self.invited.values() if event]

    def by_feed(self) -> list[Event]:
        """Return what stands in the subscribed calendar and takes place."""
        return [event for event in self.subscribed if not event.cancelled]

    def together(self) -> list[Event]:
        """Return what one sees who has both in one view: of each UID its newest version."""
        newest: dict[str, tuple[int, Event | None]] = {
            uid: (self.known[uid], event) for uid, event in self.invited.items()
        }
        for event in self.subscribed:
            if event.sequence >= newest.get(event.uid, (-1, None))[0]:
                newest[event.uid] = (event.sequence, event)
        return [event for _, event in newest.values() if event and not event.cancelled]
