"""Every committed audit row becomes one link of one chain, whoever seals and whenever."""

import hashlib
import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from ecs_training.foundation import sealing
from ecs_training.foundation.audit import AuditEntry, AuditSeal, record
from ecs_training.foundation.chain import walk_chain
from ecs_training.foundation.database import Database
from ecs_training.foundation.sealing import (
    list_unsealed,
    seal_audit,
    seal_entries,
)
from ecs_training.foundation.settings import Settings
from ecs_training.recurring_jobs import RECURRING_JOBS
from tests.assessment.exam import together
from tests.conftest import MovableClock
from tests.racing import take_locks_away


def write(database: Database, now: datetime, *subjects: str) -> None:
    with database.transaction() as db:
        for subject in subjects:
            record(db, actor_id=7, action="did", subject=subject, now=now, why="so")


def read_seals(database: Database) -> list[AuditSeal]:
    with database.reading() as db:
        return list(db.scalars(select(AuditSeal).order_by(AuditSeal.id)))


def test_the_digest_is_the_one_that_anybody_can_work_out(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.transaction() as db:
        record(
            db,
            actor_id=None,
            action="opened",
            subject="sitting/Ä",
            now=clock() + timedelta(microseconds=5),
            b=[1, 2.5, None],
            a="é",
        )
    write(database, clock(), "two")
    assert seal_audit(database, clock, settings) == 2

    first, second = read_seals(database)
    row = (
        '[1,"2026-03-02T09:00:00.000005+00:00",null,"opened","sitting/\\u00c4",'
        '{"a":"\\u00e9","b":[1,2.5,null]}]'
    )
    assert first.digest == hashlib.sha256(f"{'0' * 64}\n{row}".encode()).hexdigest()
    row = json.dumps(
        [2, "2026-03-02T09:00:00+00:00", 7, "did", "two", {"why": "so"}],
        separators=(",", ":"),
    )
    assert (
        second.digest == hashlib.sha256(f"{first.digest}\n{row}".encode()).hexdigest()
    )
    assert [(seal.entry_id, seal.sealed_at) for seal in (first, second)] == [
        (1, clock()),
        (2, clock()),
    ]


def test_sealing_again_changes_nothing_and_goes_on_where_it_was(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    assert seal_audit(database, clock, settings) == 0
    write(database, clock(), "one", "two")
    assert seal_audit(database, clock, settings) == 2
    before = [(seal.entry_id, seal.digest) for seal in read_seals(database)]
    assert seal_audit(database, clock, settings) == 0
    write(database, clock(), "three")
    assert seal_audit(database, clock, settings) == 1
    after = [(seal.entry_id, seal.digest) for seal in read_seals(database)]
    assert after[:2] == before
    assert walk_chain(database).findings == []


def test_batches_make_one_chain_and_a_run_is_bounded(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    monkeypatch.setattr(sealing, "MOST_BATCHES", 2)
    write(database, clock(), *"abcdefg")
    assert seal_audit(database, clock, settings) == 6
    assert seal_audit(database, clock, settings) == 1
    assert [seal.entry_id for seal in read_seals(database)] == [1, 2, 3, 4, 5, 6, 7]
    assert walk_chain(database).findings == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_row_that_is_committed_late_is_sealed_in_its_own_turn(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    """It has a lower number than rows that are sealed already. SQLite knows one writer."""
    with database.transaction() as slow:
        record(slow, actor_id=1, action="did", subject="slow", now=clock())
        slow.flush()
        write(database, clock(), "quick", "quicker")
        assert seal_audit(database, clock, settings) == 2  # and waits for nobody
    assert seal_audit(database, clock, settings) == 1
    assert [seal.entry_id for seal in read_seals(database)] == [2, 3, 1]
    assert walk_chain(database).findings == []


def test_what_is_rolled_back_is_never_sealed(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.rehearsal() as db:
        record(db, actor_id=1, action="did", subject="never", now=clock())
        db.flush()
    write(database, clock(), "kept")
    assert seal_audit(database, clock, settings) == 1


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_nobody_who_records_waits_while_the_chain_is_held(
    database: Database, clock: MovableClock
) -> None:
    write(database, clock(), "one")
    with database.reading() as db:
        waiting = list_unsealed(db, limit=5)
    with database.transaction() as sealer:
        seal_entries(sealer, waiting, now=clock())
        write(database, clock(), "two")  # would be refused after the lock timeout
        with database.reading() as db:
            assert len(db.scalars(select(AuditEntry)).all()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditSeal).values(digest="f" * 64),
        update(AuditSeal).values(sealed_at=datetime.fromisoformat("2020-01-01T00:00Z")),
        delete(AuditSeal),
    ],
)
def test_a_seal_is_never_changed_nor_removed(
    database: Database, clock: MovableClock, settings: Settings, statement: Any
) -> None:
    write(database, clock(), "one")
    seal_audit(database, clock, settings)
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as db:
        db.execute(statement)
    assert len(read_seals(database)) == 1


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_seals_cannot_be_emptied_out_at_once(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    write(database, clock(), "one")
    seal_audit(database, clock, settings)
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as db:
        db.execute(text("TRUNCATE audit_seals"))


def test_it_runs_every_minute() -> None:
    (job,) = [job for job in RECURRING_JOBS if job.run is seal_audit]
    assert job.every == timedelta(minutes=1)


SEALERS = 4


def _race(database: Database, clock: MovableClock, settings: Settings) -> list[Any]:
    """Let four seal at once, each dawdling between reading the head and writing."""
    event.listen(database.engine, "before_cursor_execute", _dawdle)

    def seal() -> int | Exception:
        try:
            return seal_audit(database, clock, settings)
        except (IntegrityError, OperationalError) as error:
            return error

    told = together(*[seal for _ in range(SEALERS)])
    event.remove(database.engine, "before_cursor_execute", _dawdle)
    return told


def _dawdle(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
    if sql.startswith("INSERT INTO audit_seals"):
        time.sleep(0.1)


@pytest.mark.heavy
def test_sealers_at_once_make_one_chain(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    write(database, clock(), *"abcdefgh")
    told = _race(database, clock, settings)
    assert sum(told) == 8
    assert [seal.entry_id for seal in read_seals(database)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert walk_chain(database).findings == []


@pytest.mark.heavy
def test_without_the_lock_the_constraint_refuses_a_second_seal(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    write(database, clock(), "a")
    take_locks_away(database)
    told = _race(database, clock, settings)
    assert [one for one in told if not isinstance(one, Exception)] == [1]
    assert len(read_seals(database)) == 1


@pytest.mark.heavy
def test_without_lock_and_constraint_the_chain_is_torn(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    write(database, clock(), "a", "b")
    _let_entries_be_sealed_twice(database)
    take_locks_away(database)
    _race(database, clock, settings)
    assert len(read_seals(database)) > 2
    assert walk_chain(database).findings != []


def _let_entries_be_sealed_twice(database: Database) -> None:
    with database.transaction() as db:
        if database.engine.dialect.name == "postgresql":
            db.execute(
                text("ALTER TABLE audit_seals DROP CONSTRAINT uq_audit_seals_entry_id")
            )
            return
        db.execute(text("DROP TABLE audit_seals"))
        db.execute(
            text(
                "CREATE TABLE audit_seals (id INTEGER PRIMARY KEY, entry_id INTEGER,"
                " digest VARCHAR(64), sealed_at DATETIME)"
            )
        )


def _link(db: Session, entry_id: int, digest: str, now: datetime) -> None:
    db.execute(
        insert(AuditSeal), [{"entry_id": entry_id, "digest": digest, "sealed_at": now}]
    )


def test_one_row_has_one_seal(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    write(database, clock(), "one")
    seal_audit(database, clock, settings)
    with pytest.raises(IntegrityError), database.transaction() as db:
        _link(db, 1, "0" * 64, clock())
