"""Which items somebody had before, and that their next paper keeps away from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.queries.earlier import list_earlier
from ecs_training.assessment.services.attempts import start_practice
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.papers import freeze_paper
from ecs_training.foundation.database import Database
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.rules import Earlier
from ecs_training.questions.services.drawing import ready_maker
from tests.assessment.exam import BLUEPRINT, make_bank, make_sign_in
from tests.conftest import MovableClock
from tests.factories import make_finished_attempt, make_person


@pytest.fixture
def person(db: Session, now: datetime) -> Person:
    make_bank(db, now=now, times=3)
    return make_person(db, "ada", now=now)


def sit(db: Session, person: Person, *, at: datetime) -> Attempt:
    """Let somebody sit an assessment on a day of its own, with a paper."""
    attempt = make_finished_attempt(db, person, finished_at=at, score=40)
    attempt.seed = f"{attempt.id}"
    freeze_paper(db, attempt, BLUEPRINT)
    return attempt


def practise(db: Session, person: Person, *, at: datetime) -> Attempt:
    attempt = start_practice(
        db,
        card_role="labourer",
        person_id=person.id,
        sign_in_id=make_sign_in(db, person, now=at),
        blueprint=BLUEPRINT,
        now=at,
    )
    finish_attempt(db, attempt_id=attempt.id, now=at + timedelta(minutes=5))
    db.flush()
    return attempt


def codes(db: Session, attempt: Attempt) -> set[str]:
    return set(
        db.scalars(
            select(Item.code)
            .join(ItemRevision, ItemRevision.item_id == Item.id)
            .join(Response, Response.revision_id == ItemRevision.id)
            .where(Response.attempt_id == attempt.id)
        )
    )


def set_paper(db: Session, attempt: Attempt, stood: Sequence[str]) -> None:
    """Put exactly these items on the paper of an attempt that has none."""
    for n, code in enumerate(stood, start=1):
        revision = db.scalars(
            select(ItemRevision).join(Item).where(Item.code == code)
        ).one()
        db.add(
            Response(
                attempt_id=attempt.id,
                n=n,
                revision_id=revision.id,
                topic="ppe",
                option_order="abcd",
                key="a",
            )
        )
    db.flush()


def test_the_first_paper_has_nothing_before_it(
    db: Session, person: Person, now: datetime
) -> None:
    attempt = sit(db, person, at=now)
    assert list_earlier(db, attempt) == Earlier(papers={}, elsewhere=set())
    assert len(codes(db, attempt)) == 50


def test_papers_before_are_told_from_practice_and_from_other_people_and_later_ones(
    db: Session, person: Person, now: datetime
) -> None:
    other = make_person(db, "bob", now=now)
    days = [now + timedelta(days=n) for n in range(4)]
    first, second, third = (
        make_finished_attempt(db, person, finished_at=day) for day in days[:3]
    )
    practice = practise(db, person, at=days[1])
    of_bob = make_finished_attempt(db, other, finished_at=now)
    set_paper(db, first, ["ppe-000", "ppe-001"])
    set_paper(db, second, ["ppe-001", "ppe-002"])
    set_paper(db, third, ["ppe-000", "ppe-003"])
    set_paper(db, of_bob, ["ppe-004"])

    before = list_earlier(db, third)
    assert before.papers == {
        "ppe-000": first.id,
        "ppe-001": second.id,
        "ppe-002": second.id,
    }
    assert before.elsewhere == set()  # the practice came after
    last = make_finished_attempt(db, person, finished_at=days[3])
    assert list_earlier(db, last).papers["ppe-000"] == third.id
    assert list_earlier(db, last).elsewhere == codes(db, practice)


def test_practice_looks_at_practice_first(
    db: Session, person: Person, now: datetime
) -> None:
    test = sit(db, person, at=now)
    first = practise(db, person, at=now)
    second = practise(db, person, at=now + timedelta(hours=1))
    before = list_earlier(db, second)
    assert before.papers == dict.fromkeys(codes(db, first), first.id)
    assert before.elsewhere == codes(db, test)


def test_an_item_that_was_reworded_since_was_had_all_the_same(
    db: Session, person: Person, now: datetime
) -> None:
    first = sit(db, person, at=now)
    had = codes(db, first)
    for item in db.scalars(select(Item).where(Item.code.in_(had))):
        old = db.scalars(
            select(ItemRevision).where(ItemRevision.item_id == item.id)
        ).one()
        facts = {
            column.name: getattr(old, column.name)
            for column in ItemRevision.__table__.columns
            if column.name not in {"id", "revision"}
        }
        db.add(ItemRevision(**facts, revision=2))
        item.live_revision = 2
    resit = sit(db, person, at=now + timedelta(days=1))
    assert codes(db, resit).isdisjoint(had)


def test_a_resit_shares_nothing_with_the_papers_before_while_the_bank_allows(
    db: Session, person: Person, now: datetime
) -> None:
    # The bank holds three papers of every topic.
    papers = [sit(db, person, at=now + timedelta(days=n)) for n in range(4)]
    first, second, third, fourth = (codes(db, paper) for paper in papers)
    assert len(first | second | third) == 150
    assert fourth == first  # nothing new is left: that of longest ago comes back


def test_a_test_after_practice_asks_what_is_new_first(
    db: Session, person: Person, now: datetime
) -> None:
    practised = codes(db, practise(db, person, at=now))
    more = codes(db, practise(db, person, at=now + timedelta(hours=1)))
    assert practised.isdisjoint(more)
    test = codes(db, sit(db, person, at=now + timedelta(days=1)))
    assert test.isdisjoint(practised | more)
    resit = codes(db, sit(db, person, at=now + timedelta(days=2)))
    assert resit.isdisjoint(test)  # though all that is left was practised
    assert resit <= practised | more


def test_somebody_else_may_have_the_same_items(
    db: Session, person: Person, now: datetime
) -> None:
    for n in range(3):
        sit(db, person, at=now + timedelta(days=n))
    other = make_person(db, "bob", now=now)
    assert list_earlier(db, sit(db, other, at=now)).papers == {}


def test_a_voided_paper_was_had_too(db: Session, person: Person, now: datetime) -> None:
    first = sit(db, person, at=now)
    first.voided_at, first.voided_by_id, first.void_reason = now, person.id, "fire"
    resit = sit(db, person, at=now + timedelta(days=1))
    assert codes(db, first).isdisjoint(codes(db, resit))


def test_a_paper_is_stored_in_one_statement_after_two_questions(
    database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_bank(db, now=clock())
        ada = make_person(db, "ada", now=clock())
        sit(db, ada, at=clock())  # the live items are ready from now on
        attempt = make_finished_attempt(db, ada, finished_at=clock())
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append("INSERT" if "INSERT INTO" in sql else sql.split(maxsplit=1)[0])

    event.listen(database.engine, "before_cursor_execute", note)
    with database.transaction() as db:
        freeze_paper(db, attempt, BLUEPRINT)
    event.remove(database.engine, "before_cursor_execute", note)
    assert [verb for verb in asked if verb in {"SELECT", "INSERT"}] == [
        *("SELECT", "SELECT", "INSERT")
    ]


def test_what_is_stored_is_what_was_drawn(
    db: Session, person: Person, now: datetime
) -> None:
    attempt = sit(db, person, at=now)
    drawn = ready_maker(db, blueprint=BLUEPRINT).draw(seed=attempt.seed)
    rows = db.scalars(
        select(Response).where(Response.attempt_id == attempt.id).order_by(Response.n)
    ).all()
    assert [row.n for row in rows] == [*range(1, 51)]
    assert [
        (row.revision_id, row.topic, row.option_order, row.key) for row in rows
    ] == [(one.revision_id, one.topic, one.order, one.key) for one in drawn]
    assert {(row.chosen, row.flagged, row.seq, row.late) for row in rows} == {
        (None, False, 0, False)
    }


def test_an_item_suspended_a_moment_ago_is_on_no_paper(
    db: Session, person: Person, now: datetime
) -> None:
    had = codes(db, sit(db, person, at=now))
    out = set(db.scalars(select(Item.code).where(Item.code.not_in(had)).limit(20)))
    for item in db.scalars(select(Item).where(Item.code.in_(out))):
        item.suspended_at, item.suspended_by_id = now, person.id
        item.suspend_reason = "unclear"
    assert len(out) == 20
    for n in range(1, 6):
        paper = codes(db, sit(db, person, at=now + timedelta(days=n)))
        assert paper.isdisjoint(out)


def test_the_same_seed_bank_and_history_give_the_same_paper(
    db: Session, person: Person, now: datetime
) -> None:
    other = make_person(db, "bob", now=now)
    papers = []
    for who in (person, other):
        first = make_finished_attempt(db, who, finished_at=now)
        second = make_finished_attempt(db, who, finished_at=now + timedelta(days=1))
        first.seed, second.seed = "one", "two"
        for attempt in (first, second):
            freeze_paper(db, attempt, BLUEPRINT)
        papers.append(
            db.execute(
                select(Response.n, Response.revision_id, Response.option_order)
                .where(Response.attempt_id == second.id)
                .order_by(Response.n)
            ).all()
        )
    assert papers[0] == papers[1]
    assert len(papers[0]) == 50
