"""What holds of every plan from 2026 to 2040, wherever the machine stands."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_training.foundation.london import LONDON
from ecs_training.scheduling.rules import (
    HOME_NATION,
    Answer,
    Closed,
    DaysOff,
    HolidayPolicy,
    Nation,
    Shape,
    Staffing,
    Step,
    Week,
    differ,
    in_turn,
    instants,
    library_holidays,
    plan_dates,
    to_staff,
    turn_on,
    wishes,
)
from tests.scheduling.test_rules import ZONES, by_hand, machine_in

YEARS = range(2026, 2041)
HOLIDAYS: Mapping[date, str] = {
    day: name
    for year in (*YEARS, 2041)
    for day, name in library_holidays(HOME_NATION, year).items()
}
days = st.dates(date(2026, 1, 1), date(2040, 12, 31))
hours = st.integers(6, 17)


@st.composite
def weeks_(draw: st.DrawFn) -> Week:
    first_on = draw(days)
    length = draw(st.none() | st.integers(0, 800))
    starts = draw(hours)
    return Week(
        weekday=draw(st.integers(0, 6)),
        starts=time(starts, draw(st.sampled_from([0, 15, 30, 45]))),
        ends=time(draw(st.integers(starts + 1, 21)), 45),
        first_on=first_on,
        last_on=None if length is None else first_on + timedelta(days=length),
    )


@st.composite
def days_off(draw: st.DrawFn, around: date) -> DaysOff:
    near = st.integers(0, 400).map(lambda n: around + timedelta(days=n))
    closures = [
        Closed(first_on=first, last_on=first + timedelta(days=length), reason="shut")
        for first, length in draw(
            st.lists(st.tuples(near, st.integers(0, 21)), max_size=4)
        )
    ]
    answers = {
        day: draw(st.sampled_from([Answer.RUN, Answer.SKIP, Answer.NEXT_WORKING_DAY]))
        for day in HOLIDAYS
        if draw(st.booleans()) and abs((day - around).days) < 400
    }
    return DaysOff(
        exceptions=dict.fromkeys(draw(st.lists(near, max_size=5)), "left out"),
        closures=closures,
        holidays=HOLIDAYS,
        answers=answers if draw(st.booleans()) else {},
    )


@given(data=st.data(), week=weeks_(), policy=st.sampled_from(HolidayPolicy))
@settings(max_examples=400)
def test_a_plan_is_held_once_a_week_within_its_days_and_never_on_a_day_off(
    data: st.DataObject, week: Week, policy: HolidayPolicy
) -> None:
    off = data.draw(days_off(week.first_on))
    from_on = week.first_on + timedelta(days=data.draw(st.integers(-30, 200)))
    found = wishes(week, policy=policy, off=off, from_on=from_on, weeks=52)

    held = [wish.on for wish in found if wish.on]
    assert len(held) == len(set(held))
    assert held == sorted(held)
    assert [wish.planned_on for wish in found] == plan_dates(
        week, from_on=from_on, weeks=52
    )
    for wish in found:
        assert wish.on or wish.why
        if wish.on is None:
            continue
        assert week.first_on <= wish.on <= (week.last_on or date.max)
        assert wish.on not in off.exceptions
        assert not any(c.first_on <= wish.on <= c.last_on for c in off.closures)
        if wish.on == wish.planned_on:
            ran = policy is HolidayPolicy.ASK and off.answers.get(wish.on) == Answer.RUN
            assert wish.on not in HOLIDAYS or ran
        else:
            assert wish.planned_on in HOLIDAYS
            assert wish.on.weekday() < 5
            assert wish.on not in HOLIDAYS
            assert timedelta(0) < wish.on - wish.planned_on < timedelta(days=7)


@given(week=weeks_())
def test_only_a_plan_that_asks_asks_and_only_about_holidays(week: Week) -> None:
    off = DaysOff(holidays=HOLIDAYS)
    for policy in HolidayPolicy:
        found = wishes(week, policy=policy, off=off, from_on=week.first_on, weeks=60)
        asked = {wish.planned_on for wish in found if wish.asks}
        holidays = {wish.planned_on for wish in found} & set(HOLIDAYS)
        assert asked == (holidays if policy is HolidayPolicy.ASK else set())


@pytest.mark.parametrize("zone", ZONES)
@given(week=weeks_(), policy=st.sampled_from(HolidayPolicy))
def test_every_date_keeps_its_london_time_wherever_the_machine_stands(
    zone: str, week: Week, policy: HolidayPolicy
) -> None:
    off = DaysOff(holidays=HOLIDAYS)
    with machine_in(zone):
        for wish in wishes(
            week, policy=policy, off=off, from_on=week.first_on, weeks=60
        ):
            if wish.on is None:
                continue
            starts_at, ends_at = instants(wish.on, week.starts, week.ends)
            assert (starts_at, ends_at) == (
                by_hand(wish.on, week.starts),
                by_hand(wish.on, week.ends),
            )
            local = starts_at.astimezone(LONDON)
            assert (local.date(), local.time()) == (wish.on, week.starts)


@pytest.mark.parametrize("year", YEARS)
def test_both_sundays_of_the_clocks_have_the_right_instants(year: int) -> None:
    for month, before, after in ((3, 9, 8), (10, 8, 9)):
        last = date(year, month, 31)
        sunday = last - timedelta(days=(last.weekday() + 1) % 7)
        for on, hour in ((sunday - timedelta(days=7), before), (sunday, after)):
            starts_at, _ = instants(on, time(9), time(16))
            assert (starts_at.hour, starts_at.date()) == (hour, on)


PRINT_PLANS = """
import json, sys
from datetime import date, time, timedelta
from ecs_training.scheduling.rules import (
    DaysOff, HOME_NATION, HolidayPolicy, Week, instants, library_holidays, wishes)
