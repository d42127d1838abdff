"""Trainers' own calendars: read again and again, kept as times, forgotten when removed."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.jobs import CALENDAR_LEASE, read_calendars
from ecs_training.scheduling.models import BusyCalendar, BusyTime
from ecs_training.scheduling.outside.busy import Span
from ecs_training.scheduling.outside.fetching import MOST_BYTES
from ecs_training.scheduling.outside.problems import CalendarProblem
from ecs_training.scheduling.queries.busy import list_due_calendars
from ecs_training.scheduling.rules.leave import (
    MOST_CALENDARS,
    TrainerTimeRefusal,
    wait_before_reading,
)
from ecs_training.scheduling.services.busy import (
    CalendarRefused,
    add_busy_address,
    add_busy_file,
    claim_calendar,
    keep_busy_times,
    put_off_calendar,
    read_calendar_file,
    remove_busy_calendar,
)
from ecs_training.scheduling.services.trainers import TrainerTimeRefused
from tests.conftest import MovableClock
from tests.factories import make_person
from tests.scheduling.internet import (
    ADDRESS,
    AS_CALENDAR,
    calendar,
    elsewhere,
    http,
)

CALENDAR = calendar("DTSTART:20260310T090000|DTEND:20260310T100000")


@pytest.fixture
def trainer(database: Database, now: datetime) -> Person:
    with database.transaction() as db:
        return make_person(db, "dawn", now=now, role=Role.TRAINER)


def add(database: Database, trainer: Person, now: datetime, **change: Any) -> int:
    facts: dict[str, Any] = {"trainer_id": trainer.id, "label": "Mine", **change}
    with database.transaction() as db:
        return add_busy_address(
            db, **{"address": ADDRESS, **facts}, added_by_id=trainer.id, now=now
        ).id


def kept(database: Database) -> list[Span]:
    with database.reading() as db:
        found = db.scalars(select(BusyTime).order_by(BusyTime.starts_at)).all()
        return [(each.starts_at, each.ends_at) for each in found]


def row(database: Database, calendar_id: int) -> BusyCalendar:
    with database.reading() as db:
        return db.get_one(BusyCalendar, calendar_id)


NINE = (
    datetime(2026, 3, 10, 9, tzinfo=UTC),
    datetime(2026, 3, 10, 10, tzinfo=UTC),
)


def test_the_job_keeps_the_times_and_nothing_else(
    database: Database, clock: MovableClock, settings: Settings, trainer: Person
) -> None:
    calendar_id = add(database, trainer, clock())
    with elsewhere(http(CALENDAR, AS_CALENDAR)) as (web, _):
        assert read_calendars(database, clock, settings, web=web) == 1
    assert kept(database) == [NINE]
    found = row(database, calendar_id)
    assert (found.read_at, found.tries, found.last_problem) == (clock(), 0, None)
    assert found.next_try_at == clock() + timedelta(hours=4)
    with elsewhere() as (web, noted):
        clock.advance(hours=4, seconds=-1)
        assert read_calendars(database, clock, settings, web=web) == 0
        assert noted == []
    clock.advance(seconds=1)
    new = calendar("DTSTART:20260311T090000|DURATION:PT1H")
    with elsewhere(http(new, AS_CALENDAR)) as (web, _):
        assert read_calendars(database, clock, settings, web=web) == 1
    assert kept(database) == [
        (NINE[0] + timedelta(days=1), NINE[1] + timedelta(days=1))
    ]


def test_a_calendar_that_fails_keeps_its_times_and_says_since_when(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    trainer: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    first, read_at = add(database, trainer, clock()), clock()
    with elsewhere(http(CALENDAR, AS_CALENDAR)) as (web, _):
        read_calendars(database, clock, settings, web=web)
    clock.advance(hours=4)
    add(database, trainer, clock(), address="https://calendar.example/other.ics")
    broken, fine = http(b"", status="500 Oh"), http(CALENDAR, AS_CALENDAR)
    with elsewhere(broken, fine) as (web, _):
        assert read_calendars(database, clock, settings, web=web) == 1
    assert kept(database) == [NINE, NINE]
    found = row(database, first)
    assert (found.tries, found.read_at) == (1, read_at)
    assert found.last_problem == CalendarProblem.REFUSED.value
    assert found.next_try_at == clock() + timedelta(minutes=15)
    assert "S3CR3T" not in caplog.text
    with database.reading() as db:
        assert "S3CR3T" not in str(db.scalars(select(AuditEntry.details)).all())


def test_waiting_grows_with_every_failure_up_to_four_hours() -> None:
    waits = [wait_before_reading(tries) for tries in range(1, 8)]
    assert waits[0] == timedelta(minutes=15)
    assert waits == sorted(waits)
    assert waits[4] == waits[-1] == wait_before_reading(0) == timedelta(hours=4)


def test_of_two_readers_at_once_one_gets_the_calendar(
    database: Database, clock: MovableClock, trainer: Person
) -> None:
    calendar_id = add(database, trainer, clock())

    def claim(n: int) -> str | None:
        until = clock() + CALENDAR_LEASE + timedelta(seconds=n)
        with database.transaction() as db:
            return claim_calendar(db, calendar_id=calendar_id, now=clock(), until=until)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(claim, range(8))).count(ADDRESS) == 1
    clock.advance(minutes=1)
    assert claim(0) is None
    clock.advance(minutes=2)  # whoever had it died
    assert claim(0) == ADDRESS


def test_a_reader_who_was_too_slow_changes_nothing(
    database: Database, clock: MovableClock, trainer: Person
) -> None:
    calendar_id = add(database, trainer, clock())
    late, until = clock(), clock() + CALENDAR_LEASE
    with database.transaction() as db:
        claim_calendar(db, calendar_id=calendar_id, now=clock(), until=until)
        facts: dict[str, Any] = {"calendar_id": calendar_id, "claimed_until": late}
        assert not keep_busy_times(db, **facts, times=[NINE], now=clock())
        put_off_calendar(db, **facts, problem="No", now=clock())
    assert kept(database) == []
    assert row(database, calendar_id).tries == 0


def test_a_removed_calendar_is_forgotten_even_by_who_is_reading_it(
    database: Database, clock: MovableClock, trainer: Person
) -> None:
    calendar_id, until = add(database, trainer, clock()), clock() + CALENDAR_LEASE
    ref = row(database, calendar_id).ref
    with database.transaction() as db:
        claim_calendar(db, calendar_id=calendar_id, now=clock(), until=until)
    by: dict[str, Any] = {"removed_by_id": trainer.id, "now": clock()}
    with pytest.raises(NotFound), database.transaction() as db:
        remove_busy_calendar(db, ref=ref, trainer_id=trainer.id + 1, **by)
    with database.transaction() as db:
        remove_busy_calendar(db, ref=ref, trainer_id=trainer.id, **by)
        facts: dict[str, Any] = {"calendar_id": calendar_id, "claimed_until": until}
        assert not keep_busy_times(db, **facts, times=[NINE], now=clock())
    assert kept(database) == []
    assert row(database, calendar_id).address is None
    with database.reading() as db:
        assert list_due_calendars(db, now=clock() + timedelta(days=9)) == []


def test_a_file_is_kept_and_never_fetched(
    database: Database, clock: MovableClock, trainer: Person
) -> None:
    with database.transaction() as db:
        add_busy_file(
            db,
            trainer_id=trainer.id,
            label="Holiday.ics",
            times=[NINE],
            added_by_id=trainer.id,
            now=clock(),
        )
    assert kept(database) == [NINE]
    with database.reading() as db:
        assert list_due_calendars(db, now=clock() + timedelta(days=9)) == []


def test_a_file_of_a_megabyte_is_read_and_no_larger_one() -> None:
    full = CALENDAR + b" " * (MOST_BYTES - len(CALENDAR))
    facts: dict[str, Any] = {"own_domain": "x", "weeks": 12, "now": NINE[0]}
    assert read_calendar_file(full, **facts) == [NINE]
    with pytest.raises(CalendarRefused) as refused:
        read_calendar_file(full + b" ", **facts)
    assert refused.value.reason is CalendarProblem.TOO_LARGE


def test_ten_calendars_are_read_for_a_trainer_and_no_private_address(
    database: Database, clock: MovableClock, trainer: Person
) -> None:
    for _ in range(MOST_CALENDARS):
        add(database, trainer, clock())
    with pytest.raises(TrainerTimeRefused) as refused:
        add(database, trainer, clock())
    assert refused.value.reason is TrainerTimeRefusal.TOO_MANY_CALENDARS
    with pytest.raises(CalendarRefused) as bad:
        add(database, trainer, clock(), address="http://calendar.example/")
    assert bad.value.reason is CalendarProblem.BAD_ADDRESS
