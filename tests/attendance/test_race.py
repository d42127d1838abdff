"""Two people rule on one thing at the same moment, and the proof that it is a race.

A lock lets them speak one after the other; a unique index would stop the second anyway. The
controls take the lock away, then the index as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ecs_training.accounts.rules import Role
from ecs_training.attendance.models import (
    AttendanceMark,
    MeetingReport,
    MeetingStay,
    StayMatch,
)
from ecs_training.attendance.rules import Presence, ReportSource
from ecs_training.attendance.services import mark_attendance
from ecs_training.attendance.services.minutes import decide_who
from ecs_training.foundation.database import Database
from tests.factories import make_booking, make_course_session, make_person
from tests.racing import count_stopped, take_locks_away, two_look_before

Act = Callable[[Session], object]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What both add to, the index that lets one row stand, and who the two are."""

    table: type[AttendanceMark | StayMatch]
    index: str
    prepare: Callable[[Session, datetime], list[Act]]


def two_trainers(db: Session, now: datetime) -> list[Act]:
    """Mark one person, one as present and the other as absent."""
    course_session = make_course_session(db, now=now, on=now.date())
    booking = make_booking(db, course_session, make_person(db, now=now), now=now)
    return [
        partial(
            mark_attendance,
            booking_id=booking.id,
            presence=presence,
            marked_by_id=make_person(db, now=now, role=Role.TRAINER).id,
            now=now,
        )
        for presence in list(Presence)[:2]
    ]


def two_of_staff(db: Session, now: datetime) -> list[Act]:
    """Say who an unknown "iPhone" of a meeting's report is, each another person."""
    course_session = make_course_session(db, now=now, on=now.date())
    report = MeetingReport(
        course_session_id=course_session.id,
        source=ReportSource.FILE,
        source_id="1",
        received_at=now,
    )
    db.add(report)
    db.flush()
    db.add(
        MeetingStay(
            report_id=report.id,
            shown_name="iPhone",
            email="",
            role="",
            joined_at=now,
            left_at=now,
        )
    )
    return [
        partial(
            decide_who,
            ref=course_session.ref,
            trainer_id=None,
            identity="iphone",
            booking_ref=make_booking(
                db, course_session, make_person(db, now=now), now=now
            ).ref,
            decided_by_id=make_person(db, now=now, role=Role.STAFF).id,
            now=now,
        )
        for _ in range(2)
    ]


CASES = {
    "a mark": Case(
        table=AttendanceMark,
        index="uq_attendance_marks_one_stands",
        prepare=two_trainers,
    ),
    "who it was": Case(
        table=StayMatch, index="uq_stay_matches_one_stands", prepare=two_of_staff
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def race(database: Database, case: Case, now: datetime) -> tuple[int, int]:
    """Return how many rulings stand in the end, and how many people were stopped."""
    with database.transaction() as db:
        acts = case.prepare(db, now)
    stopped = count_stopped(database, acts)
    standing = select(func.count()).where(case.table.withdrawn_at.is_(None))
    with database.reading() as db:
        return db.scalars(standing).one(), stopped


@pytest.fixture
def held_up(database: Database, case: Case) -> Iterator[None]:
    with two_look_before(database, f"INSERT INTO {case.table.__tablename__}"):
        yield


@pytest.fixture
def no_lock(database: Database) -> None:
    take_locks_away(database)


@pytest.fixture
def no_constraint(database: Database, case: Case) -> None:
    with database.transaction() as db:
        db.execute(text(f"DROP INDEX {case.index}"))


@pytest.mark.usefixtures("held_up")
def test_the_lock_alone_leaves_one_ruling_standing(
    database: Database, case: Case, now: datetime
) -> None:
    assert race(database, case, now) == (1, 0)


@pytest.mark.usefixtures("held_up", "no_lock")
def test_control_without_the_lock_the_constraint_refuses(
    database: Database, case: Case, now: datetime
) -> None:
    assert race(database, case, now) == (1, 1)


@pytest.mark.usefixtures("held_up", "no_lock", "no_constraint")
def test_control_without_lock_and_constraint_the_race_appears(
    database: Database, case: Case, now: datetime
) -> None:
    assert race(database, case, now) == (2, 0)
