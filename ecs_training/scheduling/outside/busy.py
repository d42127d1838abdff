"""What a calendar says about its owner's time. Pure, but for how long it may take."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain
from typing import Any

from dateutil.rrule import rrule, rrulestr
from icalendar import Calendar, Event

from ecs_training.foundation.london import LONDON
from ecs_training.scheduling.outside.problems import (
    CalendarProblem,
    CalendarUnreadable,
)

Span = tuple[datetime, datetime]

MOST_ENTRIES = 5000
MOST_SPANS = 5000
MOST_STEPS = 200_000  # occurrences looked at, all entries together
MOST_A_DAY = 24  # occurrences of one entry
DAILY_OR_RARER = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
A_DAY = timedelta(days=1)


@dataclass
class _Budget:
    left: int = field(default=MOST_STEPS)

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise CalendarUnreadable(CalendarProblem.TOO_MUCH)


def busy_times(
    content: bytes, *, own_domain: str, since: datetime, until: datetime
) -> Sequence[Span]:
    """Return when the owner is taken, joined, in order; or raise CalendarUnreadable.

    Whole days and times without a zone are London's. What is cancelled or marked as free
    takes nobody's time.
    """
    entries = _entries(content)
    replaced: dict[str, list[Any]] = {}
    for entry in entries:
        if "RECURRENCE-ID" in entry:
            replaced.setdefault(_uid(entry), []).append(_day(entry, "RECURRENCE-ID"))
    budget = _Budget()
    spans: list[Span] = []
    for entry in entries:
        if _is_free(entry) or _uid(entry).lower().endswith(f"@{own_domain}".lower()):
            continue
        try:
            taken = _Entry.read(entry, replaced.get(_uid(entry), []))
            spans += taken.spans(since, until, budget)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise CalendarUnreadable(CalendarProblem.NOT_A_CALENDAR) from None
    return _joined(spans, since, until)


def _entries(content: bytes) -> list[Event]:
    try:
        calendars = Calendar.from_ical(content.decode("utf-8-sig"), multiple=True)
        found = [
            event
            for each in calendars
            for event in each.walk("VEVENT")
            if isinstance(event, Event)
        ]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise CalendarUnreadable(CalendarProblem.NOT_A_CALENDAR) from None
    if not any(each.name == "VCALENDAR" for each in calendars):
        raise CalendarUnreadable(CalendarProblem.NOT_A_CALENDAR)
    if len(found) > MOST_ENTRIES:
        raise CalendarUnreadable(CalendarProblem.TOO_MUCH)
    return found


def _uid(entry: Event) -> str:
    return str(entry.get("UID", ""))


def _is_free(entry: Event) -> bool:
    said = {
        str(entry.get(name, "")).upper()
        for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")
    }
    return not said.isdisjoint({"CANCELLED", "TRANSPARENT", "FREE"})


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One entry; `starts` is wall-clock time in `zone`, and so are those that are left out."""

    starts: datetime
    lasts: timedelta
    whole_days: bool
    zone: tzinfo
    rules: Sequence[rrule]
    last_starts: datetime | None
    extra: Sequence[datetime]
    left_out: frozenset[datetime]

    @classmethod
    def read(cls, entry: Event, replaced: Iterable[Any]) -> "_Entry":
        """Raise ValueError and its like for what makes no sense."""
        begins = _day(entry, "DTSTART")
        zone = (begins.tzinfo if isinstance(begins, datetime) else None) or LONDON
        starts = _wall(begins, zone)
        one_of_many = "RECURRENCE-ID" in entry
        repeats = [] if one_of_many else _listed(entry.get("RRULE"))
        return cls(
            starts=starts,
            lasts=_length(entry, begins),
            whole_days=not isinstance(begins, datetime),
            zone=zone,
            rules=[_rule(each, starts) for each in repeats],
            last_starts=_last_of(repeats, zone),
            extra=[]
            if one_of_many
            else [_wall(d, zone) for d in _days(entry, "RDATE")],
            left_out=frozenset(
                []
                if one_of_many
                else (
                    _matching(day, starts, zone)
                    for day in chain(_days(entry, "EXDATE"), replaced)
                )
            ),
        )

    def spans(
        self, since: datetime, until: datetime, budget: _Budget
    ) -> Iterator[Span]:
        """Yield the times that touch the window, each as UTC instants."""
        if self.lasts <= timedelta():
            return
        for starts in chain([self.starts], self.extra, self._repeated(until, budget)):
            if starts in self.left_out:
                continue
            begins, ends = self._instants(starts)
            if begins < until and ends > since:
                yield begins, ends

    def _repeated(self, until: datetime, budget: _Budget) -> Iterator[datetime]:
        end = until.astimezone(self.zone).replace(tzinfo=None)
        last = min(end, self.last_starts) if self.last_starts else end
        for each in self.rules:
            for starts in each:
                budget.spend()
                if starts > last:
                    break
                yield starts

    def _instants(self, starts: datetime) -> Span:
        begins = starts.replace(tzinfo=self.zone)
        if self.whole_days:  # a day with a clock change is no 24 hours long
            ends = (starts + self.lasts).replace(tzinfo=self.zone)
            return begins.astimezone(UTC), ends.astimezone(UTC)
        return begins.astimezone(UTC), begins.astimezone(UTC) + self.lasts


