"""Trainers and staff at the timetable, over HTTP."""

import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from ecs_training.accounts.models import Person
from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Database
from ecs_training.payments.models import CreditNote
from ecs_training.scheduling.models import CourseSession, WeeklyPlan
from ecs_training.scheduling.rules import PlanRefusal, TimetableRefusal
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_course_session
from tests.scheduling.conftest import SignIn

# What a form refuses is the same on every database.
ONE_DATABASE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
LINK = "https://teams.example.org/l/1"
PAGES = (
    "/staff/timetable",
    "/staff/weekly-plans/new",
    "/trainer/course-sessions/new",
)


@pytest.fixture
def trainer(dawn: Person) -> Person:
    return dawn


def new_date(trainer: Person, **change: str) -> dict[str, Any]:
    return {
        "card_role": "lv-jointer",
        "trainer_id": str(trainer.id),
        "local_date-day": "17",
        "local_date-month": "mar",
        "local_date-year": "2026",
        "local_start": "9am",
        "local_end": "16:30",
        "capacity": "8",
        "joining_url": "",
        **change,
    }


def new_plan(trainer: Person, **change: str) -> dict[str, Any]:
    return {
        "card_role": "lv-jointer",
        "trainer_id": str(trainer.id),
        "weekday": "1",
        "starts": "9",
        "ends": "4.30pm",
        "capacity": "8",
        "first_on-day": "2",
        "first_on-month": "3",
        "first_on-year": "2026",
        **change,
    }


def refusal_of(page: TestResponse) -> str | None:
    found = re.search(r'role="alert"[^>]*data-refusal="([^"]+)"', page.text)
    return found[1] if found else None


@ONE_DATABASE
@pytest.mark.parametrize("path", PAGES)
def test_these_pages_do_not_exist_for_candidates(sign_in: SignIn, path: str) -> None:
    assert sign_in("alice").open(path).status_code == 404


@ONE_DATABASE
@pytest.mark.parametrize("path", PAGES[:2])
def test_the_timetable_is_for_staff(sign_in: SignIn, path: str) -> None:
    assert sign_in("dawn").open(path).status_code == 404
    page = sign_in("staff").open(path)
    assert page.status_code == 200
    assert page.text.count("btn--go") == 1


def test_an_empty_timetable_says_what_to_do(sign_in: SignIn) -> None:
    page = sign_in("staff").open("/staff/timetable")
    assert "No weekly course yet" in page.text
    assert "No dates ahead" in page.text


def test_staff_plan_a_week_and_its_dates_are_there_at_once(
    sign_in: SignIn, database: Database, trainer: Person
) -> None:
    staff = sign_in("staff")
    staff.open("/staff/weekly-plans/new")

    page = staff.send(**new_plan(trainer))
    assert "Tuesday 3 March 2026" in page.text
    with database.reading() as db:
        assert db.scalars(select(WeeklyPlan)).all() == []
    page = staff.send(publish="yes")

    assert page.request.path.startswith("/staff/weekly-plans/")
    page = staff.open("/staff/timetable")
    assert "Every week" in page.text
    assert "Tuesday 3 March 2026" in page.text
    with database.reading() as db:
        plan = db.scalars(select(WeeklyPlan)).one()
        assert (plan.starts, plan.ends, plan.last_on) == (time(9), time(16, 30), None)
        assert len(db.scalars(select(CourseSession)).all()) == 12


def test_a_clashing_plan_is_refused_and_kept_on_the_page(
    sign_in: SignIn, database: Database, trainer: Person
) -> None:
    staff = sign_in("staff")
    staff.open("/staff/weekly-plans/new")
    staff.send(**new_plan(trainer))
    staff.send(publish="yes")
    staff.open("/staff/weekly-plans/new")
    page = staff.send(**new_plan(trainer))
    assert page.status_code == 409
    assert refusal_of(page) == "trainer-busy"
    assert PlanRefusal.TRAINER_BUSY in page.text
    assert 'value="4.30pm"' in page.text
    with database.reading() as db:
        assert len(db.scalars(select(WeeklyPlan)).all()) == 1


@ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"starts": ""}, "Enter when it starts."),
        ({"ends": "teatime"}, "Ends must be a time of day, like 9am or 16:30."),
        ({"capacity": "many"}, "Enter a whole number, like 20."),
        ({"capacity": ""}, "Enter how many seats there are."),
        ({"capacity": "201"}, "Choose from 1 to 200 seats."),
        ({"first_on-day": "31", "first_on-month": "2"}, "From must be a real date"),
        ({"first_on-day": "", "first_on-month": "", "first_on-year": ""}, "Enter the"),
        ({"weekday": "7"}, "Choose a day of the week."),
        ({"card_role": "astronaut"}, "Choose a course."),
        ({"trainer_id": "0"}, "Choose a trainer."),
        ({"trainer_id": "x"}, "Choose a trainer."),
    ],
)
def test_a_plan_with_a_gap_comes_back_as_it_was(
    sign_in: SignIn,
    database: Database,
    trainer: Person,
    change: dict[str, str],
    told: str,
) -> None:
    staff = sign_in("staff")
    staff.open("/staff/weekly-plans/new")
    page = staff.send(**new_plan(trainer, **change))
    assert page.status_code == 422
    assert told in page.text
    assert 'role="alert"' in page.text
    typed = new_plan(trainer, **change)["ends"]
    assert f'value="{typed}"' in page.text
    with database.reading() as db:
        assert db.scalars(select(WeeklyPlan)).all() == []


