"""Counting how items fare: finished assessments alone, again only when something ended."""

from collections.abc import Mapping

from flask import Flask
from sqlalchemy import func, select

from ecs_training.assessment.jobs import count_item_answers
from ecs_training.assessment.models import Attempt, Response
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.questions.models import ItemStatistics
from tests.assessment.exam import Day, Sitter, shown_keys, sit, wrong
from tests.conftest import MovableClock


def read_statistics(database: Database) -> Mapping[int, tuple[int, int]]:
    with database.reading() as db:
        rows = db.scalars(select(ItemStatistics))
        return {row.revision_id: (row.shown, row.correct) for row in rows}


def asked(database: Database, sitter: Sitter, n: int) -> int:
    with database.reading() as db:
        return db.scalars(
            select(Response.revision_id)
            .join(Attempt)
            .where(Attempt.ref == sitter.ref, Response.n == n)
        ).one()


def test_each_wording_is_counted_over_finished_assessments(
    app: Flask,
    day: Day,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    first = sit(app, day, 1)
    key = shown_keys(database, first.ref)
    first.put(1, key[1])
    first.put(2, wrong(key[2]))
    under_way = sit(app, day, 2)
    under_way.put(1, shown_keys(database, under_way.ref)[1])
    first.finish()
    practice = Sitter(app)
    practice.sign_in("sitter1@example.org")
    practice.start("/practice/labourer")
    practice.finish()

    assert count_item_answers(database, clock, settings) == 50

    counted = read_statistics(database)
    assert len(counted) == 50
    assert counted[asked(database, first, 1)] == (1, 1)
    assert counted[asked(database, first, 2)] == (1, 0)
    assert counted[asked(database, first, 3)] == (1, 0)  # no answer


def test_nothing_is_counted_again_until_another_assessment_ends(
    app: Flask,
    day: Day,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    assert count_item_answers(database, clock, settings) == 0
    sit(app, day, 1).finish()
    clock.advance(seconds=1)
    assert count_item_answers(database, clock, settings) == 50
    assert count_item_answers(database, clock, settings) == 0

    sit(app, day, 2).finish()
    assert count_item_answers(database, clock, settings) >= 50
    with database.reading() as db:
        assert db.scalars(select(func.sum(ItemStatistics.shown))).one() == 100
