"""What a change would do, line by line, and the digest that names it.

A digest holds everything that a person reads before they agree: who is written to and what,
which calendar entry, which sum. It leaves out what is another each time and means nothing:
the number that a credit note gets, one-time links, the moment.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from icalendar import Calendar

from ecs_training.changes.rules.kinds import ChangeKind
from ecs_training.notifications.rules import word_span

NEXT_NUMBER = "(next number)"
ONE_TIME = "(one-time link)"
_TOKEN = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")  # see foundation/references.py
_OF_THE_MOMENT = re.compile(r"(?m)^(DTSTAMP|LAST-MODIFIED)[:;].*\r?\n")


class Fate(StrEnum):
    """What becomes of somebody's seat."""

    KEPT = "Keeps the seat"
    REVISED = "Keeps the seat, on the new date"
    CANCELLED = "Loses the seat"
    RESTORED = "Gets the seat back"
    ELSEWHERE = "Is not put back: has another course on that day"


class MoneyKind(StrEnum):
    CREDIT = "Credit note"
    INVOICE = "Invoice"


@dataclass(frozen=True, kw_only=True)
class PlannedEntry:
    """One version of a calendar entry, as its receiver's calendar takes it."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlannedLetter:
    """An e-mail. `calendar` is its iCalendar text without what tells only the moment."""

    to: str
    name: str
    subject: str
    text: str
    method: str | None = None
    calendar: str | None = None
    entry: PlannedEntry | None = None

    @property
    def label(self) -> str:
        return f"E-mail to {self.to}: {self.subject}"


@dataclass(frozen=True, kw_only=True)
class Money:
    """A credit note or an invoice, in pence. Its number is not known before it is given."""

    kind: MoneyKind
    booking_ref: str
    name: str
    net_pence: int
    vat_pence: int

    @property
    def gross_pence(self) -> int:
        return self.net_pence + self.vat_pence

    @property
    def label(self) -> str:
        return f"{self.kind} for {self.name}"


@dataclass(frozen=True, kw_only=True)
class Seat:
    booking_ref: str
    name: str
    fate: Fate

    @property
    def label(self) -> str:
        return f"{self.name}: {self.fate}"


Line = Seat | PlannedLetter | Money


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a date stands. `meeting` counts the versions that Teams was to be told, or None."""

    starts_at: datetime
    ends_at: datetime
    trainer: str
    capacity: int
    minimum: int
    seats_taken: int
    cancelled: bool
    sequence: int
    meeting: int | None = None
    joining_url: str | None = None

    @property
    def when(self) -> str:
        return word_span(self.starts_at, self.ends_at)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that one change does. Two plans with one digest are the same change."""

    kind: ChangeKind
    before: Standing
    after: Standing
    seats: tuple[Seat, ...] = ()
    letters: tuple[PlannedLetter, ...] = ()
    money: tuple[Money, ...] = ()

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Return a mark and a label for every line that a person reads."""
        whole = [
            (mark_of(self.before), "How the date stands now"),
            (mark_of(self.after), "How the date stands afterwards"),
        ]
        parts: list[Line] = [*self.seats, *self.letters, *self.money]
        return whole + [(mark_of(part), part.label) for part in parts]

    @property
    def digest(self) -> str:
        marks = sorted(mark for mark, _ in self.lines)
        return hashlib.sha256(repr((self.kind.value, marks)).encode()).hexdigest()

    @property
    def tells_teams(self) -> bool:
        return self.before.meeting != self.after.meeting

    def money_of(self, seat: Seat) -> list[Money]:
        return [each for each in self.money if each.booking_ref == seat.booking_ref]

    def total(self, kind: MoneyKind) -> int:
        """Return the sum of all credit notes, or of all invoices, in pence with VAT."""
        return sum(each.gross_pence for each in self.money if each.kind == kind)


def mark_of(part: Standing | Line) -> str:
    """Name one line by its content."""
    told = repr((type(part).__name__, part))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def fate_of(
    *,
    live: tuple[bool, bool],
    revised: bool,
    goes_with_date: bool,
) -> Fate | None:
    """Say what became of a booking, or None if it has nothing to do with the change.

    `live`: before and after; `goes_with_date`: it was cancelled because the date was.
    """
    if live == (True, False):
        return Fate.CANCELLED
    if live == (False, True):
        return Fate.RESTORED
    if live == (False, False):
        return Fate.ELSEWHERE if goes_with_date else None
    return Fate.REVISED if revised else Fate.KEPT


def normalise(text: str, *, numbers: Mapping[str, str], one_time: bool = False) -> str:
    """Return a letter's text without what would be another the next time.

    `numbers` maps each number given by this change to the word of its series.
    """
    for number, series in numbers.items():
        text = text.replace(number, f"{series} {NEXT_NUMBER}")
    return _TOKEN.sub(ONE_TIME, text) if one_time else text


def without_moment(calendar: str) -> str:
    """Return an iCalendar text without the two lines that tell when it was written."""
    return _OF_THE_MOMENT.sub("", calendar)


def read_entry(calendar: str) -> PlannedEntry:
    """Read back the one event of an invitation that we made."""
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    return PlannedEntry(
        uid=str(event["uid"]),
        sequence=int(str(event["sequence"])),
        starts_at=event.decoded("dtstart").astimezone(UTC),
        ends_at=event.decoded("dtend").astimezone(UTC),
    )


def in_order(letters: Iterable[PlannedLetter]) -> tuple[PlannedLetter, ...]:
    """Order letters for reading: by name, then by what they are about."""
    return tuple(sorted(letters, key=lambda letter: (letter.name, letter.subject)))
