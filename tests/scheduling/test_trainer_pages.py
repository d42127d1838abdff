"""Trainers and staff at a trainer's time, over HTTP."""

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import (
    BusyCalendar,
    BusyTime,
    CourseSession,
    Swap,
    TrainerHours,
    TrainerLeave,
    TrainerSkill,
)
from ecs_training.scheduling.rules.leave import host_of, read_hours, word_hours
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_person
from tests.scheduling.conftest import SignIn
from tests.scheduling.internet import calendar

# What a form refuses is the same on every database.
ONE_DATABASE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ADDRESS = "https://calendar.example/S3CR3T.ics"
HOUR = "DTSTART:20260310T090000|DTEND:20260310T100000"


def rows(database: Database, kind: type) -> list[Any]:
    with database.reading() as db:
        return list(db.scalars(select(kind)))


def refusal_of(page: TestResponse) -> str | None:
    found = re.search(r'role="alert"[^>]*data-refusal="([^"]+)"', page.text)
    return found[1] if found else None


def post(visitor: Visitor, path: str, **data: Any) -> TestResponse:
    return visitor.client.post(
        path, data=data, headers={"X-CSRFToken": visitor.token()}
    )


def away(first: date, last: date) -> dict[str, str]:
    return {
        f"{name}_on-{part}": str(getattr(day, part))
        for name, day in (("first", first), ("last", last))
        for part in ("day", "month", "year")
    }


@ONE_DATABASE
def test_whose_pages_these_are(sign_in: SignIn, dawn: Person) -> None:
    theirs = f"/staff/trainers/{dawn.ref}"
    may = {
        "alice": (404, 404, 404),
        "kofi": (200, 404, 404),
        "staff": (404, 200, 200),
    }
    for name, expected in may.items():
        visitor = sign_in(name)
        for path, status in zip(
            ("/trainer/time", "/staff/trainers", theirs), expected, strict=True
        ):
            assert visitor.open(path).status_code == status, f"{name} {path}"
    staff = sign_in("staff")
    assert staff.open("/staff/trainers/000000000000").status_code == 404


@ONE_DATABASE
@pytest.mark.parametrize("whose", ["own", "staff"])
def test_a_week_is_typed_and_kept(
    sign_in: SignIn, database: Database, dawn: Person, whose: str
) -> None:
    visitor = sign_in("dawn" if whose == "own" else "staff")
    page = "/trainer/time" if whose == "own" else f"/staff/trainers/{dawn.ref}"
    answer = post(visitor, f"{page}/hours", day0="9-12, 1pm to 4.30pm", day4="8–17")  # noqa: RUF001 - as typed
    assert (answer.status_code, answer.location) == (303, page)
    kept = [
        (h.weekday, f"{h.starts:%H%M}", f"{h.ends:%H%M}")
        for h in rows(database, TrainerHours)
    ]
    assert kept == [(0, "0900", "1200"), (0, "1300", "1630"), (4, "0800", "1700")]
    assert {h.trainer_id for h in rows(database, TrainerHours)} == {dawn.id}
    assert 'value="09:00-12:00, 13:00-16:30"' in visitor.open(page).text


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "status", "refusal"),
    [
        ("nine to five", 422, None),
        ("9", 422, None),
        ("17-9", 409, "hours-backwards"),
        ("9-12, 11-17", 409, "hours-overlap"),
    ],
)
def test_a_week_that_cannot_be_is_refused_and_stays_typed(
    sign_in: SignIn, database: Database, typed: str, status: int, refusal: str | None
) -> None:
    page = post(sign_in("dawn"), "/trainer/time/hours", day2=typed)
    assert (page.status_code, refusal_of(page)) == (status, refusal)
    assert f'value="{typed}"' in page.text
    assert rows(database, TrainerHours) == []


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("", ""),
        ("9-17", "09:00-17:00"),
        ("9am - 12, 13 to 16:30", "09:00-12:00, 13:00-16:30"),
        ("9-17,", "09:00-17:00"),
        ("9-12-17", None),
        ("-", None),
        ("25-26", None),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, hours: str | None) -> None:
    found = read_hours(typed)
    assert (None if found is None else word_hours(found)) == hours


