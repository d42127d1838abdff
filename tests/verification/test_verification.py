from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ecs_training.foundation.database import Database
from ecs_training.passes.services import revoke_pass
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_finished_attempt, make_pass, make_person

# The pass is earned on 2 July 2026 and good until the end of 1 July 2028, in London.
EARNED_AT = datetime(2026, 7, 2, 15, 0, tzinfo=UTC)
LAST_INSTANT = datetime(2028, 7, 1, 22, 59, 59, tzinfo=UTC)
FIRST_TOO_LATE = datetime(2028, 7, 1, 23, 0, tzinfo=UTC)
WHAT = "Health, safety and environment assessment – Cable Installer / Cable Layer"  # noqa: RUF001


@pytest.fixture
def token(database: Database, clock: MovableClock) -> str:
    clock.at = EARNED_AT
    with database.transaction() as db:
        alice = make_person(db, "alice", now=EARNED_AT)
        make_pass(db, make_person(db, "noise", now=EARNED_AT), earned_at=EARNED_AT)
        return make_pass(
            db, alice, earned_at=EARNED_AT, card_role="cable-installer"
        ).token


def check(app: Flask, token: str) -> TestResponse:
    return Visitor(app).open(f"/v/{token}")


def status_told(app: Flask, token: str) -> str:
    told = check(app, f"{token}.json").json
    assert told
    return str(told["status"])


def revoke(database: Database, token: str) -> None:
    with database.transaction() as db:
        staff = make_person(db, now=EARNED_AT)
        revoke_pass(
            db,
            token=token,
            reason="Cheating in the room.",
            revoked_by_id=staff.id,
            now=EARNED_AT,
        )


def test_a_stranger_sees_who_passed_what_and_until_when(app: Flask, token: str) -> None:
    page = check(app, token)

    assert page.status_code == 200
    for shown in (
        'data-status="VALID"',
        "Alice",
        WHAT,
        "Thursday 2 July 2026",
        "Saturday 1 July 2028",
        "MJ Training Solutions",
        "4pm, UK time",
        "15:00:00 UTC",
        '<meta name="robots" content="noindex">',
    ):
        assert shown in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "no-store"
    assert "46" not in without_csrf(page)  # the score
    assert "alice@example.org" not in page.text


def test_the_json_has_these_fields_and_no_other(app: Flask, token: str) -> None:
    answer = check(app, f"{token}.json")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "VALID",
        "name": "Alice",
        "what": WHAT,
        "awarded_on": "2026-07-02",
        "valid_until": "2028-07-01",
        "checked_at": "2026-07-02T15:00:00Z",
        "kid": None,
    }


def test_a_pass_is_valid_to_the_last_second_of_its_last_day_in_london(
    app: Flask, token: str, clock: MovableClock
) -> None:
    clock.at = LAST_INSTANT
    assert 'data-status="VALID"' in check(app, token).text
    assert status_told(app, token) == "VALID"

    clock.at = FIRST_TOO_LATE
    late = check(app, token)
    assert late.status_code == 200
    assert 'data-status="EXPIRED"' in late.text
    assert status_told(app, token) == "EXPIRED"


@pytest.mark.parametrize("at", [EARNED_AT, FIRST_TOO_LATE])
def test_a_revoked_pass_is_revoked_in_date_or_not_and_nobody_learns_why(
    app: Flask, database: Database, token: str, clock: MovableClock, at: datetime
) -> None:
    revoke(database, token)
    clock.at = at

    page = check(app, token)
    answer = check(app, f"{token}.json")

    assert page.status_code == answer.status_code == 200
    assert 'data-status="REVOKED"' in page.text
    assert status_told(app, token) == "REVOKED"
    assert "Cheating" not in page.text + answer.text


def mistyped(token: str) -> str:
    return token[:-1] + ("0" if token[-1] != "0" else "1")


@pytest.mark.parametrize("wrong", ["ABC", "0" * 26, "A" * 300, "é", "-", "%2e%2e"])
def test_every_code_that_is_no_pass_gets_the_same_page(
    app: Flask, token: str, wrong: str
) -> None:
    expected = without_csrf(check(app, mistyped(token)))

    page = check(app, wrong)

    assert page.status_code == 404
    assert without_csrf(page) == expected
    assert 'data-status="NOT-FOUND"' in page.text
    answer = check(app, f"{wrong}.json")
    assert answer.status_code == 404
    assert answer.json == {"status": "NOT-FOUND"}


def without_csrf(page: TestResponse) -> str:
    return "\n".join(line for line in page.text.splitlines() if "csrf" not in line)


def test_a_failed_attempt_is_not_found(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        attempt = make_finished_attempt(
            db, make_person(db, now=clock()), finished_at=clock(), score=42
        )
    assert check(app, attempt.ref).status_code == 404


@pytest.mark.parametrize("spelled", ["small", "spaced", "address", "letters", "json"])
def test_a_code_may_be_typed_the_way_people_type(
    app: Flask, token: str, spelled: str
) -> None:
    typed = {
        "small": f"  {token.lower()} ",
        "spaced": "-".join([token[:4], token[4:9], token[9:]]),
        "address": f"https://training.example.org/v/{token}",
        "letters": token.replace("0", "o").replace("1", "l"),
        "json": f"/v/{token}.json",
    }[spelled]
    stranger = Visitor(app)
    stranger.open("/verify")

    sent = stranger.send(code=typed, follow=False)

    assert sent.status_code == 303
    assert sent.location == f"/v/{token}"


def test_a_code_typed_into_the_address_in_small_letters_is_found(
    app: Flask, token: str
) -> None:
    assert 'data-status="VALID"' in check(app, token.lower()).text


@pytest.mark.parametrize("typed", ["", "   ", " - / ", "x" * 301])
def test_nothing_to_look_up_is_refused_beside_the_field(app: Flask, typed: str) -> None:
    stranger = Visitor(app)
    stranger.open("/verify")

    page = stranger.send(code=typed)

    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "<title>Error: " in page.text


def test_a_wrong_code_leads_back_to_the_form(app: Flask) -> None:
    stranger = Visitor(app)
    stranger.open("/verify")

    page = stranger.send(code="nonsense")

    assert page.status_code == 404
    assert 'href="/verify"' in page.text
