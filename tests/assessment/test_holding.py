"""A clock that stands still: nothing is saved, nothing is lost, and no minute of it counts."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.assessment.jobs import finish_overdue_attempts
from ecs_training.assessment.models import Attempt, TimeChange
from ecs_training.assessment.rules.holding import (
    LONGEST_HOLD,
    Hold,
    HoldRefusal,
    hold_of,
    rest_left,
    standing_deadline,
    why_not_hold,
)
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.services.holding import (
    HoldRefused,
    hold_attempt,
    resume_attempt,
)
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from tests.assessment.exam import Day, Sitter, make_day, read_attempt, shown_keys, sit
from tests.conftest import NOW, MovableClock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day(database: Database, clock: MovableClock) -> Day:
    with database.transaction() as db:
        return make_day(db, now=clock())


@pytest.fixture
def sitter(app: Flask, day: Day) -> Sitter:
    return sit(app, day)


def hold(database: Database, sitter: Sitter, day: Day, clock: MovableClock) -> None:
    with database.transaction() as db:
        hold_attempt(
            db,
            attempt_id=read_attempt(database, sitter.ref).id,
            reason="fire alarm",
            held_by_id=day.trainer.id,
            now=clock(),
        )


def resume(database: Database, sitter: Sitter, day: Day, clock: MovableClock) -> None:
    with database.transaction() as db:
        resume_attempt(
            db,
            attempt_id=read_attempt(database, sitter.ref).id,
            resumed_by_id=day.trainer.id,
            now=clock(),
        )


def allow_rest(database: Database, sitter: Sitter, *, seconds: int) -> None:
    with database.transaction() as db:
        db.get_one(
            Attempt, read_attempt(database, sitter.ref).id
        ).rest_seconds = seconds


def ask(sitter: Sitter, path: str) -> tuple[int, dict[str, object]]:
    answer = sitter.client.post(
        f"/attempts/{sitter.ref}/{path}",
        json={},
        headers={"X-CSRFToken": sitter.token()},
    )
    return answer.status_code, answer.get_json()


def test_a_stopped_clock_moves_the_deadline_by_what_it_stood_and_no_more() -> None:
    stopped = Hold(began=NOW, until=NOW + 5 * MINUTE)
    deadline = NOW + 10 * MINUTE
    moved = [
        standing_deadline(deadline, stopped, NOW + n * MINUTE) - deadline
        for n in (0, 3, 5, 9)
    ]
    assert moved == [0 * MINUTE, 3 * MINUTE, 5 * MINUTE, 5 * MINUTE]
    assert standing_deadline(deadline, None, NOW) == deadline
    assert stopped.is_on(NOW + 5 * MINUTE - timedelta(microseconds=1))
    assert not stopped.is_on(NOW + 5 * MINUTE)
    assert hold_of(None, None) is None
    assert hold_of(NOW, NOW + 5 * MINUTE) == stopped


def test_who_may_stop_a_clock() -> None:
    stopped = Hold(began=NOW, until=NOW + MINUTE)
    assert why_not_hold(finished=False, hold=None, now=NOW) is None
    assert why_not_hold(finished=True, hold=None, now=NOW) is HoldRefusal.FINISHED
    assert (
        why_not_hold(finished=False, hold=stopped, now=NOW) is HoldRefusal.HELD_ALREADY
    )
    assert why_not_hold(finished=False, hold=stopped, now=NOW + MINUTE) is None
    assert rest_left(allowed=MINUTE, used=2 * MINUTE) == timedelta(0)


def test_while_it_is_held_nothing_is_saved_and_no_question_is_shown(
    sitter: Sitter, day: Day, database: Database, clock: MovableClock
) -> None:
    stem = sitter.get("paper").get_json()["questions"][0]["stem"]
    hold(database, sitter, day, clock)
    answer = sitter.put(1, "a")
    assert (answer.status_code, answer.get_json()) == (423, {"reason": "held"})
    assert sitter.get("paper").status_code == 423
    for path in ("questions/1", "review"):
        page = sitter.open(f"/attempts/{sitter.ref}/{path}")
        assert "stopped the clock" in page.text
        assert stem not in page.text
    assert sitter.get("responses").get_json()["held"] == "invigilator"


def test_nobody_loses_the_time_that_the_clock_stood(
    sitter: Sitter,
    day: Day,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    keys = shown_keys(database, sitter.ref)
    clock.advance(minutes=29)
    hold(database, sitter, day, clock)
    clock.advance(minutes=20)
    assert finish_overdue_attempts(database, clock, settings) == 0
    assert sitter.get("responses").get_json()["remaining_ms"] == 60_000
    resume(database, sitter, day, clock)
    clock.advance(seconds=59)
    assert sitter.put(1, keys[1]).get_json()["remaining_ms"] == 1000
    with database.reading() as db:
        (change,) = db.scalars(select(TimeChange))
        actions = set(db.scalars(select(AuditEntry.action)))
    assert (change.kind, change.seconds) == (TimeChangeKind.HOLD, 20 * 60)
    assert {"held attempt", "resumed attempt"} <= actions


def test_a_hold_that_everybody_forgot_ends_by_itself(
    sitter: Sitter,
    day: Day,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    hold(database, sitter, day, clock)
    clock.at += LONGEST_HOLD + 29 * MINUTE
    assert finish_overdue_attempts(database, clock, settings) == 0
    assert sitter.put(1, "a").get_json()["remaining_ms"] == 60_000
    clock.at += 2 * MINUTE
    assert finish_overdue_attempts(database, clock, settings) == 1
    attempt = read_attempt(database, sitter.ref)
    assert attempt.finished_at == attempt.started_at + LONGEST_HOLD + 30 * MINUTE


def test_a_break_is_as_long_as_was_agreed_and_the_clock_then_goes_on(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    assert ask(sitter, "rest") == (409, {"reason": "no-rest-left"})
    allow_rest(database, sitter, seconds=300)
    assert ask(sitter, "rest")[1]["held"] == "rest"
    clock.advance(minutes=2)
    status, told = ask(sitter, "rest/end")
    assert (status, told["held"], told["rest_left_ms"]) == (200, None, 180_000)
    assert told["remaining_ms"] == 30 * 60_000
    ask(sitter, "rest")
    clock.advance(minutes=4)  # a minute more than is left
    assert sitter.put(1, "a").get_json()["remaining_ms"] == 29 * 60_000
    assert ask(sitter, "rest/end")[0] == 200
    assert ask(sitter, "rest") == (409, {"reason": "no-rest-left"})


def test_the_candidate_cannot_start_the_clock_that_the_invigilator_stopped(
    sitter: Sitter, day: Day, database: Database, clock: MovableClock
) -> None:
    allow_rest(database, sitter, seconds=300)
    hold(database, sitter, day, clock)
    assert ask(sitter, "rest/end") == (409, {"reason": "not-yours-to-end"})
    assert ask(sitter, "rest") == (409, {"reason": "held-already"})
    with pytest.raises(HoldRefused):
        hold(database, sitter, day, clock)


def test_a_break_works_by_forms_alone(sitter: Sitter, database: Database) -> None:
    allow_rest(database, sitter, seconds=300)
    sitter.open(f"/attempts/{sitter.ref}/questions/7")
    led = sitter.post(f"/attempts/{sitter.ref}/rest", n="7")
    assert led.headers["Location"].endswith("/questions/7")
    held = sitter.open(f"/attempts/{sitter.ref}/questions/7")
    assert "You have a break" in held.text
    sitter.post(f"/attempts/{sitter.ref}/rest/end", n="7")
    assert "Question 7 of 50" in sitter.look(7).text
