"""Two members of staff import the same file at the same moment.

The bank's lock lets the second one see what the first has added. Without it the constraint
on codes refuses the second; without that as well, every question is in the bank twice.
"""

import re
import sqlite3
from contextlib import closing
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import event, func, select, text

from ecs_training.foundation.database import Database
from ecs_training.questions.models import Item
from tests.questions.desk import Desk
from tests.questions.files import found, import_all
from tests.questions.test_bank_races import DONE, STOPPED, at_once
from tests.racing import take_locks_away

pytestmark = pytest.mark.heavy

FILE = [found(f"Question {n}?") for n in range(5)]


def hold_up(database: Database) -> None:
    """Let neither add an item until both have planned, or the lock lets only one plan."""
    both_planned = Barrier(2)

    def wait(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith("INSERT INTO items "):
            try:
                both_planned.wait(timeout=1)
            except BrokenBarrierError:
                return

    event.listen(database.engine, "before_cursor_execute", wait)


def forget_that_codes_are_unique(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        _rebuild_without_constraint(str(database.engine.url.database))
        return
    with database.transaction() as db:
        db.execute(text("ALTER TABLE items DROP CONSTRAINT uq_items_code"))


def _rebuild_without_constraint(path: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA legacy_alter_table = ON")
        (made,) = raw.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'items'"
        ).fetchone()
        free = re.sub(r",\s*CONSTRAINT \w+ UNIQUE \(code\)", "", made)
        assert free != made
        raw.execute("ALTER TABLE items RENAME TO items_before")
        raw.execute(free)
        raw.execute("INSERT INTO items SELECT * FROM items_before")
        raw.execute("DROP TABLE items_before")


def both_import(desk: Desk) -> tuple[list[str], int]:
    """Return how both ended, and how many questions the bank has more than its six."""
    ended = at_once(
        lambda: import_all(desk, FILE, by=desk.ann),
        lambda: import_all(desk, FILE, by=desk.ben),
    )
    with desk.database.reading() as db:
        return ended, db.scalars(select(func.count(Item.id))).one() - 6


def test_each_question_is_added_once_whoever_else_imports_it(desk: Desk) -> None:
    hold_up(desk.database)
    assert both_import(desk) == ([DONE, DONE], len(FILE))


def test_the_lock_alone_adds_no_question_twice(desk: Desk) -> None:
    forget_that_codes_are_unique(desk.database)
    hold_up(desk.database)
    assert both_import(desk) == ([DONE, DONE], len(FILE))


def test_control_without_the_lock_the_constraint_refuses_one_of_them(
    desk: Desk,
) -> None:
    take_locks_away(desk.database)
    hold_up(desk.database)
    ended, added = both_import(desk)
    assert ended == [DONE, STOPPED]
    # Without its lock SQLite has no transaction either, so that a part of it may stay.
    sqlite = desk.database.engine.dialect.name == "sqlite"
    assert added >= len(FILE) if sqlite else added == len(FILE)


def test_control_without_lock_and_constraint_every_question_is_there_twice(
    desk: Desk,
) -> None:
    forget_that_codes_are_unique(desk.database)
    take_locks_away(desk.database)
    hold_up(desk.database)
    assert both_import(desk) == ([DONE, DONE], 2 * len(FILE))
