"""Staff at weekly plans, days off and questions, over HTTP."""

import re
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.jobs import extend_the_timetable
from ecs_training.scheduling.models import (
    Closure,
    CourseSession,
    Holiday,
    PlanException,
    TimetableQuestion,
    WeeklyPlan,
)
from ecs_training.scheduling.rules import HolidayPolicy, Nation
from ecs_training.scheduling.services import add_closure, refresh_holidays
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_person
from tests.scheduling.conftest import SignIn
from tests.scheduling.test_staff_pages import ONE_DATABASE, refusal_of
from tests.scheduling.test_timetable import make_plan


@pytest.fixture
def trainer(dawn: Person) -> Person:
    return dawn


@pytest.fixture
def plan(database: Database, clock: MovableClock, trainer: Person) -> WeeklyPlan:
    with database.transaction() as db:
        return make_plan(db, now=clock(), trainer=trainer)


@pytest.fixture
def staff(sign_in: SignIn) -> Visitor:
    return sign_in("staff")


def days(name: str, on: date) -> dict[str, Any]:
    parts = {"day": on.day, "month": on.month, "year": on.year}
    return {f"{name}-{part}": str(value) for part, value in parts.items()}


def count_dates(database: Database) -> int:
    with database.reading() as db:
        standing = select(CourseSession).where(CourseSession.cancelled_at.is_(None))
        return len(db.scalars(standing).all())


@ONE_DATABASE
@pytest.mark.parametrize("name", ["alice", "dawn"])
def test_none_of_these_pages_exists_for_others(
    app: Flask, plan: WeeklyPlan, name: str
) -> None:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    own = f"/staff/weekly-plans/{plan.ref}"
    for path in (
        own,
        f"{own}/edit",
        f"{own}/exceptions/new",
        "/staff/timetable/days-off",
        "/staff/timetable/closures/new",
        "/staff/timetable/holidays/new",
        "/staff/timetable/questions",
    ):
        assert visitor.open(path).status_code == 404, path
    assert visitor.post(f"{own}/dates", digest="x").status_code == 404


@ONE_DATABASE
def test_what_is_not_there_is_not_found(staff: Visitor, plan: WeeklyPlan) -> None:
    nobody = "000000000000"
    for sub in ("", "/edit", "/exceptions/new"):
        path = f"/staff/weekly-plans/{nobody}{sub}"
        assert staff.open(path).status_code == 404
    for path in (
        f"/staff/weekly-plans/{nobody}/dates",
        f"/staff/weekly-plans/{plan.ref}/exceptions/2026-03-09/removal",
        f"/staff/weekly-plans/{plan.ref}/exceptions/monday/removal",
        f"/staff/timetable/closures/{nobody}/removal",
        f"/staff/timetable/holidays/{nobody}/removal",
        f"/staff/timetable/questions/{nobody}/answer",
    ):
        assert staff.post(path, answer="run").status_code == 404, path


def test_a_plan_is_published_from_its_page_and_then_has_nothing_to_do(
    staff: Visitor, database: Database, plan: WeeklyPlan
) -> None:
    page = staff.open(f"/staff/weekly-plans/{plan.ref}")
    assert "9 dates added, 0 changed, 0 taken off" in page.text
    assert "Bank holiday: Easter Monday" in page.text
    assert count_dates(database) == 0

    page = staff.send(to="/dates")

    assert page.request.path == f"/staff/weekly-plans/{plan.ref}"
    assert "Nothing to do" in page.text
    assert count_dates(database) == 9


def test_publishing_what_has_changed_meanwhile_shows_the_new_and_does_nothing(
    staff: Visitor, database: Database, clock: MovableClock, plan: WeeklyPlan
) -> None:
    staff.open(f"/staff/weekly-plans/{plan.ref}")
    with database.transaction() as db:
        add_closure(
            db,
            first_on=date(2026, 3, 9),
            last_on=date(2026, 3, 9),
            reason="Works",
            added_by_id=1,
            now=clock(),
        )
    page = staff.send(to="/dates")
    assert (page.status_code, refusal_of(page)) == (409, "changed-meanwhile")
    assert "8 dates added" in page.text
    assert "Closed: Works" in page.text
    assert count_dates(database) == 0
    page = staff.send(to="/dates")
    assert page.status_code == 200
    assert count_dates(database) == 8


