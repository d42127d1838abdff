from datetime import datetime

import pytest
from flask import Flask

from ecs_training.assessment.models import Attempt
from ecs_training.foundation.database import Database
from ecs_training.passes.models import Pass
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session
from tests.portal.conftest import Town
from tests.portal.making import make_pass, make_result


@pytest.fixture
def passed(database: Database, clock: MovableClock, town: Town) -> Pass:
    """Marta's pass with 46 of 50; Olga failed on the same day."""
    with database.transaction() as db:
        date = make_course_session(db, now=clock())
        failed = make_booking(db, date, town.olga, now=clock())
        make_result(db, failed, now=clock(), score=39)
        return make_pass(
            db, make_booking(db, date, town.marta, now=clock()), now=clock()
        )


def _attempt(database: Database, attempt_id: int) -> Attempt:
    with database.reading() as db:
        return db.get_one(Attempt, attempt_id)


def _signed_in(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    return visitor


def test_a_pass_is_joined_to_its_certificate_and_application(
    app: Flask, database: Database, passed: Pass
) -> None:
    attempt = _attempt(database, passed.attempt_id)
    page = _signed_in(app, "marta").open(f"/attempts/{attempt.ref}/result")

    assert page.status_code == 200
    assert "You passed" in page.text
    assert f"/certificates/{passed.token}" in page.text
    assert "/card-applications/labourer" in page.text


def test_programs_are_told_the_same(
    app: Flask, database: Database, clock: MovableClock, passed: Pass
) -> None:
    attempt = _attempt(database, passed.attempt_id)
    told = _signed_in(app, "marta").open(f"/attempts/{attempt.ref}/result.json").json

    assert told
    assert set(told) == {
        "score",
        "out_of",
        "passed",
        "finished_at",
        "topics",
        "pass_token",
    }
    assert (told["score"], told["out_of"], told["passed"]) == (46, 50, True)
    assert told["pass_token"] == passed.token
    assert datetime.fromisoformat(told["finished_at"]) == clock()


def test_a_fail_has_no_pass(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        booking = make_booking(
            db, make_course_session(db, now=clock()), town.olga, now=clock()
        )
        attempt = make_result(db, booking, now=clock(), score=42)
    visitor = _signed_in(app, "olga")

    told = visitor.open(f"/attempts/{attempt.ref}/result.json").json
    assert told
    assert (told["score"], told["passed"], told["pass_token"]) == (42, False, None)
    page = visitor.open(f"/attempts/{attempt.ref}/result").text
    assert "/certificates/" not in page


@pytest.mark.parametrize("name", ["olga", "boss", "trainer", "staff"])
def test_a_result_of_somebody_else_does_not_exist(
    app: Flask, database: Database, passed: Pass, name: str
) -> None:
    attempt = _attempt(database, passed.attempt_id)
    visitor = _signed_in(app, name)
    assert visitor.open(f"/attempts/{attempt.ref}/result").status_code == 404
    answer = visitor.open(f"/attempts/{attempt.ref}/result.json")
    assert (answer.status_code, answer.json) == (404, {"reason": "not_found"})


def test_strangers_are_asked_who_they_are(
    app: Flask, database: Database, passed: Pass
) -> None:
    attempt = _attempt(database, passed.attempt_id)
    client = app.test_client()
    page = client.get(f"/attempts/{attempt.ref}/result")
    assert page.status_code == 303
    assert page.headers["Location"].startswith("/sign-in?next=")
    assert client.get(f"/attempts/{attempt.ref}/result.json").status_code == 401
