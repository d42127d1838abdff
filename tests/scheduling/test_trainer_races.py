"""A trainer is never in two rooms, whoever schedules and however many at a time.

Two things keep them apart: the trainer's row lock (on SQLite, the lock that BEGIN IMMEDIATE
takes) with the look under it, and the exclusion constraint (on SQLite, a trigger). The
controls take the lock away, then the constraint as well; then the double booking must
appear, or the races above would prove nothing.
"""

from contextlib import suppress
from datetime import timedelta
from random import Random
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from benchmarks.trainer_races import (
    NOW,
    RIVALS,
    Outcome,
    clashes,
    make_staff,
    race,
    races,
)
from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession
from tests.factories import make_course_session, make_person
from tests.racing import take_locks_away

DAY = NOW.date() + timedelta(days=8)
WRITES = ("INSERT INTO course_sessions", "UPDATE course_sessions")


@pytest.mark.heavy
def test_two_hundred_races_put_no_trainer_in_two_rooms(database: Database) -> None:
    assert races(database, n=200).faults == []


class HoldUp:
    """Let neither write a date until both have looked, or so many seconds have passed."""

    def __init__(self, *, at_most: float) -> None:
        self.at_most = at_most
        self.both_looked = Barrier(2)
        self.armed = False

    def __call__(
        self, _connection: object, _cursor: object, sql: str, *_rest: object
    ) -> None:
        if self.armed and sql.startswith(WRITES):
            with suppress(BrokenBarrierError):
                self.both_looked.wait(timeout=self.at_most)
            self.both_looked.abort()  # only the first writes are held up


def race_held_up(database: Database, rival: str, *, at_most: float) -> Outcome:
    hold_up = HoldUp(at_most=at_most)
    event.listen(database.engine, "before_cursor_execute", hold_up)
    staff = make_staff(database)
    hold_up.armed = rival == "add"  # the others first need a date to change

    def arm(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        hold_up.armed = hold_up.armed or sql.startswith(WRITES)

    event.listen(database.engine, "after_cursor_execute", arm)
    return race(database, rival=rival, day=DAY, staff=staff, random=Random(1))


@pytest.fixture
def no_lock(database: Database) -> None:
    take_locks_away(database)


@pytest.fixture
def no_constraint(database: Database) -> None:
    sqlite = database.engine.dialect.name == "sqlite"
    statements = (
        [
            f"DROP TRIGGER course_sessions_one_room_{verb}"
            for verb in ("insert", "update")
        ]
        if sqlite
        else ["ALTER TABLE course_sessions DROP CONSTRAINT course_sessions_one_room"]
    )
    with database.transaction() as db:
        for statement in statements:
            db.execute(text(statement))


@pytest.mark.parametrize("rival", RIVALS)
def test_the_lock_alone_puts_no_trainer_in_two_rooms(
    database: Database, rival: str, no_constraint: None
) -> None:
    del no_constraint
    assert race_held_up(database, rival, at_most=1).faults() == []


@pytest.mark.usefixtures("no_lock")
@pytest.mark.parametrize("rival", RIVALS)
def test_control_without_the_lock_the_constraint_refuses(
    database: Database, rival: str
) -> None:
    outcome = race_held_up(database, rival, at_most=20)
    assert sorted(outcome.answers) == ["done", "stopped"]
    assert outcome.clashes == 0


@pytest.mark.usefixtures("no_lock", "no_constraint")
@pytest.mark.parametrize("rival", RIVALS)
def test_control_without_lock_and_constraint_the_double_booking_appears(
    database: Database, rival: str
) -> None:
    outcome = race_held_up(database, rival, at_most=20)
    assert outcome.answers == ("done", "done")
    assert outcome.clashes == 1


@pytest.fixture
def trainer(database: Database) -> Person:
    with database.transaction() as db:
        return make_person(db, now=NOW, role=Role.TRAINER)


@pytest.mark.parametrize(("minutes", "refused"), [(-1, True), (0, False), (1, False)])
def test_the_database_itself_refuses_an_overlap_to_the_minute_whoever_writes_it(
    database: Database, trainer: Person, minutes: int, refused: bool
) -> None:
    with database.transaction() as db:
        first = make_course_session(db, now=NOW, trainer=trainer, on=DAY)
        first.trainer_free_at = first.ends_at + timedelta(minutes=30)
    with database.transaction() as db:
        other = make_course_session(db, now=NOW, on=DAY + timedelta(days=1))
        other.starts_at = first.trainer_free_at + timedelta(minutes=minutes)
        other.ends_at = other.trainer_free_at = other.starts_at + timedelta(hours=1)
    seen = False
    try:
        with database.transaction() as db:
            db.get_one(CourseSession, other.id).trainer_id = trainer.id
    except IntegrityError as error:
        seen = "one_room" in str(error)
    assert seen is refused
    assert clashes(database, trainer.id, DAY) == 0


def test_a_cancelled_date_is_in_nobodys_way_and_cannot_come_back_into_one(
    database: Database, trainer: Person
) -> None:
    with database.transaction() as db:
        gone = make_course_session(db, now=NOW, trainer=trainer, on=DAY)
        gone.cancelled_at, gone.cancelled_by_id = NOW, trainer.id
    with database.transaction() as db:
        make_course_session(db, now=NOW, trainer=trainer, on=DAY)
    with (
        pytest.raises(IntegrityError, match="one_room"),
        database.transaction() as db,
    ):
        db.get_one(CourseSession, gone.id).cancelled_at = None
