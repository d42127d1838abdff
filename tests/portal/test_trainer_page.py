from datetime import timedelta

import pytest
from flask import Flask

from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_person
from tests.portal.conftest import Town
from tests.portal.counting import counted

LINK = "https://teams.example.org/l/meetup-join/42"

pytestmark = pytest.mark.usefixtures("town")


def _open(app: Flask, name: str = "trainer") -> str:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    page = visitor.open("/trainer")
    assert page.status_code == 200
    return page.text


def test_candidates_have_no_such_page(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("marta@example.org")
    assert visitor.open("/trainer").status_code == 404


def test_a_trainer_without_dates_is_told_how_to_add_one(app: Flask) -> None:
    page = _open(app)
    assert "No dates ahead" in page
    assert 'href="/trainer/course-sessions/new"' in page


def test_today_comes_first_with_its_register_then_what_comes_then_what_was(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    today = clock().date()
    with database.transaction() as db:
        refs = {
            days: make_course_session(
                db,
                now=clock(),
                trainer=town.trainer,
                on=today + timedelta(days=days),
            ).ref
            for days in (3, -2, 0, -40)
        }
        other = make_person(db, "other", now=clock(), role=Role.TRAINER)
        theirs = make_course_session(db, now=clock(), trainer=other, on=today).ref

    page = _open(app)

    register = '/trainer/course-sessions/{}"'
    places = [page.index(register.format(refs[days])) for days in (0, 3, -2)]
    assert places == sorted(places)
    assert refs[-40] not in page
    assert theirs not in page
    assert "Open the register" in page


def test_a_missing_joining_link_is_warned_of_until_it_is_there(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        today = make_course_session(
            db, now=clock(), trainer=town.trainer, on=clock().date()
        )
        soon, far = (
            make_course_session(
                db,
                now=clock(),
                trainer=town.trainer,
                on=clock().date() + timedelta(days=days),
            )
            for days in (3, 4)
        )
    page = _open(app)
    assert "There is no joining link" in page
    assert page.count("Link missing") == 1
    assert page.count("Link not set yet") == 1

    with database.transaction() as db:
        for each in (today, soon, far):
            db.merge(each).joining_url = LINK
    page = _open(app)
    assert "There is no joining link" not in page
    assert "Link is set" in page
    assert f'href="{LINK}"' in page


def test_a_cancelled_date_of_today_is_not_todays_work(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        gone = make_course_session(
            db, now=clock(), trainer=town.trainer, on=clock().date()
        )
        gone.cancelled_at, gone.cancelled_by_id = clock(), town.trainer.id
    page = _open(app)
    assert "Open the register" not in page
    assert "Cancelled" in page


def test_the_page_asks_as_often_for_many_dates_as_for_one(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("trainer@example.org")

    def look(days: range) -> int:
        with database.transaction() as db:
            for day in days:
                on = clock().date() + timedelta(days=day)
                make_course_session(db, now=clock(), trainer=town.trainer, on=on)
        with counted(database) as sent:
            visitor.open("/trainer")
        return len(sent)

    assert look(range(1)) == look(range(1, 8))
