"""When a seat may be booked or given back. Pure: no database, no clock, no web."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from ecs_training.foundation.london import london_date, to_utc
from ecs_training.scheduling.rules import working_day_before

TERMS_VERSION = "2026-1"
BOOKING_CLOSES_BEFORE_START = timedelta(hours=1)
FREE_WORKING_DAYS = 2
FREE_UNTIL_TIME = time(9)  # in London
TIMES = "\N{MULTIPLICATION SIGN}"
USUAL_PERCENT = 100  # of the paper's minutes
CONSUMERS_DAYS = timedelta(days=15)  # the right ends with the 14th day after booking


class Buyer(StrEnum):
    SELF = "self"
    COMPANY = "company"


class BookingRefusal(StrEnum):
    CANCELLED = "This date has been cancelled. Choose another date."
    CLOSED = (
        "Booking for this date has closed. It closes one hour before the course starts."
    )
    NOT_PUBLIC = "This date is for one company only. Choose another date."
    ALREADY_BOOKED = "This person already has a seat on this date."
    FULL = "This date is full. Choose another date."


class AdjustmentRefusal(StrEnum):
    CANCELLED = "This booking is cancelled, so there is no assessment to prepare."
    ASKED_ANEW = (
        "The person has asked anew since. Read what they need now, and decide on that."
    )
    DECIDED_MEANWHILE = (
        "Somebody decided while this page was open. Read what was decided, then change it"
        " if you have to."
    )
    OWN = (
        "You cannot decide on what you asked for yourself. Ask another member of staff."
    )


class CancellationRefusal(StrEnum):
    ALREADY_CANCELLED = "This booking is cancelled already."
    STARTED = "The course has started, so this booking can no longer be cancelled."
    NO_LONGER_FREE = (
        "Cancelling stopped being free while this page was open. Read what it costs now"
        " before you decide."
    )


def why_not_book(
    *,
    starts_at: datetime,
    cancelled: bool,
    for_this_buyer: bool,
    capacity: int,
    seats_taken: int,
    already_booked: bool,
    now: datetime,
) -> BookingRefusal | None:
    """Return the first reason to refuse, or None if a seat may be booked.

    `for_this_buyer` is false where the public asks for a seat on an in-house date.
    """
    reasons = {
        BookingRefusal.NOT_PUBLIC: not for_this_buyer,
        BookingRefusal.CANCELLED: cancelled,
        BookingRefusal.CLOSED: is_booking_closed(starts_at=starts_at, now=now),
        BookingRefusal.ALREADY_BOOKED: already_booked,
        BookingRefusal.FULL: seats_taken >= capacity,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def is_booking_closed(*, starts_at: datetime, now: datetime) -> bool:
    return now > starts_at - BOOKING_CLOSES_BEFORE_START


def free_until(
    local_date: date, *, starts_at: datetime, booked_at: datetime, consumer: bool
) -> datetime:
    """Return the instant from which cancelling a seat on that day costs its whole price.

    By our terms 09:00 in London, two working days of England and Wales before the course.
    A consumer has 14 whole days after the day of booking, until the course begins, if that
    is later (Consumer Contracts Regulations 2013, reg 30).
    """
    by_terms = to_utc(
        working_day_before(local_date, days=FREE_WORKING_DAYS), FREE_UNTIL_TIME
    )
    if not consumer:
        return by_terms
    by_law = to_utc(london_date(booked_at) + CONSUMERS_DAYS, time(0))
    return max(by_terms, min(by_law, starts_at))


def is_cancelling_free(*, free_until: datetime, now: datetime) -> bool:
    return now < free_until


def why_not_cancel(
    *,
    starts_at: datetime,
    cancelled: bool,
    free_until: datetime,
    expects_free: bool,
    now: datetime,
) -> CancellationRefusal | None:
    """Return the first reason to refuse, or None.

    `expects_free` says that the person was told it costs nothing: a price that they have
    not seen is never charged.
    """
    if cancelled:
        return CancellationRefusal.ALREADY_CANCELLED
    if now >= starts_at:
        return CancellationRefusal.STARTED
    if expects_free and not is_cancelling_free(free_until=free_until, now=now):
        return CancellationRefusal.NO_LONGER_FREE
    return None


def why_not_decide(
    *,
    withdrawn: bool,
    cancelled: bool,
    own: bool,
    decided_at: datetime | None,
    expects_decided_at: datetime | None,
) -> AdjustmentRefusal | None:
    """Return the first reason to refuse, or None. What was decided may be changed.

    `expects_decided_at` is what the page said when it was opened: nobody overrules a
    decision that they have not seen.
    """
    reasons = {
        AdjustmentRefusal.OWN: own,
        AdjustmentRefusal.CANCELLED: cancelled,
        AdjustmentRefusal.ASKED_ANEW: withdrawn,
        AdjustmentRefusal.DECIDED_MEANWHILE: decided_at != expects_decided_at,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def word_agreed(*, time_percent: int, rest_minutes: int) -> str:
    """Word what was agreed for whoever runs the day: "Time x 1.5, breaks of 10 minutes".

    Help that is neither time nor breaks stands in the reply only.
    """
    parts = []
    if time_percent > USUAL_PERCENT:
        parts.append(f"Time {TIMES}{time_percent / USUAL_PERCENT:g}")
    if rest_minutes:
        breaks = f"breaks of {rest_minutes} minute{'s'[: rest_minutes != 1]}"
        parts.append(breaks if parts else breaks.capitalize())
    return ", ".join(parts) or "Help agreed"
