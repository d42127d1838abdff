"""Practice: the same engine, open to anyone signed in, and never worth anything."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from ecs_training.assessment.models import Attempt, Entry
from ecs_training.foundation.database import Database
from ecs_training.passes.models import Pass
from tests.assessment.exam import (
    Sitter,
    make_bank,
    read_attempt,
    shown_keys,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_person


def practise(app: Flask, database: Database, clock: MovableClock) -> Sitter:
    with database.transaction() as db:
        make_bank(db, now=clock())
        make_person(db, "learner", now=clock())
    sitter = Sitter(app)
    sitter.sign_in("learner@example.org")
    sitter.start("/practice/labourer")
    return sitter


def test_a_perfect_practice_paper_is_no_pass_and_has_no_entry(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    sitter = practise(app, database, clock)
    for n, key in shown_keys(database, sitter.ref).items():
        sitter.put(n, key)
    sitter.finish()

    attempt = read_attempt(database, sitter.ref)
    assert (attempt.score, attempt.entry_id, attempt.sitting_id) == (50, None, None)
    result = sitter.get("result.json").get_json()
    assert (result["passed"], result["pass_token"]) == (True, None)
    with database.reading() as db:
        assert db.scalar(select(func.count(Pass.id))) == 0
        assert db.scalar(select(func.count(Entry.id))) == 0
    page = sitter.open(f"/attempts/{sitter.ref}/result").text
    assert "it does not count" in page
    assert "You passed" not in page
    assert "/card-applications/labourer" not in page.partition("<footer")[0]


def test_the_same_open_paper_until_its_end_then_a_new_one(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    sitter = practise(app, database, clock)
    first = sitter.ref
    assert "Your practice is running" in sitter.open("/practice/labourer").text
    assert sitter.start("/practice/labourer") == first
    assert sitter.start("/practice/lv-jointer") != first  # each role has its own

    clock.at += timedelta(minutes=30, seconds=1)
    second = sitter.start("/practice/labourer")
    assert second != first
    old = read_attempt(database, first)
    assert old.finished_at == old.deadline
    page = sitter.open("/practice/labourer").text
    assert f"/attempts/{first}/result" in page
    with database.reading() as db:
        assert db.scalar(select(func.count(Attempt.id))) == 3


def test_practice_needs_a_sign_in_and_a_role_that_we_teach(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    visitor = Visitor(app)
    assert visitor.open("/practice/labourer").request.path == "/sign-in"
    sitter = practise(app, database, clock)
    assert sitter.open("/practice/astronaut").status_code == 404
    assert sitter.post("/practice/astronaut/attempts").status_code == 404


def test_a_page_with_nothing_yet_says_so(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_person(db, "learner", now=clock())
    visitor = Visitor(app)
    visitor.sign_in("learner@example.org")
    page = visitor.open("/practice/labourer")
    assert "No practice yet" in page.text
    refused = visitor.post("/practice/labourer/attempts")  # there is no bank at all
    assert refused.status_code == 409
    assert 'data-refusal="no-paper"' in refused.text
