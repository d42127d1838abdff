"""Asking for more time, breaks or help, and what staff answer."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.booking.queries import (
    agreed_adjustments,
    find_agreed_adjustment,
    list_waiting_adjustments,
)
from ecs_training.booking.rules import AdjustmentRefusal, why_not_decide, word_agreed
from ecs_training.booking.services import (
    AdjustmentRefused,
    ask_adjustment,
    decide_adjustment,
)
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)

WORDS = "I read slowly because of my eyes."


@pytest.fixture
def staff(db: Session, now: datetime) -> Person:
    return make_person(db, "staff", now=now, role=Role.STAFF)


@pytest.fixture
def seat(db: Session, now: datetime) -> Booking:
    """Marta's seat, a week ahead, paid by a company; Olga's beside it asked too."""
    boss = make_person(db, "boss", now=now)
    day = make_course_session(db, now=now)
    other = make_booking(db, day, make_person(db, "olga", now=now), now=now)
    ask(db, other, now=now)
    marta = make_person(db, "marta", now=now)
    company = make_company(db, boss, now=now)
    return make_booking(db, day, marta, now=now, company=company)


def ask(
    db: Session, booking: Booking, *, now: datetime, needs: str = WORDS
) -> Adjustment:
    return ask_adjustment(
        db,
        booking_ref=booking.ref,
        person_id=booking.candidate_id,
        needs=needs,
        now=now,
    )


def decide(
    db: Session, asked: Adjustment, staff: Person, *, now: datetime, **changes: Any
) -> Adjustment:
    facts = {
        "agreed": True,
        "time_percent": 150,
        "rest_minutes": 10,
        "reply": "",
        "decided_by_id": staff.id,
        "expects_decided_at": asked.decided_at,
    }
    return decide_adjustment(db, ref=asked.ref, now=now, **{**facts, **changes})


def test_nothing_counts_before_somebody_has_agreed(
    db: Session, seat: Booking, staff: Person, now: datetime
) -> None:
    asked = ask(db, seat, now=now)
    assert find_agreed_adjustment(db, booking_id=seat.id) is None
    decide(db, asked, staff, now=now)
    agreed = find_agreed_adjustment(db, booking_id=seat.id)
    assert agreed is asked
    assert (agreed.time_percent, agreed.rest_minutes) == (150, 10)
    assert agreed_adjustments(db, booking_ids=[seat.id, 0]) == {seat.id: asked}


def test_without_agreement_neither_time_nor_breaks_are_kept(
    db: Session, seat: Booking, staff: Person, now: datetime
) -> None:
    asked = ask(db, seat, now=now)
    decide(db, asked, staff, now=now, agreed=False, reply="We cannot.")
    assert find_agreed_adjustment(db, booking_id=seat.id) is None
    assert (asked.time_percent, asked.rest_minutes, asked.reply) == (
        100,
        0,
        "We cannot.",
    )


def test_asking_again_withdraws_what_was_asked_and_what_was_agreed(
    db: Session, seat: Booking, staff: Person, now: datetime
) -> None:
    first = ask(db, seat, now=now)
    decide(db, first, staff, now=now)
    later = now + timedelta(hours=1)
    second = ask(db, seat, now=later, needs="Breaks too")
    assert first.withdrawn_at == later
    assert find_agreed_adjustment(db, booking_id=seat.id) is None
    waiting = [one.booking.candidate.email for one in list_waiting_adjustments(db)]
    assert waiting == ["olga@example.org", "marta@example.org"]  # each once
    with pytest.raises(AdjustmentRefused) as refused:
        decide(db, first, staff, now=later)
    assert refused.value.reason is AdjustmentRefusal.ASKED_ANEW
    decide(db, second, staff, now=later)
    assert [one.booking_id for one in list_waiting_adjustments(db)] != [seat.id]


def test_nobody_asks_for_somebody_else_and_nobody_for_a_cancelled_seat(
    db: Session, seat: Booking, now: datetime
) -> None:
    boss = db.scalars(select(Person).where(Person.email == "boss@example.org")).one()
    with pytest.raises(NotFound):
        ask_adjustment(
            db, booking_ref=seat.ref, person_id=boss.id, needs=WORDS, now=now
        )
    seat.cancelled_at, seat.cancelled_by_id = now, seat.candidate_id
    db.flush()
    with pytest.raises(AdjustmentRefused) as refused:
        ask(db, seat, now=now)
    assert refused.value.reason is AdjustmentRefusal.CANCELLED


def test_a_decision_may_be_changed_by_whoever_has_seen_it(
    db: Session, seat: Booking, staff: Person, now: datetime
) -> None:
    asked = ask(db, seat, now=now)
    decide(db, asked, staff, now=now)
    later = now + timedelta(minutes=5)
    with pytest.raises(AdjustmentRefused) as refused:
        decide(db, asked, staff, now=later, expects_decided_at=None)
    assert refused.value.reason is AdjustmentRefusal.DECIDED_MEANWHILE
    decide(db, asked, staff, now=later, time_percent=200)
    assert (asked.time_percent, asked.decided_at) == (200, later)


def test_decisions_are_audited_and_what_somebody_needs_is_not_in_it(
    db: Session, seat: Booking, staff: Person, now: datetime
) -> None:
    asked = ask(db, seat, now=now)
    decide(db, asked, staff, now=now)
    db.flush()
    rows = db.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == f"adjustment/{asked.ref}")
        .order_by(AuditEntry.id)
    ).all()
    assert [(row.action, row.actor_id) for row in rows] == [
        ("asked for an adjustment", seat.candidate_id),
        ("decided on an adjustment", staff.id),
    ]
    assert rows[1].details["before"]["agreed"] is None
    assert rows[1].details["after"] == {
        "agreed": True,
        "time_percent": 150,
        "rest_minutes": 10,
    }
    assert all(WORDS not in str(row.details) for row in rows)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"own": True}, AdjustmentRefusal.OWN),
        ({"cancelled": True}, AdjustmentRefusal.CANCELLED),
        ({"withdrawn": True}, AdjustmentRefusal.ASKED_ANEW),
    ],
)
def test_what_is_in_the_way_of_a_decision(
    facts: dict[str, bool], reason: AdjustmentRefusal | None
) -> None:
    usual = {"withdrawn": False, "cancelled": False, "own": False}
    found = why_not_decide(
        **{**usual, **facts}, decided_at=None, expects_decided_at=None
    )
    assert found is reason


@pytest.mark.parametrize(
    ("percent", "rest", "words"),
    [
        (150, 0, "Time \N{MULTIPLICATION SIGN}1.5"),
        (125, 10, "Time \N{MULTIPLICATION SIGN}1.25, breaks of 10 minutes"),
        (100, 1, "Breaks of 1 minute"),
        (300, 60, "Time \N{MULTIPLICATION SIGN}3, breaks of 60 minutes"),
        (100, 0, "Help agreed"),
    ],
)
def test_what_was_agreed_is_worded_for_the_register(
    percent: int, rest: int, words: str
) -> None:
    assert word_agreed(time_percent=percent, rest_minutes=rest) == words


class Desk:
    """Marta with a seat a week ahead, and staff, over the pages."""

    def __init__(self, app: Flask, database: Database, now: datetime) -> None:
        self.app, self.database = app, database
        with database.transaction() as db:
            boss = make_person(db, "boss", now=now)
            marta = make_person(db, "marta", now=now)
            make_person(db, "trainer", now=now, role=Role.TRAINER)
            make_person(db, "sam", now=now, role=Role.STAFF)
            day = make_course_session(db, now=now)
            company = make_company(db, boss, now=now)
            self.booking = make_booking(db, day, marta, now=now, company=company)
        self.path = f"/bookings/{self.booking.ref}/adjustments"

    def visitor(self, name: str) -> Visitor:
        visitor = Visitor(self.app)
        visitor.sign_in(f"{name}@example.org")
        return visitor

    def ask(self, needs: str = WORDS) -> str:
        marta = self.visitor("marta")
        marta.open(self.path)
        assert marta.send(to="/adjustments", needs=needs).status_code == 200
        with self.database.reading() as db:
            return db.scalars(
                select(Adjustment.ref).where(Adjustment.withdrawn_at.is_(None))
            ).one()

    def standing(self) -> Adjustment:
        with self.database.reading() as db:
            return db.scalars(
                select(Adjustment).where(Adjustment.withdrawn_at.is_(None))
            ).one()


@pytest.fixture
def desk(app: Flask, database: Database, clock: MovableClock) -> Desk:
    return Desk(app, database, clock())


def test_a_candidate_asks_from_the_booking_page_and_reads_the_answer(
    desk: Desk,
) -> None:
    marta = desk.visitor("marta")
    assert desk.path in marta.open(f"/bookings/{desk.booking.ref}").text
    page = marta.open(desk.path)
    assert "Do you need more time, breaks, or help to read?" in page.text
    page = marta.send(to="/adjustments", needs=f"  {WORDS}\r\n")
    assert page.request.path == desk.path
    assert "We are looking at what you asked for" in page.text
    assert desk.standing().needs == WORDS

    sam = desk.visitor("sam")
    ref = desk.standing().ref
    assert f"/staff/adjustments/{ref}" in sam.open("/staff").text
    assert f"/staff/adjustments/{ref}" in sam.open("/staff/adjustments").text
    assert WORDS in sam.open(f"/staff/adjustments/{ref}").text
    sam.send(decision="agree", time="150", rest_minutes="10", reply="See you.")

    assert "Time: 150% of the usual time" in marta.open(desk.path).text
    page = marta.open(f"/bookings/{desk.booking.ref}")
    assert "You have 45 minutes." in page.text
    assert "breaks of up to 10 minutes" in page.text
    assert f"/staff/adjustments/{ref}" not in sam.open("/staff").text


def test_the_company_that_pays_learns_nothing_of_it(desk: Desk) -> None:
    ref = desk.ask()
    desk.visitor("sam").open(f"/staff/adjustments/{ref}")
    sam = desk.visitor("sam")
    sam.open(f"/staff/adjustments/{ref}")
    sam.send(decision="agree", time="200", rest_minutes="0")
    boss = desk.visitor("boss")
    page = boss.open(f"/bookings/{desk.booking.ref}")
    assert page.status_code == 200
    assert "More time, breaks" not in page.text
    assert "60 minutes" not in page.text
    assert boss.open(desk.path).status_code == 404
    assert boss.post(desk.path, needs="more").status_code == 404


@pytest.mark.parametrize("name", ["marta", "boss", "trainer"])
def test_only_staff_decide(desk: Desk, name: str) -> None:
    ref = desk.ask()
    visitor = desk.visitor(name)
    assert visitor.open("/staff/adjustments").status_code == 404
    assert visitor.open(f"/staff/adjustments/{ref}").status_code == 404
    sent = visitor.post(
        f"/staff/adjustments/{ref}", decision="agree", time="300", rest_minutes="60"
    )
    assert sent.status_code == 404
    assert desk.standing().decided_at is None


def test_nothing_written_is_asked_for_again_and_1000_characters_are_taken(
    desk: Desk,
) -> None:
    marta = desk.visitor("marta")
    marta.open(desk.path)
    page = marta.send(to="/adjustments", needs="  ")
    assert page.status_code == 422
    assert "Write what would help you" in page.text
    page = marta.send(to="/adjustments", needs="x" * 1001)
    assert page.status_code == 422
    assert "x" * 1001 in page.text
    assert marta.send(to="/adjustments", needs="x" * 1000).status_code == 200


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"decision": ""}, "Choose what you decide."),
        ({"decision": "decline"}, "Say why, and what you can do instead."),
        ({"decision": "agree"}, "Say what you agree to"),
        (
            {"decision": "agree", "time": "other"},
            "Type the share of the usual time: 100 to 300.",
        ),
        (
            {"decision": "agree", "time": "other", "percent": "301"},
            "Type a whole number from 100 to 300.",
        ),
        (
            {"decision": "agree", "time": "150", "rest_minutes": "61"},
            "Type a whole number of minutes from 0 to 60.",
        ),
        (
            {"decision": "agree", "time": "150", "rest_minutes": "ten"},
            "Enter a whole number",
        ),
        ({"decision": "agree", "time": "400"}, "Choose the time."),
        ({"decision": "agree", "time": "150", "seen": "today"}, "Load this page again"),
    ],
)
def test_a_faulty_decision_comes_back_as_it_was_typed(
    desk: Desk, typed: dict[str, Any], wrong: str
) -> None:
    ref = desk.ask()
    sam = desk.visitor("sam")
    sam.open(f"/staff/adjustments/{ref}")
    usual: dict[str, Any] = {"time": "100", "rest_minutes": "0"}
    page = sam.send(**{**usual, **typed})
    assert page.status_code == 422
    assert wrong in page.text
    assert desk.standing().decided_at is None


@pytest.mark.parametrize("percent", [100, 300])
def test_any_share_between_the_usual_and_three_times_may_be_agreed(
    desk: Desk, percent: int
) -> None:
    ref = desk.ask()
    sam = desk.visitor("sam")
    sam.open(f"/staff/adjustments/{ref}")
    page = sam.send(
        decision="agree",
        time="other",
        percent=str(percent),
        rest_minutes="60",
        reply="Fine.",
    )
    assert page.status_code == 200
    standing = desk.standing()
    assert (standing.agreed, standing.time_percent, standing.rest_minutes) == (
        True,
        percent,
        60,
    )


def test_a_decision_made_meanwhile_is_shown_and_not_overruled(desk: Desk) -> None:
    ref = desk.ask()
    sam, other = desk.visitor("sam"), desk.visitor("sam")
    sam.open(f"/staff/adjustments/{ref}")
    other.open(f"/staff/adjustments/{ref}")
    other.send(decision="agree", time="125", rest_minutes="0")
    page = sam.send(decision="decline", reply="No room for it.")
    assert page.status_code == 409
    assert 'data-refusal="decided-meanwhile"' in page.text
    assert "No room for it." in page.text
    assert desk.standing().time_percent == 125
    assert sam.send(decision="decline", reply="No room for it.").status_code == 200
    assert desk.standing().agreed is False
