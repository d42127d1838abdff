"""What is known of those who subscribe: when, with which program, and which bytes."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.accounts.rules import Role
from ecs_training.booking.models import Booking
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.rules.clients import LONGEST, client_family
from ecs_training.calendar_feeds.services import make_feed
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.calendar_feeds.conftest import Fetch
from tests.calendar_feeds.test_feed_answers import statements
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session, make_person

GOOGLE = "Google-Calendar-Importer"


@pytest.fixture
def path(database: Database, clock: MovableClock, subscribe: Callable[..., str]) -> str:
    with database.transaction() as db:
        alice = make_person(db, "alice", now=clock())
        make_booking(db, make_course_session(db, now=clock()), alice, now=clock())
        own = alice.id
    return subscribe(FeedKind.CANDIDATE, person_id=own)


def kept(database: Database) -> PrivateFeed:
    with database.reading() as db:
        return db.scalars(select(PrivateFeed)).one()


def test_a_fetch_is_kept_with_its_program_and_its_bytes(
    path: str, database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    assert kept(database).last_used_at is None
    answer = fetch(path, User_Agent=GOOGLE)
    feed = kept(database)
    assert feed.last_used_at == clock()
    assert feed.last_client == "Google Calendar"
    assert answer.headers["ETag"] == f'"{feed.last_etag}"'


def test_a_look_without_the_body_does_not_count_as_having_it(
    path: str, database: Database, fetch: Fetch
) -> None:
    fetch(path, "HEAD")
    assert kept(database).last_etag is None


def test_use_is_written_once_in_ten_minutes_unless_the_bytes_are_new(
    path: str, database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    etag = fetch(path).headers["ETag"]
    first = clock()
    clock.advance(minutes=9, seconds=59)
    fetch(path, If_None_Match=etag)
    assert kept(database).last_used_at == first
    clock.advance(seconds=1)
    fetch(path, If_None_Match=etag)
    assert kept(database).last_used_at == clock()
    with database.transaction() as db:
        booking = db.scalars(select(Booking)).one()
        booking.sequence += 1
    fetch(path, If_None_Match=etag)
    assert kept(database).last_etag != etag.strip('"')


@pytest.mark.parametrize(
    ("says", "family"),
    [
        (GOOGLE, "Google Calendar"),
        ("Microsoft Office/16.0 (Microsoft Outlook 16.0)", "Outlook or Microsoft 365"),
        ("macOS/15.1 (24B83) dataaccessd/1.0", "Apple Calendar"),
        ("Mozilla/5.0 Gecko/20100101 Thunderbird/128.4", "Thunderbird"),
        ("Mozilla/5.0 (X11; Linux) Firefox/140.0", "A web browser"),
        ("Odd\r\n\x00 thing", "Odd thing"),
        ("x" * 500, "x" * LONGEST),
        (" \t", "A program that does not say its name"),
    ],
)
def test_a_program_is_named_by_its_family_else_by_what_it_says(
    says: str, family: str
) -> None:
    assert client_family(says) == family


def test_staff_see_who_has_the_latest_change_and_may_stop_a_feed(
    path: str, app: Flask, database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        make_person(db, "staff", now=clock(), role=Role.STAFF)
    staff = Visitor(app)
    staff.sign_in("staff@example.org")

    def page() -> str:
        return staff.open("/staff/calendar-feeds").text

    assert "Never fetched" in page()
    fetch(path, User_Agent=GOOGLE)
    assert "Has the latest" in page()
    assert "Google Calendar" in page()
    with database.transaction() as db:
        booking = db.scalars(select(Booking)).one()
        booking.sequence += 1
    assert "Not the latest yet" in page()
    ref = kept(database).ref
    stopped = staff.post(f"/staff/calendar-feeds/{ref}/revocation")
    assert (stopped.status_code, stopped.location) == (303, "/staff/calendar-feeds")
    assert fetch(path).status_code == 404
    assert "No subscribers yet" in page()
    again = staff.post(f"/staff/calendar-feeds/{ref}/revocation")
    assert again.status_code == 404


def test_the_page_of_subscribers_asks_no_more_however_many_there_are(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_person(db, "staff", now=clock(), role=Role.STAFF)
        for n in range(45):
            person = make_person(db, f"trainer{n}", now=clock(), role=Role.TRAINER)
            make_feed(db, kind=FeedKind.TRAINER, person_id=person.id, now=clock())
            feed = db.scalars(
                select(PrivateFeed).where(PrivateFeed.person_id == person.id)
            ).one()
            feed.last_used_at, feed.last_etag = clock(), "older"
    staff = Visitor(app)
    staff.sign_in("staff@example.org")
    with statements(database) as asked:
        page = staff.open("/staff/calendar-feeds?page=2").text
    assert len(asked) <= 20 + 4
    assert "Page 2 of 3" in page
    assert page.count("Not the latest yet") == 20
    assert "Trainer20" in page
    assert "Nothing on this page" in staff.open("/staff/calendar-feeds?page=9").text
    assert staff.open("/staff/calendar-feeds?page=x").status_code == 200
