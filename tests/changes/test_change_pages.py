"""The pages on which a change is asked for, looked at and agreed to."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ecs_training.notifications.models import OutgoingEmail
from tests.browsing import Visitor
from tests.changes.stage import Stage, fingerprints

MOVED: dict[str, Any] = {
    "local_date-day": "3",
    "local_date-month": "4",
    "local_date-year": "2026",
    "local_start": "10am",
    "local_end": "5pm",
}


@pytest.fixture
def stella(app: Flask, stage: Stage) -> Visitor:
    """Staff, signed in. The stage is set."""
    visitor = Visitor(app)
    visitor.sign_in(stage.staff.email)
    return visitor


@pytest.fixture
def theodora(app: Flask, stage: Stage) -> Visitor:
    """The trainer of the date."""
    visitor = Visitor(app)
    visitor.sign_in(stage.trainer.email)
    return visitor


def staff_page(stage: Stage, kind: str = "") -> str:
    base = f"/staff/course-sessions/{stage.ref}/changes"
    return f"{base}/{kind}" if kind else base


def trainer_page(stage: Stage) -> str:
    return f"/trainer/course-sessions/{stage.ref}/changes/cancellation"


def count_letters(stage: Stage) -> int:
    with stage.database.reading() as db:
        return db.scalar(select(func.count(OutgoingEmail.id))) or 0


def slug(page: str) -> list[str]:
    return re.findall(r'data-refusal="([^"]+)"', page)


def test_the_page_offers_what_may_be_done_now(stella: Visitor, stage: Stage) -> None:
    offered = stella.open(staff_page(stage)).text
    for kind in ("time", "trainer", "seats", "cancellation"):
        assert f"/changes/{kind}" in offered
    assert "/changes/restoration" not in offered
    stella.open(staff_page(stage, "cancellation"))
    stella.send(reason="A flood.")
    page = stella.send(to="/changes/cancellation")
    assert page.status_code == 200
    assert "It is done, exactly as shown" in page.text
    assert "/changes/restoration" in page.text
    assert "/changes/time" not in page.text
    assert "Cancelled date" in page.text  # what was done to it, and by whom
    assert "Stella" in page.text


def test_a_rehearsal_shows_people_letters_calendars_and_sums(
    stella: Visitor, stage: Stage
) -> None:
    before = fingerprints(stage.database)
    stella.open(staff_page(stage, "cancellation"))
    shown = stella.send(reason="A <flood>.")
    assert shown.status_code == 200
    assert fingerprints(stage.database) == before
    for name in ("Alice", "Bob", "Craig Bannister", "Brenda", "Theodora"):
        assert name in shown.text
    assert "The reason: A &lt;flood&gt;." in shown.text
    assert shown.text.count("£174.00") >= 3
    assert "£522.00 credited" in shown.text
    assert "<dd>4 taken out</dd>" in shown.text
    assert "Cancel this date and send 5 e-mails" in shown.text
    assert "Nothing has been done" in shown.text


def test_a_move_is_rehearsed_and_done(stella: Visitor, stage: Stage) -> None:
    form = stella.open(staff_page(stage, "time")).text
    assert 'value="9am"' in form  # as it stands
    shown = stella.send(**MOVED)
    assert "Friday 3 April 2026, 10am" in shown.text
    assert "version 1" in shown.text
    letters = count_letters(stage)
    done = stella.send(to="/changes/time", follow=False)
    assert (done.status_code, done.headers["Location"]) == (
        303,
        f"{staff_page(stage)}?done=time",
    )
    assert stage.date().local_date.isoformat() == "2026-04-03"
    assert count_letters(stage) == letters + 5


def test_the_new_plan_is_shown_and_nothing_is_done_if_the_world_has_changed(
    stella: Visitor, stage: Stage
) -> None:
    stella.open(staff_page(stage, "cancellation"))
    stella.send(reason="A flood.")
    stage.book(stage.dora)
    before = fingerprints(stage.database)

    again = stella.send(to="/changes/cancellation")

    assert again.status_code == 409
    assert slug(again.text) == ["plan-changed"]
    assert fingerprints(stage.database) == before
    rows = re.findall(r"<tr role.*?</tr>", again.text)
    marked = [row for row in rows if "Different now" in row]
    assert [row for row in marked if "Dora" in row]
    assert not [row for row in rows if "Bob" in row and row in marked]
    assert "Cancel this date and send 6 e-mails" in again.text
    done = stella.send(to="/changes/cancellation", follow=False)
    assert done.status_code == 303
    assert stage.date().cancelled_at


def test_what_is_no_longer_so_is_said(stella: Visitor, stage: Stage) -> None:
    stella.open(staff_page(stage, "cancellation"))
    stella.send(reason="A flood.")
    with stage.database.transaction() as db:
        db.merge(stage.alice).email = "alice@elsewhere.example"
    again = stella.send(to="/changes/cancellation")
    assert again.status_code == 409
    gone = again.text.partition("No longer so")[2].partition("</ul>")[0]
    assert "E-mail to alice@example.org: Cancelled" in gone
    assert gone.count("<li>") == 1


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_a_change_cannot_be_made_unseen(
    stella: Visitor, stage: Stage, digest: str
) -> None:
    answer = stella.post(staff_page(stage, "time"), digest=digest, **MOVED)
    assert answer.status_code == 409
    assert slug(answer.text) == ["plan-changed"]
    assert stage.date().sequence == 0


def test_another_reason_than_the_one_shown_is_another_plan(
    stella: Visitor, stage: Stage
) -> None:
    stella.open(staff_page(stage, "cancellation"))
    stella.send(reason="A flood.")
    answer = stella.send(to="/changes/cancellation", reason="Something else.")
    assert answer.status_code == 409
    assert stage.date().cancelled_at is None


@pytest.mark.parametrize(
    ("kind", "typed", "message"),
    [
        ("time", {**MOVED, "local_date-day": "31"}, "New date must be a real date"),
        ("time", {**MOVED, "local_start": "soon"}, "Starts must be a time of day"),
        ("seats", {"capacity": "many", "minimum": "1"}, "Enter a whole number"),
        ("seats", {"capacity": "9" * 30, "minimum": "1"}, "Choose from 1 to 200."),
        ("trainer", {"trainer_id": "999"}, "Choose a trainer."),
        ("cancellation", {"reason": "  "}, "Say why. The people who booked are told."),
        ("cancellation", {"reason": "x" * 301}, "Use 300 characters or fewer."),
    ],
)
def test_bad_input_is_shown_again_with_everything_typed(
    stella: Visitor, stage: Stage, kind: str, typed: dict[str, Any], message: str
) -> None:
    stella.open(staff_page(stage, kind))
    page = stella.send(**typed)
    assert page.status_code == 422
    assert message in page.text
    assert 'aria-invalid="true"' in page.text
    for value in typed.values():
        if kind != "trainer":
            assert value.strip() in page.text


@pytest.mark.parametrize(
    ("kind", "typed", "refusal"),
    [
        ("time", {**MOVED, "local_date-day": "8"}, "trainer-busy"),
        ("time", {}, "nothing-new"),
        ("seats", {"capacity": "2", "minimum": "1"}, "too-few-seats"),
        ("seats", {"capacity": "5", "minimum": "6"}, "minimum"),
        ("restoration", {}, "not-cancelled"),
    ],
)
def test_what_a_rule_refuses_is_said_on_the_form(
    stella: Visitor, stage: Stage, kind: str, typed: dict[str, Any], refusal: str
) -> None:
    stella.open(staff_page(stage, kind))
    page = stella.send(**typed)
    assert page.status_code == 409
    assert slug(page.text) == [refusal]
    assert "Show what would happen" in page.text


def test_the_question_about_too_few_people_brings_its_reason_along(
    stella: Visitor, stage: Stage
) -> None:
    page = stella.open(staff_page(stage, "cancellation") + "?reason=below-minimum")
    assert "Too few people have booked for the course to run." in page.text
    assert "Wednesday 8 April 2026, 9am to 4:30pm: 1 seat left" in page.text
    shown = stella.send()
    assert "The reason: Too few people have booked" in shown.text
    odd = stella.open(staff_page(stage, "cancellation") + "?reason=<b>no</b>")
    assert "no</b>" not in odd.text


def test_only_other_trainers_are_offered(stella: Visitor, stage: Stage) -> None:
    page = stella.open(staff_page(stage, "trainer"))
    assert re.findall(r"<option[^>]*>([^<]+)", page.text) == ["Tobias"]


def test_a_trainer_cancels_their_own_date_after_looking(
    theodora: Visitor, stage: Stage
) -> None:
    theodora.open(trainer_page(stage))
    shown = theodora.send(reason="I am ill.")
    assert "Cancel this date and send 5 e-mails" in shown.text
    done = theodora.send(to="/changes/cancellation", follow=False)
    assert (done.status_code, done.headers["Location"]) == (303, "/trainer")
    assert stage.date().cancelled_by_id == stage.trainer.id


def test_a_trainer_finds_no_other_change_and_no_foreign_date(
    app: Flask, theodora: Visitor, stage: Stage
) -> None:
    for kind in ("", "time", "trainer", "seats", "cancellation", "restoration"):
        assert theodora.open(staff_page(stage, kind)).status_code == 404
        if kind:
            for path in (kind, f"{kind}/rehearsal"):
                answer = theodora.post(staff_page(stage, path), reason="Mine now.")
                assert answer.status_code == 404
    tobias = Visitor(app)
    tobias.sign_in(stage.other_trainer.email)
    assert tobias.open(trainer_page(stage)).status_code == 404
    for path in (trainer_page(stage), f"{trainer_page(stage)}/rehearsal"):
        assert tobias.post(path, reason="No.").status_code == 404
    alice = Visitor(app)
    alice.sign_in(stage.alice.email)
    assert alice.open(staff_page(stage)).status_code == 404
    assert alice.open(trainer_page(stage)).status_code == 404
    assert stage.date().cancelled_at is None


def test_a_change_that_there_is_not_is_not_found(stella: Visitor, stage: Stage) -> None:
    assert stella.open(staff_page(stage, "weather")).status_code == 404
    assert stella.open("/staff/course-sessions/NOSUCHDATE00/changes").status_code == 404
    assert (
        stella.open("/staff/course-sessions/NOSUCHDATE00/changes/time").status_code
        == 404
    )


def test_an_empty_date_says_that_nobody_is_told(stella: Visitor, stage: Stage) -> None:
    stella.open(staff_page(stage, "seats"))
    shown = stella.send(capacity="20", minimum="2")
    assert "Nobody. No e-mail is sent." in shown.text
    assert "Nothing is credited or charged" in shown.text
    assert ">Change the seats</button>" in shown.text


def test_a_past_date_offers_nothing(stella: Visitor, stage: Stage) -> None:
    stage.clock.advance(days=60)
    stella.sign_in(stage.staff.email)
    page = stella.open(staff_page(stage))
    assert "This date is over. It can no longer be changed." in page.text
