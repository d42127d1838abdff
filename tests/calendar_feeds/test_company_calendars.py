"""A company's calendars: for all its people or one site, saying as much as it chose."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.accounts.models import CompanySite
from ecs_training.accounts.rules import MOST_SITES, SiteRefusal
from ecs_training.accounts.services.sites import SiteRefused, add_site, rename_site
from ecs_training.booking.models import Booking
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.queries import (
    list_live_feeds,
    private_feed,
    read_feed,
)
from ecs_training.calendar_feeds.rules import FeedKind, FeedPrivacy
from ecs_training.calendar_feeds.rules.entries import publisher_of
from ecs_training.calendar_feeds.services import choose_privacy, make_feed
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.foundation.settings import Settings
from tests.browsing import Visitor
from tests.calendar_feeds.changing import Changes
from tests.calendar_feeds.conftest import Fetch
from tests.calendar_feeds.reading import events
from tests.conftest import MovableClock
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)


@pytest.fixture
def company(database: Database, clock: MovableClock) -> int:
    """A company with three people on one date, two of them of Leeds; another one beside."""
    with database.transaction() as db:
        booker = make_person(db, "booker", now=clock())
        company = make_company(db, booker, now=clock())
        by: dict[str, Any] = {"company_id": company.id, "by_id": booker.id}
        leeds = add_site(db, name="Leeds", now=clock(), **by)
        held = make_course_session(db, now=clock())
        for n, name in enumerate(["Ann Bow", "Cy Dee", "Ed Fry"]):
            delegate = make_person(db, f"delegate{n}", now=clock())
            delegate.full_name = name
            booking = make_booking(db, held, delegate, now=clock(), company=company)
            booking.site_id = leeds.id if n < 2 else None
        rival = make_person(db, "rival", now=clock())
        other = make_company(db, rival, now=clock())
        make_booking(
            db, held, make_person(db, "noise", now=clock()), now=clock(), company=other
        )
        return company.id


def choose(
    database: Database, clock: MovableClock, company_id: int, privacy: FeedPrivacy
) -> None:
    with database.transaction() as db:
        ref = db.scalars(
            select(PrivateFeed.ref).where(PrivateFeed.company_id == company_id)
        ).one()
        choose_privacy(
            db, ref=ref, company_id=company_id, privacy=privacy, by_id=1, now=clock()
        )


@pytest.mark.parametrize(
    ("privacy", "shown"),
    [
        (FeedPrivacy.COUNT, ["3 of our people"]),
        (FeedPrivacy.INITIALS, ["AB", "CD", "EF"]),
        (FeedPrivacy.NAMES, ["Ann Bow", "Cy Dee", "Ed Fry"]),
    ],
)
def test_a_feed_says_as_much_of_people_as_its_company_chose(
    *,
    privacy: FeedPrivacy,
    shown: list[str],
    company: int,
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    path = subscribe(FeedKind.COMPANY, company_id=company)
    before = fetch(path)
    choose(database, clock, company, privacy)
    answer = fetch(path, If_None_Match=before.headers["ETag"])

    changed = privacy is not FeedPrivacy.INITIALS
    assert answer.status_code == (200 if changed else 304)
    read = events(fetch(path).data).values()
    assert sorted(each["summary"].split(":")[0] for each in read) == shown
    if privacy is not FeedPrivacy.NAMES:
        assert b"Bow" not in fetch(path).data
    with database.reading() as db:
        audited = db.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("chose privacy"))
        ).all()
    assert [each.details["after"] for each in audited] == [privacy.value] * changed


def test_a_site_sees_its_own_people_only(
    company: int,
    database: Database,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.reading() as db:
        leeds = db.scalars(select(CompanySite.id)).one()
    whole = subscribe(FeedKind.COMPANY, company_id=company)
    site = subscribe(FeedKind.COMPANY, company_id=company, site_id=leeds)
    assert len(events(fetch(whole).data)) == 3
    assert len(events(fetch(site).data)) == 2
    assert "Courses our people are booked on: Leeds" in fetch(site).text
    # The same booking is the same entry in both, and in its invitation.
    assert events(fetch(site).data).keys() < events(fetch(whole).data).keys()
    again = subscribe(FeedKind.COMPANY, company_id=company, site_id=leeds)
    answers = [fetch(path).status_code for path in (whole, site, again)]
    assert answers == [200, 404, 200]


def test_a_count_keeps_its_uid_and_its_sequence_only_rises(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    """Whatever happens to the bookings: a calendar never takes the new count for an old one."""
    changes = Changes(clock, random.Random(4))
    with database.transaction() as db:
        people = [make_person(db, f"person{n}", now=clock()) for n in range(4)]
        company = make_company(db, people[0], now=clock())
        changes.begin(db)
        make_feed(db, kind=FeedKind.COMPANY, company_id=company.id, now=clock())
    with database.reading() as db:
        ((kept,), _) = list_live_feeds(db, limit=2)
    kept = replace(kept, privacy=FeedPrivacy.COUNT)
    seen: dict[str, tuple[int, str]] = {}
    rose = 0
    for _ in range(120):
        with database.transaction() as db:
            changes.make_one(db)
        feed = private_feed(
            kept, today=london_date(clock()), publisher=publisher_of(settings)
        )
        with database.reading() as db:
            _, entries = read_feed(db, feed)
        assert len({entry.uid for entry in entries}) == len(entries)
        for entry in entries:
            says = f"{entry.summary} {entry.cancelled}"
            sequence, said = seen.get(entry.uid, (-1, ""))
            assert entry.sequence >= sequence
            if says != said:
                assert entry.sequence > sequence
                rose += 1
            seen[entry.uid] = (entry.sequence, says)
    assert rose > 10


def test_everybody_gone_leaves_a_cancelled_entry(
    company: int,
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    path = subscribe(FeedKind.COMPANY, company_id=company)
    choose(database, clock, company, FeedPrivacy.COUNT)
    (before,) = events(fetch(path).data).values()
    with database.transaction() as db:
        for booking in db.scalars(select(Booking).where(Booking.company_id == company)):
            booking.cancelled_at, booking.cancelled_by_id = clock(), 1
            booking.sequence += 1
    (after,) = events(fetch(path).data).values()
    assert before["summary"].startswith("3 of our people: ")
    assert after["summary"].startswith("CANCELLED: Our people: ")
    assert (after["uid"], after["status"]) == (before["uid"], "CANCELLED")
    assert int(after["sequence"]) > int(before["sequence"])


def test_sites_are_added_renamed_and_closed_on_the_page(
    app: Flask, company: int, database: Database, fetch: Fetch
) -> None:
    del company
    booker = Visitor(app)
    booker.sign_in("booker@example.org")
    added = booker.post("/company/sites", name="Hull  yard")
    assert (added.status_code, added.location) == (303, "/company/calendar-feeds")
    twice = booker.post("/company/sites", name="hull yard")
    assert twice.status_code == 409
    assert 'data-refusal="name-taken"' in twice.text
    assert 'value="hull yard"' in twice.text
    assert booker.post("/company/sites", name=" ").status_code == 422
    with database.reading() as db:
        ref = db.scalars(
            select(CompanySite.ref).where(CompanySite.name == "Hull yard")
        ).one()
    page = booker.post(f"/company/sites/{ref}/calendar-feed")
    path = "/calendars/" + page.text.partition("/calendars/")[2][:30]
    assert fetch(path).status_code == 200
    renamed = booker.post(f"/company/sites/{ref}/name", name="Hull dock")
    assert renamed.status_code == 303
    assert "Hull dock" in booker.open("/company/calendar-feeds").text
    assert booker.post(f"/company/sites/{ref}/closure").status_code == 303
    assert fetch(path).status_code == 404
    assert "Hull dock" not in booker.open("/company/calendar-feeds").text
    assert booker.post(f"/company/sites/{ref}/calendar-feed").status_code == 404


def test_a_bookings_site_is_one_of_the_companys_own(
    app: Flask, company: int, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        held = make_course_session(db, now=clock()).ref
        leeds = db.scalars(select(CompanySite)).one()
        rival: dict[str, Any] = {"company_id": company + 1, "by_id": 1}
        theirs = add_site(db, name="York", now=clock(), **rival).ref
    booker = Visitor(app)
    booker.sign_in("booker@example.org")
    assert "For which site?" in booker.open(f"/course-sessions/{held}").text

    def book(site: str, name: str) -> int:
        fields = {
            "buyer": "company",
            "delegate_name": name,
            "delegate_email": f"{name}@example.org",
            "payment": "invoice",
            "terms": "yes",
            "site": site,
        }
        return booker.post(f"/course-sessions/{held}/bookings", **fields).status_code

    answers = [book(leeds.ref, "gil"), book("", "ira"), book(theirs, "joy")]
    assert answers == [303, 303, 422]
    with database.reading() as db:
        made = select(Booking.site_id).where(Booking.booked_by_id == 1)
        sites = db.scalars(made.order_by(Booking.id)).all()
    assert sites == [leeds.id, None]


def test_a_company_has_each_name_once_and_so_many_sites(
    company: int, database: Database, clock: MovableClock
) -> None:
    by: dict[str, Any] = {"company_id": company, "by_id": 1, "now": clock()}
    with database.transaction() as db:
        last = add_site(db, name="site 98", **by)
        for n in range(MOST_SITES - 2):
            add_site(db, name=f"Site {n}", **by)
        with pytest.raises(SiteRefused, match=SiteRefusal.TOO_MANY.value):
            add_site(db, name="One more", **by)
        with pytest.raises(SiteRefused, match=SiteRefusal.NAME_TAKEN.value):
            rename_site(db, ref=last.ref, name="LEEDS", **by)
        assert rename_site(db, ref=last.ref, name="SITE 98", **by).name == "SITE 98"
        with pytest.raises(NotFound):
            rename_site(db, ref=last.ref, name="X", **{**by, "company_id": company + 1})
