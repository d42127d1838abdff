from flask import Flask

from ecs_training.accounts.rules import SignInRefusal
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_person


def test_a_sign_in_dies_at_sign_out_even_for_a_copied_cookie(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
    alice, thief = Visitor(app), Visitor(app)
    alice.sign_in("alice@example.org")
    assert "Sign out" in alice.open("/account/name").text
    cookie = alice.client.get_cookie("session")
    assert cookie
    thief.client.set_cookie("session", cookie.value)
    assert thief.open("/account/name").request.path == "/account/name"

    alice.send(to="/sign-out")

    assert thief.open("/account/name").request.path == "/sign-in"


def test_a_wrong_password_keeps_what_was_typed(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
    visitor = Visitor(app)
    page = visitor.sign_in("Alice@Example.org ", "wrong")

    assert page.status_code == 422
    assert SignInRefusal.WRONG in page.text
    assert 'value="alice@example.org"' in page.text
    assert 'role="alert"' in page.text
