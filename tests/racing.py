"""Taking away what keeps racers apart, to see that the race is there without it."""

import re
from typing import Any

from sqlalchemy import Connection, event

from ecs_training.foundation import sqlite
from ecs_training.foundation.database import Database


def take_locks_away(database: Database) -> None:
    """Let transactions begin without a lock, and read without holding rows or tables."""
    if database.engine.dialect.name == "sqlite":
        event.remove(database.engine, "begin", sqlite.begin)
        event.listen(database.engine, "begin", _begin_nothing)
    else:
        event.listen(
            database.engine, "before_cursor_execute", _without_lock, retval=True
        )


def _begin_nothing(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only = 0")


def _without_lock(
    _connection: object, _cursor: object, sql: str, parameters: Any, *_rest: object
) -> tuple[str, Any]:
    unheld = re.sub(r" FOR (NO KEY )?UPDATE( OF \w+)?( SKIP LOCKED)?", "", sql)
    return re.sub(r"^LOCK TABLE .*", "SELECT 1", unheld), parameters
