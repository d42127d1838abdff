"""Holidays come from the library into a table, and a person has the last word."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.jobs import refresh_the_holidays
from ecs_training.scheduling.models import Holiday, WeeklyPlan
from ecs_training.scheduling.queries import list_closures, read_holidays
from ecs_training.scheduling.rules import DaysRefusal, Nation, library_holidays
from ecs_training.scheduling.services import (
    DaysRefused,
    add_closure,
    add_exception,
    add_holiday,
    days,
    extend_plan,
    refresh_holidays,
    remove_closure,
    remove_exception,
    remove_holiday,
)
from tests.conftest import MovableClock
from tests.factories import make_person
from tests.scheduling.test_timetable import dates_of, make_plan

HOME = Nation.ENGLAND_AND_WALES
EASTER_MONDAY = date(2026, 4, 6)
PROCLAIMED = date(2026, 3, 16)  # a Monday that is no holiday


@pytest.fixture
def staff(db: Session, now: datetime) -> Person:
    return make_person(db, "staff", now=now, role=Role.STAFF)


def proclaim(
    db: Session,
    staff: Person,
    now: datetime,
    *,
    day: date = PROCLAIMED,
    nation: Nation = HOME,
) -> Holiday:
    return add_holiday(
        db, nation=nation, day=day, name="Jubilee", added_by_id=staff.id, now=now
    )


def standing(db: Session, nation: Nation) -> dict[date, str]:
    rows = db.scalars(
        select(Holiday).where(Holiday.nation == nation, Holiday.removed_at.is_(None))
    )
    return {each.day: each.name for each in rows}


def test_a_refresh_fills_three_nations_to_two_years_beyond_the_horizon(
    db: Session, now: datetime
) -> None:
    told = refresh_holidays(db, weeks=12, now=now)
    for nation in Nation:
        expected: dict[date, str] = {}
        for year in (2026, 2027, 2028):
            expected |= library_holidays(nation, year)
        assert standing(db, nation) == expected
    assert len(told.added) == sum(len(standing(db, nation)) for nation in Nation)
    assert date(2026, 6, 15) in standing(db, Nation.SCOTLAND)
    assert all(day.weekday() < 5 for nation in Nation for day in standing(db, nation))


def test_a_second_refresh_changes_nothing(db: Session, now: datetime) -> None:
    refresh_holidays(db, weeks=12, now=now)
    again = refresh_holidays(db, weeks=12, now=now)
    assert (again.added, again.dropped) == ([], [])


def test_the_horizon_of_the_next_year_brings_the_next_years_days(
    db: Session, now: datetime
) -> None:
    refresh_holidays(db, weeks=12, now=now)
    autumn = now + timedelta(days=270)
    told = refresh_holidays(db, weeks=12, now=autumn)
    assert {day.year for _, day, _ in told.added} == {2029}


def test_a_day_taken_out_by_staff_stays_out_and_one_typed_in_stays_in(
    db: Session, staff: Person, now: datetime
) -> None:
    refresh_holidays(db, weeks=12, now=now)
    easter = db.scalars(
        select(Holiday).where(Holiday.day == EASTER_MONDAY, Holiday.nation == HOME)
    ).one()
    remove_holiday(db, ref=easter.ref, removed_by_id=staff.id, now=now)
    proclaim(db, staff, now)

    refresh_holidays(db, weeks=12, now=now)

    assert EASTER_MONDAY not in standing(db, HOME)
    assert standing(db, HOME)[PROCLAIMED] == "Jubilee"
    assert EASTER_MONDAY in standing(db, Nation.NORTHERN_IRELAND)
    with pytest.raises(NotFound):
        remove_holiday(db, ref=easter.ref, removed_by_id=staff.id, now=now)


def test_a_day_mistyped_and_taken_out_comes_when_the_library_knows_it(
    db: Session, staff: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_holidays(db, weeks=12, now=now)
    typed = proclaim(db, staff, now)
    remove_holiday(db, ref=typed.ref, removed_by_id=staff.id, now=now)
    let_the_library_say(monkeypatch, {PROCLAIMED: "Bank Holiday"}, without=())
    told = refresh_holidays(db, weeks=12, now=now)
    assert told.added == [(HOME, PROCLAIMED, "Bank Holiday")]


def let_the_library_say(
    monkeypatch: pytest.MonkeyPatch,
    more: Mapping[date, str],
    *,
    without: tuple[date, ...],
) -> None:
    """The library is outside: a newer version of it may know other days."""

    def newer(nation: Nation, year: int) -> dict[date, str]:
        own = {day: name for day, name in more.items() if day.year == year}
        old = library_holidays(nation, year)
        kept = {day: name for day, name in old.items() if day not in without}
        return {**kept, **own} if nation is HOME else dict(old)

    monkeypatch.setattr(days, "library_holidays", newer)


def test_a_day_that_the_library_drops_is_taken_out_unless_it_is_past(
    db: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_holidays(db, weeks=12, now=now)
    new_year = date(2026, 1, 1)
    let_the_library_say(monkeypatch, {}, without=(EASTER_MONDAY, new_year))
    told = refresh_holidays(db, weeks=12, now=now)
    assert told.dropped == [(HOME, EASTER_MONDAY, "Easter Monday")]
    assert new_year in standing(db, HOME)


def test_the_job_counts_what_changed(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    assert refresh_the_holidays(database, clock, settings) > 70
    assert refresh_the_holidays(database, clock, settings) == 0


def test_before_the_first_refresh_the_library_decides_and_then_the_table(
    db: Session, staff: Person, now: datetime
) -> None:
    first_on, last_on = date(2026, 4, 1), date(2026, 4, 30)

    def read() -> set[date]:
        return set(read_holidays(db, first_on=first_on, last_on=last_on))

    assert EASTER_MONDAY in read()
    refresh_holidays(db, weeks=12, now=now)
    assert read() == {date(2026, 4, 3), EASTER_MONDAY}
    easter = db.scalars(
        select(Holiday).where(Holiday.day == EASTER_MONDAY, Holiday.nation == HOME)
    ).one()
    remove_holiday(db, ref=easter.ref, removed_by_id=staff.id, now=now)
    assert read() == {date(2026, 4, 3)}


def test_only_the_home_nations_days_bind_plans(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    proclaim(db, staff, now, nation=Nation.SCOTLAND)
    proclaim(db, staff, now, day=date(2026, 3, 23))
    extend_plan(db, plan_id=plan.id, weeks=3, now=now)
    assert dates_of(db, plan) == [date(2026, 3, 9), PROCLAIMED]


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 3, 1), DaysRefusal.IN_THE_PAST),
        (date(2026, 3, 14), DaysRefusal.WEEKEND),
        (EASTER_MONDAY, DaysRefusal.HOLIDAY_ALREADY),
    ],
)
def test_a_holiday_that_cannot_be_is_refused(
    db: Session, staff: Person, now: datetime, day: date, reason: DaysRefusal
) -> None:
    refresh_holidays(db, weeks=12, now=now)
    with pytest.raises(DaysRefused) as refused:
        proclaim(db, staff, now, day=day)
    assert refused.value.reason is reason


@pytest.fixture
def plan(db: Session, now: datetime) -> WeeklyPlan:
    return make_plan(db, now=now, last_on=date(2026, 6, 29))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 2, 23), DaysRefusal.IN_THE_PAST),
        (date(2026, 3, 10), DaysRefusal.NOT_ITS_DAY),
        (date(2026, 7, 6), DaysRefusal.NOT_ITS_DAY),
    ],
)
def test_a_plan_leaves_out_only_its_own_days_to_come(
    *,
    db: Session,
    staff: Person,
    now: datetime,
    plan: WeeklyPlan,
    day: date,
    reason: DaysRefusal,
) -> None:
    with pytest.raises(DaysRefused) as refused:
        add_exception(
            db, ref=plan.ref, day=day, reason="Fair", added_by_id=staff.id, now=now
        )
    assert refused.value.reason is reason


def test_a_day_is_left_out_once_with_a_reason_and_let_in_again(
    db: Session, staff: Person, now: datetime, plan: WeeklyPlan
) -> None:
    facts: dict[str, Any] = {"ref": plan.ref, "day": date(2026, 6, 29)}
    with pytest.raises(DaysRefused) as refused:
        add_exception(db, **facts, reason=" ", added_by_id=staff.id, now=now)
    assert refused.value.reason is DaysRefusal.NO_REASON
    add_exception(db, **facts, reason="Fair", added_by_id=staff.id, now=now)
    with pytest.raises(DaysRefused) as refused:
        add_exception(db, **facts, reason="Fair", added_by_id=staff.id, now=now)
    assert refused.value.reason is DaysRefusal.LEFT_OUT_ALREADY
    remove_exception(db, **facts, removed_by_id=staff.id, now=now)
    with pytest.raises(NotFound):
        remove_exception(db, **facts, removed_by_id=staff.id, now=now)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (date(2026, 3, 10), date(2026, 3, 9), DaysRefusal.LAST_BEFORE_FIRST),
        (date(2026, 2, 1), date(2026, 3, 1), DaysRefusal.IN_THE_PAST),
        (date(2026, 3, 1), date(2026, 6, 1), DaysRefusal.TOO_LONG),
        (date(2026, 3, 1), date(2026, 3, 2), None),
        (date(2026, 3, 1), date(2026, 5, 31), None),
    ],
)
def test_a_closure_has_two_ends_in_order_and_lasts_three_months_at_most(
    *,
    db: Session,
    staff: Person,
    now: datetime,
    first: date,
    last: date,
    reason: DaysRefusal | None,
) -> None:
    def close() -> None:
        add_closure(
            db,
            first_on=first,
            last_on=last,
            reason="Works",
            added_by_id=staff.id,
            now=now,
        )

    if reason is None:
        close()
        return
    with pytest.raises(DaysRefused) as refused:
        close()
    assert refused.value.reason is reason


def test_a_removed_closure_no_longer_closes(
    db: Session, staff: Person, now: datetime, plan: WeeklyPlan
) -> None:
    closure = add_closure(
        db,
        first_on=date(2026, 3, 9),
        last_on=date(2026, 3, 9),
        reason="Works",
        added_by_id=staff.id,
        now=now,
    )
    assert extend_plan(db, plan_id=plan.id, weeks=1, now=now) == 0
    remove_closure(db, ref=closure.ref, removed_by_id=staff.id, now=now)
    assert list_closures(db, since=date(2026, 3, 1)) == []
    assert extend_plan(db, plan_id=plan.id, weeks=1, now=now) == 1
    with pytest.raises(NotFound):
        remove_closure(db, ref=closure.ref, removed_by_id=staff.id, now=now)
