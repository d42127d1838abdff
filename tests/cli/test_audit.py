"""`ecs-training audit`: exit 0 where the record is whole, 1 with every fault named."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from ecs_training.assessment.models import Attempt
from ecs_training.cli.audit import verify_record
from ecs_training.foundation.audit import AuditEntry, record
from ecs_training.foundation.chain import walk_chain
from ecs_training.foundation.database import Database
from ecs_training.foundation.sealing import seal_audit
from ecs_training.foundation.settings import Settings
from ecs_training.foundation.signing import check, public_keys, sign
from tests.assessment.exam import Day, make_day, read_attempt, sit
from tests.cli.test_commands import run
from tests.conftest import NOW, MovableClock
from tests.foundation.test_chain import tamper

LONG_AGO = NOW - timedelta(minutes=6)
JOURNAL_TRIGGERS = {
    "sqlite": [
        "DROP TRIGGER response_journal_no_update",
        "DROP TRIGGER response_journal_no_delete",
    ],
    "postgresql": ["DROP TRIGGER response_journal_append_only ON response_journal"],
}


def verify(database: Database, head: str | None = None) -> dict[str, Any]:
    verified = verify_record(database, head=head, now=NOW)
    facts: dict[str, Any] = json.loads(verified.as_json())
    assert facts["ok"] is (facts["findings"] == [])
    return facts


@pytest.fixture
def finished(
    app: Flask, database: Database, clock: MovableClock, settings: Settings
) -> Attempt:
    """A real assessment with three saved answers, beside practice and one still open."""
    with database.transaction() as db:
        day: Day = make_day(db, now=clock(), people=2)
    sitter = sit(app, day)
    for n, option in ((1, "a"), (2, "b"), (1, "c")):
        assert sitter.put(n, option).status_code == 200
    sitter.finish()
    ref = sitter.ref
    sitter.start("/practice/labourer")
    sitter.put(1)
    sitter.finish()
    sit(app, day, 2).put(1)
    seal_audit(database, clock, settings)
    return read_attempt(database, ref)


@pytest.mark.usefixtures("finished")
def test_a_whole_record_is_said_to_be_whole(database: Database) -> None:
    facts = verify(database)
    with database.reading() as db:
        rows = db.scalars(select(func.count(AuditEntry.id))).one()
    assert facts == {
        "ok": True,
        "sealed": rows,
        "unsealed": 0,
        "journals": 1,
        "head": {"seal": rows, "digest": walk_chain(database).digest},
        "findings": [],
    }
    spoken = verify_record(database, head=None, now=NOW).spoken
    assert spoken == (
        f"{rows} rows sealed, 0 waiting for their seal, 1 journals compared,"
        f" 0 findings.\nHead of the chain: {facts['head']['digest']}"
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE response_journal SET chosen = CASE chosen WHEN 'd' THEN 'a' ELSE 'd' END"
        " WHERE id ="
        " (SELECT min(id) FROM response_journal WHERE attempt_id = :id)",
        "DELETE FROM response_journal WHERE id ="
        " (SELECT max(id) FROM response_journal WHERE attempt_id = :id)",
        "INSERT INTO response_journal (attempt_id, n, chosen, flagged, seq, lease,"
        " answered_at, late) SELECT attempt_id, n, chosen, flagged, seq + 9, lease,"
        " answered_at, late FROM response_journal WHERE attempt_id = :id LIMIT 1",
    ],
)
def test_a_journal_that_was_changed_is_named(
    database: Database, finished: Attempt, change: str
) -> None:
    with database.transaction() as db:
        for statement in JOURNAL_TRIGGERS[database.engine.dialect.name]:
            db.execute(text(statement))
        db.execute(text(change), {"id": finished.id})
    (found,) = verify(database)["findings"]
    assert found["rule"] == "journal-changed"
    assert f"attempt/{finished.ref} " in found["message"]


def test_an_attempt_that_is_gone_is_named(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.transaction() as db:
        record(
            db,
            actor_id=None,
            action="attempt finished",
            subject="attempt/7K3MNOTHERE0",
            now=clock(),
            journal="0" * 64,
            lines=0,
        )
    seal_audit(database, clock, settings)
    (found,) = verify(database)["findings"]
    assert (found["rule"], found["entry"]) == ("attempt-gone", 1)


def test_a_changed_decision_is_named_with_its_row(
    database: Database, finished: Attempt
) -> None:
    with database.reading() as db:
        row = db.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"attempt/{finished.ref}")
        ).one()
    assert row.action == "attempt finished"
    details = json.dumps(row.details | {"score": 50})
    tamper(
        database,
        "UPDATE audit_entries SET details = :details WHERE id = :n",
        details=details,
        n=row.id,
    )
    (found,) = verify(database)["findings"]
    # What was written last has nothing after it that could tell row from seal.
    assert found["rule"] in {"row-changed", "link-broken"}
    assert found["entry"] == row.id


def test_rows_that_nobody_sealed_are_named(database: Database) -> None:
    with database.transaction() as db:
        record(db, actor_id=1, action="did", subject="it", now=LONG_AGO)
    facts = verify(database)
    (found,) = facts["findings"]
    assert (facts["unsealed"], found["rule"], found["entry"]) == (1, "unsealed", 1)
    spoken = verify_record(database, head=None, now=NOW).spoken
    assert spoken.startswith(f"unsealed: {found['message']}\n0 rows sealed, 1 waiting")


@pytest.mark.usefixtures("finished")
def test_a_head_that_was_noted_is_looked_for(database: Database) -> None:
    assert verify(database, verify(database)["head"]["digest"])["ok"]
    (found,) = verify(database, "f" * 64)["findings"]
    assert found["rule"] == "head-gone"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_command_as_an_operator_meets_it(
    database: Database, database_url: str, settings: Settings
) -> None:
    with database.transaction() as db:
        record(db, actor_id=1, action="did", subject="it", now=LONG_AGO)
        old = sign(db, {"n": 1}, now=LONG_AGO)
    there = {"DATABASE_URL": database_url}
    told = run("audit", "verify", "--json", **there)
    assert told.returncode == 1
    assert json.loads(told.stdout)["findings"][0]["rule"] == "unsealed"

    told = run("audit", "rotate-key", **there)
    assert told.returncode == 0
    with database.reading() as db:
        new = public_keys(db)["keys"][1]
        assert told.stdout == f"Key {new['kid']} signs from now on.\n"
        assert check(db, old) == {"n": 1}
        assert sign(db, {"n": 1}, now=NOW) != old

    seal_audit(database, lambda: NOW, settings)
    head = walk_chain(database).digest
    told = run("audit", "verify", "--head", head, **there)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.endswith(f"Head of the chain: {head}\n")
    assert run("audit", "verify", "--nonsense").returncode == 2
