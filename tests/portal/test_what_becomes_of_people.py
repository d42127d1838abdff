"""Whoever came late, not at all, or was never marked: each has an outcome and a page."""

from datetime import timedelta

import pytest
from flask import Flask

from ecs_training.assessment.services.finish import void_attempt
from ecs_training.assessment.services.resits import grant_resit
from ecs_training.attendance.queries import list_unmarked
from ecs_training.attendance.rules import Presence
from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session
from tests.portal.conftest import Town
from tests.portal.making import make_mark, make_result, make_sitting

pytestmark = pytest.mark.usefixtures("town")


@pytest.fixture
def seat(database: Database, clock: MovableClock, town: Town) -> Booking:
    """Marta's seat today, which her company pays for."""
    with database.transaction() as db:
        day = make_course_session(
            db, now=clock(), trainer=town.trainer, on=clock().date()
        )
        return make_booking(db, day, town.marta, now=clock(), company=town.company)


def _see(app: Flask, name: str, path: str) -> str:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    page = visitor.open(path)
    assert page.status_code == 200
    return page.text


def _mark(
    database: Database, seat: Booking, clock: MovableClock, presence: Presence
) -> None:
    with database.transaction() as db:
        make_mark(db, seat, now=clock(), presence=presence)


def test_whoever_was_not_there_reads_what_happens_now(
    app: Flask, database: Database, clock: MovableClock, seat: Booking
) -> None:
    path = f"/bookings/{seat.ref}"
    assert "marked as not there" not in _see(app, "marta", path)
    _mark(database, seat, clock, Presence.ABSENT)
    for days in (0, 1):  # on the day, when it can be put right, and after it
        clock.advance(days=days)
        page = _see(app, "marta", path)
        assert "You are marked as not there" in page
        assert "The price of £174.00 stays due" in page
        assert 'href="/terms"' in page
        assert 'href="/courses/labourer"' in page
    assert "Marta is marked as not there" in _see(app, "boss", path)


def test_whoever_was_there_is_told_nothing_of_it(
    app: Flask, database: Database, clock: MovableClock, seat: Booking
) -> None:
    _mark(database, seat, clock, Presence.ATTENDED)
    assert "marked as not there" not in _see(app, "marta", f"/bookings/{seat.ref}")


def test_people_whom_nobody_marked_are_listed_from_the_next_day_on(
    app: Flask, database: Database, clock: MovableClock, town: Town, seat: Booking
) -> None:
    with database.transaction() as db:
        day = db.get_one(CourseSession, seat.course_session_id)
        gone = make_booking(db, day, town.olga, now=clock())
        gone.cancelled_at, gone.cancelled_by_id = clock(), town.olga.id
    register = f"/trainer/course-sessions/{day.ref}"
    clock.at = clock().replace(hour=23, minute=59)
    assert register not in _see(app, "staff", "/staff")
    clock.advance(minutes=1)
    page = _see(app, "staff", "/staff")
    assert register in page
    assert "register not complete" in page
    today = clock().date()
    with database.reading() as db:
        since = today - timedelta(days=1)
        (found,) = list_unmarked(db, since=since, before=today)
        assert (found.course_session.id, found.people) == (day.id, 1)
        assert list_unmarked(db, since=today, before=today) == []
    _mark(database, seat, clock, Presence.ABSENT)
    assert register not in _see(app, "staff", "/staff")


def test_a_voided_attempt_says_so_on_every_page(
    app: Flask, database: Database, clock: MovableClock, town: Town, seat: Booking
) -> None:
    with database.transaction() as db:
        attempt = make_result(db, seat, now=clock(), score=46)
        void_attempt(
            db,
            attempt_id=attempt.id,
            reason="Somebody else was in the room",
            voided_by_id=town.staff.id,
            now=clock(),
        )
    page = _see(app, "marta", f"/attempts/{attempt.ref}/result")
    assert "This attempt does not count" in page
    assert "Somebody else was in the room" in page
    assert "You passed" not in page
    assert "Open my application" not in page
    page = _see(app, "marta", f"/bookings/{seat.ref}")
    assert "Your last attempt does not count" in page
    assert "Does not count" in _see(app, "marta", "/account")


@pytest.mark.parametrize("score", [42, 43])
def test_the_booking_page_says_what_comes_after_a_failure(
    app: Flask, database: Database, clock: MovableClock, seat: Booking, score: int
) -> None:
    with database.transaction() as db:
        make_result(db, seat, now=clock(), score=score)
    page = _see(app, "marta", f"/bookings/{seat.ref}")
    assert ("You can sit again today. Ask your invigilator" in page) is (score < 43)


def test_a_resit_is_offered_on_the_booking_page_when_its_sitting_opens(
    app: Flask, database: Database, clock: MovableClock, town: Town, seat: Booking
) -> None:
    with database.transaction() as db:
        attempt = make_result(db, seat, now=clock(), score=39)
        day = make_course_session(db, now=clock(), trainer=town.trainer)
        day.joining_url = "https://teams.example.org/again"
        grant_resit(
            db,
            attempt_id=attempt.id,
            course_session_ref=day.ref,
            reason="by-the-rule",
            granted_by_id=town.staff.id,
            now=clock(),
        )
    path = f"/bookings/{seat.ref}"
    page = _see(app, "marta", path)
    assert "You sit again on Monday 9 March 2026" in page
    assert "https://teams.example.org/again" in page
    clock.at = day.ends_at
    with database.transaction() as db:
        sitting = make_sitting(db, day, opened_at=clock())
    page = _see(app, "marta", path)
    assert f"/sittings/{sitting.ref}" in page
    assert "You can sit again now" in page
    clock.at = sitting.closes_at
    page = _see(app, "marta", path)
    assert f"/sittings/{sitting.ref}" not in page
    assert "The date of your resit is over" in page
    assert f"/staff/attempts/{attempt.ref}/resit" in _see(app, "staff", "/staff")
