"""Registering, confirming an address, resetting a password: all by one-time links."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from ecs_training.accounts.events import LinkRequested
from ecs_training.accounts.queries import find_live_link, find_person
from ecs_training.accounts.rules import LINK_LASTS, MOST_LINKS_AN_HOUR, LinkPurpose
from ecs_training.accounts.services.hashing import is_password_right
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import PASSWORD, make_person

ALICE = "alice@example.org"


@pytest.fixture
def sent(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[LinkRequested]:
    """Collect the links that would be mailed, beside whatever else follows."""
    requested: list[LinkRequested] = []

    def collect(_db: Session, event: LinkRequested) -> None:
        requested.append(event)

    with database.reading() as db:
        reactions = db.info["reactions"]
    also = [*reactions[LinkRequested], collect]
    monkeypatch.setitem(reactions, LinkRequested, also)
    return requested


def register(app: Flask, password: str = PASSWORD, email: str = ALICE) -> Visitor:
    visitor = Visitor(app)
    visitor.open("/register?next=/courses/labourer")
    page = visitor.send(full_name="Alice  Smith", email=email, password=password)
    assert page.request.path == "/check-your-mail"
    return visitor


def test_an_address_is_confirmed_by_a_click_and_not_by_a_mail_scanner(
    app: Flask, database: Database, sent: list[LinkRequested]
) -> None:
    visitor = register(app, email=" Alice@Example.org")
    (link,) = sent
    page = Visitor(app).open(f"/confirm-email/{link.token}")  # the scanner
    assert "alice@example.org" in page.text
    assert "Sign out" not in visitor.sign_in(ALICE).text

    visitor.open(f"/confirm-email/{link.token}")
    visitor.send()
    assert visitor.page
    assert "confirmed" in visitor.page.text
    visitor.send(email=ALICE, password=PASSWORD)

    assert visitor.page.request.path == "/courses/labourer"
    with database.reading() as db:
        person = find_person(db, email=ALICE)
    assert person
    assert person.full_name == "Alice Smith"


def test_nobody_can_choose_the_password_of_somebody_elses_address(
    app: Flask, sent: list[LinkRequested]
) -> None:
    register(app, password="the attacker's own words")
    visitor = register(app)
    mine = sent[-1]
    visitor.open(f"/confirm-email/{mine.token}")
    visitor.send()

    attacker = Visitor(app)
    attacker.sign_in(ALICE, "the attacker's own words")
    assert attacker.open("/account/name").request.path == "/sign-in"
    visitor.sign_in(ALICE)
    assert visitor.open("/account/name").request.path == "/account/name"


def test_registering_a_known_address_looks_the_same_and_changes_nothing(
    app: Flask, database: Database, clock: MovableClock, sent: list[LinkRequested]
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
    register(app, password="some other password")
    assert sent == []
    with database.reading() as db:
        person = find_person(db, email=ALICE)
    assert person
    assert is_password_right(person.password_hash, PASSWORD)


def test_a_link_works_once_and_not_for_ever(
    app: Flask, clock: MovableClock, sent: list[LinkRequested], database: Database
) -> None:
    register(app)
    (link,) = sent
    purposes = [LinkPurpose.CONFIRM_EMAIL]
    end = clock() + LINK_LASTS[LinkPurpose.CONFIRM_EMAIL]
    with database.reading() as db:
        for at, found in ((end - timedelta(seconds=1), True), (end, False)):
            live = find_live_link(db, token=link.token, purposes=purposes, now=at)
            assert (live is not None) is found

    visitor = Visitor(app)
    visitor.open(f"/confirm-email/{link.token}")
    visitor.send()
    spent = visitor.open(f"/confirm-email/{link.token}")
    assert (spent.status_code, 'role="alert"' in spent.text) == (409, True)


def test_a_reset_link_lasts_an_hour_signs_in_and_ends_other_links(
    app: Flask, database: Database, clock: MovableClock, sent: list[LinkRequested]
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
    visitor = Visitor(app)
    for _ in range(2):
        visitor.open("/forgotten-password")
        visitor.send(email=ALICE)
    first, second = sent
    clock.advance(minutes=59, seconds=59)
    visitor.open(f"/choose-password/{first.token}")
    page = visitor.send(password="short")
    assert page.status_code == 422
    visitor.send(password="a new and longer password")
    assert visitor.open("/account/name").request.path == "/account/name"

    assert visitor.open(f"/choose-password/{second.token}").status_code == 409
    fresh = Visitor(app)
    fresh.sign_in(ALICE, "a new and longer password")
    assert fresh.open("/account/name").request.path == "/account/name"


def test_a_reset_link_is_spent_after_an_hour(
    app: Flask, database: Database, clock: MovableClock, sent: list[LinkRequested]
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
    visitor = Visitor(app)
    visitor.open("/forgotten-password")
    visitor.send(email=ALICE)
    clock.advance(hours=1)
    assert visitor.open(f"/choose-password/{sent[0].token}").status_code == 409


def test_an_unknown_address_gets_the_same_answer_and_no_link(
    app: Flask, sent: list[LinkRequested]
) -> None:
    visitor = Visitor(app)
    visitor.open("/forgotten-password")
    page = visitor.send(email="nobody@example.org")
    assert page.request.path == "/check-your-mail"
    assert sent == []


def test_one_address_cannot_be_flooded(
    app: Flask, database: Database, clock: MovableClock, sent: list[LinkRequested]
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
    visitor = Visitor(app)
    for _ in range(MOST_LINKS_AN_HOUR + 3):
        visitor.open("/forgotten-password")
        visitor.send(email=ALICE)
    assert len(sent) == MOST_LINKS_AN_HOUR
    clock.advance(hours=1)
    visitor.open("/forgotten-password")
    visitor.send(email=ALICE)
    assert len(sent) == MOST_LINKS_AN_HOUR + 1


def test_bad_input_keeps_what_was_typed_but_never_the_password(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.open("/register")
    page = visitor.send(full_name="Alice Smith", email="alice", password="short")
    assert page.status_code == 422
    assert 'value="Alice Smith"' in page.text
    assert 'value="alice"' in page.text
    assert "short" not in page.text.partition("<form")[2]
    assert page.text.count('aria-invalid="true"') == 2
    assert 'href="#email"' in page.text


def test_a_header_cannot_be_smuggled_in_by_a_name(
    app: Flask, sent: list[LinkRequested]
) -> None:
    visitor = Visitor(app)
    visitor.open("/register")
    page = visitor.send(
        full_name="Alice\r\nBcc: all@example.org", email=ALICE, password=PASSWORD
    )
    assert page.request.path == "/check-your-mail"  # folded into one line
    assert len(sent) == 1
