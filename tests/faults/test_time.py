"""The server's deadline against slow nets, sleep, changed clocks and forgetful jobs."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.assessment.jobs import finish_overdue_attempts
from ecs_training.assessment.models import LateAnswer
from ecs_training.assessment.rules.ending import Ending
from ecs_training.assessment.rules.extending import ExtendRefusal
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.services.extending import ExtendRefused, extend_attempt
from ecs_training.assessment.services.finish import end_attempt
from ecs_training.foundation.clock import ShiftedClock, measure_shift
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.recurring_jobs import RECURRING_JOBS
from tests.assessment.exam import (
    Day,
    Sitter,
    make_day,
    read_attempt,
    shown_keys,
    sit,
    wrong,
)
from tests.conftest import MovableClock
from tests.faults.test_writes import options

SUMMER_ENDS = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 01:45 in London, before 02:00
SUMMER_BEGINS = datetime(2027, 3, 28, 0, 45, tzinfo=UTC)


def test_t10_a_closed_browser_is_graded_at_the_deadline(
    sitter: Sitter, database: Database, clock: MovableClock, settings: Settings
) -> None:
    keys = shown_keys(database, sitter.ref)
    clock.advance(minutes=29, seconds=50)
    sitter.put(1, keys[1])
    clock.advance(seconds=30)
    assert finish_overdue_attempts(database, clock, settings) == 1
    attempt = read_attempt(database, sitter.ref)
    assert attempt.finished_at == attempt.started_at + timedelta(minutes=30)
    assert (attempt.score, attempt.ending) == (1, Ending.TIME_UP)
    assert sitter.put(2, keys[2]).status_code == 410


def test_t11_an_answer_counts_to_the_last_moment_and_not_after_it(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    keys = shown_keys(database, sitter.ref)
    clock.advance(minutes=29, seconds=59)
    assert sitter.put(1, keys[1]).get_json()["late"] is False
    clock.advance(seconds=0.8)
    assert sitter.put(2, keys[2]).get_json()["remaining_ms"] == 200
    clock.advance(seconds=0.4)
    # Made a moment before the deadline, and 200 ms under way: it counts, marked as late.
    assert sitter.put(3, keys[3], age_ms=250).get_json()["late"] is True
    # Made after it: refused, and kept for the invigilator.
    assert sitter.put(4, keys[4], age_ms=0).get_json() == {"reason": "time_up"}
    sitter.finish()
    assert sitter.get("result.json").get_json()["score"] == 3
    with database.reading() as db:
        (kept,) = db.scalars(select(LateAnswer))
    assert (kept.n, kept.option, kept.age_ms) == (4, keys[4], 0)


def test_t13_everybody_is_finished_within_thirty_seconds_of_the_deadline(
    settings: Settings,
) -> None:
    """The job waits for the transport grace, then for its own next turn."""
    (job,) = [job for job in RECURRING_JOBS if job.run is finish_overdue_attempts]
    grace = timedelta(seconds=settings.transport_grace_seconds)
    assert grace + 2 * job.every <= timedelta(seconds=30)


def test_t19_whoever_starts_later_has_as_long(
    app: Flask, day: Day, database: Database, clock: MovableClock
) -> None:
    early = sit(app, day, 1)
    clock.advance(minutes=12)
    late = sit(app, day, 2)
    lengths = [
        attempt.deadline - attempt.started_at
        for attempt in (
            read_attempt(database, early.ref),
            read_attempt(database, late.ref),
        )
    ]
    assert lengths == [timedelta(minutes=30)] * 2


def test_t20_time_given_in_the_last_seconds_reaches_the_page_and_counts(
    sitter: Sitter, day: Day, database: Database, clock: MovableClock
) -> None:
    clock.advance(minutes=29, seconds=58)
    extend(database, sitter, day, clock, minutes=5)
    told = sitter.report().get_json()
    assert told["remaining_ms"] == (5 * 60 + 2) * 1000
    clock.advance(minutes=4)
    assert sitter.put(1, "a").get_json()["late"] is False


def test_t20_time_given_after_the_end_opens_the_attempt_again(
    sitter: Sitter,
    day: Day,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    sitter.put(1, "a")
    clock.advance(minutes=31)
    finish_overdue_attempts(database, clock, settings)
    extend(database, sitter, day, clock, minutes=5)
    sitter.look()
    assert sitter.put(2, "b").status_code == 200
    assert options(sitter)[:2] == ["a", "b"]
    clock.advance(minutes=6)
    finish_overdue_attempts(database, clock, settings)
    attempt = read_attempt(database, sitter.ref)
    assert attempt.finished_at == attempt.deadline
    assert attempt.deadline == attempt.started_at + timedelta(minutes=36)


def test_t20_what_was_handed_in_stays_handed_in(
    sitter: Sitter, day: Day, database: Database, clock: MovableClock
) -> None:
    sitter.finish()
    with pytest.raises(ExtendRefused) as refused:
        extend(database, sitter, day, clock, minutes=5)
    assert refused.value.reason is ExtendRefusal.SUBMITTED


def extend(
    database: Database, sitter: Sitter, day: Day, clock: MovableClock, *, minutes: int
) -> None:
    with database.transaction() as db:
        extend_attempt(
            db,
            attempt_id=read_attempt(database, sitter.ref).id,
            length=timedelta(minutes=minutes),
            kind=TimeChangeKind.EXTENSION,
            reason="disturbed",
            made_by_id=day.trainer.id,
            now=clock(),
        )


def test_t22_who_starts_as_the_sitting_closes_still_has_the_whole_time(
    app: Flask, day: Day, database: Database, clock: MovableClock
) -> None:
    """There is one deadline, the attempt's own: page and server cannot differ on it."""
    clock.at = day.sitting.closes_at - timedelta(seconds=1)
    sitter = sit(app, day)
    assert read_attempt(database, sitter.ref).deadline == clock() + timedelta(
        minutes=30
    )
    clock.advance(minutes=29)
    assert sitter.put(1, "a").get_json()["remaining_ms"] == 60_000


