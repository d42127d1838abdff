import os
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.foundation.audit import AuditEntry, record
from ecs_training.foundation.clock import measure_shift, utc_now
from ecs_training.foundation.database import Database, WriteWhileReading
from ecs_training.foundation.events import Event, publish
from ecs_training.foundation.sqlite import JOURNAL_MODE, free_of_the_wal_reset_bug
from tests.conftest import SERVER
from tests.factories import make_person
from tests.postgresql import administer

EMAIL = select(Person.email).where(Person.email.startswith(bindparam("name")))


def test_reading_refuses_to_write(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=now)

    with pytest.raises(WriteWhileReading), database.reading() as db:
        db.scalars(select(Person)).one().email = "mallory@example.org"
    with pytest.raises(DBAPIError, match=r"read-?only"), database.reading() as db:
        db.execute(delete(Person))

    with database.transaction() as db:  # and a later writer is not hindered
        db.scalars(select(Person)).one().email = "alice@example.com"


def test_reading_does_not_wait_for_a_writer(database: Database, now: datetime) -> None:
    with database.transaction() as writer:
        make_person(writer, "alice", now=now)
        with database.reading() as reader:
            assert reader.scalars(select(Person)).all() == []


def test_asking_sees_what_is_committed_and_changes_nothing(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=now)
    assert database.ask(EMAIL, {"name": "alice"}) == ("alice@example.org",)
    assert database.ask(EMAIL, {"name": "bob"}) is None
    for change in (delete(Person), text("DELETE FROM people")):
        with pytest.raises(WriteWhileReading):
            database.ask(cast(Any, change), {})
    with database.reading() as db:
        assert db.scalars(select(Person.email)).all() == ["alice@example.org"]


def test_what_follows_asking_is_a_whole_transaction(
    database: Database, now: datetime
) -> None:
    # The same connection: what it was told for one question must not stay with it.
    def fail_halfway() -> None:
        with database.transaction() as db:
            make_person(db, "alice", now=now)
            db.flush()
            raise LookupError

    for _ in range(2):
        assert database.ask(EMAIL, {"name": "alice"}) is None
        with pytest.raises(LookupError):
            fail_halfway()
        with pytest.raises(DBAPIError, match=r"read-?only"), database.reading() as db:
            db.execute(delete(Person))


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize("ping_after", [0.0, 3600.0])
def test_a_connection_that_broke_while_idle_is_replaced(
    database: Database, ping_after: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecs_training.foundation.database.PING_AFTER", ping_after)
    with database.reading() as db:
        process = db.scalars(text("SELECT pg_backend_pid()")).one()
    administer(os.environ[SERVER], f"SELECT pg_terminate_backend({process})")
    if ping_after:  # nobody looked, so the first to use it finds out
        with pytest.raises(DBAPIError), database.transaction() as db:
            db.execute(select(Person.id))
    with database.transaction() as db:
        db.execute(select(Person.id))


def test_what_raises_leaves_nothing_behind(database: Database, now: datetime) -> None:
    def fail_halfway() -> None:
        with database.transaction() as db:
            make_person(db, "alice", now=now)
            raise LookupError

    with pytest.raises(LookupError):
        fail_halfway()
    with database.reading() as db:
        assert db.scalars(select(Person)).all() == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_acknowledged_is_on_disk(database: Database) -> None:
    pragmas = {"synchronous": 2, "busy_timeout": 10_000, "journal_mode": JOURNAL_MODE}
    with database.transaction() as db:
        for pragma, value in pragmas.items():
            assert db.scalars(text(f"PRAGMA {pragma}")).one() == value


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_postgresql_is_told_what_the_promises_need(database: Database) -> None:
    wanted = {
        "transaction_isolation": "read committed",
        "lock_timeout": "3s",
        "TimeZone": "UTC",
    }
    with database.transaction() as db:
        for setting, value in wanted.items():
            assert db.scalars(text(f"SHOW {setting}")).one() == value


@pytest.mark.parametrize(
    ("version", "free"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_it_is_safe(
    version: tuple[int, ...], free: bool
) -> None:
    assert free_of_the_wal_reset_bug(version) is free


def test_an_event_that_nobody_listed_raises(database: Database, now: datetime) -> None:
    with pytest.raises(KeyError), database.transaction() as db:
        publish(db, Event(occurred_at=now))


def test_a_naive_instant_is_refused(database: Database, now: datetime) -> None:
    with (
        pytest.raises(Exception, match="naive datetime"),
        database.transaction() as db,
    ):
        make_person(db, "alice", now=now.replace(tzinfo=None))


def test_an_instant_comes_back_in_utc(database: Database) -> None:
    summer = datetime.fromisoformat("2026-07-01T10:00:00+01:00")
    with database.transaction() as db:
        make_person(db, "alice", now=summer)
    with database.reading() as db:
        stored = db.scalars(select(Person.created_at)).one()
    assert (stored, stored.tzinfo) == (summer, UTC)


@pytest.mark.parametrize(
    "change", [update(AuditEntry).values(actor_id=9), delete(AuditEntry)]
)
def test_audit_rows_can_only_be_added(
    database: Database, now: datetime, change: object
) -> None:
    def entries(db: Session) -> list[int | None]:
        return list(db.scalars(select(AuditEntry.actor_id)))

    with database.transaction() as db:
        record(db, actor_id=7, action="looked", subject="item/1", now=now)
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as db:
        db.execute(change)  # type: ignore[call-overload]
    with database.reading() as db:
        assert entries(db) == [7]


def test_the_clocks_of_machine_and_database_are_compared(database: Database) -> None:
    assert abs(measure_shift(database.tell_time)) < timedelta(seconds=1)
    ahead = measure_shift(lambda: utc_now() + timedelta(seconds=90))
    assert timedelta(seconds=89) < ahead < timedelta(seconds=91)