off = DaysOff(holidays={day: name for year in range(2026, 2042)
                        for day, name in library_holidays(HOME_NATION, year).items()})
told = []
for weekday in range(7):
    week = Week(weekday=weekday, starts=time(0, 30), ends=time(7), first_on=date(2026, 1, 1),
                last_on=date(2040, 12, 31))
    for policy in HolidayPolicy:
        for wish in wishes(week, policy=policy, off=off, from_on=week.first_on, weeks=783):
            at = [each.isoformat() for each in instants(wish.on, week.starts, week.ends)] if wish.on else wish.why
            told.append([str(wish.planned_on), str(wish.on), at])
json.dump(told, sys.stdout)
"""


def _plans_told_in(zone: str) -> Sequence[list[object]]:
    told = subprocess.run(
        [sys.executable, "-c", PRINT_PLANS],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: list[list[object]] = json.loads(told.stdout)
    return found


def test_processes_in_three_zones_tell_the_same_fifteen_years() -> None:
    london, *others = [_plans_told_in(zone) for zone in ZONES]
    assert len(london) == 3 * 5479  # every day of 2026 to 2040, in three policies
    assert all(other == london for other in others)


@given(
    week=weeks_(),
    rota=st.lists(st.integers(1, 5), min_size=1, max_size=5),
    ahead=st.integers(0, 300),
)
def test_trainers_take_turns_and_the_next_stands_in(
    week: Week, rota: list[int], ahead: int
) -> None:
    on = week.first_on + timedelta(days=ahead)
    line = in_turn(week, on, rota)
    assert line[0] == rota[turn_on(week, on, len(rota))]
    assert sorted(line) == sorted(set(rota))
    next_week = on + timedelta(days=7)
    turn = turn_on(week, on, len(rota))
    assert turn_on(week, next_week, len(rota)) == (turn + 1) % len(rota)


@given(week=weeks_(), policy=st.sampled_from(HolidayPolicy))
def test_publishing_to_nothing_adds_exactly_what_is_asked_for(
    week: Week, policy: HolidayPolicy
) -> None:
    wanted = wishes(
        week,
        policy=policy,
        off=DaysOff(holidays=HOLIDAYS),
        from_on=week.first_on,
        weeks=20,
    )
    shape = Shape(
        starts=week.starts, ends=week.ends, capacity=12, minimum=1, decide_days=3
    )
    found = differ(
        shape,
        wanted=wanted,
        there={},
        staffing={w.planned_on: Staffing(trainer_id=1) for w in to_staff(wanted, {})},
        horizon=week.first_on + timedelta(weeks=20),
    )
    assert [line.on for line in found.of(Step.ADD)] == [w.on for w in wanted if w.on]
    assert len(found.lines) == len(wanted)
    assert not found.of(Step.TAKE_OFF)


def test_the_library_has_eight_nine_and_ten_holidays_a_year_and_none_on_a_weekend() -> (
    None
):
    usual = dict(zip(Nation, (8, 9, 10), strict=True))
    for nation in Nation:
        for year in (2027, 2028):  # 2026 has one more in Scotland: 15 June
            named = library_holidays(nation, year)
            assert len(named) == usual[nation]
        for year in YEARS:
            assert all(day.weekday() < 5 for day in library_holidays(nation, year))
    assert date(2026, 6, 15) in library_holidays(Nation.SCOTLAND, 2026)


def test_christmas_is_put_off_to_the_next_working_day_by_hand() -> None:
    fridays = Week(
        weekday=4,
        starts=time(9),
        ends=time(16),
        first_on=date(2026, 12, 1),
        last_on=None,
    )

    def christmas(**off: object) -> tuple[date | None, str]:
        found = wishes(
            fridays,
            policy=HolidayPolicy.NEXT_WORKING_DAY,
            off=DaysOff(holidays=HOLIDAYS, **off),  # type: ignore[arg-type]
            from_on=date(2026, 12, 25),
            weeks=1,
        )
        return found[0].on, found[0].why

    # Friday, a weekend, Monday 28 in lieu of Boxing Day: Tuesday
    assert christmas() == (
        date(2026, 12, 29),
        "Bank holiday: Christmas Day. Put off from Fri 25 December",
    )
    shut = Closed(first_on=date(2026, 12, 29), last_on=date(2026, 12, 30), reason="x")
    assert christmas(closures=[shut])[0] == date(2026, 12, 31)
    shut = Closed(first_on=date(2026, 12, 29), last_on=date(2026, 12, 31), reason="x")
    assert christmas(closures=[shut]) == (
        None,
        "Bank holiday: Christmas Day. No working day before the next",
    )
    assert datetime.combine(date(2027, 1, 1), time()).weekday() == 4  # the next is one
