"""Whether those who subscribe have seen the latest change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from ecs_training.calendar_feeds.queries.feeds import feed_version, private_feed
from ecs_training.calendar_feeds.queries.private import KeptFeed, list_live_feeds
from ecs_training.calendar_feeds.rules.entries import Publisher


class Seen(StrEnum):
    """What a subscriber's calendar knows."""

    NEVER = "Never fetched"
    LATEST = "Has the latest"
    OLDER = "Not the latest yet"


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    feed: KeptFeed
    seen: Seen


def list_subscribers(
    db: Session, *, limit: int, offset: int, today: date, publisher: Publisher
) -> tuple[Sequence[Subscriber], int]:
    """Return a page of live private feeds, and how many there are: a question a feed and two."""
    feeds, total = list_live_feeds(db, limit=limit, offset=offset)
    return [
        Subscriber(feed=kept, seen=_seen(db, kept, today, publisher)) for kept in feeds
    ], total


def _seen(db: Session, kept: KeptFeed, today: date, publisher: Publisher) -> Seen:
    if kept.last_used_at is None:
        return Seen.NEVER
    feed = private_feed(kept, today=today, publisher=publisher)
    now = feed_version(db, feed)
    return Seen.LATEST if now.etag == kept.last_etag else Seen.OLDER
