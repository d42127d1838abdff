"""Sixty people want twenty seats at the same moment, and the proof that it is a race.

Three things keep a date from being sold twice: the row lock (on SQLite, the lock that
BEGIN IMMEDIATE takes), the count of seat holders under it, and the constraint on the
counter. The controls below take the lock away, then the constraint as well.

SQLite without its lock means no BEGIN at all, so that each statement stands alone. A plain
BEGIN would show nothing: SQLite then notices that what was read is stale and turns the
second writer away. The counter itself is always added up by the database, one buyer after
the other; what goes stale without a lock is the count that says whether a seat is free.
"""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import Connection, event, text

from benchmarks.last_seat import race, rounds
from ecs_training.foundation.database import Database
from tests.racing import take_locks_away

BUYERS, SEATS = 8, 3
TAKING_A_SEAT = "UPDATE course_sessions SET seats_taken"


@pytest.mark.heavy
def test_twenty_seats_are_sold_twenty_times_whoever_races(database: Database) -> None:
    assert rounds(database, n=5).faults == []


def hold_up(database: Database, *, at_most: float) -> None:
    """Let no buyer take a seat until all have counted, or so many seconds have passed."""
    all_counted = Barrier(BUYERS)

    def wait(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith(TAKING_A_SEAT):
            with suppress(BrokenBarrierError):
                all_counted.wait(timeout=at_most)

    event.listen(database.engine, "before_cursor_execute", wait)


@pytest.fixture
def no_lock(database: Database) -> None:
    take_locks_away(database)


@pytest.fixture
def no_constraint(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        event.listen(database.engine, "begin", _ignore_constraints)
        return
    with database.transaction() as db:
        db.execute(
            text(
                "ALTER TABLE course_sessions"
                " DROP CONSTRAINT ck_course_sessions_never_overbooked"
            )
        )


def _ignore_constraints(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")


def test_the_lock_alone_sells_no_seat_twice(database: Database) -> None:
    hold_up(database, at_most=1)  # all of it: the lock lets only one buyer count
    assert race(database, seats=SEATS, buyers=BUYERS).faults() == []


@pytest.mark.usefixtures("no_lock")
def test_control_without_the_lock_the_constraint_refuses(database: Database) -> None:
    hold_up(database, at_most=20)
    outcome = race(database, seats=SEATS, buyers=BUYERS)

    assert outcome.sold == outcome.live == outcome.counted == SEATS
    assert outcome.stopped == BUYERS - SEATS


@pytest.mark.usefixtures("no_lock", "no_constraint")
def test_control_without_lock_and_constraint_the_race_appears(
    database: Database,
) -> None:
    hold_up(database, at_most=20)
    outcome = race(database, seats=SEATS, buyers=BUYERS)

    assert outcome.stopped == 0
    assert outcome.live > SEATS