def test_changing_a_plan_shows_first_and_saves_with_what_was_shown(
    staff: Visitor, database: Database, plan: WeeklyPlan
) -> None:
    staff.open(f"/staff/weekly-plans/{plan.ref}")
    staff.send(to="/dates")
    page = staff.open(f"/staff/weekly-plans/{plan.ref}/edit")
    assert 'value="9am"' in page.text
    with database.reading() as db:
        kofi = db.scalars(select(Person).where(Person.full_name == "Kofi")).one()

    page = staff.send(capacity="14", trainer_2=str(kofi.id), starts="10")
    assert page.status_code == 200
    assert "0 dates added, 9 changed, 0 taken off" in page.text
    assert "10am to 4pm, not 9am to 4pm" in page.text
    with database.reading() as db:
        assert db.get_one(WeeklyPlan, plan.id).capacity == 12

    # another time than what was shown: shown again, nothing saved
    page = staff.send(publish="yes", starts="11")
    assert (page.status_code, refusal_of(page)) == (409, "changed-meanwhile")
    assert "11am to 4pm, not 9am to 4pm" in page.text
    with database.reading() as db:
        assert db.get_one(WeeklyPlan, plan.id).starts == time(9)
    page = staff.send(publish="yes")

    assert page.request.path == f"/staff/weekly-plans/{plan.ref}"
    assert "Dawn, Kofi" in page.text
    with database.reading() as db:
        made = db.scalars(select(CourseSession)).all()
        assert {(each.local_start, each.capacity) for each in made} == {(time(11), 14)}
        assert len({each.trainer_id for each in made}) == 2
        assert all(each.detached_at is None for each in made)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"minimum": "many"}, 422, "Enter a whole number, like 20."),
        ({"minimum": ""}, 422, "Enter how many people it needs to run."),
        ({"decide_days": "31"}, 422, "Choose from 0 to 30 working days."),
        ({"holiday_policy": "dance"}, 422, "Not a valid choice"),
        ({"minimum": "13"}, 409, "The minimum must be at least 1"),
        ({"ends": "8am"}, 409, "The end must be later on the same day"),
    ],
)
def test_a_change_that_cannot_be_comes_back_as_it_was(
    *,
    staff: Visitor,
    database: Database,
    plan: WeeklyPlan,
    change: dict[str, Any],
    status: int,
    told: str,
) -> None:
    staff.open(f"/staff/weekly-plans/{plan.ref}/edit")
    page = staff.send(**{"starts": "9:05", **change}, publish="yes")
    assert page.status_code == status
    assert told in page.text
    assert 'value="9:05"' in page.text
    with database.reading() as db:
        assert db.get_one(WeeklyPlan, plan.id).starts == time(9)


def test_a_day_is_left_out_and_let_in_again(
    staff: Visitor, database: Database, plan: WeeklyPlan
) -> None:
    path = f"/staff/weekly-plans/{plan.ref}/exceptions/new"
    staff.open(path)
    page = staff.send(reason="Fair")
    assert page.status_code == 422
    assert "Enter the day." in page.text
    assert 'value="Fair"' in page.text
    page = staff.send(**days("day", date(2026, 3, 10)))
    assert (page.status_code, refusal_of(page)) == (409, "not-its-day")
    page = staff.send(**days("day", date(2026, 3, 9)))
    assert page.request.path == f"/staff/weekly-plans/{plan.ref}"
    assert "Left out: Fair" in page.text
    with database.reading() as db:
        assert db.scalars(select(PlanException.day)).all() == [date(2026, 3, 9)]
    page = staff.send(to="/removal")
    assert "Left out: Fair" not in page.text


