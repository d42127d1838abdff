"""What a feed and an invitation show, and in which bytes. Pure."""

from ecs_training.calendar_feeds.rules.entries import (
    CalendarEntry,
    Publisher,
    entry_of,
    entry_of_course_session,
    entry_of_delegate,
    entry_of_teaching,
)
from ecs_training.calendar_feeds.rules.feeds import FeedKind
from ecs_training.calendar_feeds.rules.rendering import invitation, render_feed

__all__ = [
    "CalendarEntry",
    "FeedKind",
    "Publisher",
    "entry_of",
    "entry_of_course_session",
    "entry_of_delegate",
    "entry_of_teaching",
    "invitation",
    "render_feed",
]
