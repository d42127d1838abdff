"""A plan holds what this change makes, and nothing of what others do at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from ecs_training.changes.queries import list_letters
from ecs_training.changes.rules import ChangeKind
from ecs_training.changes.services.watching import watching
from ecs_training.foundation.errors import Refused
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.notifications.services import queue_letter
from ecs_training.payments.models import CreditNote
from ecs_training.scheduling.rules import TimetableRefusal
from tests.changes.stage import Stage

TOGETHER = 6


# SQLite lets nobody else write while a change is rehearsed.
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_letters_that_others_commit_meanwhile_are_not_ours(stage: Stage) -> None:
    said: dict[str, Any] = {"template": "registered_again", "now": stage.clock()}
    with stage.database.rehearsal() as db:
        last = db.scalar(select(func.max(OutgoingEmail.id)))
        with watching(db) as made:
            with stage.database.transaction() as other:
                queue_letter(other, key="theirs", to="dora@example.org", **said)
            queue_letter(db, key="ours", to="alice@example.org", **said)
            # Told already: nothing is added, and nobody is written to twice.
            queue_letter(db, key="theirs", to="dora@example.org", **said)
        newer = select(OutgoingEmail.key).where(OutgoingEmail.id > last)
        # A look for what is new would find both.
        assert set(db.scalars(newer)) == {"ours", "theirs"}
        found = [letter.key for letter, _ in list_letters(db, keys=made.keys)]
    assert found == ["ours"]


def test_of_many_who_agree_at_once_one_does_it(stage: Stage) -> None:
    shown = stage.rehearse(ChangeKind.CANCEL)
    start = Barrier(TOGETHER)

    def agree(_: int) -> str:
        start.wait()
        try:
            stage.execute(ChangeKind.CANCEL, shown.digest)
        except Refused as refused:
            return refused.reason.name
        return "done"

    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = sorted(pool.map(agree, range(TOGETHER)))
    others = [TimetableRefusal.ALREADY_CANCELLED.name] * (TOGETHER - 1)
    assert answers == sorted(["done", *others])
    with stage.database.reading() as db:
        assert db.scalar(select(func.count(CreditNote.id))) == 3


def test_bookings_that_race_a_change_are_in_its_plan_or_refused_after_it(
    stage: Stage,
) -> None:
    """Whoever gets in first stops the change; whoever comes second finds the date cancelled."""
    shown = stage.rehearse(ChangeKind.CANCEL)
    start = Barrier(2)

    def agree() -> str:
        start.wait()
        try:
            stage.execute(ChangeKind.CANCEL, shown.digest)
        except Refused as refused:
            return refused.reason.name
        return "done"

    def book() -> str:
        start.wait()
        try:
            stage.book(stage.dora)
        except Refused as refused:
            return refused.reason.name
        return "done"

    with ThreadPoolExecutor(2) as pool:
        agreed, booked = pool.submit(agree), pool.submit(book)
    outcome = (agreed.result(), booked.result())
    assert outcome in {("done", "CANCELLED"), ("PLAN_CHANGED", "done")}
    assert bool(stage.date().cancelled_at) == (outcome[0] == "done")


def test_a_letter_that_was_written_before_is_not_part_of_a_plan(stage: Stage) -> None:
    said: dict[str, Any] = {"template": "registered_again", "now": stage.clock()}
    with stage.database.transaction() as db:
        queue_letter(db, key="told", to="dora@example.org", **said)
    with stage.database.rehearsal() as db, watching(db) as made:
        queue_letter(db, key="told", to="dora@example.org", **said)
        queue_letter(db, key="new", to="dora@example.org", **said)
    assert made.keys == ["new"]