@pytest.mark.parametrize("change", [SUMMER_ENDS, SUMMER_BEGINS])
def test_t23_thirty_minutes_stay_thirty_when_the_clocks_change(
    app: Flask,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    change: datetime,
) -> None:
    clock.at = change
    with database.transaction() as db:
        day = make_day(db, now=clock())
    sitter = sit(app, day)
    clock.advance(minutes=29, seconds=59)
    assert sitter.put(1, "a").get_json()["remaining_ms"] == 1000
    clock.advance(seconds=1.001)
    assert sitter.put(2, "a").status_code == 410
    clock.advance(seconds=10)
    finish_overdue_attempts(database, clock, settings)
    attempt = read_attempt(database, sitter.ref)
    assert attempt.finished_at == change + timedelta(minutes=30)


def test_t24_two_machines_whose_clocks_differ_agree_on_a_deadline(
    database: Database,
) -> None:
    """Each measures its distance from the one database when it starts."""
    for wrong_by in (timedelta(seconds=90), timedelta(seconds=-90)):
        told = (
            database.tell_time() + wrong_by
        )  # as a machine sees it whose clock is off
        shift = measure_shift(lambda told=told: told)  # type: ignore[misc]
        corrected = ShiftedClock(shift)() - wrong_by
        assert abs(corrected - database.tell_time()) < timedelta(seconds=2)


def test_t29_what_was_answered_offline_counts_within_the_grace_and_is_kept_beyond_it(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    keys = shown_keys(database, sitter.ref)
    clock.advance(minutes=30, seconds=9)
    assert sitter.put(1, keys[1], age_ms=9_500).get_json()["late"] is True
    clock.advance(seconds=50)  # 30:59; made at 29:30
    assert sitter.put(2, keys[2], age_ms=89_000).get_json() == {"reason": "time_up"}
    sitter.put(2, keys[2], seq=sitter.seq, age_ms=95_000)  # the same one, sent again
    with database.reading() as db:
        (kept,) = db.scalars(select(LateAnswer))
    assert (kept.n, kept.age_ms) == (2, 89_000)


def test_t39_nothing_answered_at_the_end_is_a_score_of_nought(
    sitter: Sitter, database: Database, clock: MovableClock, settings: Settings
) -> None:
    clock.advance(minutes=31)
    assert finish_overdue_attempts(database, clock, settings) == 1
    assert read_attempt(database, sitter.ref).score == 0
    assert sitter.get("result").status_code == 200


def test_ended_by_the_invigilator_what_was_answered_counts(
    sitter: Sitter, day: Day, database: Database, clock: MovableClock
) -> None:
    keys = shown_keys(database, sitter.ref)
    sitter.put(1, keys[1])
    sitter.put(2, wrong(keys[2]))
    clock.advance(minutes=10)
    with database.transaction() as db:
        end_attempt(
            db,
            attempt_id=read_attempt(database, sitter.ref).id,
            reason="misconduct",
            ended_by_id=day.trainer.id,
            now=clock(),
        )
    attempt = read_attempt(database, sitter.ref)
    assert (attempt.score, attempt.ending) == (1, Ending.ENDED)
    assert attempt.finished_at == clock()
