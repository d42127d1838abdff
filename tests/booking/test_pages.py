"""The public pages of a course, and booking and cancelling on them, over HTTP."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from ecs_training.accounts.models import OneTimeLink, Person
from ecs_training.booking.models import Booking
from ecs_training.booking.rules import BookingRefusal, Buyer, CancellationRefusal
from ecs_training.catalogue.queries import scheme
from ecs_training.foundation.database import Database
from ecs_training.payments.models import CreditNote, Invoice
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import cancel_course_session
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)

FOR_SELF: dict[str, Any] = {"buyer": "self", "payment": "invoice", "terms": "yes"}
FOR_MARTA: dict[str, Any] = {
    "buyer": "company",
    "payment": "invoice",
    "terms": "yes",
    "delegate_name": "Marta Kowalczyk",
    "delegate_email": "Marta@Example.org",
}


@pytest.fixture
def date_(database: Database, clock: MovableClock) -> CourseSession:
    with database.transaction() as db:
        for name in ("alice", "bob", "boss"):
            make_person(db, name, now=clock())
        # A month ahead: a consumer's 14 days are over before our own terms bind.
        return make_course_session(db, now=clock(), capacity=2, on=date(2026, 4, 1))


@pytest.fixture
def alice(app: Flask, date_: CourseSession) -> Visitor:
    assert date_.id
    visitor = Visitor(app)
    visitor.sign_in("alice@example.org")
    return visitor


@pytest.fixture
def boss(
    app: Flask, database: Database, date_: CourseSession, clock: MovableClock
) -> Visitor:
    assert date_.id
    with database.transaction() as db:
        person = db.scalars(select(Person).where(Person.full_name == "Boss")).one()
        make_company(db, person, now=clock())
    visitor = Visitor(app)
    visitor.sign_in("boss@example.org")
    return visitor


# What a form refuses is the same on every database.
ONE_DATABASE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def page_of(date_: CourseSession) -> str:
    return f"/course-sessions/{date_.ref}"


def book(visitor: Visitor, date_: CourseSession, **fields: str) -> TestResponse:
    visitor.open(page_of(date_))
    return visitor.send(to="/bookings", follow=False, **fields)


def bookings(database: Database) -> list[Booking]:
    with database.reading() as db:
        return list(db.scalars(select(Booking).order_by(Booking.id)))


def take_all_seats(database: Database, date_: CourseSession) -> None:
    with database.transaction() as db:
        held = db.get_one(CourseSession, date_.id)
        for _ in range(held.capacity):
            person = make_person(db, now=held.created_at)
            make_booking(db, held, person, now=held.created_at)


def test_anybody_sees_dates_uk_time_seats_and_price_before_signing_in(
    app: Flask, date_: CourseSession
) -> None:
    visitor = Visitor(app)
    course = visitor.open("/courses/labourer")
    for told in ("Wednesday 1 April 2026", "9am to 4:30pm", "2 seats left", "£174.00"):
        assert told in course.text
    assert f'href="{page_of(date_)}"' in course.text
    assert "/calendars/roles/labourer.ics" in course.text

    page = visitor.open(page_of(date_))
    for told in (
        "Wednesday 1 April 2026",
        "9am to 4:30pm, UK time",
        "2 seats left",
        "£145.00",
        "£29.00",
        "£174.00",
        "Monday 30 March 2026, 9am",
    ):
        assert told in page.text
    assert f"/sign-in?next={page_of(date_)}" in page.text
    assert "<form" not in page.text.partition("<main")[2]


@ONE_DATABASE
@pytest.mark.parametrize("role", [role.slug for role in scheme().roles])
def test_every_role_has_its_page_with_what_its_card_needs(
    app: Flask, role: str
) -> None:
    found = scheme().role(role)
    assert found
    page = html.unescape(Visitor(app).open(f"/courses/{role}").text)
    assert "No dates at the moment" in page
    for line in found.lines:
        assert line.title in page
    exempt = {each.name for each in scheme().qualifications_for(role)}
    shown = {
        each.name for each in scheme().qualifications if f"<strong>{each.name}<" in page
    }
    assert shown == exempt


def test_a_role_we_do_not_teach_is_not_found(app: Flask) -> None:
    assert Visitor(app).open("/courses/astronaut").status_code == 404


def test_the_course_page_shows_its_own_standing_public_dates(
    app: Flask, database: Database, clock: MovableClock, date_: CourseSession
) -> None:
    with database.transaction() as db:
        others = [
            make_course_session(db, now=clock(), card_role="lv-jointer"),
            make_course_session(db, now=clock(), in_house=True),
            cancelled := make_course_session(db, now=clock()),
        ]
        cancel_course_session(
            db,
            ref=cancelled.ref,
            trainer_id=None,
            reason="Ill",
            cancelled_by_id=cancelled.trainer_id,
            now=clock(),
        )
    page = Visitor(app).open("/courses/labourer").text
    assert page_of(date_) in page
    assert not any(page_of(other) in page for other in others)


def test_a_full_or_closing_date_offers_no_booking(
    app: Flask, database: Database, clock: MovableClock, date_: CourseSession
) -> None:
    take_all_seats(database, date_)
    visitor = Visitor(app)
    assert "btn--go" not in visitor.open("/courses/labourer").text
    assert "Full" in visitor.open("/courses/labourer").text
    assert BookingRefusal.FULL in visitor.open(page_of(date_)).text

    clock.at = date_.starts_at - timedelta(minutes=30)
    assert "Booking closed" in visitor.open("/courses/labourer").text
    assert BookingRefusal.CLOSED in visitor.open(page_of(date_)).text


def test_the_work_for_a_course_page_does_not_grow_with_its_dates(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    queries: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *seen: queries.append(seen[2]),
    )

    def work_with(dates: int) -> int:
        with database.transaction() as db:
            for n in range(dates):
                on = clock().date() + timedelta(days=len(queries) % 90 + n + 1)
                make_course_session(db, now=clock(), on=on)
        queries.clear()
        assert Visitor(app).open("/courses/labourer").status_code == 200
        return sum(sql.startswith("SELECT") for sql in queries)

    assert work_with(1) == work_with(20) > 0


def test_booking_for_oneself(
    alice: Visitor, database: Database, date_: CourseSession
) -> None:
    page = alice.open(page_of(date_))
    assert page.text.count("btn--go") == 1

    answer = alice.send(to="/bookings", follow=False, **FOR_SELF)

    (booking,) = bookings(database)
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking.ref}")
    assert (booking.buyer, booking.company_id) == (Buyer.SELF, None)
    page = alice.open(page_of(date_))
    assert "You have a seat on this date" in page.text
    assert "btn--go" not in page.text  # a second seat is not offered
    assert f"/bookings/{booking.ref}" in page.text


def test_booking_for_a_delegate_invites_them_and_bills_the_company(
    boss: Visitor, database: Database, date_: CourseSession
) -> None:
    answer = book(boss, date_, **FOR_MARTA)

    assert answer.status_code == 303
    with database.reading() as db:
        marta = db.scalars(
            select(Person).where(Person.email == "marta@example.org")
        ).one()
        booking = db.scalars(select(Booking)).one()
        assert booking.candidate_id == marta.id
        assert booking.buyer is Buyer.COMPANY
        assert db.scalars(select(OneTimeLink.person_id)).all() == [marta.id]
        assert "Northgate Power Ltd" in db.scalars(select(Invoice.billed_to)).one()
    assert boss.open(answer.location).status_code == 200


def refusal_of(page: TestResponse) -> str | None:
    found = re.search(r'role="alert"[^>]*data-refusal="([^"]+)"', page.text)
    return found[1] if found else None


def test_a_full_date_refuses_and_keeps_what_was_typed(
    boss: Visitor, database: Database, date_: CourseSession
) -> None:
    boss.open(page_of(date_))
    take_all_seats(database, date_)

    page = boss.send(to="/bookings", **FOR_MARTA)

    assert page.status_code == 409
    assert refusal_of(page) == "full"
    assert "<title>Error: " in page.text
    assert 'value="Marta Kowalczyk"' in page.text
    assert 'value="marta@example.org"' in page.text
    assert re.search(r'name="buyer" value="company" checked', page.text)
    assert re.search(r'name="terms" value="yes" checked', page.text)
    with database.reading() as db:
        assert not db.scalars(select(Person).where(Person.email.like("marta%"))).all()


def test_a_second_seat_for_the_same_person_is_refused(
    alice: Visitor, database: Database, date_: CourseSession
) -> None:
    book(alice, date_, **FOR_SELF)
    page = alice.post(f"{page_of(date_)}/bookings", **FOR_SELF)  # from a second tab
    assert (page.status_code, refusal_of(page)) == (409, "already-booked")
    assert len(bookings(database)) == 1


def test_booking_closes_an_hour_before_the_start(
    alice: Visitor, database: Database, clock: MovableClock, date_: CourseSession
) -> None:
    clock.at = date_.starts_at - timedelta(hours=1)
    alice.sign_in("alice@example.org")
    alice.open(page_of(date_))
    clock.advance(seconds=1)

    page = alice.send(to="/bookings", **FOR_SELF)

    assert page.status_code == 409
    assert refusal_of(page) == "closed"
    assert bookings(database) == []


def test_a_cancelled_date_says_so_and_refuses(
    alice: Visitor, database: Database, clock: MovableClock, date_: CourseSession
) -> None:
    alice.open(page_of(date_))
    with database.transaction() as db:
        cancel_course_session(
            db,
            ref=date_.ref,
            trainer_id=None,
            reason="Ill",
            cancelled_by_id=date_.trainer_id,
            now=clock(),
        )
    page = alice.send(to="/bookings", **FOR_SELF)
    assert (page.status_code, refusal_of(page)) == (409, "cancelled")
    assert BookingRefusal.CANCELLED in alice.open(page_of(date_)).text


@ONE_DATABASE
@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"terms": ""}, "Tick the box to agree"),
        ({"terms": "no"}, "Tick the box to agree"),
        ({"payment": "gold"}, "Choose how you pay"),
        ({"buyer": ""}, "Choose who the seat is for"),
        ({"delegate_name": " "}, "Enter their name"),
        ({"delegate_email": "marta@"}, "Enter an e-mail address in full"),
        ({"delegate_name": "M" * 121}, "Use 120 characters or fewer"),
    ],
)
def test_a_form_with_a_gap_comes_back_as_it_was(
    boss: Visitor,
    database: Database,
    date_: CourseSession,
    missing: dict[str, str],
    told: str,
) -> None:
    boss.open(page_of(date_))
    page = boss.send(to="/bookings", **FOR_MARTA | missing)

    assert page.status_code == 422
    assert told in page.text
    assert 'role="alert"' in page.text
    kept = {**FOR_MARTA, **missing}["delegate_name"].strip()
    assert f'value="{kept}"' in page.text or not kept
    assert bookings(database) == []


def test_a_delegate_form_is_not_asked_of_who_books_for_themselves(
    boss: Visitor, database: Database, date_: CourseSession
) -> None:
    answer = book(boss, date_, **FOR_SELF, delegate_name="", delegate_email="nonsense")
    assert answer.status_code == 303
    (booking,) = bookings(database)
    assert booking.company_id is None


def test_who_has_no_company_is_led_to_set_one_up(
    alice: Visitor, database: Database, date_: CourseSession
) -> None:
    page = alice.open(page_of(date_))
    assert f"/company/set-up?next={page_of(date_)}" in page.text
    assert 'name="delegate_email"' not in page.text

    page = alice.send(to="/bookings", **FOR_MARTA)

    assert page.status_code == 422
    assert "Set up your company first" in page.text
    assert f"/company/set-up?next={page_of(date_)}" in page.text
    assert 'value="Marta Kowalczyk"' in page.text
    assert bookings(database) == []


def test_an_in_house_date_does_not_exist_for_the_public(
    alice: Visitor, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        in_house = make_course_session(db, now=clock(), in_house=True)
    assert alice.open(page_of(in_house)).status_code == 404
    answer = alice.post(f"{page_of(in_house)}/bookings", **FOR_SELF)
    assert answer.status_code == 404
    assert (
        alice.post("/course-sessions/000000000000/bookings", **FOR_SELF).status_code
        == 404
    )
    assert bookings(database) == []


def test_who_is_not_signed_in_books_nothing(
    app: Flask, database: Database, date_: CourseSession
) -> None:
    visitor = Visitor(app)
    answer = visitor.post(f"{page_of(date_)}/bookings", **FOR_SELF)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")
    assert bookings(database) == []


def cancellation_of(database: Database) -> str:
    (booking,) = bookings(database)
    return f"/bookings/{booking.ref}/cancellation"


def test_cancelling_in_time_is_free_and_credited(
    alice: Visitor, database: Database, date_: CourseSession
) -> None:
    book(alice, date_, **FOR_SELF)
    page = alice.open(cancellation_of(database))
    assert "Cancelling is free until Monday 30 March 2026, 9am" in page.text

    answer = alice.send(to="/cancellation", follow=False, reason="Moved house")

    (booking,) = bookings(database)
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking.ref}")
    assert booking.cancelled_at
    assert booking.cancel_reason == "Moved house"
    with database.reading() as db:
        assert len(db.scalars(select(CreditNote)).all()) == 1
        assert db.get_one(CourseSession, date_.id).seats_taken == 0
    again = alice.open(cancellation_of(database))
    assert again.status_code == 200
    assert CancellationRefusal.ALREADY_CANCELLED in again.text


def test_cancelling_late_says_what_it_costs_and_credits_nothing(
    alice: Visitor, database: Database, clock: MovableClock, date_: CourseSession
) -> None:
    book(alice, date_, **FOR_SELF)
    (booking,) = bookings(database)
    clock.at = booking.free_until
    alice.sign_in("alice@example.org")
    page = alice.open(cancellation_of(database))
    assert "Cancelling now costs the whole price" in page.text
    assert "£174.00 stays payable" in page.text

    answer = alice.send(to="/cancellation", follow=False)

    assert answer.status_code == 303
    (booking,) = bookings(database)
    assert booking.cancelled_at == clock()
    with database.reading() as db:
        assert db.scalars(select(CreditNote)).all() == []


def test_a_price_that_was_not_shown_is_not_charged(
    alice: Visitor, database: Database, clock: MovableClock, date_: CourseSession
) -> None:
    book(alice, date_, **FOR_SELF)
    (booking,) = bookings(database)
    clock.at = booking.free_until - timedelta(seconds=1)
    alice.sign_in("alice@example.org")
    alice.open(cancellation_of(database))
    clock.advance(seconds=1)

    page = alice.send(to="/cancellation", reason="Moved house")

    assert (page.status_code, refusal_of(page)) == (409, "no-longer-free")
    assert "Cancelling now costs the whole price" in page.text
    assert "Moved house" in page.text
    assert alice.send(to="/cancellation", follow=False).status_code == 303


def test_a_started_course_can_no_longer_be_cancelled(
    alice: Visitor, database: Database, clock: MovableClock, date_: CourseSession
) -> None:
    book(alice, date_, **FOR_SELF)
    clock.at = date_.starts_at
    alice.sign_in("alice@example.org")
    page = alice.open(cancellation_of(database))
    assert CancellationRefusal.STARTED in page.text
    page = alice.post(cancellation_of(database))
    assert (page.status_code, refusal_of(page)) == (409, "started")


def test_the_reason_is_kept_short(
    alice: Visitor, database: Database, date_: CourseSession
) -> None:
    book(alice, date_, **FOR_SELF)
    alice.open(cancellation_of(database))
    page = alice.send(to="/cancellation", reason="x" * 301)
    assert page.status_code == 422
    assert "Use 300 characters or fewer" in page.text
    assert "x" * 301 in page.text


@pytest.mark.parametrize("sub", ["/cancellation", "/invoice", "/credit-note"])
def test_a_foreign_booking_does_not_exist(
    app: Flask, alice: Visitor, database: Database, date_: CourseSession, sub: str
) -> None:
    book(alice, date_, **FOR_SELF)
    (booking,) = bookings(database)
    bob = Visitor(app)
    bob.sign_in("bob@example.org")

    assert bob.open(f"/bookings/{booking.ref}{sub}").status_code == 404
    assert bob.post(f"/bookings/{booking.ref}/cancellation").status_code == 404
    assert bob.open(f"/bookings/000000000000{sub}").status_code == 404
    assert bookings(database)[0].cancelled_at is None


def test_a_company_cancels_its_delegates_booking_and_the_delegate_may_too(
    app: Flask, boss: Visitor, database: Database, date_: CourseSession
) -> None:
    book(boss, date_, **FOR_MARTA | {"delegate_email": "alice@example.org"})
    alice = Visitor(app)
    alice.sign_in("alice@example.org")
    assert alice.open(cancellation_of(database)).status_code == 200
    assert boss.open(cancellation_of(database)).status_code == 200
    assert boss.send(to="/cancellation", follow=False).status_code == 303
    assert bookings(database)[0].cancelled_at
