from datetime import timedelta

from flask import Flask

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_person
from tests.portal.counting import counted

ON_THE_BOARD = "/course-sessions/"


def _trainer(database: Database, clock: MovableClock) -> Person:
    with database.transaction() as db:
        return make_person(db, now=clock(), role=Role.TRAINER)


def test_the_board_shows_the_next_date_of_each_role_with_seats_and_price(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    tuesday = clock().date() + timedelta(days=8)
    with database.transaction() as db:
        soon = make_course_session(db, now=clock(), on=tuesday)
        soon.seats_taken = 11
        late = make_course_session(
            db, now=clock(), on=tuesday + timedelta(days=7), card_role="labourer"
        )
        jointer = make_course_session(db, now=clock(), card_role="lv-jointer")

    page = Visitor(app).open("/").text

    assert f"{ON_THE_BOARD}{soon.ref}" in page
    assert f"{ON_THE_BOARD}{jointer.ref}" in page
    assert late.ref not in page
    assert "Tue 10 March" in page
    assert "1 seat left" in page
    assert "£174.00" in page


def test_a_full_date_leads_to_the_other_dates_of_its_role(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        full = make_course_session(db, now=clock(), capacity=4)
        full.seats_taken = 4

    page = Visitor(app).open("/").text

    assert full.ref not in page
    assert "See dates" in page
    assert "Full" in page


def test_in_house_cancelled_and_closing_dates_are_not_on_the_board(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        private = make_course_session(db, now=clock(), in_house=True)
        gone = make_course_session(db, now=clock(), card_role="lv-jointer")
        gone.cancelled_at, gone.cancelled_by_id = clock(), gone.trainer_id
        closing = make_course_session(db, now=clock(), card_role="site-support")
    clock.at = closing.starts_at - timedelta(minutes=60)

    page = Visitor(app).open("/").text

    assert not any(each.ref in page for each in (private, gone, closing))
    assert page.count("No date is open") == 5


def test_a_date_is_on_the_board_until_an_hour_before_it_starts(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        closing = make_course_session(db, now=clock())
    clock.at = closing.starts_at - timedelta(minutes=61)

    assert closing.ref in Visitor(app).open("/").text


def test_the_board_asks_the_database_once_however_many_dates_there_are(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    trainer = _trainer(database, clock)
    with counted(database) as none:
        Visitor(app).open("/")
    with database.transaction() as db:
        for week in range(1, 6):
            make_course_session(
                db,
                now=clock(),
                trainer=trainer,
                on=clock().date() + timedelta(weeks=week),
            )
    with counted(database) as many:
        Visitor(app).open("/")

    assert len(none) == len(many) == 1


def test_the_start_leads_each_person_to_their_own_home(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_person(db, "ann", now=clock(), role=Role.STAFF)
        make_person(db, "tom", now=clock(), role=Role.TRAINER)
        make_person(db, "carl", now=clock())
    for name, home in {"ann": "/staff", "tom": "/trainer", "carl": "/account"}.items():
        visitor = Visitor(app)
        assert visitor.sign_in(f"{name}@example.org", follow=True).request.path == home
        answer = visitor.client.get("/start")
        assert (answer.status_code, answer.headers["Location"]) == (303, home)
