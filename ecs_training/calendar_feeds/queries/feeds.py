"""What each feed shows, and the name of its bytes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.booking.models import Booking
from ecs_training.calendar_feeds.queries.marks import (
    CANDIDATE,
    COMPANY,
    RESITS,
    ROLE,
    SITE,
    TRAINER,
    Source,
)
from ecs_training.calendar_feeds.queries.private import FeedState, KeptFeed
from ecs_training.calendar_feeds.rules.companies import (
    entry_of_delegate,
    entry_of_people,
)
from ecs_training.calendar_feeds.rules.entries import (
    CalendarEntry,
    Publisher,
    entry_of,
    entry_of_course_session,
    entry_of_resit,
    entry_of_teaching,
)
from ecs_training.calendar_feeds.rules.feeds import (
    FeedKind,
    FeedPrivacy,
    etag_of,
    feed_name,
    shown_since,
)
from ecs_training.calendar_feeds.rules.rendering import renderer_version
from ecs_training.catalogue.queries import card_role, scheme
from ecs_training.foundation.database import Database

Word = Callable[[Sequence[Any]], list[CalendarEntry]]
Parts = Sequence[tuple[Source, Word]]
Marks = tuple[str, datetime | None]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What one address shows, and how the rows of each of its sources are worded.

    `told` is what shapes its bytes besides its rows.
    """

    name: str
    publisher: Publisher
    parts: Parts
    asked: Mapping[str, object]
    told: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Version:
    """One state of a feed: the name of its bytes, and when a thing in it was last revised."""

    etag: str
    revised_at: datetime | None


def feed_of_role(slug: str, *, today: date, publisher: Publisher) -> Feed:
    """Return everybody's feed of one card role, or raise NotFound.

    In-house dates are in none of them.
    """
    role = card_role(slug)

    def word(found: Sequence[Any]) -> list[CalendarEntry]:
        return [
            entry_of_course_session(each, role=role, publisher=publisher)
            for each in found
        ]

    return Feed(
        name=f"{role.course_title}: dates from {publisher.name}",
        publisher=publisher,
        parts=[(ROLE, word)],
        asked={"since": shown_since(today), "whose": role.slug},
    )


def private_feed(kept: KeptFeed, *, today: date, publisher: Publisher) -> Feed:
    """Return what the holder of a private address sees."""
    whose, parts = _SHOWN[kept.kind](kept, publisher)
    return Feed(
        name=feed_name(kept.kind, site=kept.site_name),
        publisher=publisher,
        parts=parts,
        asked={"since": shown_since(today), "whose": whose},
        told=_told(kept),
    )


Shown = tuple[int | None, Parts]


def _shown_to_trainer(kept: KeptFeed, publisher: Publisher) -> Shown:
    def word(found: Sequence[Any]) -> list[CalendarEntry]:
        return [
            entry_of_teaching(each, role=card_role(each.card_role), publisher=publisher)
            for each in found
        ]

    return kept.person_id, [(TRAINER, word)]


def _shown_to_candidate(kept: KeptFeed, publisher: Publisher) -> Shown:
    def word_bookings(found: Sequence[Any]) -> list[CalendarEntry]:
        return [
            entry_of(
                each,
                role=card_role(each.course_session.card_role),
                publisher=publisher,
            )
            for each in found
        ]

    def word_resits(found: Sequence[Any]) -> list[CalendarEntry]:
        return [
            entry_of_resit(
                each,
                role=card_role(each.entry.course_session.card_role),
                publisher=publisher,
            )
            for each in found
        ]

    return kept.person_id, [(CANDIDATE, word_bookings), (RESITS, word_resits)]


def _shown_to_company(kept: KeptFeed, publisher: Publisher) -> Shown:
    def word(found: Sequence[Any]) -> list[CalendarEntry]:
        if kept.privacy is FeedPrivacy.COUNT:
            return _counted(found, kept.owner_ref or "", publisher)
        return [
            entry_of_delegate(
                each,
                full_name=each.candidate.full_name,
                role=card_role(each.course_session.card_role),
                publisher=publisher,
                privacy=kept.privacy,
            )
            for each in found
        ]

    if kept.site_id is not None:
        return kept.site_id, [(SITE, word)]
    return kept.company_id, [(COMPANY, word)]


_SHOWN = {
    FeedKind.TRAINER: _shown_to_trainer,
    FeedKind.COMPANY: _shown_to_company,
    FeedKind.CANDIDATE: _shown_to_candidate,
}


def _counted(
    found: Sequence[Booking], owner_ref: str, publisher: Publisher
) -> list[CalendarEntry]:
    by_date = sorted(found, key=lambda booking: booking.course_session_id)
    entries = []
    for _, group in groupby(by_date, key=lambda booking: booking.course_session_id):
        bookings = list(group)
        course_session = bookings[0].course_session
        entries.append(
            entry_of_people(
                course_session,
                bookings,
                owner_ref=owner_ref,
                role=card_role(course_session.card_role),
                publisher=publisher,
            )
        )
    return entries


def feed_version(db: Session, feed: Feed) -> Version:
    """Name the feed's bytes of this moment without building them: a query a source."""
    return _version(
        feed, [tuple(db.execute(of.marks, feed.asked).one()) for of, _ in feed.parts]
    )


def ask_feed_version(database: Database, feed: Feed) -> Version:
    """Do the same without a transaction, for whoever asks every few minutes."""
    told = [database.ask(of.marks, feed.asked) or ("", None) for of, _ in feed.parts]
    return _version(feed, told)


def read_feed(db: Session, feed: Feed) -> tuple[Version, list[CalendarEntry]]:
    """Return the entries, and the version of exactly these.

    A source's marks come with its rows: between two queries a booking could slip in and
    give old bytes a new name.
    """
    entries: list[CalendarEntry] = []
    told: list[Marks] = []
    for source, word in feed.parts:
        rows = db.execute(source.rows, feed.asked).all()
        revised_at = max((updated_at for _, updated_at, _ in rows), default=None)
        told.append(("\n".join(mark for mark, _, _ in rows), revised_at))
        entries += word([row[-1] for row in rows])
    return _version(feed, told), entries


def etag_of_state(state: FeedState, *, publisher: Publisher) -> str:
    """Name the bytes of the feed in that state, as its Version would."""
    name = feed_name(state.kind, site=state.site_name)
    renderer = _renderer(name, publisher, _told(state))
    return etag_of(state.marks, renderer=renderer)


def _told(feed: KeptFeed | FeedState) -> tuple[str, ...]:
    return (feed.ref, feed.privacy.value)


def _version(feed: Feed, told: Sequence[Marks]) -> Version:
    """Name what the sources tell of: the marks of each and its newest revision."""
    marks = "\n".join(marks for marks, _ in told)
    renderer = _renderer(feed.name, feed.publisher, feed.told)
    return Version(
        etag=etag_of(marks, renderer=renderer),
        revised_at=max((at for _, at in told if at), default=None),
    )


@lru_cache(maxsize=1000)
def _renderer(name: str, publisher: Publisher, told: tuple[str, ...]) -> str:
    worded_with = [(role.slug, role.name, role.course_title) for role in scheme().roles]
    return renderer_version(name, publisher, told, worded_with)