def test_leave_over_a_date_is_added_and_shown_to_both(
    sign_in: SignIn, database: Database, date_: CourseSession
) -> None:
    trainer, staff = sign_in("dawn"), sign_in("staff")
    on = date_.local_date
    answer = post(trainer, "/trainer/time/leave", **away(on, on), note="Norway")
    assert answer.status_code == 303
    assert "1 date falls on leave" in trainer.open("/trainer/time").text
    assert "Dates that fall on leave" in staff.open("/staff/trainers").text
    (kept,) = rows(database, TrainerLeave)
    assert (kept.first_on, kept.note) == (on, "Norway")
    assert rows(database, CourseSession)[0].cancelled_at is None

    path = f"/trainer/time/leave/{kept.ref}/cancellation"
    assert post(sign_in("kofi"), path).status_code == 404
    assert post(trainer, path).status_code == 303
    assert refusal_of(post(trainer, path)) == "leave-cancelled"
    assert "Dates that fall on leave" not in staff.open("/staff/trainers").text


@ONE_DATABASE
def test_leave_backwards_is_refused_and_stays_typed(
    sign_in: SignIn, database: Database, clock: MovableClock
) -> None:
    first = clock().date() + timedelta(days=9)
    typed = away(first, first - timedelta(days=1))
    page = post(sign_in("dawn"), "/trainer/time/leave", **typed, note="Norway")
    assert (page.status_code, refusal_of(page)) == (409, "leave-backwards")
    assert 'value="Norway"' in page.text
    assert rows(database, TrainerLeave) == []


@ONE_DATABASE
def test_staff_tick_what_a_trainer_may_teach(
    sign_in: SignIn, database: Database, dawn: Person
) -> None:
    staff, path = sign_in("staff"), f"/staff/trainers/{dawn.ref}"
    assert "Every course" in staff.open("/staff/trainers").text
    chosen = ["labourer", "lv-jointer"]
    assert post(staff, f"{path}/skills", card_roles=chosen).status_code == 303
    assert [s.card_role for s in rows(database, TrainerSkill)] == chosen
    assert "Labourer, LV Jointer" in sign_in("dawn").open("/trainer/time").text
    page = post(staff, f"{path}/skills", card_roles=["astronaut"])
    assert page.status_code == 422
    assert post(staff, f"{path}/skills").status_code == 303
    assert all(s.ended_at for s in rows(database, TrainerSkill))
    assert post(sign_in("dawn"), f"{path}/skills").status_code == 404


def test_a_calendar_is_added_by_its_address_which_nobody_sees_again(
    sign_in: SignIn, database: Database, dawn: Person
) -> None:
    trainer = sign_in("dawn")
    path = "/trainer/time/calendars"
    assert post(trainer, path, label="Family", address=ADDRESS).status_code == 303
    for visitor, page in (
        (trainer, "/trainer/time"),
        (sign_in("staff"), f"/staff/trainers/{dawn.ref}"),
    ):
        shown = visitor.open(page).text
        assert "calendar.example" in shown
        assert "S3CR3T" not in shown
    (kept,) = rows(database, BusyCalendar)
    removal = f"{path}/{kept.ref}/removal"
    assert post(sign_in("kofi"), removal).status_code == 404
    assert post(trainer, removal).status_code == 303
    assert post(trainer, removal).status_code == 404
    assert "None is read." in trainer.open("/trainer/time").text


