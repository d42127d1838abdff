"""Two people at the same moment; and without what keeps them apart, to see the race."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, BrokenBarrierError
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ecs_training.foundation import sqlite
from ecs_training.foundation.database import Database


def count_stopped(
    database: Database, acts: Sequence[Callable[[Session], object]]
) -> int:
    """Let each act in a transaction of its own at the same moment.

    Return how many the database's constraints stopped.
    """
    start = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> bool:
        start.wait()
        try:
            with database.transaction() as db:
                act(db)
        except IntegrityError:
            return True
        return False

    with ThreadPoolExecutor(len(acts)) as pool:
        return sum(pool.map(run, acts))


@contextmanager
def two_look_before(database: Database, words: str) -> Iterator[None]:
    """Let nobody send what begins so until both have looked, or a lock lets no more in."""
    both_looked = Barrier(2)

    def wait(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith(words):
            try:
                both_looked.wait(timeout=1)
            except BrokenBarrierError:
                return

    event.listen(database.engine, "before_cursor_execute", wait)
    yield
    event.remove(database.engine, "before_cursor_execute", wait)


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
