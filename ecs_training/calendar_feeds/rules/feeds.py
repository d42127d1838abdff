"""Which feeds there are, how far back they go, and when a feed has not changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import quote

from ecs_training.foundation.london import to_utc

# Long enough for every calendar to notice a cancellation before it leaves the feed.
KEPT_FOR = timedelta(days=90)


class FeedKind(StrEnum):
    TRAINER = "trainer"
    COMPANY = "company"
    CANDIDATE = "candidate"


class FeedPrivacy(StrEnum):
    """How much a company's feed says of the people it shows."""

    COUNT = "count"
    INITIALS = "initials"
    NAMES = "names"


FEED_NAMES = {
    FeedKind.TRAINER: "Courses I teach",
    FeedKind.COMPANY: "Courses our people are booked on",
    FeedKind.CANDIDATE: "My courses",
}


def shown_since(today: date) -> datetime:
    """Return the first instant that feeds show: the London midnight that began that day."""
    return to_utc(today - KEPT_FOR, time())


def etag_of(marks: Sequence[Sequence[object]], *, today: date, renderer: str) -> str:
    """Name a feed's bytes. `marks` holds a row for each entry that changes when it does.

    Two feeds of one address with the same name have the same bytes.
    """
    rows = [[str(value) for value in mark] for mark in marks]
    told = repr((rows, today.isoformat(), renderer))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class FeedLinks:
    """One feed's address, and what the big calendars make a subscription from."""

    address: str
    webcal: str
    google: str
    outlook: str


def feed_links(address: str, *, name: str) -> FeedLinks:
    """Return the ways to subscribe to an http(s) address.

    Google imports once and never looks again when it is given https instead of webcal.
    """
    webcal = f"webcal://{address.partition('://')[2]}"
    return FeedLinks(
        address=address,
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
        outlook="https://outlook.live.com/calendar/0/addfromweb"
        f"?url={quote(address, safe='')}&name={quote(name, safe='')}",
    )
