"""Signs of life: what we heard, and the silences between, by our own clock."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.assessment.jobs import finish_overdue_attempts
from ecs_training.assessment.models import AttemptEvent, Outage, Presence
from ecs_training.assessment.rules.presence import (
    AWAY_AFTER,
    IDLE_AFTER,
    SILENT_AFTER,
    Flag,
    Sign,
    flags_of,
    silence,
)
from ecs_training.assessment.services.presence import Heard, write_signs
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from tests.assessment.exam import Day, Sitter, make_day, read_attempt, sit
from tests.conftest import NOW, MovableClock

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def day(database: Database, clock: MovableClock) -> Day:
    with database.transaction() as db:
        return make_day(db, now=clock(), people=2)


@pytest.fixture
def sitter(app: Flask, day: Day) -> Sitter:
    return sit(app, day)


def list_outages(database: Database) -> list[tuple[float, float]]:
    with database.reading() as db:
        rows = db.scalars(select(Outage).order_by(Outage.id)).all()
    return [
        ((row.began_at - NOW).total_seconds(), (row.ended_at - NOW).total_seconds())
        for row in rows
    ]


def test_a_poll_tells_the_time_the_lease_and_the_hold(sitter: Sitter) -> None:
    told = sitter.report().get_json()
    assert told["remaining_ms"] == 30 * 60_000
    assert (told["lease_held"], told["held"], told["rest_left_ms"]) == (True, None, 0)


def test_a_silence_longer_than_two_missed_polls_is_an_outage(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    sitter.report()
    clock.advance(seconds=40)
    sitter.report()
    assert list_outages(database) == []
    clock.advance(seconds=41)
    sitter.report()
    assert list_outages(database) == [(40, 81)]


def test_an_answer_breaks_a_silence(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    sitter.report()
    clock.advance(seconds=30)
    sitter.put(1, "a")
    clock.advance(seconds=30)
    sitter.report()
    assert list_outages(database) == []
    clock.advance(seconds=20)
    sitter.put(2, "a")
    clock.advance(seconds=60)
    sitter.report()
    assert list_outages(database) == [(80, 140)]


def test_only_the_page_that_may_write_is_noted(
    sitter: Sitter, database: Database
) -> None:
    old = sitter.lease
    sitter.take_over()
    told = sitter.report(lease=old).get_json()
    assert told["lease_held"] is False
    with database.reading() as db:
        assert db.scalars(select(Presence)).all() == []


def test_leaving_the_page_and_coming_back_is_on_record(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    sitter.report(hidden=True)
    clock.advance(seconds=25)
    sitter.report(hidden=True)
    clock.advance(seconds=5)
    sitter.report()
    with database.reading() as db:
        events = db.scalars(select(AttemptEvent).order_by(AttemptEvent.id)).all()
    assert [(event.kind, event.details) for event in events] == [
        ("left-page", {}),
        ("came-back", {"seconds": 30}),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"lease": 5},
        {"unsaved": -1},
        {"unsaved": True},
        {"hidden": 1},
        {"n": 0},
        {"n": "1"},
    ],
)
def test_a_bad_sign_is_400(sitter: Sitter, change: dict[str, object]) -> None:
    assert sitter.report(**change).status_code == 400


def test_somebody_elses_attempt_is_404_and_a_finished_one_410(
    app: Flask, day: Day, sitter: Sitter
) -> None:
    other = sit(app, day, 2)
    other.ref = sitter.ref
    assert other.report().status_code == 404
    sitter.finish()
    assert sitter.report().get_json() == {"reason": "finished"}


def flags(**changes: object) -> tuple[Flag, ...]:
    facts = {
        "seen_at": NOW,
        "answered_at": NOW,
        "started_at": NOW - IDLE_AFTER,
        "hidden_at": None,
        "unsaved": 0,
        "late": 0,
        "held": False,
        "now": NOW,
    }
    return flags_of(**facts | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, ()),
        ({"now": NOW + SILENT_AFTER}, ()),
        ({"now": NOW + SILENT_AFTER + INSTANT}, (Flag.OFFLINE,)),
        ({"now": NOW + SILENT_AFTER + INSTANT, "held": True}, ()),
        ({"unsaved": 1}, (Flag.UNSAVED,)),
        ({"hidden_at": NOW - AWAY_AFTER}, ()),
        ({"hidden_at": NOW - AWAY_AFTER - INSTANT}, (Flag.AWAY,)),
        ({"answered_at": NOW - IDLE_AFTER}, ()),
        ({"answered_at": None}, ()),
        ({"answered_at": None, "started_at": NOW - IDLE_AFTER - INSTANT}, (Flag.IDLE,)),
        ({"late": 1}, (Flag.LATE,)),
        ({"seen_at": None}, (Flag.NO_SCRIPT,)),
        ({"seen_at": None, "started_at": NOW - SILENT_AFTER}, ()),
    ],
)
def test_what_the_board_flags(
    changes: dict[str, object], wanted: tuple[Flag, ...]
) -> None:
    assert flags(**changes) == wanted


def test_a_silence_has_a_length() -> None:
    assert silence(since=NOW, now=NOW + SILENT_AFTER) is None
    assert (
        silence(since=NOW, now=NOW + SILENT_AFTER + INSTANT) == SILENT_AFTER + INSTANT
    )


def test_a_sign_that_is_written_after_the_end_changes_nothing(
    sitter: Sitter, database: Database, clock: MovableClock, settings: Settings
) -> None:
    """It waited in its process while the attempt ended in silence."""
    sitter.report()
    clock.advance(minutes=31)
    assert finish_overdue_attempts(database, clock, settings) == 1
    assert len(list_outages(database)) == 1
    sign = Sign(lease=sitter.lease, unsaved=0, hidden=False, n=1)
    attempt_id = read_attempt(database, sitter.ref).id
    with database.transaction() as db:
        write_signs(db, [Heard(attempt_id=attempt_id, sign=sign, at=clock())])
    assert len(list_outages(database)) == 1
