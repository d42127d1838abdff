"""A receipt is the person's own, says what the record says, and proves it was us."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import select, text, update

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.services.finish import void_attempt
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.signing import SigningKey, rotate_key, sign
from ecs_training.portal.queries.receipts import get_own_receipt
from tests.assessment.exam import (
    PLANTED,
    Day,
    Sitter,
    make_day,
    read_attempt,
    shown_keys,
    sit,
    wrong,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock

FIELDS = {
    "iss",
    "attempt",
    "sitting",
    "who",
    "what",
    "started_at",
    "finished_at",
    "ending",
    "answered",
    "out_of",
    "journal",
    "score",
    "passed",
    "voided",
}


@pytest.fixture
def day(database: Database, clock: MovableClock) -> Day:
    with database.transaction() as db:
        return make_day(db, now=clock(), people=2)


@pytest.fixture
def sitter(app: Flask, database: Database, day: Day, clock: MovableClock) -> Sitter:
    """Somebody who handed in after ten minutes: three answered, two of them right."""
    sitter = sit(app, day)
    keys = shown_keys(database, sitter.ref)
    clock.advance(minutes=10)
    for n, option in ((1, keys[1]), (2, keys[2]), (3, wrong(keys[3]))):
        assert sitter.put(n, option).status_code == 200
    sitter.put(4, "a")
    sitter.put(4, None)  # thought better of it
    sitter.finish()
    return sitter


def read_claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(
        jws.extract_compact(token.encode()).payload.decode()
    )
    return claims


def paste(app: Flask, token: str) -> tuple[int, str, str]:
    """Paste it as a stranger; return status, verdict and page."""
    stranger = Visitor(app)
    stranger.open("/receipts/check")
    page = stranger.send(receipt=token)
    verdict = re.search(r'data-status="([A-Z-]+)"', page.text)
    return page.status_code, verdict[1] if verdict else "", page.text


def test_a_receipt_says_what_the_record_says(
    sitter: Sitter, database: Database, day: Day
) -> None:
    answer = sitter.get("receipt.jws")
    assert (answer.status_code, answer.content_type) == (200, "application/jose")
    with database.reading() as db:
        finished = db.scalars(
            select(AuditEntry).where(AuditEntry.action == "attempt finished")
        ).one()
    assert read_claims(answer.text) == {
        "iss": "http://127.0.0.1:8000",
        "attempt": sitter.ref,
        "sitting": day.sitting.ref,
        "who": "Sitter1",
        "what": "Health, safety and environment assessment \N{EN DASH} Labourer",
        "started_at": "2026-03-02T09:00:00+00:00",
        "finished_at": "2026-03-02T09:10:00+00:00",
        "ending": "submitted",
        "answered": 3,
        "out_of": 50,
        "journal": finished.details["journal"],
        "score": 2,
        "passed": False,
        "voided": False,
    }


def test_it_is_the_same_every_time(sitter: Sitter, clock: MovableClock) -> None:
    first = sitter.get("receipt.jws").text
    clock.advance(hours=1)
    assert sitter.get("receipt.jws").text == first
    page = sitter.open(f"/attempts/{sitter.ref}/receipt").text
    assert f">{first}</textarea>" in page


def test_a_program_checks_it_with_what_we_publish(app: Flask, sitter: Sitter) -> None:
    token = sitter.get("receipt.jws").text
    answer = app.test_client().get("/.well-known/jwks.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert '"d"' not in answer.text
    told = jws.deserialize_compact(
        token, KeySet.import_key_set(answer.get_json()), ["Ed25519"]
    )
    assert set(json.loads(told.payload)) == FIELDS


def test_before_any_receipt_there_are_no_keys_and_that_is_no_error(app: Flask) -> None:
    assert app.test_client().get("/.well-known/jwks.json").get_json() == {"keys": []}


def test_looking_again_writes_nothing(sitter: Sitter, database: Database) -> None:
    sitter.get("receipt.jws")
    with database.reading() as db:
        before = db.scalars(select(AuditEntry.id)).all()
    sitter.get("receipt.jws")
    sitter.get("receipt")
    with database.reading() as db:
        assert db.scalars(select(AuditEntry.id)).all() == before
        assert len(db.scalars(select(SigningKey)).all()) == 1


def test_no_question_no_answer_and_no_key_is_in_it(app: Flask, sitter: Sitter) -> None:
    token = sitter.get("receipt.jws").text
    page = sitter.get("receipt").text
    checked = paste(app, token)[2]
    for shown in (json.dumps(read_claims(token)), page, checked):
        assert PLANTED not in shown
        assert "Stem of" not in shown
        assert "says" not in re.sub(
            r"<[^>]+>|What it says|record says|It says", "", shown
        )


def test_the_page_offers_to_copy_to_download_and_to_check(sitter: Sitter) -> None:
    result = sitter.open(f"/attempts/{sitter.ref}/result").text
    assert f'href="/attempts/{sitter.ref}/receipt"' in result
    page = sitter.open(f"/attempts/{sitter.ref}/receipt").text
    assert f'href="/attempts/{sitter.ref}/receipt.jws" download="receipt-' in page
    assert 'data-copy="receipt-text"' in page
    assert 'href="/receipts/check"' in page
    assert "3 of 50 questions" in page
    assert "2 of 50" in page
    assert "The person finished it" in page


@pytest.mark.parametrize("what", ["receipt", "receipt.jws"])
def test_practice_has_no_receipt(sitter: Sitter, what: str) -> None:
    sitter.start("/practice/labourer")
    sitter.finish()
    assert "receipt" not in sitter.open(f"/attempts/{sitter.ref}/result").text
    assert sitter.get(what).status_code == 404


@pytest.mark.parametrize("what", ["receipt", "receipt.jws"])
def test_an_assessment_that_is_still_open_has_no_receipt(
    app: Flask, day: Day, what: str
) -> None:
    assert sit(app, day).get(what).status_code == 404


def test_one_out_of_time_is_finished_by_asking(
    app: Flask, day: Day, clock: MovableClock
) -> None:
    sitter = sit(app, day)
    clock.advance(minutes=30, seconds=10)
    assert sitter.get("receipt.jws").status_code == 404  # an answer may be on its way
    clock.advance(microseconds=1)
    claims = read_claims(sitter.get("receipt.jws").text)
    assert (claims["ending"], claims["finished_at"]) == (
        "time-up",
        "2026-03-02T09:30:00+00:00",
    )


@pytest.mark.parametrize("name", ["sitter2", "trainer"])
@pytest.mark.parametrize("what", ["receipt", "receipt.jws"])
def test_somebody_elses_receipt_is_not_there(
    app: Flask, sitter: Sitter, name: str, what: str
) -> None:
    other = Visitor(app)
    other.sign_in(f"{name}@example.org")
    assert other.open(f"/attempts/{sitter.ref}/{what}").status_code == 404


def test_the_query_knows_whose_it_is(
    sitter: Sitter, database: Database, day: Day
) -> None:
    owner, other = (person.id for person in day.candidates)
    with database.reading() as db:
        receipt = get_own_receipt(db, ref=sitter.ref, person_id=owner)
        assert receipt.attempt == sitter.ref
        with pytest.raises(NotFound):
            get_own_receipt(db, ref=sitter.ref, person_id=other)


def test_anybody_may_check_one(app: Flask, sitter: Sitter) -> None:
    token = sitter.get("receipt.jws").text
    status, verdict, page = paste(app, token)
    assert (status, verdict) == (200, "GENUINE")
    assert "Sitter1" in page
    assert read_claims(token)["journal"] in page


def test_line_breaks_of_a_mail_program_do_no_harm(app: Flask, sitter: Sitter) -> None:
    token = sitter.get("receipt.jws").text
    lines = [token[start : start + 70] for start in range(0, len(token), 70)]
    assert paste(app, "  " + " \r\n".join(lines) + "\r\n")[:2] == (200, "GENUINE")


def test_a_changed_one_is_not_ours_and_is_kept_to_compare(
    app: Flask, sitter: Sitter
) -> None:
    header, payload, signature = sitter.get("receipt.jws").text.split(".")
    letter = "A" if payload[20] != "A" else "B"
    changed = f"{header}.{payload[:20]}{letter}{payload[21:]}.{signature}"
    status, verdict, page = paste(app, changed)
    assert (status, verdict) == (404, "NOT-OURS")
    assert changed in page
    assert "Sitter1" not in page


@pytest.mark.parametrize("typed", ["hello", "a.b.c", "é\x00", "[" * 500])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_any_other_text_is_not_ours(app: Flask, typed: str) -> None:
    assert paste(app, typed)[:2] == (404, "NOT-OURS")


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "Paste the receipt."), (" \n", "Paste the receipt."), ("a" * 8001, "8000")],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_cannot_be_read_is_asked_for_again(
    app: Flask, typed: str, told: str
) -> None:
    status, _, page = paste(app, typed)
    assert status == 422
    assert told in page
    assert "<title>Error: Check a receipt" in page
    assert 'role="alert"' in page


def test_something_else_that_we_signed_is_no_receipt(
    app: Flask, sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    claims = read_claims(sitter.get("receipt.jws").text)
    with database.transaction() as db:
        other = sign(db, claims, now=clock(), kind="pass")
        same = sign(db, claims, now=clock(), kind="receipt")
    assert paste(app, other)[:2] == (404, "NOT-OURS")
    assert paste(app, same)[:2] == (200, "GENUINE")


def test_a_voided_assessment_says_so_and_an_older_receipt_is_out_of_date(
    app: Flask, sitter: Sitter, database: Database, day: Day, clock: MovableClock
) -> None:
    before = sitter.get("receipt.jws").text
    with database.transaction() as db:
        void_attempt(
            db,
            attempt_id=read_attempt(database, sitter.ref).id,
            reason="Somebody else sat it.",
            voided_by_id=day.trainer.id,
            now=clock.advance(hours=1),
        )
    after = sitter.get("receipt.jws").text
    assert read_claims(after) == read_claims(before) | {"voided": True}
    assert "does not count" in sitter.get("receipt").text

    status, verdict, page = paste(app, before)
    assert (status, verdict) == (200, "OUTDATED")
    assert "Do not rely on it" in page
    status, verdict, page = paste(app, after)
    assert (status, verdict) == (200, "GENUINE")
    assert "This assessment does not count" in page
    assert "Somebody else sat it" not in page


@pytest.mark.parametrize("change", [{"score": 50}, {"passed": True}])
def test_a_record_that_says_something_else_now_is_noticed(
    app: Flask, sitter: Sitter, database: Database, change: dict[str, Any]
) -> None:
    token = sitter.get("receipt.jws").text
    with database.transaction() as db:
        db.execute(update(Attempt).where(Attempt.ref == sitter.ref).values(**change))
    assert paste(app, token)[:2] == (200, "OUTDATED")


def test_a_changed_journal_makes_every_receipt_out_of_date(
    app: Flask, sitter: Sitter, database: Database
) -> None:
    token = sitter.get("receipt.jws").text
    table = (
        " ON response_journal" if database.engine.dialect.name == "postgresql" else ""
    )
    name = "append_only" if table else "no_update"
    with database.transaction() as db:
        db.execute(text(f"DROP TRIGGER response_journal_{name}{table}"))
        db.execute(text("UPDATE response_journal SET seq = seq + 1"))
    assert paste(app, token)[:2] == (200, "OUTDATED")


def test_a_new_name_makes_the_old_receipt_out_of_date(
    app: Flask, sitter: Sitter, database: Database
) -> None:
    token = sitter.get("receipt.jws").text
    with database.transaction() as db:
        db.execute(
            update(Person)
            .where(Person.email == "sitter1@example.org")
            .values(full_name="Ada Married")
        )
    assert paste(app, token)[:2] == (200, "OUTDATED")
    assert paste(app, sitter.get("receipt.jws").text)[:2] == (200, "GENUINE")


def test_receipts_outlive_a_new_key_and_a_new_address_of_ours(
    app: Flask, sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    claims = read_claims(sitter.get("receipt.jws").text)
    with database.transaction() as db:
        moved = {**claims, "iss": "https://old.example.org"}
        old = sign(db, moved, now=clock(), kind="receipt")
        rotate_key(db, now=clock.advance(days=1))
    assert paste(app, old)[:2] == (200, "GENUINE")


def test_a_receipt_of_what_is_gone_is_out_of_date(
    app: Flask, sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    claims = read_claims(sitter.get("receipt.jws").text)
    with database.transaction() as db:
        lost = sign(
            db, {**claims, "attempt": "000000000000"}, now=clock(), kind="receipt"
        )
    assert paste(app, lost)[:2] == (200, "OUTDATED")
