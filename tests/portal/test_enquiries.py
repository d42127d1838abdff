from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ecs_training.foundation.database import Database
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.portal.models import Enquiry
from ecs_training.portal.rules import EnquiryRefusal
from tests.browsing import Visitor
from tests.conftest import MovableClock

ASKED = {
    "name": "Zofia Maj",
    "email": "Zofia@Example.org",
    "message": "Which course is mine?\nI pull cables.",
}


def _enquiries(database: Database) -> Sequence[Enquiry]:
    with database.reading() as db:
        return db.scalars(select(Enquiry)).all()


def _send(visitor: Visitor, **changed: str) -> TestResponse:
    fields: dict[str, object] = {**ASKED, **changed}
    return visitor.send(to="/questions", follow=True, **fields)


def _ask(app: Flask, **changed: str) -> int:
    visitor = Visitor(app)
    visitor.open("/questions")
    return visitor.post("/questions", **{**ASKED, **changed}).status_code


def test_a_question_is_kept_and_told_to_the_provider_and_to_whoever_asked(
    app: Flask, database: Database
) -> None:
    visitor = Visitor(app)
    visitor.open("/questions")
    page = _send(visitor)

    assert page.request.path == "/questions/sent"
    (kept,) = _enquiries(database)
    assert (kept.name, kept.email) == ("Zofia Maj", "zofia@example.org")
    assert kept.message == "Which course is mine?\nI pull cables."
    with database.reading() as db:
        letters = {each.to: each for each in db.scalars(select(OutgoingEmail))}
    assert set(letters) == {"zofia@example.org", "hello@ecs-training.example"}
    told = letters["hello@ecs-training.example"].text
    assert "I pull cables." in told
    assert "zofia@example.org" in told
    # Nobody can have us write their words to a stranger.
    receipt = letters["zofia@example.org"].text
    assert kept.ref in receipt
    assert "I pull cables." not in receipt
    assert "Zofia" not in receipt


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("name", "  ", "Enter your name."),
        ("email", "zofia", "Enter an e-mail address in full"),
        ("message", "", "Write your question."),
        ("message", "x" * 2001, "Use 2000 characters or fewer."),
    ],
)
def test_a_faulty_question_comes_back_as_it_was_typed(
    app: Flask, database: Database, field: str, typed: str, fault: str
) -> None:
    visitor = Visitor(app)
    visitor.open("/questions")
    page = _send(visitor, **{field: typed})

    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert 'role="alert"' in page.text
    assert fault in page.text
    assert 'aria-invalid="true"' in page.text
    kept = "I pull cables." if field != "message" else 'value="Zofia Maj"'
    assert kept in page.text
    assert _enquiries(database) == []


def test_a_character_that_no_text_holds_is_dropped(
    app: Flask, database: Database
) -> None:
    assert _ask(app, message="nothing\x00 here") == 303
    assert [each.message for each in _enquiries(database)] == ["nothing here"]


def test_a_message_of_2000_characters_is_taken(app: Flask) -> None:
    assert _ask(app, message="x" * 2000) == 303


def test_the_sixth_question_of_an_hour_waits_and_keeps_what_was_typed(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    first_at = clock()
    for n in range(5):
        assert _ask(app, email=f"person{n}@example.org") == 303
        clock.advance(minutes=1)

    visitor = Visitor(app)
    visitor.open("/questions")
    page = _send(visitor)
    assert page.status_code == 429
    assert page.headers["Retry-After"] == "3600"
    assert 'data-refusal="too-many"' in page.text
    assert EnquiryRefusal.TOO_MANY in page.text
    assert "I pull cables." in page.text
    assert len(_enquiries(database)) == 5

    clock.at = first_at + timedelta(minutes=59, seconds=59)
    assert _ask(app) == 429
    clock.at = first_at + timedelta(hours=1)
    assert _ask(app) == 303


def test_nobody_is_written_to_more_than_five_times_an_hour_from_anywhere(
    app: Flask, database: Database
) -> None:
    for n in range(6):
        visitor = Visitor(app)
        visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{n}"
        visitor.open("/questions")
        answer = visitor.post("/questions", **ASKED)
        assert answer.status_code == (303 if n < 5 else 429)
    with database.reading() as db:
        receipts = select(func.count()).where(OutgoingEmail.to == "zofia@example.org")
        assert db.scalars(receipts).one() == 5


def test_another_address_is_not_held_up(app: Flask) -> None:
    for n in range(5):
        _ask(app, email=f"person{n}@example.org")
    visitor = Visitor(app)
    visitor.client.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    visitor.open("/questions")
    assert visitor.post("/questions", **ASKED).status_code == 303
