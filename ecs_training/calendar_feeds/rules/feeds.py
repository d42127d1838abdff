"""Which feeds there are, how far back they go, and when a feed has not changed."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import quote

from ecs_training.foundation.london import to_utc

# Long enough for every calendar to notice a cancellation before it leaves the feed.
KEPT_FOR = timedelta(days=90)
# A program asks every few minutes; what is told to people of it need not be finer.
USE_NOTED_EVERY = timedelta(minutes=10)
SECOND = timedelta(seconds=1)  # what an HTTP date is exact to


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


def feed_name(kind: FeedKind, *, site: str | None = None) -> str:
    return f"{FEED_NAMES[kind]}: {site}" if site else FEED_NAMES[kind]


def shown_since(today: date) -> datetime:
    """Return the first instant that feeds show: the London midnight that began that day."""
    return to_utc(today - KEPT_FOR, time())


def etag_of(marks: str, *, renderer: str) -> str:
    """Name a feed's bytes. `marks` tells of each entry what changes when it does.

    Two feeds of one address with the same name have the same bytes.
    """
    return hashlib.sha256(f"{renderer}\n{marks}".encode()).hexdigest()[:32]


def changed_at(
    *, etag: str, known_etag: str | None, known_since: datetime | None, now: datetime
) -> datetime:
    """Return since when a private feed has had these bytes, in whole seconds.

    New bytes get a later second than the old ones had, even within one second: a program
    that compares times alone then sees that they are new.
    """
    if known_since is None:
        return now.replace(microsecond=0)
    if etag == known_etag:
        return known_since
    return max(now.replace(microsecond=0), known_since + SECOND)


def public_changed_at(*, revised_at: datetime | None, today: date) -> datetime:
    """Return since when a public feed has had its bytes, in whole seconds.

    Its dates are cancelled but never taken out, except by age at a London midnight.
    """
    midnight = to_utc(today, time())
    return max((revised_at or midnight).replace(microsecond=0), midnight)


def is_worth_noting(
    *, etag: str, known_etag: str | None, used_at: datetime | None, now: datetime
) -> bool:
    """Say whether a fetch tells something new: other bytes, or a use some minutes later."""
    return etag != known_etag or used_at is None or now - used_at >= USE_NOTED_EVERY


@dataclass(frozen=True, kw_only=True)
class FeedLinks:
    """One feed's address, and what the big calendars make a subscription from."""

    address: str
    webcal: str
    google: str
    outlook: str
    office: str


def feed_links(address: str, *, name: str) -> FeedLinks:
    """Return the ways to subscribe to an http(s) address.

    Google imports once and never looks again when it is given https instead of webcal.
    """
    webcal = f"webcal://{address.partition('://')[2]}"
    added = f"addfromweb?url={quote(address, safe='')}&name={quote(name, safe='')}"
    return FeedLinks(
        address=address,
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
        outlook=f"https://outlook.live.com/calendar/0/{added}",
        office=f"https://outlook.office.com/calendar/0/{added}",
    )
