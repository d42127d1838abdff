from datetime import timedelta

import pytest
from flask import Flask

from ecs_training.attendance.rules import Presence
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)
from tests.portal.conftest import Town
from tests.portal.counting import counted
from tests.portal.making import make_mark, make_pass, make_result

pytestmark = pytest.mark.usefixtures("town")


def _open(app: Flask, name: str) -> str:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    page = visitor.open("/company")
    assert page.status_code == 200
    return page.text


def test_whoever_books_for_no_company_has_no_such_page(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("marta@example.org")
    assert visitor.open("/company").status_code == 404


def test_a_company_that_booked_nobody_is_told_how(app: Flask) -> None:
    page = _open(app, "boss")
    assert "Book the first seat" in page
    assert "<table" not in page


def test_the_board_shows_how_each_seat_stands_and_no_score(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        past = make_course_session(
            db, now=clock(), on=clock().date() - timedelta(days=7)
        )
        coming = make_course_session(db, now=clock())
        seats = {}
        for name in ("Passed", "Failed", "Absent", "Silent", "Coming", "Gone"):
            person = make_person(db, f"{name}person", now=clock())
            date = coming if name in {"Coming", "Gone"} else past
            seats[name] = make_booking(
                db, date, person, now=clock(), company=town.company
            )
        make_pass(db, seats["Passed"], now=clock())
        make_result(db, seats["Failed"], now=clock(), score=39)
        make_mark(db, seats["Absent"], now=clock(), presence=Presence.ABSENT)
        seats["Gone"].cancelled_at = clock()
        seats["Gone"].cancelled_by_id = town.boss.id

    page = _open(app, "boss")
    rows = {
        name: page.partition(f"{name}person<small>")[2].partition("</tr>")[0]
        for name in seats
    }

    assert "Passed" in rows["Passed"]
    assert "Valid until Tuesday 29 February 2028" in rows["Passed"]
    assert "Attended" in rows["Failed"]
    assert "Not there" in rows["Absent"]
    assert "Course held" in rows["Silent"]
    assert "Booked" in rows["Coming"]
    assert "Cancelled" in rows["Gone"]
    assert all(seat.ref in page for seat in seats.values())
    assert "of 50" not in page
    assert page.index(seats["Coming"].ref) < page.index(seats["Passed"].ref)


def test_another_companys_people_are_not_on_the_board(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        date = make_course_session(db, now=clock())
        rival = make_company(db, town.olga, now=clock())
        theirs = make_booking(db, date, town.marta, now=clock(), company=rival)
        alone = make_booking(db, date, town.staff, now=clock())

    page = _open(app, "boss")
    assert theirs.ref not in page
    assert alone.ref not in page


def test_the_board_asks_as_often_for_many_people_as_for_one(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("boss@example.org")

    def look(people: int) -> int:
        with database.transaction() as db:
            date = make_course_session(db, now=clock())
            for _ in range(people):
                person = make_person(db, now=clock())
                seat = make_booking(db, date, person, now=clock(), company=town.company)
                make_pass(db, seat, now=clock())
        with counted(database) as sent:
            visitor.open("/company")
        return len(sent)

    assert look(1) == look(6)
