"""Who sees what: public dates, a trainer's, a company's and a candidate's feed."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest

from ecs_training.accounts.models import Company, Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.services.resits import grant_resit
from ecs_training.booking.models import Booking
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.rules.entries import initials
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import to_utc
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import set_joining_link
from tests.calendar_feeds.conftest import Fetch
from tests.calendar_feeds.reading import events
from tests.conftest import MovableClock
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_finished_attempt,
    make_person,
)

ROLE_FEED = "/calendars/roles/labourer.ics"
LINK = "https://teams.example/l/meetup-join/19%3ameeting"


def test_a_public_feed_shows_that_roles_open_dates_and_nothing_private(
    database: Database, clock: MovableClock, settings: Settings, fetch: Fetch
) -> None:
    with database.transaction() as db:
        trainer = make_person(db, "theodora", now=clock(), role=Role.TRAINER)
        shown = make_course_session(db, now=clock(), trainer=trainer)
        shown.joining_url = LINK
        make_course_session(db, now=clock(), in_house=True)
        make_course_session(db, now=clock(), card_role="lv-jointer")
        delegate = make_person(db, "delia", now=clock())
        make_booking(db, shown, delegate, now=clock())
        uid, ref = shown.calendar_uid, shown.ref

    answer = fetch(ROLE_FEED)

    (event,) = events(answer.data).values()
    assert event["uid"] == f"session-{uid}@{settings.calendar_domain}"
    assert event["summary"] == "Labourer health and safety course"
    assert event["url"] == f"{settings.base_url}/course-sessions/{ref}"
    assert event["transp"] == "TRANSPARENT"
    assert "attendee" not in event
    whole = answer.text.replace("\r\n ", "").lower()
    for secret in ("teams.example", "theodora", "delia", "example.org"):
        assert secret not in whole


@pytest.mark.parametrize("role", ["nobody", "LABOURER", "labourer%0d", ".."])
def test_an_unknown_role_has_no_feed(fetch: Fetch, role: str) -> None:
    assert fetch(f"/calendars/roles/{role}.ics").status_code == 404


def test_a_role_without_dates_has_an_empty_feed(fetch: Fetch) -> None:
    answer = fetch("/calendars/roles/site-support.ics")
    assert answer.status_code == 200
    assert events(answer.data) == {}


@pytest.mark.parametrize(
    ("fetched", "kept"),
    [
        ((0, time(9)), True),
        ((90, time(23, 59)), True),
        ((91, time(0)), False),
    ],
)
def test_a_cancelled_date_stays_for_90_days_after_it(
    fetched: tuple[int, time],
    kept: bool,
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
) -> None:
    with database.transaction() as db:
        course_session = make_course_session(db, now=clock())
        course_session.sequence = 2
        course_session.cancelled_at = clock()
        course_session.cancelled_by_id = course_session.trainer_id
        day = course_session.local_date
    days, at = fetched
    clock.at = to_utc(day + timedelta(days=days), at)  # in London it is summer by then

    found = list(events(fetch(ROLE_FEED).data).values())

    assert len(found) == kept
    for event in found:
        assert (event["status"], event["sequence"]) == ("CANCELLED", "2")
        assert event["summary"].startswith("CANCELLED: Labourer")


def test_a_trainer_sees_every_date_of_their_own_with_the_link_first(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        trainer = make_person(db, "theodora", now=clock(), role=Role.TRAINER)
        public = make_course_session(db, now=clock(), trainer=trainer)
        public.joining_url = LINK
        in_house = make_course_session(
            db,
            now=clock(),
            trainer=trainer,
            in_house=True,
            on=date(2026, 4, 1),
            card_role="lv-jointer",
        )
        make_course_session(db, now=clock())
        refs, owner = [public.ref, in_house.ref], trainer.id
    path = subscribe(FeedKind.TRAINER, person_id=owner)

    found = list(events(fetch(path).data).values())

    pages = [f"{settings.base_url}/trainer/course-sessions/{ref}" for ref in refs]
    assert [event["url"] for event in found] == pages
    assert found[0]["description"].splitlines()[0] == LINK
    assert found[0]["transp"] == "OPAQUE"
    assert "In-house" in found[1]["description"]
    assert "still missing" in found[1]["description"]


def two_bookings(
    database: Database, clock: MovableClock
) -> tuple[Person, Company, Booking]:
    """Book Craig through his company and on his own, and others as noise."""
    with database.transaction() as db:
        craig = make_person(db, "craig bannister", now=clock())
        company = make_company(db, craig, now=clock())
        first = make_course_session(db, now=clock())
        first.joining_url = LINK
        second = make_course_session(db, now=clock(), on=date(2026, 4, 1))
        booking = make_booking(db, first, craig, now=clock(), company=company)
        make_booking(db, second, craig, now=clock())
        other = make_person(db, "zofia maj", now=clock())
        rival = make_company(db, other, now=clock())
        make_booking(db, first, other, now=clock(), company=rival)
    return craig, company, booking


def test_a_candidate_sees_their_own_bookings_with_the_link_first(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    craig, _, booking = two_bookings(database, clock)
    path = subscribe(FeedKind.CANDIDATE, person_id=craig.id)

    first, second = events(fetch(path).data).values()

    assert first["uid"] == f"booking-{booking.calendar_uid}@{settings.calendar_domain}"
    assert first["description"].splitlines()[0] == LINK
    assert first["url"] == f"{settings.base_url}/bookings/{booking.ref}"
    assert first["transp"] == "OPAQUE"
    assert "comes by e-mail" in second["description"].splitlines()[0]
    assert "attendee" not in first


def test_a_candidate_sees_where_they_sit_again_but_not_what_is_at_once(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    with database.transaction() as db:
        alice = make_person(db, "alice", now=clock())
        failures = [
            make_finished_attempt(
                db, alice, finished_at=clock(), score=30, card_role=role
            )
            for role in ("labourer", "site-support")
        ]
        day = make_course_session(db, now=clock())
        day.joining_url = LINK
        make_booking(db, day, make_person(db, "bob", now=clock()), now=clock())
        later, at_once = (
            grant_resit(
                db,
                attempt_id=failed.id,
                course_session_ref=ref,
                reason="x",
                granted_by_id=alice.id,
                outside_rule=True,
                now=clock(),
            )
            for failed, ref in zip(failures, (day.ref, None), strict=True)
        )
    feed = subscribe(FeedKind.CANDIDATE, person_id=alice.id)

    first = fetch(feed)
    shown = events(first.data)
    assert sum(uid.startswith("booking-") for uid in shown) == 2
    (event,) = (event for uid, event in shown.items() if uid.startswith("resit-"))
    assert event["uid"] == f"resit-{later.calendar_uid}@{settings.calendar_domain}"
    assert at_once.calendar_uid not in first.text
    assert event["summary"] == "Resit: Labourer health and safety course"
    assert event["description"].split("\n")[:2] == [
        LINK,
        "The assessment begins about 4:30pm, UK time. No course before it.",
    ]
    on = f"{day.local_date:%Y%m%d}"
    for line in (
        f"DTSTART;TZID=Europe/London:{on}T161500",
        f"DTEND;TZID=Europe/London:{on}T173000",
    ):
        assert line in first.text

    known = {"If_None_Match": first.headers["ETag"]}
    assert fetch(feed, **known).status_code == 304
    clock.advance(minutes=1)
    with database.transaction() as db:
        set_joining_link(
            db,
            ref=day.ref,
            trainer_id=None,
            joining_url=LINK + "/new",
            set_by_id=alice.id,
            now=clock(),
        )
    changed = fetch(feed, **known)
    assert changed.status_code == 200
    assert events(changed.data)[event["uid"]]["sequence"] == "1"


def test_a_company_sees_its_own_bookings_by_initials_and_no_link(
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    _, company, booking = two_bookings(database, clock)
    path = subscribe(FeedKind.COMPANY, company_id=company.id)

    answer = fetch(path)

    (event,) = events(answer.data).values()
    assert event["uid"].startswith(f"booking-{booking.calendar_uid}@")
    assert event["summary"] == "CB: Labourer health and safety course"
    assert event["transp"] == "TRANSPARENT"
    whole = answer.text.replace("\r\n ", "").lower()
    for secret in ("craig", "bannister", "teams.example", "example.org"):
        assert secret not in whole


@pytest.mark.parametrize("kind", [FeedKind.CANDIDATE, FeedKind.COMPANY])
def test_a_cancelled_booking_stays_and_says_so(
    kind: FeedKind,
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    craig, company, booking = two_bookings(database, clock)
    with database.transaction() as db:
        found = db.get(Booking, booking.id)
        assert found
        found.cancelled_at, found.cancelled_by_id = clock(), craig.id
        found.sequence += 1
    owner = (
        {"company_id": company.id}
        if kind == FeedKind.COMPANY
        else {"person_id": craig.id}
    )
    body = fetch(subscribe(kind, **owner)).data

    event = next(
        event
        for uid, event in events(body).items()
        if uid.startswith(f"booking-{booking.calendar_uid}")
    )
    assert (event["status"], event["sequence"]) == ("CANCELLED", "1")
    assert event["summary"].startswith("CANCELLED: ")
    assert "teams.example" not in event["description"]


def test_what_happens_to_the_date_shows_in_the_bookings_feed(
    database: Database,
    clock: MovableClock,
    fetch: Fetch,
    subscribe: Callable[..., str],
) -> None:
    craig, _, booking = two_bookings(database, clock)
    path = subscribe(FeedKind.CANDIDATE, person_id=craig.id)
    before = fetch(path).headers["ETag"]
    with database.transaction() as db:
        found = db.get(CourseSession, booking.course_session_id)
        assert found
        found.joining_url, found.sequence = "https://teams.example/new", 1
    after = fetch(path, If_None_Match=before)
    assert after.status_code == 200
    assert "https://teams.example/new" in after.text


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Craig Bannister", "CB"),
        ("oluwaseun  adébáyọ̀-featherstonehaugh", "OA"),
        ("Ŵŷn ap Siôn", "ŴAS"),
        ("'Tom' O'Neill", "TO"),
        ("👷 Bob", "B"),
        ("   ", "Delegate"),
        ("12 34", "Delegate"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
