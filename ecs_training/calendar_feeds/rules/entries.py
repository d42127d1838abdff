"""A course session or a booking as one calendar entry, worded for whoever sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ecs_training.catalogue.rules import CardRole
from ecs_training.foundation.london import word_clock
from ecs_training.foundation.settings import Settings

WHERE = "Microsoft Teams"
# What people are asked for in their letters, and a paper with room for a late beginning.
BE_THERE_BEFORE = timedelta(minutes=15)
RESIT_LASTS = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Who publishes the entries: everything of our settings that stands in their bytes."""

    name: str
    email: str
    base_url: str
    calendar_domain: str


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """One appointment. `updated_at` is cut to whole seconds, as iCalendar writes it.

    `busy` says whether it takes the reader's time: a date that may be booked does not.
    `joining_url` stands only in what one person sees: never in a public or a company's feed.
    """

    uid: str
    sequence: int
    updated_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    url: str
    categories: tuple[str, ...]
    busy: bool
    cancelled: bool
    location: str = WHERE
    joining_url: str | None = None


class Numbered(Protocol):
    """What every entry rests on: what calendars call it, and which version of it this is."""

    @property
    def calendar_uid(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def updated_at(self) -> datetime: ...


class Versioned(Numbered, Protocol):
    """The same of what has a page, and may be cancelled."""

    @property
    def ref(self) -> str: ...
    @property
    def cancelled_at(self) -> datetime | None: ...


class Dated(Versioned, Protocol):
    """What an entry needs of a course session."""

    @property
    def in_house(self) -> bool: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def joining_url(self) -> str | None: ...


class Booked(Versioned, Protocol):
    """What an entry needs of a booking. `sequence` rises with every revision of either."""

    @property
    def course_session(self) -> Dated: ...


class SatAgain(Protocol):
    """What an entry needs of where a resit is sat. Withdrawn: the right to it is gone."""

    @property
    def withdrawn_at(self) -> datetime | None: ...
    @property
    def booking(self) -> Versioned: ...
    @property
    def course_session(self) -> Dated: ...


class Resat(Numbered, Protocol):
    """What an entry needs of a resit. `sequence` rises with every revision of its date."""

    @property
    def entry(self) -> SatAgain: ...


def publisher_of(settings: Settings) -> Publisher:
    return Publisher(
        name=settings.provider_name,
        email=settings.mail_from,
        base_url=settings.base_url,
        calendar_domain=settings.calendar_domain,
    )


def entry_of(booking: Booked, *, role: CardRole, publisher: Publisher) -> CalendarEntry:
    """Return the candidate's own appointment: the same in their feed and in their mail.

    The joining link, once there is one, is the first line: every calendar shows that line.
    """
    page = f"{publisher.base_url}/bookings/{booking.ref}"
    link = booking.course_session.joining_url
    if booking.cancelled_at:
        lines = ["This booking is cancelled.", f"Your booking: {page}"]
    else:
        lines = [
            link or "The joining link comes by e-mail before the day.",
            "Have photo ID ready that is in date.",
            f"Your booking: {page}",
        ]
    return entry_of_booking(
        booking,
        role=role,
        publisher=publisher,
        summary=role.course_title,
        lines=lines,
        busy=True,
        joining_url=None if booking.cancelled_at else link,
    )


def entry_of_resit(
    resit: Resat, *, role: CardRole, publisher: Publisher
) -> CalendarEntry:
    """Return the appointment of whoever only sits again: about the end of that date's course.

    A date that was cancelled takes it out; the resit itself stays theirs.
    """
    course_session = resit.entry.course_session
    page = f"{publisher.base_url}/bookings/{resit.entry.booking.ref}"
    link = course_session.joining_url
    cancelled = bool(course_session.cancelled_at or resit.entry.withdrawn_at)
    if cancelled:
        lines = ["You do not sit again on this date.", f"Your booking: {page}"]
    else:
        begins = word_clock(course_session.ends_at)
        lines = [
            link or "The joining link comes by e-mail before the day.",
            f"The assessment begins about {begins}, UK time. No course before it.",
            "Have photo ID ready that is in date.",
            f"Your booking: {page}",
        ]
    return CalendarEntry(
        uid=f"resit-{resit.calendar_uid}@{publisher.calendar_domain}",
        sequence=resit.sequence,
        updated_at=resit.updated_at.replace(microsecond=0),
        starts_at=course_session.ends_at - BE_THERE_BEFORE,
        ends_at=course_session.ends_at + RESIT_LASTS,
        summary=f"Resit: {role.course_title}",
        description="\n".join(lines),
        url=page,
        categories=(role.name,),
        busy=True,
        cancelled=cancelled,
        joining_url=None if cancelled else link,
    )


def entry_of_course_session(
    course_session: Dated, *, role: CardRole, publisher: Publisher
) -> CalendarEntry:
    """Return a date that anyone may see: never a joining link, a trainer or an address."""
    page = f"{publisher.base_url}/course-sessions/{course_session.ref}"
    other_dates = f"{publisher.base_url}/courses/{role.slug}"
    if course_session.cancelled_at:
        lines = ["We had to cancel this date.", f"Other dates: {other_dates}"]
    else:
        lines = [
            "One day on Microsoft Teams. Times are UK time.",
            f"Seats, price and booking: {page}",
        ]
    return _entry_of_session(
        course_session,
        role=role,
        publisher=publisher,
        lines=lines,
        url=page,
        busy=False,
    )


def entry_of_teaching(
    course_session: Dated, *, role: CardRole, publisher: Publisher
) -> CalendarEntry:
    """Return the trainer's day: joining link first, then the register."""
    page = f"{publisher.base_url}/trainer/course-sessions/{course_session.ref}"
    link = course_session.joining_url
    if course_session.cancelled_at:
        lines = ["This date is cancelled.", f"Register: {page}"]
    else:
        lines = [link or "The joining link is still missing.", f"Register: {page}"]
    if course_session.in_house:
        lines.append("In-house: for one company.")
    return _entry_of_session(
        course_session,
        role=role,
        publisher=publisher,
        lines=lines,
        url=page,
        busy=True,
        joining_url=None if course_session.cancelled_at else link,
    )


def initials(full_name: str) -> str:
    """Return the first letter of each name: Oluwaseun Adébáyọ̀-Smith is OA."""
    firsts = [next(filter(str.isalpha, word), "").upper() for word in full_name.split()]
    return "".join(firsts) or "Delegate"


def entry_of_booking(
    booking: Booked,
    *,
    role: CardRole,
    publisher: Publisher,
    summary: str,
    lines: list[str],
    busy: bool,
    joining_url: str | None = None,
) -> CalendarEntry:
    """Build every view of a booking on one UID, so that no calendar shows it twice."""
    return CalendarEntry(
        uid=f"booking-{booking.calendar_uid}@{publisher.calendar_domain}",
        sequence=booking.sequence,
        updated_at=booking.updated_at.replace(microsecond=0),
        starts_at=booking.course_session.starts_at,
        ends_at=booking.course_session.ends_at,
        summary=summary,
        description="\n".join(lines),
        url=f"{publisher.base_url}/bookings/{booking.ref}",
        categories=(role.name,),
        busy=busy,
        cancelled=booking.cancelled_at is not None,
        joining_url=joining_url,
    )


def _entry_of_session(
    course_session: Dated,
    *,
    role: CardRole,
    publisher: Publisher,
    lines: list[str],
    url: str,
    busy: bool,
    joining_url: str | None = None,
) -> CalendarEntry:
    return CalendarEntry(
        uid=f"session-{course_session.calendar_uid}@{publisher.calendar_domain}",
        sequence=course_session.sequence,
        updated_at=course_session.updated_at.replace(microsecond=0),
        starts_at=course_session.starts_at,
        ends_at=course_session.ends_at,
        summary=role.course_title,
        description="\n".join(lines),
        url=url,
        categories=(role.name,),
        busy=busy,
        cancelled=course_session.cancelled_at is not None,
        joining_url=joining_url,
    )
