"""The end of an attempt: marked once, at the deadline at the latest, whoever notices."""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecs_training.assessment.events import AttemptFinished
from ecs_training.assessment.jobs import finish_overdue_attempts
from ecs_training.assessment.models import Response
from ecs_training.assessment.queries.attempts import list_answers, lock_attempt
from ecs_training.assessment.rules.marking import mark
from ecs_training.assessment.services.finish import finish_overdue_together
from ecs_training.foundation.database import Database
from ecs_training.foundation.events import Reactions
from ecs_training.foundation.settings import Settings
from ecs_training.passes.models import Pass
from tests.assessment.exam import (
    Day,
    Sitter,
    make_day,
    read_attempt,
    read_response,
    shown_keys,
    sit,
    wrong,
)
from tests.conftest import MovableClock
from tests.portal.counting import counted

LIMIT = timedelta(minutes=30)
GRACE = timedelta(seconds=10)


def answer_all(sitter: Sitter, database: Database, right: int) -> None:
    keys = shown_keys(database, sitter.ref)
    for n, key in keys.items():
        assert sitter.put(n, key if n <= right else wrong(key)).status_code == 200


@pytest.mark.parametrize(
    ("right", "passed"), [(43, True), (42, False), (50, True), (0, False)]
)
def test_forty_three_right_pass_and_forty_two_fail(
    sitter: Sitter,
    database: Database,
    clock: MovableClock,
    right: int,
    passed: bool,
) -> None:
    answer_all(sitter, database, right)
    clock.advance(minutes=12)
    assert sitter.finish().headers["Location"] == f"/attempts/{sitter.ref}/result"

    attempt = read_attempt(database, sitter.ref)
    assert (attempt.score, attempt.passed) == (right, passed)
    assert attempt.finished_at == attempt.closed_at == clock()
    result = sitter.get("result.json").get_json()
    assert result["score"] == right
    assert result["out_of"] == 50
    assert result["passed"] is passed
    assert result["finished_at"] == clock().isoformat()
    assert sum(topic["right"] for topic in result["topics"]) == right
    assert sum(topic["of"] for topic in result["topics"]) == 50
    with database.reading() as db:
        token = db.scalar(select(Pass.token))
    assert result["pass_token"] == token
    assert (token is not None) is passed


def test_a_fail_is_told_kindly_with_the_weakest_topic_first(
    sitter: Sitter, database: Database
) -> None:
    keys = shown_keys(database, sitter.ref)
    with database.reading() as db:
        topics = {row.n: row.topic for row in db.scalars(select(Response))}
    for n, key in keys.items():
        sitter.put(n, wrong(key) if topics[n] == "work-at-height" else key)
    for n in [n for n in keys if topics[n] == "ppe"][:3]:
        sitter.put(n, wrong(keys[n]))
    sitter.finish()
    page = sitter.open(f"/attempts/{sitter.ref}/result").text
    assert "Not this time" in page
    assert "You were 1 short." in page
    order = [page.index(name) for name in ("Work at height", "Protective", "Manual")]
    assert order == sorted(order)


@pytest.fixture
def heard(database: Database) -> Iterator[list[AttemptFinished]]:
    """Listen to what is published, beside the product's own reactions."""
    events: list[AttemptFinished] = []
    info: dict[str, Any] = database._writers.kw["info"]  # noqa: SLF001
    own: Reactions = info["reactions"]

    def hear(_db: Session, event: AttemptFinished) -> None:
        events.append(event)

    listening: Mapping[Any, Any] = {
        **own,
        AttemptFinished: [*own[AttemptFinished], hear],
    }
    info["reactions"] = MappingProxyType(listening)
    yield events
    info["reactions"] = own


def test_it_is_finished_and_published_once(
    sitter: Sitter,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    heard: list[AttemptFinished],
) -> None:
    answer_all(sitter, database, 43)
    for _ in range(3):
        sitter.finish()
    finished_at = clock()
    clock.advance(hours=1)
    sitter.finish()
    assert finish_overdue_attempts(database, clock, settings) == 0

    assert [(event.finished_at, event.passed, event.practice) for event in heard] == [
        (finished_at, True, False)
    ]
    with database.reading() as db:
        assert db.scalar(select(func.count(Pass.id))) == 1


@pytest.mark.parametrize("what", ["questions/7", "review", "result"])
def test_the_next_visit_finishes_at_the_deadline(
    sitter: Sitter, database: Database, clock: MovableClock, what: str
) -> None:
    sitter.put(1, "a")
    clock.at += LIMIT
    assert sitter.get(what).status_code in {200, 303}
    assert read_attempt(database, sitter.ref).finished_at is None  # it is not over yet
    clock.at += timedelta(milliseconds=1)
    page = sitter.open(f"/attempts/{sitter.ref}/{what}")
    assert page.request.path == f"/attempts/{sitter.ref}/result"

    attempt = read_attempt(database, sitter.ref)
    assert attempt.finished_at == attempt.deadline
    assert attempt.closed_at == clock()


