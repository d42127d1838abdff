"""One row by the driver's own cursor: the same values as SQLAlchemy itself would tell."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    Select,
    String,
    bindparam,
    cast,
    event,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, OperationalError
from sqlalchemy.types import TypeEngine

from ecs_training.accounts.models import Person, RoleGrant
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry, record
from ecs_training.foundation.database import Database, UtcDateTime
from ecs_training.foundation.settings import Settings
from ecs_training.foundation.sqlite import JOURNAL_MODE
from ecs_training.reactions import REACTIONS
from tests.factories import make_person

PEOPLE = select(Person.id)
BY_DATE = select(
    Person.full_name, Person.created_at, literal("100 % of :it").label("said")
).where(Person.created_at == bindparam("at", type_=UtcDateTime))


def usually(
    database: Database, statement: Select[*tuple[Any, ...]], asked: Mapping[str, object]
) -> Any:
    with database.reading() as db:
        return db.execute(statement, asked).one_or_none()


def test_instants_come_and_go_in_utc(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=now)
    elsewhere = now.astimezone(timezone(timedelta(hours=5, minutes=30)))
    row = database.ask(BY_DATE, {"at": elsewhere})
    assert row == usually(database, BY_DATE, {"at": elsewhere})
    assert row is not None
    assert (row.full_name, row.created_at, row.said) == ("Alice", now, "100 % of :it")
    assert row.created_at.tzinfo is not None
    with pytest.raises(ValueError, match="naive"):
        database.ask(BY_DATE, {"at": now.replace(tzinfo=None)})


@pytest.mark.parametrize(
    ("told", "type_"),
    [
        (True, Boolean()),
        (None, Boolean()),
        (2**31, BigInteger()),
        (0.25, Float()),
        ("Siân 👷🏽‍♀️ %(x)s ? :y", String()),
        (None, String()),
    ],
)
def test_values_are_told_in_their_own_types(
    told: object, type_: TypeEngine[Any], database: Database
) -> None:
    value = bindparam("value", type_=type_)
    statement = select(cast(value, type_).label("value"))
    row = database.ask(statement, {"value": told})
    assert row == usually(database, statement, {"value": told})
    assert row is not None
    assert (row.value, type(row.value)) == (told, type(told))


def test_words_of_ours_and_json_are_read_as_they_are_kept(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        person = make_person(db, now=now, role=Role.TRAINER)
        record(
            db,
            actor_id=person.id,
            action="person.told",
            subject="person/x",
            now=now,
            was=["a", 1, None],
            name="£ Siân",
        )
    row = database.ask(select(RoleGrant.role), {})
    assert row == (Role.TRAINER,)
    assert isinstance(row[0], Role)
    details = database.ask(select(AuditEntry.details), {})
    assert details == ({"was": ["a", 1, None], "name": "£ Siân"},)


def test_two_rows_where_one_was_expected_are_refused(
    database: Database, now: datetime
) -> None:
    assert database.ask(PEOPLE, {}) is None
    with database.transaction() as db:
        make_person(db, now=now)
        make_person(db, now=now)
    with pytest.raises(MultipleResultsFound):
        database.ask(PEOPLE, {})


def test_a_value_that_was_not_told_is_our_mistake(database: Database) -> None:
    with pytest.raises(KeyError):
        database.ask(BY_DATE, {})


def test_an_error_of_the_driver_is_told_without_the_values(database: Database) -> None:
    broken = PEOPLE.where(Person.email == bindparam("secret")).suffix_with("no sense")
    with pytest.raises(DBAPIError) as caught:
        database.ask(broken, {"secret": "open sesame"})
    assert "no sense" in str(caught.value)
    assert "open sesame" not in str(caught.value)
    assert database.ask(PEOPLE, {}) is None  # the next one gets a connection that works


@pytest.mark.skipif(JOURNAL_MODE == "wal", reason="there nobody who reads is kept out")
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_locked_file_is_told_as_sqlalchemy_tells_it(database: Database) -> None:
    """The page that asks people to try again knows it by this error and this word."""

    def hurry(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout = 20")

    assert database.ask(PEOPLE, {}) is None
    event.listen(database.engine, "checkout", hurry)
    path = database.engine.url.database or ""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OperationalError, match="locked"):
            database.ask(PEOPLE, {})
    assert database.ask(PEOPLE, {}) is None


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_lock_that_is_not_had_in_time_is_told_as_sqlalchemy_tells_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = "-c lock_timeout=20"
    monkeypatch.setattr("ecs_training.foundation.database.POSTGRESQL_OPTIONS", hasty)
    database = Database(settings, REACTIONS)
    with database.transaction() as other:
        other.execute(text("LOCK TABLE people IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            database.ask(PEOPLE, {})
    assert database.ask(PEOPLE, {}) is None
    database.engine.dispose()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_server_that_is_gone_is_told_as_sqlalchemy_tells_it(
    settings: Settings,
) -> None:
    address = make_url(settings.database_url).set(database="no_such_database")
    away = address.render_as_string(hide_password=False)
    database = Database(settings.model_copy(update={"database_url": away}), REACTIONS)
    with pytest.raises(OperationalError, match="no_such_database"):
        database.ask(PEOPLE, {})
