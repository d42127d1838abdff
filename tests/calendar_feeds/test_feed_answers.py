"""The conversation with a calendar program: ETags, 304, headers."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import Select, event

from ecs_training.calendar_feeds.queries import (
    ask_feed_version,
    feed_of_role,
    feed_version,
    list_live_feeds,
    private_feed,
    read_feed,
)
from ecs_training.calendar_feeds.rules import FeedKind, FeedPrivacy, render_feed
from ecs_training.calendar_feeds.rules.entries import publisher_of
from ecs_training.calendar_feeds.services import make_feed
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.models import CourseSession
from tests.calendar_feeds.changing import Changes
from tests.calendar_feeds.conftest import Fetch
from tests.conftest import MovableClock
from tests.factories import (
    make_company,
    make_course_session,
    make_person,
)

ROLE_FEED = "/calendars/roles/labourer.ics"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect what is asked of the database meanwhile, without BEGIN and PRAGMA."""
    asked: list[str] = []
    ask = database.ask

    def ask_noted(statement: Select[Any], values: Mapping[str, object]) -> Any:
        asked.append(str(statement))
        return ask(statement, values)

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.lstrip().upper().startswith("SELECT"):
            asked.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    with mock.patch.object(database, "ask", ask_noted):
        yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_second_fetch_at_another_second_has_the_same_bytes(
    database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        make_course_session(db, now=clock())
    first = fetch(ROLE_FEED)
    clock.advance(seconds=1)
    second = fetch(ROLE_FEED)

    assert first.status_code == second.status_code == 200
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert b"BEGIN:VEVENT" in first.data


@pytest.mark.parametrize(
    "wording", ["{etag}", "W/{etag}", '"x", {etag}', '"x",W/"y", W/{etag}', "*"]
)
def test_who_has_the_bytes_is_answered_304(
    wording: str, database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        make_course_session(db, now=clock())
    etag = fetch(ROLE_FEED).headers["ETag"]

    again = fetch(ROLE_FEED, If_None_Match=wording.format(etag=etag))

    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == etag
    assert again.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in again.headers
    assert "Vary" not in again.headers


@pytest.mark.parametrize("wording", ['"other"', "other", 'W/"other", "another"', ""])
def test_who_has_other_bytes_gets_the_feed(
    wording: str, database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        make_course_session(db, now=clock())
    assert fetch(ROLE_FEED, If_None_Match=wording).status_code == 200


def test_an_unchanged_feed_costs_one_query_for_its_marks_and_no_entry(
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        trainer = make_person(db, "trainer", now=clock())
        make_course_session(db, now=clock(), trainer=trainer)
        own = trainer.id
    private = subscribe(FeedKind.TRAINER, person_id=own)
    for path, most in ((ROLE_FEED, 1), (private, 2)):
        etag = fetch(path).headers["ETag"]
        with statements(database) as asked:
            assert fetch(path, If_None_Match=etag).status_code == 304
        assert len(asked) == 1
        assert not any("joining_url" in sql for sql in asked)
        with statements(database) as asked:
            assert fetch(path).status_code == 200
        assert len(asked) == most
        assert "joining_url" in asked[-1]


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_the_headers_of_a_feed(
    private: bool,
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        own = make_person(db, now=clock()).id
        make_course_session(db, now=clock())
    path = subscribe(FeedKind.CANDIDATE, person_id=own) if private else ROLE_FEED

    answer = fetch(path)
    headers = answer.headers

    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Content-Disposition"] == 'inline; filename="courses.ics"'
    whose = "private" if private else "public"
    assert headers["Cache-Control"] == f"{whose}, max-age=300"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["ETag"].startswith('"')
    assert "Set-Cookie" not in headers
    assert "Vary" not in headers

    head = fetch(path, "HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(headers)


def test_a_browser_with_a_cookie_gets_the_same_answer_as_a_program(
    database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        make_course_session(db, now=clock())
    plain = fetch(ROLE_FEED)
    with_cookie = fetch(ROLE_FEED, Cookie="session=eyJfcGVybWFuZW50Ijp0cnVlfQ.x.y")
    assert with_cookie.data == plain.data
    assert dict(with_cookie.headers) == dict(plain.headers)


def test_a_day_later_the_name_is_the_same_until_something_is_too_old_to_show(
    database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    clock.at = clock.at.replace(month=7, hour=12)
    with database.transaction() as db:
        make_course_session(db, now=clock(), on=london_date(clock()))
    first = fetch(ROLE_FEED)
    clock.advance(days=90)
    still = fetch(ROLE_FEED, If_None_Match=first.headers["ETag"])
    clock.at = clock.at.replace(hour=22, minute=59)  # 23:59 in London
    to_the_last = fetch(ROLE_FEED, If_None_Match=first.headers["ETag"])
    clock.advance(minutes=1)
    gone = fetch(ROLE_FEED, If_None_Match=first.headers["ETag"])
    answers = [still.status_code, to_the_last.status_code, gone.status_code]
    assert answers == [304, 304, 200]
    assert b"VEVENT" not in gone.data


@pytest.mark.parametrize(
    "field", ["base_url", "calendar_domain", "provider_name", "mail_from"]
)
def test_the_etag_changes_with_every_setting_that_is_in_the_bytes(
    field: str, database: Database, settings: Settings, clock: MovableClock
) -> None:
    publisher = publisher_of(settings)
    other = publisher_of(settings.model_copy(update={field: "https://x.example"}))
    assert other != publisher
    feed = feed_of_role("labourer", today=london_date(clock()), publisher=publisher)
    with database.reading() as db:
        named = feed_version(db, feed)
        assert named != feed_version(db, replace(feed, publisher=other))


def test_the_same_etag_means_the_same_bytes(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    """Whatever happens, in whatever order, at the same instant or later."""
    changes = Changes(clock, random.Random(20261122))
    publisher = publisher_of(settings)
    with database.transaction() as db:
        people = [make_person(db, f"person{n}", now=clock()) for n in range(4)]
        company = make_company(db, people[0], now=clock())
        changes.begin(db)
    with database.transaction() as db:
        make_feed(db, kind=FeedKind.TRAINER, person_id=people[0].id, now=clock())
        make_feed(db, kind=FeedKind.CANDIDATE, person_id=people[1].id, now=clock())
        make_feed(db, kind=FeedKind.COMPANY, company_id=company.id, now=clock())
    with database.reading() as db:
        kept = list(list_live_feeds(db, limit=9)[0])
    kept += [
        replace(kept[-1], privacy=FeedPrivacy(each)) for each in ("count", "names")
    ]
    seen: list[dict[str, bytes]] = [{} for _ in range(7)]
    for _ in range(80):
        with database.transaction() as db:
            changes.make_one(db)
        today = london_date(clock())
        feeds = [
            feed_of_role("labourer", today=today, publisher=publisher),
            feed_of_role("site-support", today=today, publisher=publisher),
            *(private_feed(of, today=today, publisher=publisher) for of in kept),
        ]
        with database.reading() as db:
            for feed, bodies in zip(feeds, seen, strict=True):
                version, entries = read_feed(db, feed)
                body = render_feed(entries, name=feed.name, publisher=publisher)
                assert feed_version(db, feed) == version
                assert ask_feed_version(database, feed) == version
                assert bodies.setdefault(version.etag, body) == body
    assert min(len(set(bodies.values())) for bodies in seen) > 5


def test_last_modified_serves_programs_that_know_no_etags(
    database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        held = make_course_session(db, now=clock()).id
    first = fetch(ROLE_FEED)
    at = first.headers["Last-Modified"]
    assert at == "Mon, 02 Mar 2026 09:00:00 GMT"
    same = fetch(ROLE_FEED, If_Modified_Since=at)
    assert (same.status_code, same.headers["Last-Modified"]) == (304, at)
    earlier = "Mon, 02 Mar 2026 08:59:59 GMT"
    assert fetch(ROLE_FEED, If_Modified_Since=earlier).status_code == 200
    for odd in ("yesterday", "", "2026-03-02T09:00:00Z", "Mon, 99 Mar 2026"):
        assert fetch(ROLE_FEED, If_Modified_Since=odd).status_code == 200, odd
    # The name beats the time, whichever of them says that nothing has changed.
    etag = first.headers["ETag"]
    both = {"If_None_Match": '"other"', "If_Modified_Since": at}
    assert fetch(ROLE_FEED, **both).status_code == 200
    both = {"If_None_Match": etag, "If_Modified_Since": earlier}
    assert fetch(ROLE_FEED, **both).status_code == 304

    clock.advance(seconds=1, microseconds=700)
    with database.transaction() as db:
        cancelled = db.get_one(CourseSession, held)
        cancelled.cancelled_at, cancelled.cancelled_by_id = clock(), 1
        cancelled.sequence, cancelled.updated_at = 1, clock()
    changed = fetch(ROLE_FEED, If_Modified_Since=at)
    assert changed.status_code == 200
    assert changed.headers["Last-Modified"] == "Mon, 02 Mar 2026 09:00:01 GMT"


def test_a_date_taken_out_of_a_private_feed_is_told_to_who_compares_times(
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        trainer = make_person(db, "trainer", now=clock())
        held = make_course_session(db, now=clock(), trainer=trainer).id
        other = make_person(db, "other", now=clock()).id
        own = trainer.id
    path = subscribe(FeedKind.TRAINER, person_id=own)
    at = fetch(path).headers["Last-Modified"]
    assert fetch(path, If_Modified_Since=at).status_code == 304
    with database.transaction() as db:  # within the same second
        db.get_one(CourseSession, held).trainer_id = other
    gone = fetch(path, If_Modified_Since=at)
    assert gone.status_code == 200
    assert b"VEVENT" not in gone.data
    later = gone.headers["Last-Modified"]
    assert fetch(path, If_Modified_Since=later).status_code == 304


def test_a_copy_to_keep_is_an_attachment_of_the_same_bytes(
    database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        make_course_session(db, now=clock())
    copy = fetch(f"{ROLE_FEED}?snapshot")
    name = 'attachment; filename="courses.ics"'
    assert copy.headers["Content-Disposition"] == name
    assert copy.data == fetch(ROLE_FEED).data


def test_only_a_public_feed_says_where_it_is_found(
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    """A private one is passed on as a file: its address must not stand in it."""
    with database.transaction() as db:
        own = make_person(db, now=clock()).id
    path = subscribe(FeedKind.CANDIDATE, person_id=own)
    source = f"SOURCE;VALUE=URI:http://127.0.0.1:8000{ROLE_FEED}"
    assert source in fetch(ROLE_FEED).text.replace("\r\n ", "")
    assert "SOURCE" not in fetch(path).text
    assert path[11:37] not in fetch(path).text.replace("\r\n ", "")
