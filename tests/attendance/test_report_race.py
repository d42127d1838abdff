"""Two people say at the same moment who somebody in a report is, and the proof of the race.

The lock on the date lets them speak one after the other; a unique index would stop the
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
from ecs_training.attendance.models import MeetingReport, MeetingStay, StayMatch
from ecs_training.attendance.rules import ReportSource
from ecs_training.attendance.services.minutes import decide_who
from ecs_training.foundation.database import Database
from tests.factories import make_booking, make_course_session, make_person
from tests.racing import take_locks_away

ADDING_A_MATCH = "INSERT INTO stay_matches"


def race(database: Database, now: datetime) -> tuple[int, int]:
    """Return how many rulings stand in the end, and how many people were stopped."""
    with database.transaction() as db:
        course_session = make_course_session(db, now=now, on=now.date())
        staff = [make_person(db, now=now, role=Role.STAFF).id for _ in range(2)]
        bookings = [
            make_booking(db, course_session, make_person(db, now=now), now=now).ref
            for _ in range(2)
        ]
        report = MeetingReport(
            course_session_id=course_session.id,
            source=ReportSource.FILE,
            source_id="1",
            received_at=now,
        )
        db.add(report)
        db.flush()
        stay = MeetingStay(
            report_id=report.id,
            shown_name="iPhone",
            email="",
            role="",
            joined_at=now,
            left_at=now,
        )
        db.add(stay)
        ref = course_session.ref
    start = Barrier(2)

    def decide(person_id: int, booking_ref: str) -> bool:
        start.wait()
        try:
            with database.transaction() as db:
                decide_who(
                    db,
                    ref=ref,
                    trainer_id=None,
                    identity="iphone",
                    booking_ref=booking_ref,
                    decided_by_id=person_id,
                    now=now,
                )
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(decide, staff, bookings))
    with database.reading() as db:
        standing = db.scalars(
            select(StayMatch.id).where(StayMatch.withdrawn_at.is_(None))
        ).all()
    return len(standing), answers.count(False)


@pytest.fixture
def held_up(database: Database) -> Iterator[None]:
    """Let nobody add a ruling until both have looked, or the lock lets no more in."""
    both_looked = Barrier(2)

    def wait(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith(ADDING_A_MATCH):
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
        db.execute(text("DROP INDEX uq_stay_matches_one_stands"))


@pytest.mark.usefixtures("held_up")
def test_the_lock_alone_leaves_one_ruling_standing(
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
