"""Weekly plans become dates: once each, never on a holiday, never two at a time."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.jobs import extend_the_timetable
from ecs_training.scheduling.models import CourseSession, WeeklyPlan
from ecs_training.scheduling.queries import list_plans
from ecs_training.scheduling.rules import PlanRefusal
from ecs_training.scheduling.services import (
    PlanRefused,
    add_course_session,
    add_weekly_plan,
    cancel_course_session,
    end_weekly_plan,
    extend_timetable,
)
from tests.conftest import MovableClock
from tests.factories import make_booking, make_person
from tests.racing import take_locks_away
from tests.scheduling.test_rules import ZONES, by_hand, machine_in

WEEKS = 12
MONDAY = 0


def make_plan(
    db: Session, *, now: datetime, trainer: Person | None = None, **change: Any
) -> WeeklyPlan:
    """A plan from tomorrow on, Mondays from 9am to 4pm unless something else is said."""
    trainer = trainer or make_person(db, now=now, role=Role.TRAINER)
    facts: dict[str, Any] = {
        "card_role": "labourer",
        "weekday": MONDAY,
        "starts": time(9),
        "ends": time(16),
        "capacity": 12,
        "first_on": now.date(),
        "trainer_ids": [trainer.id],
        "added_by_id": trainer.id,
    }
    return add_weekly_plan(db, now=now, **{**facts, **change})


def dates_of(db: Session, plan: WeeklyPlan) -> list[date]:
    return list(
        db.scalars(
            select(CourseSession.local_date)
            .where(CourseSession.plan_id == plan.id)
            .order_by(CourseSession.local_date)
        )
    )


def test_dates_reach_twelve_weeks_from_tomorrow_without_bank_holidays(
    db: Session, now: datetime
) -> None:
    mondays, tuesdays = make_plan(db, now=now), make_plan(db, now=now, weekday=1)

    added = extend_timetable(db, weeks=WEEKS, now=now)

    # today is Monday 2 March: the first is next week, the twelfth Monday 25 May, a holiday
    found = dates_of(db, mondays)
    assert found[0] == date(2026, 3, 9)
    assert date(2026, 4, 6) not in found  # Easter Monday
    assert date(2026, 5, 4) not in found
    assert found[-1] == date(2026, 5, 18)
    assert dates_of(db, tuesdays)[0] == date(2026, 3, 3)
    assert dates_of(db, tuesdays)[-1] == date(2026, 5, 19)
    assert added == len(found) + len(dates_of(db, tuesdays)) == 9 + 12


def test_a_date_carries_what_its_plan_says(db: Session, now: datetime) -> None:
    plan = make_plan(db, now=now, capacity=7, card_role="lv-jointer")
    extend_timetable(db, weeks=1, now=now)

    one = db.scalars(select(CourseSession)).one()
    assert (one.card_role, one.capacity, one.seats_taken) == ("lv-jointer", 7, 0)
    assert (one.local_start, one.local_end, one.zone) == (
        time(9),
        time(16),
        "Europe/London",
    )
    assert one.trainer_id == plan.rota[0].trainer_id
    assert not one.in_house


def test_again_adds_nothing_and_a_cancelled_date_stays_cancelled(
    db: Session, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    assert extend_timetable(db, weeks=2, now=now) == 2
    first = db.scalars(
        select(CourseSession).where(CourseSession.local_date == date(2026, 3, 9))
    ).one()
    cancel_course_session(
        db,
        ref=first.ref,
        trainer_id=None,
        reason="Ill",
        cancelled_by_id=plan.rota[0].trainer_id,
        now=now,
    )

    assert extend_timetable(db, weeks=2, now=now) == 0
    assert extend_timetable(db, weeks=3, now=now) == 1
    assert dates_of(db, plan) == [
        date(2026, 3, 9),
        date(2026, 3, 16),
        date(2026, 3, 23),
    ]
    assert first.cancelled_at == now


@pytest.mark.parametrize("zone", ZONES)
def test_stored_instants_keep_nine_across_both_changes_wherever_the_machine_stands(
    zone: str, database: Database, now: datetime
) -> None:
    with machine_in(zone):
        with database.transaction() as db:
            make_plan(db, now=now, weekday=6)  # Sundays: the clocks change on them
            extend_timetable(db, weeks=40, now=now)
        with database.reading() as db:
            found = {
                each.local_date: each for each in db.scalars(select(CourseSession))
            }
    assert len(found) == 40
    assert found[date(2026, 3, 22)].starts_at == datetime(2026, 3, 22, 9, tzinfo=UTC)
    assert found[date(2026, 3, 29)].starts_at == datetime(2026, 3, 29, 8, tzinfo=UTC)
    assert found[date(2026, 10, 18)].starts_at == datetime(2026, 10, 18, 8, tzinfo=UTC)
    assert found[date(2026, 10, 25)].starts_at == datetime(2026, 10, 25, 9, tzinfo=UTC)
    for on, each in found.items():
        assert each.starts_at == by_hand(on, time(9))
        assert each.ends_at == by_hand(on, time(16))


def test_a_busy_trainer_costs_one_date_and_is_logged(
    db: Session, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    trainer = make_person(db, now=now, role=Role.TRAINER)
    add_course_session(
        db,
        card_role="labourer",
        local_date=date(2026, 3, 16),
        local_start=time(12),
        local_end=time(13),
        capacity=1,
        trainer_id=trainer.id,
        added_by_id=None,
        now=now,
    )
    plan = make_plan(db, now=now, trainer=trainer)

    with caplog.at_level(logging.WARNING):
        assert extend_timetable(db, weeks=3, now=now) == 2

    assert dates_of(db, plan) == [date(2026, 3, 9), date(2026, 3, 23)]
    assert plan.ref in caplog.text
    assert "2026-03-16" in caplog.text


def both_at_once(act: Callable[[], object]) -> list[object]:
    """Do it twice at the same moment; return what came out, errors of constraints too."""
    start = Barrier(2)

    def one(_n: int) -> object:
        start.wait()
        try:
            return act()
        except IntegrityError:
            return "constraint"
        except OperationalError as error:
            # Each insert waits for the other's row to judge it by the exclusion constraint;
            # PostgreSQL then ends one of the two as a deadlock.
            if "deadlock detected" not in str(error):
                raise
            return "constraint"

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def extend(database: Database, now: datetime) -> int:
    with database.transaction() as db:
        return extend_timetable(db, weeks=WEEKS, now=now)


def hold_up_the_first_insert(database: Database, *, at_most: float) -> None:
    """Let neither add a date until both have looked, or so many seconds have passed."""
    both_looked = Barrier(2)

    def wait(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith("INSERT INTO course_sessions"):
            with suppress(BrokenBarrierError):
                both_looked.wait(timeout=at_most)
            both_looked.abort()  # only the first date is held up

    event.listen(database.engine, "before_cursor_execute", wait)


def test_two_runs_at_once_add_each_date_once(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        plan = make_plan(db, now=now)
    hold_up_the_first_insert(database, at_most=1)

    answers = both_at_once(lambda: extend(database, now))

    assert sorted(map(str, answers)) == ["0", "9"]
    with database.reading() as db:
        assert len(dates_of(db, plan)) == len(set(dates_of(db, plan))) == 9


def test_control_without_locks_the_constraint_refuses_the_second_run(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        plan = make_plan(db, now=now)
    hold_up_the_first_insert(database, at_most=20)
    take_locks_away(database)

    assert "constraint" in both_at_once(lambda: extend(database, now))

    with database.reading() as db:
        assert len(dates_of(db, plan)) == len(set(dates_of(db, plan)))


def test_the_job_goes_on_after_a_plan_that_fails(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with database.transaction() as db:
        bad = make_plan(db, now=clock(), card_role="site-support")
        good = make_plan(db, now=clock(), weekday=3)
    first_of_bad = {"card_role": "site-support"}

    def break_one(_mapper: object, _connection: object, row: CourseSession) -> None:
        if row.card_role == first_of_bad["card_role"]:
            raise RuntimeError("a broken row")

    event.listen(CourseSession, "before_insert", break_one)
    try:
        added = extend_the_timetable(database, clock, settings)
    finally:
        event.remove(CourseSession, "before_insert", break_one)

    assert added == 12
    assert f"weekly plan {bad.id} was not extended" in caplog.text
    with database.reading() as db:
        assert dates_of(db, bad) == []
        assert len(dates_of(db, good)) == 12
    assert extend_the_timetable(database, clock, settings) == 9  # the bad one, mended
    clock.advance(days=7)
    assert extend_the_timetable(database, clock, settings) == 2


def test_an_ended_plan_publishes_no_more(db: Session, now: datetime) -> None:
    plan = make_plan(db, now=now, last_on=date(2026, 3, 16))

    assert extend_timetable(db, weeks=WEEKS, now=now) == 2
    assert extend_timetable(db, weeks=WEEKS, now=now + timedelta(days=15)) == 0
    assert dates_of(db, plan)[-1] == date(2026, 3, 16)


def test_ending_a_plan_cancels_empty_dates_and_keeps_booked_ones(
    db: Session, now: datetime
) -> None:
    plan, noise = make_plan(db, now=now), make_plan(db, now=now, weekday=1)
    extend_timetable(db, weeks=4, now=now)
    booked = db.scalars(
        select(CourseSession).where(CourseSession.local_date == date(2026, 3, 23))
    ).one()
    make_booking(db, booked, make_person(db, now=now), now=now)

    kept = end_weekly_plan(
        db,
        ref=plan.ref,
        last_on=date(2026, 3, 9),
        ended_by_id=plan.rota[0].trainer_id,
        now=now,
    )

    assert kept == 1
    standing = select(CourseSession.local_date).where(
        CourseSession.cancelled_at.is_(None)
    )
    assert db.scalars(standing.where(CourseSession.plan_id == plan.id)).all() == [
        date(2026, 3, 9),
        date(2026, 3, 23),
    ]
    assert len(db.scalars(standing.where(CourseSession.plan_id == noise.id)).all()) == 4
    assert extend_timetable(db, weeks=WEEKS, now=now) == 8  # of the other plan only
    actions = db.scalars(
        select(AuditEntry.action).where(AuditEntry.subject == f"weekly-plan/{plan.ref}")
    ).all()
    assert actions == ["added weekly plan", "ended weekly plan"]


def test_a_plan_cannot_end_twice(db: Session, now: datetime) -> None:
    plan = make_plan(db, now=now, last_on=date(2026, 3, 16))
    with pytest.raises(PlanRefused) as refused:
        end_weekly_plan(
            db,
            ref=plan.ref,
            last_on=date(2026, 3, 16),
            ended_by_id=plan.rota[0].trainer_id,
            now=now,
        )
    assert refused.value.reason is PlanRefusal.ALREADY_ENDED


def test_a_trainer_is_refused_a_second_plan_at_the_same_time(
    db: Session, now: datetime
) -> None:
    trainer = make_person(db, now=now, role=Role.TRAINER)
    make_plan(db, now=now, trainer=trainer)

    with pytest.raises(PlanRefused) as refused:
        make_plan(db, now=now, trainer=trainer, starts=time(15), ends=time(18))
    assert refused.value.reason is PlanRefusal.TRAINER_BUSY
    make_plan(db, now=now, trainer=trainer, starts=time(16), ends=time(18))
    make_plan(db, now=now)  # another trainer
    assert [plan.starts for plan in list_plans(db)] == [time(9), time(9), time(16)]
