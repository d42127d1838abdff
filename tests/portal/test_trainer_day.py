"""A trainer's day: what is on, what comes next, what comes tomorrow, and nobody else's."""

from datetime import date, timedelta

import pytest
from flask import Flask

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Sitting
from ecs_training.attendance.models import AttendanceMark
from ecs_training.attendance.rules import Presence
from ecs_training.foundation.database import Database
from ecs_training.portal.rules import Deed, next_deed
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services.swaps import ask_swap
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session, make_person
from tests.portal.conftest import Town
from tests.portal.counting import counted

LINK = "https://teams.example.org/l/meetup-join/42"
ONE_DATABASE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def visitor(app: Flask, town: Town) -> Visitor:
    assert town.trainer.id
    visitor = Visitor(app)
    visitor.sign_in("trainer@example.org")
    return visitor


def add(
    database: Database, clock: MovableClock, trainer: Person, *, days: int = 0
) -> CourseSession:
    with database.transaction() as db:
        on = clock().date() + timedelta(days=days)
        return make_course_session(db, now=clock(), trainer=trainer, on=on)


@pytest.mark.parametrize(
    ("unmarked", "to_check", "opened", "closed", "deed"),
    [
        (1, 1, False, False, Deed.MARK),
        (0, 1, False, False, Deed.CHECK),
        (0, 0, False, False, Deed.OPEN),
        (1, 1, True, False, Deed.ROOM),
        (1, 1, True, True, Deed.DONE),
    ],
)
def test_one_thing_comes_next(
    unmarked: int, to_check: int, opened: bool, closed: bool, deed: Deed
) -> None:
    found = next_deed(
        unmarked=unmarked, to_check=to_check, opened=opened, closed=closed
    )
    assert found is deed


def test_today_shows_the_course_its_people_teams_and_the_next_thing(
    visitor: Visitor, database: Database, clock: MovableClock, town: Town
) -> None:
    today = add(database, clock, town.trainer)
    add(database, clock, town.trainer, days=1)
    with database.transaction() as db:
        date_ = db.get_one(CourseSession, today.id)
        date_.joining_url = LINK
        booking = make_booking(db, date_, town.marta, now=clock())

    page = visitor.open("/trainer/day").text
    assert "9am to 4:30pm" in page
    assert f'href="{LINK}"' in page
    assert Deed.MARK.value in page
    assert f'href="/trainer/course-sessions/{today.ref}#register"' in page
    assert "What comes the day after" in page

    with database.transaction() as db:
        db.add(
            AttendanceMark(
                booking_id=booking.id,
                presence=Presence.ATTENDED,
                marked_by_id=town.trainer.id,
                marked_at=clock(),
            )
        )
    assert Deed.CHECK.value in visitor.open("/trainer/day").text
    with database.transaction() as db:
        sitting = Sitting(
            course_session_id=today.id,
            blueprint="hse",
            blueprint_version=1,
            invigilator_id=town.trainer.id,
            opened_at=clock(),
            opening_declaration="I watch everybody.",
            closes_at=clock() + timedelta(hours=7),
        )
        db.add(sitting)
    assert (
        f'href="/trainer/sittings/{sitting.ref}"' in visitor.open("/trainer/day").text
    )


def test_a_day_is_the_trainers_own(
    visitor: Visitor, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        other = make_person(db, "other", now=clock(), role=Role.TRAINER)
    theirs = add(database, clock, other)
    tomorrows = add(database, clock, town.trainer, days=1)
    page = visitor.open("/trainer/day").text
    assert "Nothing to teach" in page
    assert theirs.ref not in page
    assert f"{tomorrows.ref}#register" not in page
    assert tomorrows.ref in visitor.open("/trainer/day/2026-03-03").text


def test_a_cancelled_course_is_named_and_leads_nowhere(
    visitor: Visitor, database: Database, clock: MovableClock, town: Town
) -> None:
    gone = add(database, clock, town.trainer)
    with database.transaction() as db:
        date_ = db.get_one(CourseSession, gone.id)
        date_.cancelled_at, date_.cancelled_by_id = clock(), town.staff.id
    page = visitor.open("/trainer/day").text
    assert "Cancelled" in page
    assert gone.ref not in page


def test_what_is_asked_of_a_trainer_stands_on_any_day(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        other = make_person(db, "other", now=clock(), role=Role.TRAINER)
    date_ = add(database, clock, other, days=5)
    with database.transaction() as db:
        swap = ask_swap(
            db,
            course_session_ref=date_.ref,
            trainer_id=other.id,
            to_ref=town.trainer.ref,
            note="",
            now=clock(),
        )
    for name, path, shown in (
        ("trainer", "/trainer/day", True),
        ("other", "/trainer/day", False),
        ("other", f"/trainer/day/{date_.local_date}", True),  # as asked by them
    ):
        visitor = Visitor(app)
        visitor.sign_in(f"{name}@example.org")
        assert (f"/trainer/swaps/{swap.ref}" in visitor.open(path).text) is shown


@ONE_DATABASE
def test_days_are_shown_four_hundred_days_either_way(
    visitor: Visitor, clock: MovableClock
) -> None:
    def status(on: date | str) -> int:
        return visitor.open(f"/trainer/day/{on}").status_code

    today = clock().date()
    for sign in (-1, 1):
        assert status(today + timedelta(days=sign * 400)) == 200
        assert status(today + timedelta(days=sign * 401)) == 404
    for nonsense in ("0001-01-01", "9999-12-31", "tomorrow", "2026-02-30"):
        assert status(nonsense) == 404


@ONE_DATABASE
def test_candidates_have_no_such_page(app: Flask, town: Town) -> None:
    assert town.marta.id
    visitor = Visitor(app)
    visitor.sign_in("marta@example.org")
    assert visitor.open("/trainer/day").status_code == 404


def test_the_day_asks_as_often_for_many_people_as_for_one(
    visitor: Visitor, database: Database, clock: MovableClock, town: Town
) -> None:
    today = add(database, clock, town.trainer)

    def look(people: int) -> int:
        with database.transaction() as db:
            date_ = db.get_one(CourseSession, today.id)
            for _ in range(people):
                make_booking(db, date_, make_person(db, now=clock()), now=clock())
        with counted(database) as sent:
            visitor.open("/trainer/day")
        return len(sent)

    assert look(1) == look(5)
