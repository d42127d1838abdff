"""Five hundred dates of one trainer: as rows of ours, and as icalendar itself holds them."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import cache

from icalendar import Calendar

from ecs_training.calendar_feeds.rules import (
    Publisher,
    entry_of_teaching,
    render_feed,
)
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.london import LONDON, london_date, to_utc
from ecs_training.scheduling.models import CourseSession

SESSIONS = 500  # in each calendar that is built


def word_sessions(
    now: datetime, *, trainer_id: int, count: int
) -> Sequence[CourseSession]:
    """Word a session a day, from 9am to 4:30pm in London, each with its joining link."""
    worded = []
    for n in range(count):
        on = london_date(now) + timedelta(days=n + 1)
        ends_at = to_utc(on, time(16, 30))
        worded.append(
            CourseSession(
                ref=uuid.uuid4().hex[:12].upper(),
                card_role="labourer",
                in_house=False,
                local_date=on,
                local_start=time(9),
                local_end=time(16, 30),
                zone=LONDON.key,
                starts_at=to_utc(on, time(9)),
                ends_at=ends_at,
                trainer_free_at=ends_at,
                capacity=20,
                trainer_id=trainer_id,
                joining_url=f"https://teams.example/l/meetup-join/{n}",
                calendar_uid=str(uuid.uuid4()),
                sequence=0,
                created_at=now,
                updated_at=now,
            )
        )
    return worded


@cache
def as_read_by_icalendar(now: datetime) -> Calendar:
    """Return a calendar of the same 500 sessions, as icalendar itself holds it."""
    publisher = Publisher(
        name="Floor",
        email="floor@example.org",
        base_url="http://127.0.0.1:8000",
        calendar_domain="calendars.example.org",
    )
    entries = []
    for session in word_sessions(now, trainer_id=1, count=SESSIONS):
        role = card_role(session.card_role)
        entries.append(entry_of_teaching(session, role=role, publisher=publisher))
    return Calendar.from_ical(
        render_feed(entries, name="Courses I teach", publisher=publisher)
    )