def test_completion_after_the_deadline_is_finished_at_the_deadline(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    clock.at += LIMIT + timedelta(hours=3)
    sitter.finish()
    attempt = read_attempt(database, sitter.ref)
    assert (attempt.finished_at, attempt.closed_at) == (attempt.deadline, clock())


@pytest.mark.parametrize("what", ["paper", "responses", "result.json"])
def test_programs_and_the_job_wait_for_answers_on_their_way(
    sitter: Sitter,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    what: str,
) -> None:
    clock.at += LIMIT + GRACE
    sitter.get(what)
    finish_overdue_attempts(database, clock, settings)
    assert read_attempt(database, sitter.ref).finished_at is None
    assert sitter.put(1, "a", age_ms=10_000).status_code == 200

    clock.at += timedelta(milliseconds=1)
    sitter.get(what)
    attempt = read_attempt(database, sitter.ref)
    assert attempt.finished_at == attempt.deadline
    assert attempt.score is not None


def test_the_job_and_the_next_visit_agree(
    app: Flask,
    day: Day,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    by_job, by_visit = sit(app, day, 1), sit(app, day, 2)
    for sitter in (by_job, by_visit):
        answer_all(sitter, database, 43)
    clock.at += LIMIT + GRACE + timedelta(seconds=1)
    by_visit.get("questions/1")
    clock.at += timedelta(minutes=5)

    assert finish_overdue_attempts(database, clock, settings) == 1
    assert finish_overdue_attempts(database, clock, settings) == 0

    one, two = (read_attempt(database, ref) for ref in (by_job.ref, by_visit.ref))
    assert one.finished_at == two.finished_at == one.deadline
    assert one.score == two.score == 43
    assert one.closed_at != two.closed_at


def test_a_poisoned_attempt_stops_no_other(
    app: Flask,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with database.transaction() as db:
        day = make_day(db, now=clock(), people=4)
    sitters = [sit(app, day, n) for n in (1, 2, 3, 4)]
    clock.at += LIMIT + GRACE + timedelta(seconds=1)
    _poison(database, sitters[1])

    with caplog.at_level(logging.ERROR):
        done = finish_overdue_attempts(database, clock, settings)

    assert done == 3
    finished = [read_attempt(database, sitter.ref).finished_at for sitter in sitters]
    assert [at is not None for at in finished] == [True, False, True, True]
    assert "was not finished" in caplog.text


def test_a_room_costs_hardly_more_than_one_person(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        day = make_day(db, now=clock(), people=7)
    sitters = [sit(app, day, n) for n in range(1, 8)]
    for sitter in sitters:
        sitter.put(1, "a")
    clock.at += LIMIT + GRACE + timedelta(seconds=1)
    asked = []
    for room in ([sitters[0]], sitters[1:]):
        ids = [read_attempt(database, sitter.ref).id for sitter in room]
        with counted(database) as sent, database.transaction() as db:
            due = clock() - GRACE
            finish_overdue_together(db, attempt_ids=ids, due=due, now=clock())
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 6


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_job_does_not_wait_for_whoever_is_being_finished(
    app: Flask,
    day: Day,
    database: Database,
    clock: MovableClock,
    settings: Settings,
) -> None:
    held, free = sit(app, day, 1), sit(app, day, 2)
    clock.at += LIMIT + GRACE + timedelta(seconds=1)
    with database.transaction() as db:
        lock_attempt(db, attempt_id=read_attempt(database, held.ref).id)
        assert finish_overdue_attempts(database, clock, settings) == 1
        assert read_attempt(database, free.ref).finished_at
    assert finish_overdue_attempts(database, clock, settings) == 1
    assert read_attempt(database, held.ref).finished_at


def _poison(database: Database, sitter: Sitter) -> None:
    own: Reactions = database._writers.kw["info"]["reactions"]  # noqa: SLF001
    poisoned = read_attempt(database, sitter.ref).id

    def refuse(_db: Session, event: AttemptFinished) -> None:
        if event.attempt_id == poisoned:
            raise ValueError("poison")

    database._writers.kw["info"]["reactions"] = {  # noqa: SLF001
        **own,
        AttemptFinished: [refuse],
    }


def test_a_late_answer_counts_in_the_score(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    key = shown_keys(database, sitter.ref)[1]
    clock.at += LIMIT + timedelta(seconds=3)
    assert sitter.put(1, key, age_ms=3000).get_json()["late"] is True
    sitter.finish()
    assert read_attempt(database, sitter.ref).score == 1
    assert read_response(database, sitter.ref, 1).late is True


def test_any_past_attempt_can_be_marked_again_to_the_same_score(
    sitter: Sitter, database: Database
) -> None:
    answer_all(sitter, database, 44)
    sitter.finish()
    attempt = read_attempt(database, sitter.ref)
    with database.reading() as db:
        again = mark(
            list_answers(db, attempt_id=attempt.id), pass_mark=attempt.pass_mark
        )
    assert (again.score, again.passed) == (attempt.score, attempt.passed) == (44, True)
