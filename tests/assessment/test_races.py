"""Saving against finishing, and saves against each other: nothing acknowledged is lost."""

import random
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from ecs_training.accounts.models import SignIn
from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.queries.attempts import list_answers
from ecs_training.assessment.rules.marking import mark
from ecs_training.assessment.rules.writing import Outcome, Write
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.responses import Saving, save_response
from ecs_training.foundation.database import Database
from tests.assessment.exam import Day, Sitter, read_attempt, shown_keys, sit, together
from tests.conftest import MovableClock

RACES = 20


class Saver:
    """Saves straight through the service, each in a transaction of its own."""

    def __init__(self, database: Database, sitter: Sitter, clock: MovableClock) -> None:
        self.database, self.clock = database, clock
        self.ref, self.lease = sitter.ref, sitter.lease
        with database.reading() as db:
            self.token_hash = db.scalars(
                select(SignIn.token_hash)
                .join(Attempt, Attempt.lease_sign_in_id == SignIn.id)
                .where(Attempt.ref == sitter.ref)
            ).one()

    def save(self, n: int, option: str, seq: int) -> Saving:
        with self.database.transaction() as db:
            return save_response(
                db,
                token_hash=self.token_hash,
                attempt_ref=self.ref,
                n=n,
                write=Write(
                    option=option,
                    flagged=False,
                    seq=seq,
                    lease=self.lease,
                    age=timedelta(0),
                ),
                received=self.clock(),
                grace=timedelta(seconds=10),
            )

    def finish(self, attempt_id: int) -> None:
        with self.database.transaction() as db:
            finish_attempt(db, attempt_id=attempt_id, now=self.clock())


@pytest.mark.heavy
@pytest.mark.usefixtures("day")
def test_an_answer_acknowledged_before_the_end_is_counted(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    """Twenty races on fresh attempts: the right answer either counts, or was refused."""
    chance = random.Random(43)
    outcomes = []
    sitter = Sitter(app)
    sitter.sign_in("sitter1@example.org")
    for _ in range(RACES):
        sitter.start("/practice/labourer")
        key = shown_keys(database, sitter.ref)[1]
        saver = Saver(database, sitter, clock)
        attempt_id = read_attempt(database, sitter.ref).id
        wait_to_save, wait_to_finish = chance.random() / 100, chance.random() / 100

        def save() -> Saving | None:
            time.sleep(wait_to_save)  # noqa: B023 - run before the next turn
            return saver.save(1, key, 1)  # noqa: B023

        def finish() -> Saving | None:
            time.sleep(wait_to_finish)  # noqa: B023
            saver.finish(attempt_id)  # noqa: B023
            return None

        saving = together(save, finish)[0]
        assert saving is not None
        outcomes.append(saving.outcome)
        attempt = read_attempt(database, sitter.ref)
        with database.reading() as db:
            again = mark(list_answers(db, attempt_id=attempt.id), pass_mark=43)
        assert attempt.score == again.score == int(saving.outcome is Outcome.OK)
        assert saving.outcome in {Outcome.OK, Outcome.FINISHED}
    assert set(outcomes) == {Outcome.OK, Outcome.FINISHED}, "no race was ever close"


@pytest.mark.heavy
def test_of_copies_of_one_number_one_is_written_and_all_get_the_same_answer(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    saver = Saver(database, sitter, clock)
    for seq in range(1, 6):
        copies = together(*[lambda s=seq: saver.save(1, "a", s) for _ in range(6)])
        outcomes = [copy.outcome for copy in copies]
        assert outcomes.count(Outcome.OK) == 1
        assert outcomes.count(Outcome.REPEAT) == 5
        assert len({copy.receipt for copy in copies}) == 1


@pytest.mark.heavy
def test_numbers_never_go_back_and_every_receipt_counts_right(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    """Different answers at once, under one lease: the higher number wins, whoever waits."""
    saver = Saver(database, sitter, clock)
    linger = 0.02

    def dawdle(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith("UPDATE responses"):
            time.sleep(linger)  # so that all others wait with what they have read

    event.listen(database.engine, "before_cursor_execute", dawdle)
    savings = together(*[lambda n=n: saver.save(n, "a", n) for n in range(1, 9)])
    event.remove(database.engine, "before_cursor_execute", dawdle)

    saved = [n for n, saving in enumerate(savings, 1) if saving.receipt]
    stale = [saving.outcome for saving in savings if not saving.receipt]
    assert 8 in saved
    assert stale == [Outcome.STALE] * (8 - len(saved))
    with database.reading() as db:
        rows = db.scalars(select(Response.n).where(Response.chosen.is_not(None))).all()
    assert sorted(rows) == saved
    receipts = [savings[n - 1].receipt for n in saved]
    assert [receipt.answered for receipt in receipts if receipt] == list(
        range(1, len(saved) + 1)
    )


@pytest.mark.heavy
def test_everybody_finishing_at_once_finishes_once(
    app: Flask, day: Day, database: Database, clock: MovableClock
) -> None:
    sitter = sit(app, day)
    saver = Saver(database, sitter, clock)
    attempt_id = read_attempt(database, sitter.ref).id
    together(*[lambda: saver.finish(attempt_id) for _ in range(6)])
    assert read_attempt(database, sitter.ref).finished_at == clock()
