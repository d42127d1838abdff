"""Two members of staff change the bank at the same moment, and the proof that it is a race.

One lock lets those who change the bank speak one after the other. A constraint stops two
wordings of one number, and a wording that is both approved and sent back, anyway; that a
paper can still be filled no constraint knows. The controls take the lock away, and then
the constraint as well. SQLite without its lock means no BEGIN at all.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import Refused
from ecs_training.questions.queries import live_items
from tests.questions.desk import GLOVES, Desk
from tests.questions.test_recall import cite, recall, rehearse
from tests.questions.test_reviewing import give_back
from tests.questions.test_suspending import take_out
from tests.racing import take_locks_away

Deed = Callable[[], object]
DONE, STOPPED = "done", "stopped by the database"

pytestmark = pytest.mark.heavy


def at_once(*deeds: Deed) -> list[str]:
    """Do all at the same moment; return how each ended: done, or the slug of a refusal."""
    start = Barrier(len(deeds))

    def run(deed: Deed) -> str:
        start.wait()
        try:
            deed()
        except Refused as refused:
            return refused.slug
        except IntegrityError:
            return STOPPED
        return DONE

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(run, deeds))


@pytest.fixture
def hold_up(database: Database) -> Iterator[Callable[[str], None]]:
    """Let neither write until both have looked, or the lock lets no more than one look."""
    both_looked = Barrier(2)
    waiting: list[Any] = []

    def before(statement: str) -> None:
        def wait(
            _connection: object, _cursor: object, sql: str, *_rest: object
        ) -> None:
            if sql.startswith(statement):
                try:
                    both_looked.wait(timeout=1)
                except BrokenBarrierError:
                    return

        waiting.append(wait)
        event.listen(database.engine, "before_cursor_execute", wait)

    yield before
    for wait in waiting:
        event.remove(database.engine, "before_cursor_execute", wait)


def forget_that_numbers_are_unique(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        _rebuild_without_constraint(str(database.engine.url.database))
        return
    drop = (
        "ALTER TABLE item_revisions DROP CONSTRAINT uq_item_revisions_item_id_revision"
    )
    with database.transaction() as db:
        db.execute(text(drop))


def _rebuild_without_constraint(path: str) -> None:
    """SQLite drops no constraint: the table is made anew without it, rows and all."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA legacy_alter_table = ON")
        (made,) = raw.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'item_revisions'"
        ).fetchone()
        free = re.sub(r",\s*CONSTRAINT \w+ UNIQUE \(item_id, revision\)", "", made)
        assert free != made
        raw.execute("ALTER TABLE item_revisions RENAME TO item_revisions_before")
        raw.execute(free)
        raw.execute("INSERT INTO item_revisions SELECT * FROM item_revisions_before")
        raw.execute("DROP TABLE item_revisions_before")


def both_save(desk: Desk) -> tuple[list[str], list[int]]:
    ended = at_once(
        *(
            lambda by=by: desk.reword(
                "elec-001", by=by, based_on=1, submit=False, stem=f"Number {by}?"
            )
            for by in (desk.ann, desk.ben)
        )
    )
    return ended, desk.numbers("elec-001")


SAVING = "INSERT INTO item_revisions"


def test_the_lock_alone_gives_no_number_twice(
    desk: Desk, hold_up: Callable[[str], None]
) -> None:
    forget_that_numbers_are_unique(desk.database)
    hold_up(SAVING)
    assert both_save(desk) == ([DONE, "stale"], [1, 2])


def test_control_without_the_lock_the_constraint_refuses_the_number(
    desk: Desk, hold_up: Callable[[str], None]
) -> None:
    take_locks_away(desk.database)
    hold_up(SAVING)
    assert both_save(desk) == ([DONE, STOPPED], [1, 2])


def test_control_without_lock_and_constraint_a_number_stands_twice(
    desk: Desk, hold_up: Callable[[str], None]
) -> None:
    forget_that_numbers_are_unique(desk.database)
    take_locks_away(desk.database)
    hold_up(SAVING)
    assert both_save(desk) == ([DONE, DONE], [1, 2, 2])


TAKING_OUT = "UPDATE items SET"


def pairs(desk: Desk) -> dict[str, tuple[Deed, Deed]]:
    """Return what two may do at once to the three electrical questions; two are drawn."""
    cite(desk, "elec-002")
    digest = rehearse(desk).digest
    return {
        "suspend": (
            lambda: take_out(desk, "elec-001"),
            lambda: take_out(desk, "elec-002"),
        ),
        "retire": (
            lambda: take_out(desk, "elec-001"),
            lambda: take_out(desk, "elec-002", "retire"),
        ),
        "recall": (
            lambda: take_out(desk, "elec-001"),
            lambda: recall(desk, digest=digest),
        ),
    }


def count_electrical(desk: Desk) -> int:
    with desk.database.reading() as db:
        return sum(item.topic == "electrical" for item in live_items(db))


@pytest.mark.parametrize("what", ["suspend", "retire", "recall"])
def test_two_together_cannot_leave_papers_unfilled(
    desk: Desk, hold_up: Callable[[str], None], what: str
) -> None:
    deeds = pairs(desk)[what]
    hold_up(TAKING_OUT)
    assert at_once(*deeds) == [DONE, "too-few"]
    assert count_electrical(desk) == 2


@pytest.mark.parametrize("what", ["suspend", "retire", "recall"])
def test_control_without_the_lock_two_together_do(
    desk: Desk, hold_up: Callable[[str], None], what: str
) -> None:
    deeds = pairs(desk)[what]
    take_locks_away(desk.database)
    hold_up(TAKING_OUT)
    assert at_once(*deeds) == [DONE, DONE]
    assert count_electrical(desk) == 1


DECIDING = "UPDATE item_revisions SET"


def both_decide(desk: Desk) -> tuple[list[str], int]:
    """Let one reader approve and another send back; return how both ended, and how many count."""
    code = desk.write(GLOVES)
    for reader in (desk.ben, desk.cy):
        desk.read(code, by=reader)
    ended = at_once(
        lambda: desk.approve(code, by=desk.ben),
        lambda: give_back(desk, code, by=desk.cy),
    )
    row = desk.revision(code)
    return ended, (row.approved_at is not None) + (row.sent_back_at is not None)


def test_of_two_decisions_the_first_counts(
    desk: Desk, hold_up: Callable[[str], None]
) -> None:
    hold_up(DECIDING)
    assert both_decide(desk) == ([DONE, "not-waiting"], 1)


def test_control_without_the_lock_the_constraint_refuses_a_second_decision(
    desk: Desk, hold_up: Callable[[str], None]
) -> None:
    take_locks_away(desk.database)
    hold_up(DECIDING)
    assert both_decide(desk) == ([DONE, STOPPED], 1)