def _wall(at: date | tuple[Any, ...], zone: tzinfo) -> datetime:
    """Return the wall-clock time in a zone; a whole day is its midnight."""
    day = at[0] if isinstance(at, tuple) else at  # of a period its start
    if not isinstance(day, datetime):
        return datetime.combine(day, time())
    return (day.astimezone(zone) if day.tzinfo else day).replace(tzinfo=None)


def _matching(day: Any, starts: datetime, zone: tzinfo) -> datetime:
    """Say which occurrence is meant; a bare date means the one of that day."""
    if isinstance(day, date) and not isinstance(day, datetime):
        return datetime.combine(day, starts.time())
    return _wall(day, zone)


def _length(entry: Event, begins: date) -> timedelta:
    if "DTEND" in entry or "DURATION" in entry:
        said = _day(entry, "DTEND" if "DTEND" in entry else "DURATION")
        length: timedelta = said - begins if "DTEND" in entry else said
        return length
    return timedelta() if isinstance(begins, datetime) else A_DAY


def _day(entry: Event, name: str) -> Any:
    """Return a date, a time, a length: whatever stands there. Raise for nothing of the kind."""
    value: Any = entry[name]
    return value.dt


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _days(entry: Event, name: str) -> Iterator[Any]:
    for each in _listed(entry.get(name)):
        for day in each.dts:
            yield day.dt


def _rule(repeats: Any, starts: datetime) -> rrule:
    """Refuse what is made to be counted for ever; its end is told by _last_of."""
    frequency = str(_listed(repeats.get("FREQ"))[0]).upper()
    a_day = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        a_day *= max(1, len(_listed(repeats.get(name))))
    if frequency not in DAILY_OR_RARER or a_day > MOST_A_DAY:
        raise CalendarUnreadable(CalendarProblem.TOO_OFTEN)
    kept = type(repeats)({k: v for k, v in repeats.items() if k.upper() != "UNTIL"})
    read = rrulestr(kept.to_ical().decode(), dtstart=starts, ignoretz=True)
    if not isinstance(read, rrule):
        raise TypeError(type(read))
    return read


def _last_of(repeats: Sequence[Any], zone: tzinfo) -> datetime | None:
    ends = [day for each in repeats for day in _listed(each.get("UNTIL"))]
    if not ends:
        return None
    return max(
        _wall(day, zone)
        if isinstance(day, datetime)
        else datetime.combine(day, time.max)
        for day in ends
    )


def _joined(spans: Iterable[Span], since: datetime, until: datetime) -> Sequence[Span]:
    joined: list[Span] = []
    for begins, ends in sorted(spans):
        start, end = max(begins, since), min(ends, until)
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    if len(joined) > MOST_SPANS:
        raise CalendarUnreadable(CalendarProblem.TOO_MUCH)
    return joined
