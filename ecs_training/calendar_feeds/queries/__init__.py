"""Whose feeds there are, and what each of them shows."""

from ecs_training.calendar_feeds.queries.feeds import (
    Feed,
    Version,
    ask_feed_version,
    etag_of_state,
    feed_of_role,
    feed_version,
    private_feed,
    read_feed,
)
from ecs_training.calendar_feeds.queries.private import (
    FeedState,
    KeptFeed,
    find_feed_by_token,
    find_feed_of,
    find_feed_state,
    get_feed_of_company,
    list_feeds_of_company,
    list_live_feeds,
)
from ecs_training.calendar_feeds.queries.subscribers import (
    Seen,
    Subscriber,
    list_subscribers,
)

__all__ = [
    "Feed",
    "FeedState",
    "KeptFeed",
    "Seen",
    "Subscriber",
    "Version",
    "ask_feed_version",
    "etag_of_state",
    "feed_of_role",
    "feed_version",
    "find_feed_by_token",
    "find_feed_of",
    "find_feed_state",
    "get_feed_of_company",
    "list_feeds_of_company",
    "list_live_feeds",
    "list_subscribers",
    "private_feed",
    "read_feed",
]