def test_staff_end_a_plan(sign_in: SignIn, database: Database, trainer: Person) -> None:
    staff = sign_in("staff")
    staff.open("/staff/weekly-plans/new")
    staff.send(**new_plan(trainer))
    staff.send(publish="yes")
    with database.reading() as db:
        ref = db.scalars(select(WeeklyPlan.ref)).one()
    page = staff.open(f"/staff/weekly-plans/{ref}/end")
    assert "End LV Jointer on Tuesdays?" in page.text

    last: dict[str, Any] = {
        "last_on-day": "10",
        "last_on-month": "3",
        "last_on-year": "2026",
    }
    page = staff.send(**last)

    assert page.request.path == "/staff/timetable"
    assert "until Tuesday 10 March 2026" in page.text
    with database.reading() as db:
        standing = select(CourseSession.local_date).where(
            CourseSession.cancelled_at.is_(None)
        )
        assert db.scalars(standing).all() == [date(2026, 3, 3), date(2026, 3, 10)]
    staff.open(f"/staff/weekly-plans/{ref}/end")
    page = staff.send(**last)
    assert (page.status_code, refusal_of(page)) == (409, "already-ended")
    assert staff.open("/staff/weekly-plans/000000000000/end").status_code == 404


def test_a_trainer_adds_a_date_for_themselves_only(
    sign_in: SignIn, database: Database, trainer: Person
) -> None:
    dawn = sign_in("dawn")
    page = dawn.open("/trainer/course-sessions/new")
    assert "Kofi" not in page.text
    with database.reading() as db:
        kofi = db.scalars(select(Person).where(Person.full_name == "Kofi")).one()

    page = dawn.send(follow=False, **new_date(kofi))
    assert page.status_code == 422
    dawn.open("/trainer/course-sessions/new")
    answer = dawn.send(follow=False, **new_date(trainer, in_house="yes"))

    assert (answer.status_code, answer.location) == (303, "/trainer")
    with database.reading() as db:
        added = db.scalars(select(CourseSession)).one()
    assert added.trainer_id == trainer.id
    assert added.local_date == date(2026, 3, 17)
    assert (added.local_start, added.local_end) == (time(9), time(16, 30))
    assert added.capacity == 8
    assert added.in_house
    assert added.joining_url is None


def test_staff_add_a_date_for_any_trainer(
    sign_in: SignIn, database: Database, trainer: Person
) -> None:
    staff = sign_in("staff")
    page = staff.open("/trainer/course-sessions/new")
    assert "Kofi" in page.text
    assert "Dawn" in page.text
    answer = staff.send(follow=False, **new_date(trainer, joining_url=LINK))
    assert (answer.status_code, answer.location) == (303, "/staff/timetable")
    with database.reading() as db:
        assert db.scalars(select(CourseSession.joining_url)).all() == [LINK]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"local_date-year": "2025"}, (409, TimetableRefusal.IN_THE_PAST)),
        ({"local_date-year": "2062"}, (409, TimetableRefusal.TOO_FAR)),
        ({"local_end": "9:10"}, (409, TimetableRefusal.TOO_SHORT)),
        ({"local_end": "9am"}, (409, TimetableRefusal.TOO_LONG)),
        (
            {"joining_url": "http://teams.example.org/"},
            (422, TimetableRefusal.BAD_LINK),
        ),
        ({"local_date-day": "x"}, (422, "Date must be a real date")),
    ],
)
def test_a_date_that_cannot_be_comes_back_as_it_was(
    sign_in: SignIn,
    database: Database,
    trainer: Person,
    change: dict[str, str],
    answer: tuple[int, str],
) -> None:
    status, told = answer
    dawn = sign_in("dawn")
    dawn.open("/trainer/course-sessions/new")
    page = dawn.send(**new_date(trainer, **change))
    assert page.status_code == status
    assert told in page.text
    assert f'value="{new_date(trainer, **change)["local_end"]}"' in page.text
    with database.reading() as db:
        assert db.scalars(select(CourseSession)).all() == []


