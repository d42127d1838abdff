"""What a company's calendar says of its people: how many, initials, or names."""

from collections.abc import Sequence

from ecs_training.calendar_feeds.rules.entries import (
    Booked,
    CalendarEntry,
    Dated,
    Publisher,
    entry_of_booking,
    initials,
)
from ecs_training.calendar_feeds.rules.feeds import FeedPrivacy
from ecs_training.catalogue.rules import CardRole


def entry_of_delegate(
    booking: Booked,
    *,
    full_name: str,
    role: CardRole,
    publisher: Publisher,
    privacy: FeedPrivacy = FeedPrivacy.INITIALS,
) -> CalendarEntry:
    """Return what the company sees of one booking, and never the joining link.

    A feed's address is easily passed on, so whoever finds it must not get in; and it says
    names only where the company has chosen so.
    """
    shown = full_name if privacy is FeedPrivacy.NAMES else initials(full_name)
    page = f"{publisher.base_url}/bookings/{booking.ref}"
    state = "Cancelled booking" if booking.cancelled_at else "Booking"
    return entry_of_booking(
        booking,
        role=role,
        publisher=publisher,
        summary=f"{shown}: {role.course_title}",
        lines=[f"{state} for {shown}.", page],
        busy=False,
    )


def entry_of_people(
    course_session: Dated,
    bookings: Sequence[Booked],
    *,
    owner_ref: str,
    role: CardRole,
    publisher: Publisher,
) -> CalendarEntry:
    """Return how many of a company's (or site's) people are booked on a date: one entry.

    `bookings` are all of theirs on it, cancelled ones too, and one at least. A booking is
    never removed and its sequence never falls, so neither does the sum, while the count may.
    Nobody left makes a cancelled entry.
    """
    count = sum(booking.cancelled_at is None for booking in bookings)
    whom = f"{count} of our people" if count else "Our people"
    revised = [course_session.updated_at, *(each.updated_at for each in bookings)]
    return CalendarEntry(
        uid=f"people-{owner_ref.lower()}-{course_session.calendar_uid}"
        f"@{publisher.calendar_domain}",
        sequence=course_session.sequence + sum(each.sequence + 1 for each in bookings),
        updated_at=max(revised).replace(microsecond=0),
        starts_at=course_session.starts_at,
        ends_at=course_session.ends_at,
        summary=f"{whom}: {role.course_title}",
        description=f"Booked: {count}.\nWho they are: {publisher.base_url}/company",
        url=f"{publisher.base_url}/company",
        categories=(role.name,),
        busy=False,
        cancelled=count == 0 or course_session.cancelled_at is not None,
    )
