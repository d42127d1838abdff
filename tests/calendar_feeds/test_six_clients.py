"""Six programs that are not ours read one feed of ours, wherever their readers are.

Sixty course sessions over two years: on both sides of every clock change, one across
midnight, cancelled ones, and people whose names hold commas, semicolons and emoji.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from werkzeug.serving import make_server

from ecs_training.accounts.rules import Role
from ecs_training.calendar_feeds.queries import find_feed_of
from ecs_training.calendar_feeds.rules import FeedKind, FeedPrivacy, render_feed
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import to_utc
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.models import CourseSession
from tests.calendar_feeds.conftest import Fetch
from tests.calendar_feeds.reading import PUBLISHER, an_entry
from tests.calendar_feeds.six import (
    IN_LIBRARIES,
    Shown,
    follow,
    list_with_khal,
    read_with,
)
from tests.conftest import MovableClock
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)

ZONES = ["Europe/London", "America/New_York", "UTC"]
CHANGES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2027, 3, 28),
    date(2027, 10, 31),
]
NAMES = [
    "O'Brien, Seán; the younger",
    "Zoë 👷🏽‍♀️ ⚡ Ẅ",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch ap Siôn Ŵŷn y Trydydd",
    "Back\\slash, comma",
    'Ann "the spark" Bow: Leeds',
]
SESSIONS = 60
OVER_MIDNIGHT = date(2026, 10, 24)  # into the night in which the clocks go back


def days() -> list[date]:
    """Return 60 days over two years: three at each clock change, the others spread out."""
    changing = [day + timedelta(days=n) for day in CHANGES for n in (-1, 0, 1)]
    others = [date(2026, 1, 7) + timedelta(days=15 * n) for n in range(SESSIONS)]
    spread = [day for day in others if day not in changing]
    return sorted([*changing, *spread[: SESSIONS - len(changing)]])


@pytest.fixture
def feed(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    subscribe: Callable[..., str],
) -> tuple[str, dict[str, Shown]]:
    """Return the path of a company's feed, and what it means by each UID."""
    meant = {}
    with database.transaction() as db:
        booker = make_person(db, "booker", now=clock())
        company = make_company(db, booker, now=clock())
        trainer = make_person(db, "trainer", now=clock(), role=Role.TRAINER)
        for n, day in enumerate(days()):
            held = make_course_session(db, now=clock(), trainer=trainer, on=day)
            if day == OVER_MIDNIGHT:
                held.starts_at = to_utc(day, time(22))
                held.ends_at = to_utc(day + timedelta(days=1), time(6))
                held.trainer_free_at = held.ends_at
            delegate = make_person(db, f"delegate{n}", now=clock())
            delegate.full_name = NAMES[n % len(NAMES)]
            booking = make_booking(db, held, delegate, now=clock(), company=company)
            summary = f"{delegate.full_name}: Labourer health and safety course"
            if n % 7 == 0:
                booking.cancelled_at, booking.cancelled_by_id = clock(), booker.id
                booking.sequence += 1
                summary = f"CANCELLED: {summary}"
            uid = f"booking-{booking.calendar_uid}@{settings.calendar_domain}"
            meant[uid] = Shown(start=held.starts_at, end=held.ends_at, summary=summary)
    path = subscribe(FeedKind.COMPANY, company_id=company.id)
    with database.transaction() as db:
        kept = find_feed_of(db, kind=FeedKind.COMPANY, company_id=company.id)
        assert kept
        kept.privacy = FeedPrivacy.NAMES
    return path, meant


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the product on a port of this machine; return where."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_sixty_days_are_what_they_are_said_to_be() -> None:
    assert len(days()) == len(set(days())) == SESSIONS
    assert days()[-1] - days()[0] > timedelta(days=650)
    assert OVER_MIDNIGHT in days()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_five_libraries_understand_the_same_instants_wherever_they_run(
    feed: tuple[str, dict[str, Shown]], fetch: Fetch
) -> None:
    path, meant = feed
    body = fetch(path).data
    assert len(meant) == SESSIONS
    for client in IN_LIBRARIES:
        for zone in ZONES:
            assert read_with(client, body, zone=zone) == meant, (client, zone)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_real_subscriber_sees_the_same_over_http_and_then_what_has_changed(
    feed: tuple[str, dict[str, Shown]],
    address: str,
    database: Database,
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    path, meant = feed
    listed = {"since": "2026-01-01", "until": "2028-06-30"}
    follow(address + path, tmp_path)
    for zone in ZONES:
        shown = list_with_khal(tmp_path, zone=zone, **listed)
        assert in_order(shown) == in_order(meant.values()), zone

    with database.transaction() as db:
        moved = db.scalars(select(CourseSession).order_by(CourseSession.id)).first()
        assert moved
        moved.starts_at += timedelta(days=1)
        moved.ends_at += timedelta(days=1)
        moved.trainer_free_at = moved.ends_at
        moved.sequence, moved.updated_at = 1, clock()
    follow(address + path, tmp_path)

    (was,) = [shown for shown in meant.values() if shown.start < moved.starts_at]
    later = replace(was, start=moved.starts_at, end=moved.ends_at)
    now_meant = [later, *(each for each in meant.values() if each is not was)]
    shown = list_with_khal(tmp_path, zone="UTC", **listed)
    assert in_order(shown) == in_order(now_meant)


def in_order(shown: Iterable[Shown]) -> list[tuple[datetime, datetime, str]]:
    return sorted((each.start, each.end, each.summary) for each in shown)


def test_a_list_of_dates_in_the_zone_would_be_read_an_hour_wrong() -> None:
    """The control: with the zone that icalendar generates, ical.js and vobject err."""
    body = render_feed([an_entry()], name="Dates", publisher=PUBLISHER)
    calendar = Calendar.from_ical(body)
    calendar.subcomponents = [
        each for each in calendar.subcomponents if each.name != "VTIMEZONE"
    ]
    calendar.add_missing_timezones()
    meant = {an_entry().uid: an_entry().starts_at}
    wrong = {
        client
        for client in IN_LIBRARIES
        if starts(read_with(client, calendar.to_ical(), zone="UTC")) != meant
    }
    assert wrong >= {"ical.js", "vobject"}


def starts(shown: dict[str, Shown]) -> dict[str, datetime]:
    return {uid: each.start for uid, each in shown.items()}
