"""Making and revoking a private address, and who may."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask, render_template_string
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.rules import Role
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.queries import find_feed_of
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.rules.feeds import feed_links
from ecs_training.calendar_feeds.services import make_feed, revoke_feed
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import hash_token
from tests.browsing import Visitor
from tests.calendar_feeds.conftest import Fetch
from tests.conftest import MovableClock
from tests.factories import make_company, make_person

CLICKS = 6


def test_the_address_is_shown_once_and_only_its_hash_is_kept(
    app: Flask, database: Database, clock: MovableClock, fetch: Fetch
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
    alice = Visitor(app)
    alice.sign_in("alice@example.org")

    page = alice.post("/account/calendar-feeds/candidate")

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    (token,) = set(re.findall(r"/calendars/([0-9A-Z]{26})\.ics", page.text))
    for way in (
        "webcal://127",
        "calendar/r?cid=webcal%3A%2F%2F",
        "addfromweb?url=http%3A",
    ):
        assert way in page.text
    assert 'readonly value="http://127.0.0.1:8000/calendars/' in page.text
    assert fetch(f"/calendars/{token}.ics").status_code == 200
    with database.reading() as db:
        (kept,) = db.scalars(select(PrivateFeed))
    assert kept.token_hash == hash_token(token)
    assert token not in str(vars(kept))


def test_a_new_address_stops_the_old_one_at_once(
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        alice = make_person(db, now=clock()).id
        bob = make_person(db, now=clock()).id
    other = subscribe(FeedKind.CANDIDATE, person_id=bob)
    mine = subscribe(FeedKind.TRAINER, person_id=alice)
    old = subscribe(FeedKind.CANDIDATE, person_id=alice)
    new = subscribe(FeedKind.CANDIDATE, person_id=alice)
    answers = [fetch(path).status_code for path in (other, mine, old, new)]
    assert answers == [200, 200, 404, 200]


def test_a_revoked_and_an_unknown_address_answer_alike_even_to_who_has_the_bytes(
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        alice = make_person(db, now=clock()).id
    path = subscribe(FeedKind.CANDIDATE, person_id=alice)
    etag = fetch(path).headers["ETag"]
    with database.transaction() as db:
        revoke_feed(db, kind=FeedKind.CANDIDATE, person_id=alice, now=clock())

    revoked = fetch(path, If_None_Match=etag)
    unknown = fetch("/calendars/0123456789ABCDEFGHJKMNPQRS.ics")

    assert revoked.status_code == unknown.status_code == 404
    assert revoked.data == unknown.data == b"Not found\n"
    assert dict(revoked.headers) == dict(unknown.headers)
    assert "Set-Cookie" not in revoked.headers


def test_revoking_on_the_page_leads_home_and_stops_the_feed(
    app: Flask,
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        alice = make_person(db, "alice", now=clock()).id
    path = subscribe(FeedKind.CANDIDATE, person_id=alice)
    visitor = Visitor(app)
    visitor.sign_in("alice@example.org")
    for _ in range(2):  # twice does no harm
        answer = visitor.post("/account/calendar-feeds/candidate/revocation")
        assert (answer.status_code, answer.location) == (303, "/account")
    assert fetch(path).status_code == 404


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("candidate", {"candidate"}),
        ("trainer", {"candidate", "trainer"}),
        ("staff", {"candidate"}),
        ("company", {"candidate", "company"}),
    ],
)
def test_who_may_make_and_revoke_which(
    who: str, allowed: set[str], app: Flask, database: Database, clock: MovableClock
) -> None:
    role = {"trainer": Role.TRAINER, "staff": Role.STAFF}.get(who)
    with database.transaction() as db:
        person = make_person(db, who, now=clock(), role=role)
        if who == "company":
            make_company(db, person, now=clock())
    visitor = Visitor(app)
    visitor.sign_in(f"{who}@example.org")
    for kind in ("candidate", "trainer", "company", "staff", "CANDIDATE"):
        address = f"/account/calendar-feeds/{kind}"
        made = visitor.post(address).status_code
        revoked = visitor.post(f"{address}/revocation").status_code
        assert (made, revoked) == ((200, 303) if kind in allowed else (404, 404))


def test_strangers_are_asked_to_sign_in(app: Flask) -> None:
    answer = Visitor(app).post("/account/calendar-feeds/candidate")
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_the_owner_finds_the_live_feed_and_no_other(
    db: Session, clock: MovableClock
) -> None:
    alice, bob = make_person(db, now=clock()), make_person(db, now=clock())
    company = make_company(db, alice, now=clock())
    make_feed(db, kind=FeedKind.CANDIDATE, person_id=bob.id, now=clock())
    make_feed(db, kind=FeedKind.TRAINER, person_id=alice.id, now=clock())
    make_feed(db, kind=FeedKind.COMPANY, company_id=company.id, now=clock())

    def found() -> PrivateFeed | None:
        return find_feed_of(db, kind=FeedKind.CANDIDATE, person_id=alice.id)

    assert found() is None
    make_feed(db, kind=FeedKind.CANDIDATE, person_id=alice.id, now=clock())
    made = clock.advance(days=1)
    make_feed(db, kind=FeedKind.CANDIDATE, person_id=alice.id, now=made)
    feed = found()
    assert feed
    assert feed.created_at == made
    revoke_feed(db, kind=FeedKind.CANDIDATE, person_id=alice.id, now=made)
    assert found() is None
    of_company = find_feed_of(db, kind=FeedKind.COMPANY, company_id=company.id)
    assert of_company
    with pytest.raises(NotFound):
        make_feed(db, kind=FeedKind.CANDIDATE, person_id=999, now=made)


def test_several_clicks_at_once_leave_one_live_feed(
    database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        alice = make_person(db, now=clock()).id
    start = Barrier(CLICKS)

    def click(_n: int) -> str:
        start.wait()
        with database.transaction() as db:
            return make_feed(db, kind=FeedKind.CANDIDATE, person_id=alice, now=clock())

    with ThreadPoolExecutor(CLICKS) as pool:
        tokens = set(pool.map(click, range(CLICKS)))

    assert len(tokens) == CLICKS
    with database.reading() as db:
        rows = db.scalars(select(PrivateFeed)).all()
    assert [row.revoked_at is None for row in rows].count(True) == 1


def test_links_to_subscribe_name_the_address_in_each_calendars_way() -> None:
    links = feed_links("https://a.example/calendars/X.ics", name="My courses")
    assert links.webcal == "webcal://a.example/calendars/X.ics"
    assert links.google == (
        "https://calendar.google.com/calendar/r"
        "?cid=webcal%3A%2F%2Fa.example%2Fcalendars%2FX.ics"
    )
    assert links.outlook == (
        "https://outlook.live.com/calendar/0/addfromweb"
        "?url=https%3A%2F%2Fa.example%2Fcalendars%2FX.ics&name=My%20courses"
    )


def test_the_pieces_for_other_pages(app: Flask, clock: MovableClock) -> None:
    page = (
        '{% from "calendar_feeds/_feed_panel.html" import feed_panel %}'
        '{% from "calendar_feeds/_subscribe_links.html" import role_feed %}'
        '{{ feed_panel("company", feed) }}{{ role_feed("labourer") }}'
    )
    with app.test_request_context():
        without = render_template_string(page, feed=None)
        made = PrivateFeed(created_at=clock())
        with_feed = render_template_string(page, feed=made)
    assert 'action="/account/calendar-feeds/company"' in without
    assert "/revocation" not in without
    assert "since Monday 2 March 2026" in with_feed
    assert 'action="/account/calendar-feeds/company/revocation"' in with_feed
    assert 'name="csrf_token"' in with_feed
    assert "http://127.0.0.1:8000/calendars/roles/labourer.ics" in with_feed
