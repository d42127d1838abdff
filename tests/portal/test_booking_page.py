from datetime import timedelta

import pytest
from flask import Flask

from ecs_training.booking.models import Booking
from ecs_training.booking.services import book_seat, cancel_booking
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session
from tests.portal.conftest import Town
from tests.portal.making import make_mark, make_pass, make_result, make_sitting

LINK = "https://teams.example.org/l/meetup-join/42"

pytestmark = pytest.mark.usefixtures("town")


@pytest.fixture
def seat(database: Database, clock: MovableClock, town: Town) -> Booking:
    """Marta's seat, a week from now, which her company pays for."""
    with database.transaction() as db:
        return book_seat(
            db,
            course_session_ref=make_course_session(db, now=clock()).ref,
            candidate_id=town.marta.id,
            booked_by_id=town.boss.id,
            company_id=town.company.id,
            now=clock(),
        )


def _date_of(database: Database, seat: Booking) -> CourseSession:
    with database.reading() as db:
        return db.get_one(CourseSession, seat.course_session_id)


def _see(app: Flask, name: str, seat: Booking) -> str:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    page = visitor.open(f"/bookings/{seat.ref}")
    assert page.status_code == 200
    return page.text


@pytest.mark.parametrize("name", ["olga", "trainer", "staff"])
def test_a_booking_of_somebody_else_does_not_exist(
    app: Flask, seat: Booking, name: str
) -> None:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    assert visitor.open(f"/bookings/{seat.ref}").status_code == 404
    assert visitor.open("/bookings/not%00one").status_code == 404


def test_the_page_says_when_the_link_comes_and_then_shows_it(
    app: Flask, database: Database, seat: Booking
) -> None:
    page = _see(app, "marta", seat)
    assert "Monday 9 March 2026" in page
    assert "9am to 4:30pm" in page
    assert "at the latest the day before" in page
    assert "£174.00" in page
    assert f"/bookings/{seat.ref}/invoice" in page
    assert f"/bookings/{seat.ref}/cancellation" in page

    with database.transaction() as db:
        db.get_one(CourseSession, seat.course_session_id).joining_url = LINK
    assert f'href="{LINK}"' in _see(app, "marta", seat)


def test_cancelling_is_free_until_the_instant_that_the_page_names(
    app: Flask, clock: MovableClock, seat: Booking
) -> None:
    clock.at = seat.free_until - timedelta(seconds=1)
    assert "Cancel free until" in _see(app, "marta", seat)
    clock.at = seat.free_until
    page = _see(app, "marta", seat)
    assert "The time to cancel free ended" in page
    assert f"/bookings/{seat.ref}/cancellation" in page


def test_a_course_that_has_begun_cannot_be_cancelled_here(
    app: Flask, database: Database, clock: MovableClock, seat: Booking
) -> None:
    clock.at = _date_of(database, seat).starts_at
    assert f"/bookings/{seat.ref}/cancellation" not in _see(app, "marta", seat)


def test_a_cancelled_booking_says_why_and_where_the_money_is(
    app: Flask, database: Database, clock: MovableClock, town: Town, seat: Booking
) -> None:
    with database.transaction() as db:
        cancel_booking(
            db,
            ref=seat.ref,
            person_id=town.marta.id,
            company_id=None,
            reason="Another job that day",
            now=clock(),
        )
    page = _see(app, "marta", seat)
    assert "This booking is cancelled" in page
    assert "Another job that day" in page
    assert f"/bookings/{seat.ref}/credit-note" in page
    assert f"/bookings/{seat.ref}/cancellation" not in page
    assert "Join on Teams" not in page


def test_the_assessment_is_offered_to_the_candidate_while_its_sitting_is_open(
    app: Flask, database: Database, clock: MovableClock, seat: Booking
) -> None:
    date = _date_of(database, seat)
    clock.at = date.ends_at
    with database.transaction() as db:
        sitting = make_sitting(db, date, opened_at=clock())
        noise = make_course_session(db, now=clock())
        other = make_sitting(db, noise, opened_at=clock())
    address = f"/sittings/{sitting.ref}"

    assert address in _see(app, "marta", seat)
    assert other.ref not in _see(app, "marta", seat)
    assert address not in _see(app, "boss", seat)
    clock.at = sitting.closes_at - timedelta(seconds=1)
    assert address in _see(app, "marta", seat)
    clock.at = sitting.closes_at
    assert address not in _see(app, "marta", seat)


def test_the_company_sees_the_seat_and_never_the_result(
    app: Flask, database: Database, clock: MovableClock, seat: Booking
) -> None:
    clock.at = _date_of(database, seat).ends_at
    with database.transaction() as db:
        attempt = make_result(db, seat, now=clock(), score=39)

    own = _see(app, "marta", seat)
    assert "39 of 50" in own
    assert f"/attempts/{attempt.ref}/result" in own
    assert "You were there" in own
    seen = _see(app, "boss", seat)
    assert "Marta was there" in seen
    assert "of 50" not in seen
    assert attempt.ref not in seen
    assert "/practice/" not in seen


def test_a_pass_leads_to_the_application_and_the_certificate(
    app: Flask, database: Database, clock: MovableClock, seat: Booking
) -> None:
    with database.transaction() as db:
        token = make_pass(db, seat, now=clock()).token
    page = _see(app, "marta", seat)
    assert "You passed" in page
    assert "/card-applications/labourer" in page
    assert f"/certificates/{token}" in page


def test_only_the_mark_on_this_booking_counts(
    app: Flask, database: Database, clock: MovableClock, town: Town, seat: Booking
) -> None:
    clock.at = _date_of(database, seat).ends_at
    with database.transaction() as db:
        other = make_booking(
            db,
            db.get_one(CourseSession, seat.course_session_id),
            town.olga,
            now=clock(),
        )
        make_mark(db, other, now=clock())
    assert "Not marked" in _see(app, "marta", seat)
