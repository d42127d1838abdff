"""A date changes hands when the other accepts: all of it, once, and only if they still can."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person, RoleGrant
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.scheduling.events import (
    CourseSessionRestaffed,
    SwapAnswered,
    SwapAsked,
)
from ecs_training.scheduling.models import CourseSession, Swap
from ecs_training.scheduling.queries.swaps import list_open_swaps
from ecs_training.scheduling.rules import TimetableRefusal
from ecs_training.scheduling.rules.swaps import SwapRefusal, why_not_swap
from ecs_training.scheduling.services import (
    cancel_course_session,
    restaff_course_session,
)
from ecs_training.scheduling.services.leave import add_leave
from ecs_training.scheduling.services.swaps import (
    answer_swap,
    ask_swap,
    withdraw_swap,
)
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_person
from tests.racing import take_locks_away


@dataclass(frozen=True)
class Stage:
    """Dawn gives the date, Kofi could; Eve is a third trainer, Sam is staff."""

    dawn: Person
    kofi: Person
    eve: Person
    sam: Person
    date: CourseSession


@pytest.fixture
def stage(database: Database, clock: MovableClock) -> Stage:
    now = clock()
    with database.transaction() as db:
        dawn, kofi, eve = (
            make_person(db, name, now=now, role=Role.TRAINER)
            for name in ("dawn", "kofi", "eve")
        )
        return Stage(
            dawn=dawn,
            kofi=kofi,
            eve=eve,
            sam=make_person(db, "sam", now=now, role=Role.STAFF),
            date=make_course_session(db, now=now, trainer=dawn),
        )


def ask(db: Session, stage: Stage, now: datetime, **change: Any) -> Swap:
    facts: dict[str, Any] = {
        "course_session_ref": stage.date.ref,
        "trainer_id": stage.dawn.id,
        "to_ref": stage.kofi.ref,
        "note": "A wedding.",
    }
    return ask_swap(db, now=now, **{**facts, **change})


def answer(
    db: Session, swap: Swap, now: datetime, *, by: Person, accept: bool = True
) -> None:
    answer_swap(db, ref=swap.ref, trainer_id=by.id, accept=accept, now=now)


def refusal(act: Callable[[], object]) -> object:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


def given_by(db: Session, stage: Stage) -> int:
    return db.get_one(CourseSession, stage.date.id, populate_existing=True).trainer_id


def heard(db: Session, *kinds: type) -> list[Any]:
    """Note these events from now on."""
    notes: list[Any] = []
    reactions = dict(db.info["reactions"])
    for kind in kinds:
        reactions[kind] = [*reactions[kind], lambda _db, event: notes.append(event)]
    db.info["reactions"] = reactions
    return notes


def test_an_accepted_date_changes_hands_whole(
    db: Session, now: datetime, stage: Stage
) -> None:
    notes = heard(db, SwapAsked, SwapAnswered, CourseSessionRestaffed)
    swap = ask(db, stage, now)
    assert given_by(db, stage) == stage.dawn.id
    later = now + timedelta(hours=1)

    answer(db, swap, later, by=stage.kofi)

    date = db.get_one(CourseSession, stage.date.id)
    assert (date.trainer_id, date.sequence) == (stage.kofi.id, 1)
    assert (swap.answered_at, swap.accepted, swap.withdrawn_at) == (later, True, None)
    asked, restaffed, answered = notes
    assert (restaffed.from_id, restaffed.to_id) == (stage.dawn.id, stage.kofi.id)
    assert (asked.swap_id, answered.swap_id, answered.accepted) == (
        swap.id,
        swap.id,
        True,
    )
    actions = db.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["asked for a swap", "accepted swap", "restaffed date"]


def test_a_declined_date_stays_and_another_may_be_asked(
    db: Session, now: datetime, stage: Stage
) -> None:
    swap = ask(db, stage, now)
    assert refusal(lambda: ask(db, stage, now, to_ref=stage.eve.ref)) is (
        SwapRefusal.ONE_OPEN
    )
    answer(db, swap, now, by=stage.kofi, accept=False)
    assert (given_by(db, stage), swap.accepted) == (stage.dawn.id, False)
    answer(db, ask(db, stage, now, to_ref=stage.eve.ref), now, by=stage.eve)
    assert given_by(db, stage) == stage.eve.id


def test_what_is_withdrawn_cannot_be_accepted(
    db: Session, now: datetime, stage: Stage
) -> None:
    swap = ask(db, stage, now)
    withdraw_swap(db, ref=swap.ref, trainer_id=stage.dawn.id, now=now)
    assert refusal(lambda: answer(db, swap, now, by=stage.kofi)) is (
        SwapRefusal.WITHDRAWN
    )
    ask(db, stage, now)


def test_an_answer_is_given_once(db: Session, now: datetime, stage: Stage) -> None:
    swap = ask(db, stage, now)
    answer(db, swap, now, by=stage.kofi)
    for act in (
        lambda: answer(db, swap, now, by=stage.kofi),
        lambda: withdraw_swap(db, ref=swap.ref, trainer_id=stage.dawn.id, now=now),
    ):
        assert refusal(act) is SwapRefusal.ANSWERED


def test_only_the_one_who_is_asked_answers_and_only_who_asked_withdraws(
    db: Session, now: datetime, stage: Stage
) -> None:
    swap = ask(db, stage, now)
    for person in (stage.dawn, stage.eve, stage.sam):
        with pytest.raises(NotFound):
            answer(db, swap, now, by=person)
    for person in (stage.kofi, stage.eve, stage.sam):
        with pytest.raises(NotFound):
            withdraw_swap(db, ref=swap.ref, trainer_id=person.id, now=now)
    for change in (
        {"trainer_id": stage.kofi.id},  # a foreign date
        {"course_session_ref": "0" * 12},
        {"to_ref": stage.sam.ref},  # no trainer
    ):
        with pytest.raises(NotFound):
            ask(db, stage, now, **change)
    assert refusal(lambda: ask(db, stage, now, to_ref=stage.dawn.ref)) is (
        SwapRefusal.YOURSELF
    )


def test_a_date_can_be_swapped_until_it_begins() -> None:
    at = datetime.fromisoformat("2026-03-10T09:00+00:00")
    just = timedelta(seconds=1)
    assert why_not_swap(starts_at=at, cancelled=False, now=at - just) is None
    assert why_not_swap(starts_at=at, cancelled=False, now=at) is SwapRefusal.HAS_BEGUN
    assert why_not_swap(starts_at=at, cancelled=True, now=at - just) is (
        SwapRefusal.CANCELLED
    )


def away(db: Session, person: Person, stage: Stage, now: datetime) -> None:
    add_leave(
        db,
        trainer_id=person.id,
        first_on=stage.date.local_date,
        last_on=stage.date.local_date,
        note="",
        added_by_id=person.id,
        now=now,
    )


def test_the_other_is_judged_when_asked_and_again_when_they_accept(
    db: Session, now: datetime, stage: Stage
) -> None:
    away(db, stage.eve, stage, now)
    assert refusal(lambda: ask(db, stage, now, to_ref=stage.eve.ref)) is (
        TimetableRefusal.TRAINER_AWAY
    )
    swap = ask(db, stage, now)
    away(db, stage.kofi, stage, now)
    assert refusal(lambda: answer(db, swap, now, by=stage.kofi)) is (
        TimetableRefusal.TRAINER_AWAY
    )
    answer(
        db, swap, now, by=stage.kofi, accept=False
    )  # to decline, nobody need be free


def test_who_is_no_trainer_any_more_takes_nothing_over(
    db: Session, now: datetime, stage: Stage
) -> None:
    swap = ask(db, stage, now)
    db.scalars(
        select(RoleGrant).where(RoleGrant.person_id == stage.kofi.id)
    ).one().ended_at = now
    assert refusal(lambda: answer(db, swap, now, by=stage.kofi)) is (
        SwapRefusal.NO_TRAINER
    )


def cancel(db: Session, stage: Stage, now: datetime) -> None:
    cancel_course_session(
        db,
        ref=stage.date.ref,
        trainer_id=None,
        reason="Snow.",
        cancelled_by_id=stage.sam.id,
        now=now,
    )


def restaff(db: Session, stage: Stage, now: datetime) -> None:
    restaff_course_session(
        db,
        ref=stage.date.ref,
        trainer_id=stage.eve.id,
        restaffed_by_id=stage.sam.id,
        now=now,
    )


def open_refs(db: Session, now: datetime, **of: int) -> list[str]:
    return [each.ref for each in list_open_swaps(db, now=now, **of)]


@pytest.mark.parametrize("change", [cancel, restaff])
def test_a_date_that_is_off_or_given_by_somebody_else_closes_what_was_asked(
    db: Session,
    now: datetime,
    stage: Stage,
    change: Callable[[Session, Stage, datetime], None],
) -> None:
    swap = ask(db, stage, now)
    assert open_refs(db, now) == [swap.ref]
    change(db, stage, now)
    assert swap.withdrawn_at == now
    assert open_refs(db, now) == []
    with pytest.raises(Refused):
        answer(db, swap, now, by=stage.kofi)


def test_open_swaps_are_shown_to_those_they_are_about_until_the_date_begins(
    db: Session, now: datetime, stage: Stage
) -> None:
    swap = ask(db, stage, now)
    starts_at = stage.date.starts_at
    assert open_refs(db, now, to_id=stage.kofi.id) == [swap.ref]
    assert open_refs(db, now, from_id=stage.dawn.id) == [swap.ref]
    assert open_refs(db, now, to_id=stage.dawn.id) == []
    assert open_refs(db, now, from_id=stage.kofi.id) == []
    assert open_refs(db, starts_at - timedelta(seconds=1)) == [swap.ref]
    assert open_refs(db, starts_at) == []


def at_once(database: Database, *acts: Callable[[Session], None]) -> list[object]:
    """Do these at the same moment, each in a transaction; return what came of each."""
    start = Barrier(len(acts))

    def one(act: Callable[[Session], None]) -> object:
        start.wait()
        try:
            with database.transaction() as db:
                act(db)
        except Refused as refused:
            return refused.reason
        except IntegrityError:
            return "constraint"
        except OperationalError as error:
            if "deadlock" in str(error.orig).lower():
                raise
            return "busy"
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def asked(database: Database, stage: Stage, now: datetime) -> Swap:
    with database.transaction() as db:
        return ask(db, stage, now)


def end_of(database: Database, stage: Stage) -> CourseSession:
    with database.reading() as db:
        return db.get_one(CourseSession, stage.date.id)


@pytest.mark.parametrize("change", [cancel, restaff])
def test_of_an_acceptance_and_a_change_at_once_each_ends_whole(
    database: Database,
    now: datetime,
    stage: Stage,
    change: Callable[[Session, Stage, datetime], None],
) -> None:
    swap = asked(database, stage, now)
    answers = at_once(
        database,
        lambda db: answer(db, swap, now, by=stage.kofi),
        lambda db: change(db, stage, now),
    )
    end = end_of(database, stage)
    with database.reading() as db:
        kept = db.get_one(Swap, swap.id)
    accepted = answers[0] == "done"
    assert bool(kept.accepted) is accepted
    assert (kept.withdrawn_at is None) is accepted
    if change is cancel:
        assert end.trainer_id == (stage.kofi.id if accepted else stage.dawn.id)
        assert (end.cancelled_at is not None, answers[1]) == (True, "done")
    else:  # whoever came second saw what the first had done
        assert end.trainer_id in {stage.kofi.id, stage.eve.id}
    assert end.sequence == answers.count("done")


def test_of_two_acceptances_at_once_one_counts(
    database: Database, now: datetime, stage: Stage
) -> None:
    swap = asked(database, stage, now)

    def accept(db: Session) -> None:
        answer(db, swap, now, by=stage.kofi)

    answers = at_once(database, accept, accept)
    assert sorted(map(str, answers)) == sorted(["done", str(SwapRefusal.ANSWERED)])
    assert end_of(database, stage).sequence == 1


def test_of_two_who_ask_at_once_one_is_refused(
    database: Database, now: datetime, stage: Stage
) -> None:
    answers = at_once(
        database,
        lambda db: void(ask(db, stage, now)),
        lambda db: void(ask(db, stage, now, to_ref=stage.eve.ref)),
    )
    assert sorted(map(str, answers)) == sorted(["done", str(SwapRefusal.ONE_OPEN)])


def void(_swap: Swap) -> None:
    return None


def test_control_without_locks_the_index_refuses_the_second_question(
    database: Database, now: datetime, stage: Stage
) -> None:
    both_looked = Barrier(2)

    def wait(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith("INSERT INTO swaps"):
            both_looked.wait(timeout=20)

    event.listen(database.engine, "before_cursor_execute", wait)
    take_locks_away(database)
    answers = at_once(
        database,
        lambda db: void(ask(db, stage, now)),
        lambda db: void(ask(db, stage, now, to_ref=stage.eve.ref)),
    )
    assert sorted(map(str, answers)) == ["constraint", "done"]
