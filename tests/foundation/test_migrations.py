"""Rows of an older version are there after the upgrade, and the new promises hold for them."""

import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Resit
from ecs_training.foundation.database import open_engine
from ecs_training.foundation.migrations import alembic_config, upgrade
from tests import postgresql
from tests.conftest import SERVER
from tests.factories import make_finished_attempt, make_person

JOURNEY = (
    "INSERT INTO people (id, ref, email, full_name, created_at, updated_at)"
    " VALUES (1, 'AAAA', 'a@example.org', 'A', '2026-01-01', '2026-01-01')",
    "INSERT INTO items (id, code, topic, live_revision, updated_at)"
    " VALUES (1, 'elec-001', 'electrotechnical', 1, '2026-01-01')",
    "INSERT INTO item_revisions (id, item_id, revision, content_hash, stem, options, key,"
    " rationale, source, clause, checked_on, difficulty, jurisdiction, enemies, added_at)"
    " VALUES (1, 1, 1, 'x', 'Which?', '{}', 'a', 'So.', 'eawr-1989', 'reg 13',"
    " '2026-01-01', 0.8, 'gb', '[]', '2026-01-01')",
)


@pytest.fixture
def engine(backend: str, tmp_path: Path) -> Iterator[Engine]:
    """Give an empty database that no migration has seen."""
    if backend == "sqlite":
        yield open_engine(f"sqlite:///{tmp_path / 'old.db'}")
        return
    name = f"old_{uuid.uuid4().hex[:8]}"
    postgresql.administer(os.environ[SERVER], f"CREATE DATABASE {name}")
    engine = open_engine(postgresql.database_url(os.environ[SERVER], name))
    yield engine
    engine.dispose()
    postgresql.administer(os.environ[SERVER], f"DROP DATABASE {name}")


def test_items_of_the_journey_belong_to_the_files_and_keep_their_wording(
    engine: Engine,
) -> None:
    command.upgrade(alembic_config(engine), "0001")
    with engine.begin() as connection:
        for statement in JOURNEY:
            connection.execute(text(statement))

    upgrade(engine)

    with engine.begin() as connection:
        (row,) = connection.execute(
            text(
                "SELECT code, origin, stem, reviews FROM items"
                " JOIN item_revisions ON item_id = items.id"
            )
        )
        assert tuple(row[:3]) == ("elec-001", "files", "Which?")
        assert row.reviews in ("[]", [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE items SET retired_at = '2026-01-01'",  # and still live
        "UPDATE items SET suspended_at = '2026-01-01'",  # by nobody, for nothing
        "UPDATE item_revisions SET written_by_id = 1, approved_by_id = 1,"
        " approved_at = '2026-01-01'",  # approved by its author
        "UPDATE items SET recall_id = 9",  # there is no such recall
    ],
)
def test_an_upgraded_database_refuses_what_a_new_one_refuses(
    engine: Engine, statement: str
) -> None:
    command.upgrade(alembic_config(engine), "0001")
    with engine.begin() as connection:
        for row in JOURNEY:
            connection.execute(text(row))
    upgrade(engine)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(statement))


def test_known_resits_get_a_number_for_calendars(engine: Engine, now: datetime) -> None:
    command.upgrade(alembic_config(engine), "0004")
    with Session(engine) as db, db.begin():
        for n in range(2):
            failed = make_finished_attempt(
                db, make_person(db, now=now), finished_at=now, score=30
            )
            db.execute(
                text(
                    "INSERT INTO resits (id, ref, attempt_id, entry_id, reason,"
                    " granted_at, granted_by_id) VALUES (:id, :ref, :attempt_id,"
                    " :entry_id, 'x', '2026-01-01', :person_id)"
                ),
                {
                    "id": n,
                    "ref": f"REF{n}",
                    "attempt_id": failed.id,
                    "entry_id": failed.entry_id,
                    "person_id": failed.person_id,
                },
            )

    upgrade(engine)

    with Session(engine) as db:
        found = db.scalars(select(Resit)).all()
    assert len({resit.calendar_uid for resit in found}) == 2
    assert [resit.sequence for resit in found] == [0, 0]
    assert [resit.updated_at for resit in found] == [r.granted_at for r in found]