def test_two_rooms_at_once_are_refused_on_the_page(
    sign_in: SignIn, trainer: Person, date_: CourseSession
) -> None:
    dawn = sign_in("dawn")
    dawn.open("/trainer/course-sessions/new")
    same_day: dict[str, str] = {
        "local_date-day": "9",
        "local_start": "3pm",
        "local_end": "6pm",
    }
    page = dawn.send(**new_date(trainer, **same_day))
    assert (page.status_code, refusal_of(page)) == (409, "trainer-busy")
    assert date_.local_date == date(2026, 3, 9)


@pytest.mark.parametrize("sub", ["changes/cancellation", "joining-link"])
def test_anothers_date_does_not_exist(
    sign_in: SignIn, date_: CourseSession, sub: str
) -> None:
    path = f"/trainer/course-sessions/{date_.ref}/{sub}"
    for name in ("kofi", "alice"):
        visitor = sign_in(name)
        assert visitor.open(path).status_code == 404
        answer = visitor.post(path, reason="Ill", joining_url=LINK)
        assert answer.status_code == 404
    for name in ("dawn", "staff"):
        assert sign_in(name).open(path).status_code == 200
    unknown = f"/trainer/course-sessions/000000000000/{sub}"
    assert sign_in("staff").open(unknown).status_code == 404


def book(app: Flask, name: str, date_: CourseSession) -> None:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    visitor.open(f"/course-sessions/{date_.ref}")
    visitor.send(to="/bookings", follow=False, terms="yes")


def test_cancelling_a_date_counts_who_it_touches_and_needs_a_reason(
    app: Flask, sign_in: SignIn, database: Database, date_: CourseSession
) -> None:
    path = f"/trainer/course-sessions/{date_.ref}/cancellation"
    rehearsal = f"/trainer/course-sessions/{date_.ref}/changes/cancellation"
    dawn = sign_in("dawn")
    assert "Nobody is booked." in dawn.open(path).text
    book(app, "alice", date_)
    assert "1 person is booked." in dawn.open(path).text
    book(app, "kofi", date_)
    assert "2 people are booked." in dawn.open(path).text

    page = dawn.send(reason=" ")
    assert page.status_code == 422
    assert "Say why." in page.text
    dawn.send(reason="The trainer is ill.")
    answer = dawn.send(to="/changes/cancellation", follow=False)

    assert (answer.status_code, answer.location) == (303, "/trainer")
    with database.reading() as db:
        bookings = db.scalars(select(Booking)).all()
        assert {each.cancel_reason for each in bookings} == {"The trainer is ill."}
        assert all(each.cancelled_at for each in bookings)
        assert len(db.scalars(select(CreditNote)).all()) == 2
    again = dawn.open(path)
    assert TimetableRefusal.ALREADY_CANCELLED in again.text
    assert "The trainer is ill." in again.text
    page = dawn.post(rehearsal, reason="Again")
    assert (page.status_code, refusal_of(page)) == (409, "already-cancelled")


def test_a_trainer_sets_the_joining_link(
    sign_in: SignIn, database: Database, date_: CourseSession
) -> None:
    path = f"/trainer/course-sessions/{date_.ref}/joining-link"
    dawn = sign_in("dawn")
    dawn.open(path)
    page = dawn.send(joining_url="teams.example.org")
    assert page.status_code == 422
    assert 'value="teams.example.org"' in page.text

    answer = dawn.send(follow=False, joining_url=f" {LINK} ")

    assert answer.status_code == 303
    assert answer.location == f"/trainer/course-sessions/{date_.ref}"
    with database.reading() as db:
        assert db.get_one(CourseSession, date_.id).joining_url == LINK
    assert f'href="{LINK}"' in dawn.open(path).text


def test_a_date_that_is_over_stays_as_it_was(
    sign_in: SignIn, clock: MovableClock, date_: CourseSession
) -> None:
    clock.at = date_.ends_at
    dawn = sign_in("dawn")
    for sub, fields in (
        ("changes/cancellation", {"reason": "Ill"}),
        ("joining-link", {"joining_url": LINK}),
    ):
        path = f"/trainer/course-sessions/{date_.ref}/{sub}"
        assert TimetableRefusal.OVER in dawn.open(path).text
        page = dawn.post(path, **fields)
        assert (page.status_code, refusal_of(page)) == (409, "over")


def test_the_work_for_the_timetable_does_not_grow_with_its_dates(
    sign_in: SignIn, database: Database, clock: MovableClock
) -> None:
    staff = sign_in("staff")
    queries: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *seen: queries.append(seen[2]),
    )

    def work_with(dates: int) -> int:
        with database.transaction() as db:
            for n in range(dates):
                on = clock().date() + timedelta(days=n + 1)
                make_course_session(db, now=clock(), on=on)
        queries.clear()
        assert staff.open("/staff/timetable").status_code == 200
        return sum(sql.startswith("SELECT") for sql in queries)

    assert work_with(1) == work_with(15) > 0
