"""What each feed shows: the rows, and the few columns that tell when they have changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.sql.base import ExecutableOption

from ecs_training.accounts.models import Person
from ecs_training.booking.models import Booking
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.rules.entries import (
    CalendarEntry,
    Publisher,
    entry_of,
    entry_of_course_session,
    entry_of_delegate,
    entry_of_teaching,
)
from ecs_training.calendar_feeds.rules.feeds import (
    FEED_NAMES,
    FeedKind,
    etag_of,
    shown_since,
)
from ecs_training.calendar_feeds.rules.rendering import renderer_version
from ecs_training.catalogue.queries import card_role, scheme
from ecs_training.foundation.references import hash_token
from ecs_training.scheduling.models import CourseSession

Marks = Select[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What one address shows today. `marks` selects what tells that a row has changed.

    A row is revised together with its `sequence` and `updated_at`; what can change without
    them (a delegate's name) is selected itself. Rows are in the order of their entries.
    """

    name: str
    public: bool
    today: date
    publisher: Publisher
    marks: Marks
    entity: type[Booking] | type[CourseSession]
    options: tuple[ExecutableOption, ...] = ()
    word: Callable[[Any], CalendarEntry]


def feed_of_role(slug: str, *, today: date, publisher: Publisher) -> Feed:
    """Return everybody's feed of one card role; in-house dates are in none of them."""
    role = card_role(slug)
    return Feed(
        name=f"{role.course_title}: dates from {publisher.name}",
        public=True,
        today=today,
        publisher=publisher,
        marks=_sessions(
            today,
            CourseSession.card_role == role.slug,
            CourseSession.in_house.is_(False),
        ),
        entity=CourseSession,
        word=lambda found: entry_of_course_session(
            found, role=role, publisher=publisher
        ),
    )


def private_feed(kept: PrivateFeed, *, today: date, publisher: Publisher) -> Feed:
    """Return what the holder of a private address sees."""
    build = {
        FeedKind.TRAINER: _feed_of_trainer,
        FeedKind.COMPANY: _feed_of_company,
        FeedKind.CANDIDATE: _feed_of_candidate,
    }
    return build[kept.kind](kept, today, publisher)


def _feed_of_trainer(kept: PrivateFeed, today: date, publisher: Publisher) -> Feed:
    return Feed(
        name=FEED_NAMES[kept.kind],
        public=False,
        today=today,
        publisher=publisher,
        marks=_sessions(today, CourseSession.trainer_id == kept.person_id),
        entity=CourseSession,
        word=lambda found: entry_of_teaching(
            found, role=card_role(found.card_role), publisher=publisher
        ),
    )


def _feed_of_candidate(kept: PrivateFeed, today: date, publisher: Publisher) -> Feed:
    return Feed(
        name=FEED_NAMES[kept.kind],
        public=False,
        today=today,
        publisher=publisher,
        marks=_bookings(today, Booking.candidate_id == kept.person_id),
        entity=Booking,
        options=(contains_eager(Booking.course_session),),
        word=lambda found: entry_of(
            found, role=card_role(found.course_session.card_role), publisher=publisher
        ),
    )


def _feed_of_company(kept: PrivateFeed, today: date, publisher: Publisher) -> Feed:
    marks = _bookings(today, Booking.company_id == kept.company_id)
    return Feed(
        name=FEED_NAMES[kept.kind],
        public=False,
        today=today,
        publisher=publisher,
        marks=marks.add_columns(Person.full_name).join(Booking.candidate),
        entity=Booking,
        options=(
            contains_eager(Booking.course_session),
            contains_eager(Booking.candidate),
        ),
        word=lambda found: entry_of_delegate(
            found,
            full_name=found.candidate.full_name,
            role=card_role(found.course_session.card_role),
            publisher=publisher,
        ),
    )


def _sessions(today: date, *of_whom: ColumnElement[bool]) -> Marks:
    return (
        select(
            CourseSession.calendar_uid,
            CourseSession.sequence,
            CourseSession.updated_at,
        )
        .where(CourseSession.starts_at >= shown_since(today), *of_whom)
        .order_by(CourseSession.starts_at, CourseSession.calendar_uid)
    )


def _bookings(today: date, of_whom: ColumnElement[bool]) -> Marks:
    return (
        select(
            Booking.calendar_uid,
            Booking.sequence,
            Booking.updated_at,
            CourseSession.sequence,
            CourseSession.updated_at,
        )
        .join(Booking.course_session)
        .where(CourseSession.starts_at >= shown_since(today), of_whom)
        .order_by(CourseSession.starts_at, Booking.calendar_uid)
    )


def feed_etag(db: Session, feed: Feed) -> str:
    """Name the feed's bytes of this moment without building them, in one query."""
    return _etag(feed, db.execute(feed.marks).all())


def read_feed(db: Session, feed: Feed) -> tuple[str, list[CalendarEntry]]:
    """Return the entries, and the ETag of exactly these.

    In one query: between two, a booking could slip in and give old bytes a new name.
    """
    rows = db.execute(feed.marks.add_columns(feed.entity).options(*feed.options)).all()
    etag = _etag(feed, [row[:-1] for row in rows])
    return etag, [feed.word(row[-1]) for row in rows]


def _etag(feed: Feed, marks: Sequence[Sequence[object]]) -> str:
    worded_with = [(role.slug, role.name, role.course_title) for role in scheme().roles]
    renderer = renderer_version(feed.name, feed.publisher, worded_with)
    return etag_of(marks, today=feed.today, renderer=renderer)


def find_feed_by_token(db: Session, *, token: str) -> PrivateFeed | None:
    """Return the live feed that this secret opens; revoked and unknown ones are None."""
    return db.scalars(
        select(PrivateFeed).where(
            PrivateFeed.token_hash == hash_token(token),
            PrivateFeed.revoked_at.is_(None),
        )
    ).one_or_none()


def find_feed_of(
    db: Session,
    *,
    kind: FeedKind,
    person_id: int | None = None,
    company_id: int | None = None,
) -> PrivateFeed | None:
    """Return the live feed of a person or company. Its address is not known any more."""
    return db.scalars(
        select(PrivateFeed).where(
            PrivateFeed.kind == kind,
            PrivateFeed.person_id == person_id,
            PrivateFeed.company_id == company_id,
            PrivateFeed.revoked_at.is_(None),
        )
    ).one_or_none()
