"""What a feed and an invitation show, and in which bytes. Pure."""

from ecs_training.calendar_feeds.rules.companies import (
    entry_of_delegate,
    entry_of_people,
)
from ecs_training.calendar_feeds.rules.entries import (
    CalendarEntry,
    Publisher,
    entry_of,
    entry_of_course_session,
    entry_of_teaching,
)
from ecs_training.calendar_feeds.rules.feeds import FeedKind, FeedPrivacy
from ecs_training.calendar_feeds.rules.rendering import invitation, render_feed

__all__ = [
    "CalendarEntry",
    "FeedKind",
    "FeedPrivacy",
    "Publisher",
    "entry_of",
    "entry_of_course_session",
    "entry_of_delegate",
    "entry_of_people",
    "entry_of_teaching",
    "invitation",
    "render_feed",
]
