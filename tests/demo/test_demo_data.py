"""What interfaces promise of the demo, on any day and at any hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from sqlalchemy import func, select

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Entry, Sitting
from ecs_training.booking.models import Booking
from ecs_training.demo.data import set_up
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import Misconfigured
from ecs_training.foundation.settings import Settings
from ecs_training.passes.models import Pass
from ecs_training.scheduling.models import (
    BusyTime,
    CourseSession,
    Swap,
    TrainerLeave,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_person

ODD_HOURS = [
    "2026-03-02T09:00:00",
    "2026-03-29T01:30:00",  # the hour after the clocks went forward
    "2026-10-25T02:15:00",  # two hours after they went back
    "2026-12-25T23:45:00",  # a holiday, near midnight
    "2027-01-02T00:20:00",  # a Saturday, just after midnight
]


@pytest.mark.parametrize("at", ODD_HOURS)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_sitting_is_open_on_any_day_and_at_any_hour(
    at: str, database: Database, clock: MovableClock, settings: Settings
) -> None:
    clock.at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    facts = set_up(database, clock, settings)
    with database.reading() as db:
        sitting = db.scalars(
            select(Sitting).where(Sitting.ref == facts["sitting"])
        ).one()
        course_session = db.get(CourseSession, sitting.course_session_id)
        entries = db.scalars(
            select(func.count(Entry.id))
            .join(Booking, Booking.id == Entry.booking_id)
            .where(Booking.course_session_id == sitting.course_session_id)
        ).one()
    assert course_session
    assert sitting.opened_at == clock() - timedelta(hours=2)
    assert sitting.closes_at == clock() + timedelta(hours=6)
    assert (course_session.card_role, course_session.in_house) == ("labourer", True)
    assert entries == 41


def test_the_four_dates_are_as_they_are_named(
    database: Database, clock: MovableClock, facts: dict[str, Any]
) -> None:
    with database.reading() as db:
        dates = {
            name: db.scalars(
                select(CourseSession).where(CourseSession.ref == facts[name])
            ).one()
            for name in (
                "bookable_session",
                "one_seat_session",
                "full_session",
                "unbooked_capacity_20_session",
            )
        }
    assert dates["bookable_session"].seats_left > 1
    assert dates["one_seat_session"].seats_left == 1
    assert dates["full_session"].seats_left == 0
    empty = dates["unbooked_capacity_20_session"]
    assert (empty.capacity, empty.seats_taken) == (20, 0)
    assert all(date.starts_at >= clock() + timedelta(days=7) for date in dates.values())


def test_the_candidates_hold_no_pass_and_no_booking_but_todays(
    database: Database, facts: dict[str, Any]
) -> None:
    people = [facts["people"]["candidate"], *facts["candidates"]]
    with database.reading() as db:
        bookings = db.execute(
            select(Person.email, func.count(Booking.id))
            .join(Booking, Booking.candidate_id == Person.id)
            .where(Person.email.in_(people))
            .group_by(Person.email)
        ).all()
        passes = db.scalars(
            select(Pass)
            .join(Person, Person.id == Pass.person_id)
            .where(Person.email.in_(people))
        ).all()
    assert len(bookings) == 41
    assert {count for _, count in bookings} == {1}
    assert passes == []


def test_everybody_signs_in_and_every_feed_is_read(
    app: Flask, facts: dict[str, Any]
) -> None:
    homes = {"candidate": "/account", "trainer": "/trainer", "company": "/company"}
    for name, email in facts["people"].items():
        page = Visitor(app).sign_in(email, facts["password"], follow=True)
        assert page.request.path == homes.get(name, "/staff")
    stranger = Visitor(app)
    feeds = {**facts["feeds"].pop("roles"), **facts["feeds"]}
    assert len(feeds) == 8
    for path in feeds.values():
        answer = stranger.open(path)
        assert answer.status_code == 200
        assert icalendar.Calendar.from_ical(answer.data).walk("VEVENT"), path


def test_no_public_list_or_feed_shows_todays_course(
    app: Flask, database: Database, facts: dict[str, Any]
) -> None:
    with database.reading() as db:
        ref = db.scalars(
            select(CourseSession.ref)
            .join(Sitting, Sitting.course_session_id == CourseSession.id)
            .where(Sitting.ref == facts["sitting"])
        ).one()
    stranger = Visitor(app)
    for path in ("/", "/courses/labourer", "/calendars/roles/labourer.ics"):
        assert ref not in stranger.open(path).text
    assert stranger.open(f"/course-sessions/{ref}").status_code == 404


def test_the_three_passes_are_what_they_are_named(
    app: Flask, facts: dict[str, Any]
) -> None:
    stranger = Visitor(app)
    for name, token in facts["passes"].items():
        told = stranger.open(f"/v/{token}.json").get_json()
        assert told["status"] == name.upper()
        assert f'data-status="{name.upper()}"' in stranger.open(f"/v/{token}").text


@pytest.mark.parametrize("later", [{"minutes": 5}, {"hours": 4}, {"days": 9}])
def test_a_rerun_renews_what_time_has_overtaken(
    later: dict[str, float],
    app: Flask,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    first = set_up(database, clock, settings)
    clock.advance(**later)
    again = set_up(database, clock, settings)

    assert again["passes"] == first["passes"]
    with database.reading() as db:
        sitting = db.scalars(
            select(Sitting).where(Sitting.ref == again["sitting"])
        ).one()
        dates = db.scalars(
            select(CourseSession.starts_at).where(
                CourseSession.ref.in_(
                    [again["bookable_session"], again["full_session"]]
                )
            )
        ).all()
    assert sitting.closes_at >= clock() + timedelta(hours=3)
    assert all(starts_at >= clock() + timedelta(days=7) for starts_at in dates)
    stranger = Visitor(app)
    old, new = first["feeds"], again["feeds"]
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    assert stranger.open(old["candidate"]).status_code == 404
    assert stranger.open(new["candidate"]).status_code == 200


def test_a_database_of_other_people_is_refused_and_left_alone(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.transaction() as db:
        make_person(db, "somebody.real", now=clock())
    with pytest.raises(Misconfigured, match="real people"):
        set_up(database, clock, settings)
    with database.reading() as db:
        assert db.scalars(select(Person.email)).all() == ["somebody.real@example.org"]


def test_the_trainers_have_lives_of_their_own_and_a_rerun_adds_no_more(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    facts: dict[str, Any],
) -> None:
    assert facts

    def lives() -> list[int]:
        with database.reading() as db:
            return [
                db.scalars(select(func.count()).select_from(kind)).one()
                for kind in (TrainerLeave, BusyTime, Swap)
            ]

    assert lives() == [1, 2, 1]
    clock.advance(hours=30)
    set_up(database, clock, settings)
    assert lives() == [1, 2, 1]