def test_a_closure_is_added_and_removed(staff: Visitor, database: Database) -> None:
    staff.open("/staff/timetable/closures/new")
    page = staff.send(**days("first_on", date(2026, 3, 9)), reason="Works")
    assert page.status_code == 422
    page = staff.send(**days("last_on", date(2026, 3, 8)))
    assert (page.status_code, refusal_of(page)) == (409, "last-before-first")
    page = staff.send(**days("last_on", date(2026, 3, 10)))
    assert page.request.path == "/staff/timetable/days-off"
    assert "Works" in page.text
    with database.reading() as db:
        closure = db.scalars(select(Closure)).one()
        assert (closure.first_on, closure.last_on) == (
            date(2026, 3, 9),
            date(2026, 3, 10),
        )
    page = staff.send(to=f"/{closure.ref}/removal")
    assert "Works" not in page.text


def test_a_holiday_is_added_by_hand_and_one_taken_out(
    staff: Visitor, database: Database, clock: MovableClock
) -> None:
    assert "Not filled yet" in staff.open("/staff/timetable/days-off").text
    with database.transaction() as db:
        refresh_holidays(db, weeks=12, now=clock())
    staff.open("/staff/timetable/holidays/new")
    page = staff.send(
        nation="scotland", **days("day", date(2026, 3, 14)), name="Highland Games"
    )
    assert (page.status_code, refusal_of(page)) == (409, "weekend")
    page = staff.send(**days("day", date(2026, 3, 13)))
    assert page.request.path == "/staff/timetable/days-off"
    assert "Added by hand" in page.text
    with database.reading() as db:
        typed = db.scalars(
            select(Holiday).where(Holiday.name == "Highland Games")
        ).one()
        assert typed.nation is Nation.SCOTLAND
    page = staff.send(to=f"/{typed.ref}/removal")
    assert "Highland Games" not in page.text


def test_the_timetable_counts_what_is_to_decide_and_an_answer_settles_it(
    staff: Visitor,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    trainer: Person,
) -> None:
    assert "Nothing to decide" in staff.open("/staff/timetable/questions").text
    with database.transaction() as db:
        make_plan(
            db,
            now=clock(),
            trainer=trainer,
            holiday_policy=HolidayPolicy.ASK,
            last_on=date(2026, 4, 20),
        )
    extend_the_timetable(database, clock, settings)
    assert "1 thing to decide" in staff.open("/staff/timetable").text
    page = staff.open("/staff/timetable/questions")
    assert "Labourer, Monday 6 April 2026" in page.text
    with database.reading() as db:
        ref = db.scalars(select(TimetableQuestion.ref)).one()

    page = staff.send(to="/answer", answer="whatever")
    assert (page.status_code, refusal_of(page)) == (409, "no-such-answer")
    page = staff.send(to="/answer", answer="run")

    assert page.request.path == "/staff/timetable/questions"
    assert "Nothing to decide" in page.text
    answer = staff.post(f"/staff/timetable/questions/{ref}/answer", answer="skip")
    assert (answer.status_code, refusal_of(answer)) == (409, "answered")
    with database.reading() as db:
        held = db.scalars(select(CourseSession.local_date)).all()
        assert date(2026, 4, 6) in held


@ONE_DATABASE
def test_a_date_changed_by_hand_says_so_on_the_timetable_and_its_plan(
    staff: Visitor, database: Database, clock: MovableClock, plan: WeeklyPlan
) -> None:
    staff.open(f"/staff/weekly-plans/{plan.ref}")
    staff.send(to="/dates")
    assert "Changed by hand" not in staff.open("/staff/timetable").text
    with database.transaction() as db:
        first = db.scalars(
            select(CourseSession).order_by(CourseSession.starts_at).limit(1)
        ).one()
        first.detached_at = clock()
        make_booking(db, first, make_person(db, now=clock()), now=clock())
    assert "Changed by hand" in staff.open("/staff/timetable").text
    page = staff.open(f"/staff/weekly-plans/{plan.ref}")
    assert "Stays: changed by hand" in page.text
    assert re.search(rf'href="[^"]*{first.ref}"', page.text)
