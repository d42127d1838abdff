"""Two trainers mark one person at the same moment, and the proof that it is a race.

The lock on the booking lets them speak one after the other; a unique index would stop the
second anyway. The controls take the lock away, then the index as well.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError

from ecs_training.accounts.rules import Role
from ecs_training.attendance.models import AttendanceMark
from ecs_training.attendance.rules import Presence
from ecs_training.attendance.services import mark_attendance
from ecs_training.foundation.database import Database
from tests.factories import make_booking, make_course_session, make_person
from tests.racing import take_locks_away

ADDING_A_MARK = "INSERT INTO attendance_marks"


def race(database: Database, now: datetime) -> tuple[int, int]:
    """Return how many marks stand in the end, and how many trainers were stopped."""
    with database.transaction() as db:
        course_session = make_course_session(db, now=now, on=now.date())
        candidate = make_person(db, now=now)
        booking_id = make_booking(db, course_session, candidate, now=now).id
        trainers = [make_person(db, now=now, role=Role.TRAINER).id for _ in range(2)]
    start = Barrier(2)

    def mark(trainer_id: int, presence: Presence) -> bool:
        start.wait()
        try:
            with database.transaction() as db:
                mark_attendance(
                    db,
                    booking_id=booking_id,
                    presence=presence,
                    marked_by_id=trainer_id,
                    now=now,
                )
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(mark, trainers, Presence))
    with database.reading() as db:
        standing = db.scalars(
            select(AttendanceMark.id).where(AttendanceMark.withdrawn_at.is_(None))
        ).all()
    return len(standing), answers.count(False)


@pytest.fixture
def held_up(database: Database) -> Iterator[None]:
    """Let no trainer add a mark until both have looked, or the lock lets no more in."""
    both_looked = Barrier(2)

    def wait(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith(ADDING_A_MARK):
            try:
                both_looked.wait(timeout=1)
            except BrokenBarrierError:
                return

    event.listen(database.engine, "before_cursor_execute", wait)
    yield
    event.remove(database.engine, "before_cursor_execute", wait)


@pytest.fixture
def no_lock(database: Database) -> None:
    take_locks_away(database)


@pytest.fixture
def no_constraint(database: Database) -> None:
    with database.transaction() as db:
        db.execute(text("DROP INDEX uq_attendance_marks_one_stands"))


@pytest.mark.usefixtures("held_up")
def test_the_lock_alone_leaves_one_mark_standing(
    database: Database, now: datetime
) -> None:
    assert race(database, now) == (1, 0)


@pytest.mark.usefixtures("held_up", "no_lock")
def test_control_without_the_lock_the_constraint_refuses(
    database: Database, now: datetime
) -> None:
    assert race(database, now) == (1, 1)


@pytest.mark.usefixtures("held_up", "no_lock", "no_constraint")
def test_control_without_lock_and_constraint_the_race_appears(
    database: Database, now: datetime
) -> None:
    assert race(database, now) == (2, 0)
