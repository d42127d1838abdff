from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.passes.models import Pass
from ecs_training.passes.rules import RevokeRefusal
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_company, make_pass, make_person


@pytest.fixture
def token(database: Database, clock: MovableClock) -> str:
    """The code of Alice's pass; staff, a trainer, a company and bob are there too."""
    now = clock()
    with database.transaction() as db:
        alice = make_person(db, "alice", now=now)
        make_person(db, "bob", now=now)
        make_person(db, "trainer", now=now, role=Role.TRAINER)
        make_person(db, "staff", now=now, role=Role.STAFF)
        make_company(db, make_person(db, "company", now=now), now=now)
        return make_pass(db, alice, earned_at=now).token


def visit(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    return visitor


def test_the_holder_sees_a_certificate_that_leads_to_the_public_check(
    app: Flask, token: str
) -> None:
    page = visit(app, "alice").open(f"/certificates/{token}")

    assert page.status_code == 200
    assert "Alice" in page.text
    assert "Health, safety and environment assessment – Labourer" in page.text  # noqa: RUF001
    assert "Monday 2 March 2026" in page.text
    assert "Wednesday 1 March 2028" in page.text
    assert f"http://127.0.0.1:8000/v/{token}" in page.text
    assert '<svg viewBox="0 0 ' in page.text
    assert 'class="qr"' in page.text
    assert "It is not an ECS card" in page.text
    assert " style=" not in page.text


@pytest.mark.parametrize("name", ["bob", "trainer", "staff", "company"])
def test_a_certificate_is_for_its_holder_only(
    app: Flask, token: str, name: str
) -> None:
    assert visit(app, name).open(f"/certificates/{token}").status_code == 404


def test_a_stranger_is_asked_to_sign_in_for_a_certificate(
    app: Flask, token: str
) -> None:
    page = Visitor(app).open(f"/certificates/{token}")
    assert page.request.path == "/sign-in"


def test_a_certificate_that_has_run_out_says_so(
    app: Flask, token: str, clock: MovableClock
) -> None:
    clock.advance(days=730)  # 1 March 2028, its last day
    assert "has run out" not in visit(app, "alice").open(f"/certificates/{token}").text
    clock.advance(days=1)
    assert "has run out" in visit(app, "alice").open(f"/certificates/{token}").text


def test_staff_revoke_with_a_reason_that_the_holder_reads(
    app: Flask, token: str
) -> None:
    staff = visit(app, "staff")
    listed = staff.open("/staff/passes?q=alice")
    assert f"/staff/passes/{token}/revocation" in listed.text
    staff.open(f"/staff/passes/{token}/revocation")

    done = staff.send(to="", reason="Somebody else sat the assessment.")

    assert done.request.path == "/staff/passes"
    assert "Revoked" in done.text
    certificate = visit(app, "alice").open(f"/certificates/{token}")
    assert "Somebody else sat the assessment." in certificate.text
    assert 'class="qr"' not in certificate.text
    assert "Somebody else" not in Visitor(app).open(f"/v/{token}").text


@pytest.mark.parametrize("reason", ["", "  \r\n ", "x" * 501, "\0"])
def test_a_revocation_without_a_usable_reason_changes_nothing(
    app: Flask, token: str, database: Database, reason: str
) -> None:
    page = visit(app, "staff").post(f"/staff/passes/{token}/revocation", reason=reason)

    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'aria-invalid="true"' in page.text
    with database.reading() as db:
        assert db.scalars(select(Pass.revoked_at)).one() is None


def test_revoking_twice_is_refused_and_keeps_what_was_typed(
    app: Flask, token: str
) -> None:
    staff = visit(app, "staff")
    path = f"/staff/passes/{token}/revocation"
    assert staff.post(path, reason="The first reason.").status_code == 303

    page = staff.post(path, reason="The second reason.")

    assert page.status_code == 409
    assert 'data-refusal="already-revoked"' in page.text
    assert RevokeRefusal.ALREADY_REVOKED in page.text
    assert "The first reason." in page.text
    assert "The second reason." in page.text


@pytest.mark.parametrize("name", ["alice", "bob", "trainer", "company"])
def test_the_pages_about_passes_do_not_exist_for_anybody_but_staff(
    app: Flask, token: str, name: str
) -> None:
    visitor = visit(app, name)
    assert visitor.open("/staff/passes").status_code == 404
    path = f"/staff/passes/{token}/revocation"
    assert visitor.open(path).status_code == 404
    assert visitor.post(path, reason="Because.").status_code == 404


def test_a_search_without_a_find_says_so(app: Flask, token: str) -> None:
    staff = visit(app, "staff")
    assert "No pass was found" in staff.open("/staff/passes?q=nobody").text
    assert staff.open("/staff/passes?q=%00").status_code == 200
    assert staff.open("/staff/passes/%00/revocation").status_code == 404
    assert token in staff.open("/staff/passes").text


def test_the_newest_passes_come_first(
    app: Flask, token: str, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_pass(
            db,
            make_person(db, "zed", now=clock()),
            earned_at=clock() + timedelta(hours=1),
        )
    page = visit(app, "staff").open("/staff/passes").text
    assert token in page
    assert page.index("zed@example.org") < page.index("alice@example.org")