def test_a_file_is_read_at_once(sign_in: SignIn, database: Database) -> None:
    file = (io.BytesIO(calendar(HOUR)), "holiday.ics")
    page = post(sign_in("dawn"), "/trainer/time/calendars", label="File", file=file)
    assert page.status_code == 303
    assert len(rows(database, BusyTime)) == 1
    assert "1 time taken ahead" in sign_in("dawn").open("/trainer/time").text


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "status", "refusal"),
    [
        ({"label": "Family"}, 422, None),
        ({"label": "", "address": ADDRESS}, 422, None),
        ({"label": "Family", "address": "http://x.example/"}, 409, "bad-address"),
        ({"label": "Family", "file": b"no calendar"}, 409, "not-a-calendar"),
    ],
)
def test_a_calendar_that_is_none_is_refused(
    sign_in: SignIn,
    database: Database,
    typed: dict[str, Any],
    status: int,
    refusal: str | None,
) -> None:
    if "file" in typed:
        typed = {**typed, "file": (io.BytesIO(typed["file"]), "a.ics")}
    page = post(sign_in("dawn"), "/trainer/time/calendars", **typed)
    assert (page.status_code, refusal_of(page)) == (status, refusal)
    assert rows(database, BusyCalendar) == []


def test_only_the_host_of_an_address_is_named() -> None:
    assert host_of(ADDRESS) == "calendar.example"
    assert host_of("") == ""


def test_a_swap_is_asked_answered_and_withdrawn_by_its_people_only(
    sign_in: SignIn, database: Database, date_: CourseSession
) -> None:
    dawn, kofi, staff = (sign_in(name) for name in ("dawn", "kofi", "staff"))
    asking = f"/trainer/course-sessions/{date_.ref}/swap"
    assert kofi.open(asking).status_code == staff.open(asking).status_code == 404
    to = next(p.ref for p in rows(database, Person) if p.full_name == "Kofi")
    page = post(dawn, asking, to_ref="")
    assert page.status_code == 422
    assert post(dawn, asking, to_ref=to, note="A wedding").status_code == 303
    again = post(dawn, asking, to_ref=to)
    assert (again.status_code, refusal_of(again)) == (409, "one-open")
    (swap,) = rows(database, Swap)
    path = f"/trainer/swaps/{swap.ref}"
    assert staff.open(path).status_code == 404
    assert "Kofi" in staff.open("/staff/trainers").text
    assert "A wedding" in kofi.open(path).text
    assert "Take it over" not in dawn.open(path).text
    assert post(dawn, f"{path}/acceptance").status_code == 404
    assert post(kofi, f"{path}/withdrawal").status_code == 404
    assert post(kofi, f"{path}/refusal").status_code == 303
    assert refusal_of(post(kofi, f"{path}/acceptance")) == "answered"

    assert post(dawn, asking, to_ref=to).status_code == 303
    path = f"/trainer/swaps/{rows(database, Swap)[-1].ref}"
    assert post(dawn, f"{path}/withdrawal").status_code == 303
    assert refusal_of(post(kofi, f"{path}/acceptance")) == "withdrawn"

    assert post(dawn, asking, to_ref=to).status_code == 303
    path = f"/trainer/swaps/{rows(database, Swap)[-1].ref}"
    assert post(kofi, f"{path}/acceptance").status_code == 303
    assert "The date is yours now." in kofi.open(path).text
    assert dawn.open(asking).status_code == 404


@ONE_DATABASE
def test_only_those_who_can_are_offered(
    sign_in: SignIn,
    database: Database,
    clock: MovableClock,
    date_: CourseSession,
) -> None:
    with database.transaction() as db:
        kofi = db.scalars(select(Person).where(Person.full_name == "Kofi")).one()
        eve = make_person(db, "eve", now=clock(), role=Role.TRAINER)
        make_course_session(db, now=clock(), trainer=eve)
    asking = f"/trainer/course-sessions/{date_.ref}/swap"
    page = sign_in("dawn").open(asking).text
    assert f'value="{kofi.ref}"' in page
    assert eve.ref not in page
    with database.transaction() as db:
        make_course_session(db, now=clock(), trainer=db.get_one(Person, kofi.id))
    assert "Nobody else can take it" in sign_in("dawn").open(asking).text
