"""Which papers are counted, as what, and when again."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from ecs_training.assessment.models import Rescore
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.reporting.jobs import count_statistics
from ecs_training.reporting.models import StatisticsSnapshot
from ecs_training.reporting.queries.finished import (
    list_sat,
    read_papers,
    read_rulings,
)
from ecs_training.reporting.queries.snapshots import find_items, find_tests
from ecs_training.reporting.rules.cohorts import CohortFigures
from ecs_training.reporting.rules.counting import (
    Counted,
    WordingFigures,
    count_papers,
)
from ecs_training.reporting.rules.intervals import share
from tests.conftest import MovableClock
from tests.factories import make_person
from tests.reporting.hall import (
    SECONDS,
    Hall,
    make_hall,
    right,
    right_of_first,
    wrong,
)


def count(hall: Hall) -> Counted:
    sat = list_sat(hall.db)
    papers = read_papers(hall.db, sat=sat, rulings=read_rulings(hall.db))
    return count_papers(papers, today=hall.now.date())


def the_test(counted: Counted) -> CohortFigures:
    (test,) = counted.tests
    return test


def wording(counted: Counted, hall: Hall, code: str) -> WordingFigures:
    found = {each.revision_id: each for each in counted.wordings}
    return found[hall.item(code).id]


def test_only_finished_assessments_that_stand_are_counted(hall: Hall) -> None:
    counts = hall.sit(right)
    hall.sit(right, practice=True)
    hall.sit(right, open_still=True)
    hall.sit(
        right,
        voided_at=hall.now,
        voided_by_id=hall.trainer.id,
        void_reason="somebody else sat it",
    )
    counted = count(hall)

    assert counted.papers == 1
    assert the_test(counted).first.papers == 1
    assert [each.ref for each in list_sat(hall.db)] == [counts.ref]
    assert {each.item.n for each in counted.wordings} == {1}
    assert len(counted.wordings) == 50


def test_resits_are_counted_apart(hall: Hall) -> None:
    failed = hall.sit(right_of_first(30), at=hall.now - timedelta(days=2))
    hall.sit(right, person=None, resit_of=failed)
    counted = count(hall)

    test = the_test(counted)
    assert (test.first.papers, test.resits.papers) == (1, 1)
    last = counted.wordings[-1]
    assert (last.item.n, last.resits) == (1, 1)


@pytest.mark.parametrize("voided", [False, True])
def test_whoever_has_seen_a_paper_sits_no_first_attempt(
    hall: Hall, *, voided: bool
) -> None:
    person = make_person(hall.db, "again", now=hall.now)
    before: dict[str, Any] = {}
    if voided:
        before["voided_at"] = hall.now
        before["voided_by_id"] = hall.trainer.id
        before["void_reason"] = "the fire alarm"
    hall.sit(right, person=person, at=hall.now - timedelta(days=400), **before)
    hall.sit(right, person=person)
    # Practice beforehand, and another test, take nothing away.
    other = make_person(hall.db, "other", now=hall.now)
    earlier = hall.now - timedelta(days=3)
    hall.sit(right, person=other, practice=True, at=earlier)
    hall.sit(right, person=other, at=earlier, blueprint="else")
    hall.sit(right, person=other)

    firsts = {each.ref: each.first for each in list_sat(hall.db)}
    assert list(firsts.values()) == ([] if voided else [True]) + [True, False, True]


def test_tests_with_another_blueprint_or_pass_mark_are_apart(hall: Hall) -> None:
    hall.sit(right)
    hall.sit(right)
    hall.sit(right, pass_mark=40)
    hall.sit(right, blueprint="short", paper=hall.paper()[:10], pass_mark=8)
    counted = count(hall)

    assert [(test.name, test.first.papers) for test in counted.tests] == [
        ("hse-43-of-50", 2),
        ("short-8-of-10", 1),
        ("hse-40-of-50", 1),
    ]


def test_a_test_is_judged_from_30_first_attempts_on(hall: Hall) -> None:
    for n in range(29):
        hall.sit(right_of_first(38 + n % 12))
    assert the_test(count(hall)).trust is None
    assert the_test(count(hall)).first.passed is None

    hall.sit(right_of_first(50), at=hall.now - timedelta(days=40))
    test = the_test(count(hall))
    passed = [score for n in range(29) if (score := 38 + n % 12) >= 43]
    assert test.first.passed == share(len(passed) + 1, 30)
    assert test.resits.passed is None
    assert (test.since, test.until) == (date(2026, 1, 21), date(2026, 3, 2))
    trust = test.trust
    assert trust
    assert sum(trust.distribution) == 30
    assert (trust.distribution[50], trust.distribution[38]) == (1, 3)
    assert [
        (month.first_day, month.papers, month.passed) for month in trust.months
    ] == [
        (date(2026, 1, 1), 1, None),
        (date(2026, 3, 1), 29, None),
    ]
    for name in ("consistency", "accuracy"):
        estimate = trust.verdicts[name]
        assert estimate.low < estimate.value < estimate.high
    assert trust.reliability
    assert trust.reliability.low < trust.reliability.value < trust.reliability.high


def test_papers_near_the_pass_mark_are_listed_the_newest_first(hall: Hall) -> None:
    near = []
    for days, score in enumerate((40, 41, 43, 45, 46)):
        attempt = hall.sit(right_of_first(score), at=hall.now - timedelta(days=days))
        near += [(attempt.ref, score, score >= 43)] if 40 < score < 46 else []
    test = the_test(count(hall))

    assert test.near == 3
    assert [(one.ref, one.score, one.passed) for one in test.near_cut] == near
    assert test.near_cut[0].finished_on == date(2026, 3, 1)


def test_an_answer_takes_as_long_as_since_what_was_saved_before(hall: Hall) -> None:
    hall.sit(right, journal=True)
    hall.sit(right, at=hall.now - timedelta(days=1))  # from before there was a journal
    sat = list_sat(hall.db)
    old, new = read_papers(hall.db, sat=sat, rulings={})

    assert {answer.seconds for answer in old.answers} == {None}
    assert {answer.seconds for answer in new.answers} == {SECONDS}


def test_a_question_left_empty_takes_no_time_but_ends_the_one_before(
    hall: Hall,
) -> None:
    codes = [hall.codes[revision.id] for revision in hall.paper()]
    skipped = {codes[1], codes[3]}
    hall.sit(
        lambda revision: None if hall.codes[revision.id] in skipped else revision.key,
        journal=True,
    )
    (paper,) = read_papers(hall.db, sat=list_sat(hall.db), rulings={})

    assert [answer.seconds for answer in paper.answers[:5]] == [
        SECONDS, None, SECONDS, None, SECONDS,
    ]  # fmt: skip


def test_exposure_is_of_the_papers_of_the_last_90_days_resits_included(
    hall: Hall,
) -> None:
    seen, half = hall.paper()[0], hall.paper()[1:]
    first = hall.sit(right)
    hall.sit(right, resit_of=first)
    for _ in range(28):
        hall.sit(right, paper=half)
    days = (89, 90)
    for ago in days:
        hall.sit(right, at=hall.now - timedelta(days=ago))
    counted = count(hall)

    found = wording(counted, hall, hall.codes[seen.id])
    assert found.had == 3
    assert found.exposure == share(3, 31)


def rescore(
    hall: Hall, code: str, *, at: datetime | None = None, **ruling: Any
) -> None:
    hall.db.add(
        Rescore(
            revision_id=hall.item(code).id,
            old_key_counts=False,
            reason="the law has changed",
            applied_at=at or hall.now,
            applied_by_id=hall.trainer.id,
            **ruling,
        )
    )
    hall.db.flush()


def test_a_new_key_is_the_right_answer_and_a_withdrawn_question_keeps_its_own(
    hall: Hall,
) -> None:
    for n in range(30):
        hall.sit(wrong if n < 12 else right)
    rescore(hall, "ppe-000", new_key="b")  # 12 chose b, 18 the old key a
    rescore(hall, "ppe-001", new_key=None)
    rescore(hall, "ppe-002", new_key="a", reversed_at=hall.now,
            reversed_by_id=hall.trainer.id, reverse_reason="it was right")  # fmt: skip
    counted = count(hall)

    found = {n: wording(counted, hall, f"ppe-00{n}").item.facility for n in range(3)}
    assert found == {0: share(12, 30), 1: share(18, 30), 2: share(18, 30)}


def test_the_drift_window_ends_90_days_ago(hall: Hall) -> None:
    for n in range(30):
        hall.sit(right if n < 15 else wrong, at=hall.now - timedelta(days=90, hours=n))
        hall.sit(right, at=hall.now - timedelta(days=89 - n / 30))
    drift = wording(count(hall), hall, "ppe-000").item.drift

    assert drift
    assert (drift.before, drift.recent) == (share(15, 30), share(30, 30))
    assert drift.alarms


def snapshots(database: Database) -> int:
    with database.reading() as db:
        return db.scalars(select(func.count(StatisticsSnapshot.id))).one()


def test_the_job_counts_again_only_when_something_changed(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    def run() -> int:
        return count_statistics(database, clock, settings)

    with database.transaction() as db:
        hall = make_hall(db, now=clock())
        first = hall.sit(right, at=clock())
    assert run() == 1
    assert run() == 1  # one that ended in that very moment may have been missed
    clock.advance(minutes=1)
    assert run() == 1
    assert run() == 0
    assert snapshots(database) == 2

    with database.transaction() as db:
        hall.db = db
        hall.sit(right, at=clock.advance(minutes=1))
    assert run() == 2
    clock.advance(minutes=1)
    run()
    assert run() == 0

    with database.transaction() as db:
        again = db.merge(first, load=True)
        again.voided_at = clock.advance(minutes=1)
        again.voided_by_id = hall.trainer.id
        again.void_reason = "somebody else sat it"
    assert run() == 1
    clock.advance(minutes=1)
    run()
    with database.transaction() as db:
        hall.db = db
        rescore(hall, "ppe-000", new_key="b", at=clock.advance(minutes=1))
    assert run() == 1
    clock.advance(minutes=1)
    run()
    assert run() == 0
    clock.advance(days=1)
    assert run() == 1  # the window has moved
    with database.reading() as db:
        found = find_tests(db)
        assert found
        assert found[1] == clock()
        assert found[0].papers == 1
    assert snapshots(database) == 2


def test_a_count_of_another_shape_is_made_again(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.transaction() as db:
        make_hall(db, now=clock()).sit(right)
    clock.advance(minutes=1)
    assert count_statistics(database, clock, settings) == 1
    with database.transaction() as db:
        for snapshot in db.scalars(select(StatisticsSnapshot)):
            snapshot.figures = {"items": [{"from": "another version"}]}
    with database.reading() as db:
        assert (find_tests(db), find_items(db)) == (None, None)
    assert count_statistics(database, clock, settings) == 1
    with database.reading() as db:
        assert find_items(db)


def test_what_is_stored_is_what_was_counted(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.transaction() as db:
        hall = make_hall(db, now=clock())
        for n in range(32):
            hall.sit(right_of_first(35 + n % 15), journal=True)
        counted = count(hall)
    count_statistics(database, clock, settings)

    with database.reading() as db:
        tests, items = find_tests(db), find_items(db)
    assert tests
    assert items
    assert tests[0].tests == counted.tests
    assert items[0].wordings == counted.wordings
    assert items[0].wordings[0].item.seconds
