"""Ending and voiding: one asks, another confirms."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ecs_training.assessment.rules.ending import Ending
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.invigilation.models import RoomRequest
from ecs_training.invigilation.rules.actions import (
    ActRefusal,
    Deed,
    RequestRefusal,
)
from ecs_training.invigilation.services.requests import (
    RequestRefused,
    decide_requests,
    withdraw_requests,
)
from ecs_training.passes.models import Pass
from tests.assessment.exam import Sitter, shown_keys, together
from tests.conftest import MovableClock
from tests.invigilation.rooms import Room


def withdraw(room: Room, by_id: int, which: int = 0) -> None:
    with room.database.transaction() as db:
        withdraw_requests(
            db,
            sitting_id=room.day.sitting.id,
            ref=room.requests()[which].ref,
            withdrawn_by_id=by_id,
            now=room.clock(),
        )


def test_asking_ends_nothing_and_a_second_person_does(
    room: Room, clock: MovableClock
) -> None:
    first, _ = room.sit(1, 2)
    first.put(1)
    room.act(Deed.END, 1, 2, note="they both left")
    assert room.attempt(1).finished_at is None
    clock.advance(minutes=1)
    decided = room.decide(room.staff)
    assert decided.done == ("Sitter1", "Sitter2")
    for number in (1, 2):
        assert room.attempt(number).ending is Ending.ENDED
        assert room.attempt(number).finished_at == clock()
    assert first.put(2).status_code == 410
    actions = [row.action for row in room.audited(f"attempt/{first.ref}")]
    assert "asked to end attempt" in actions
    assert "confirmed the request to end attempt" in actions
    assert "ended attempt" in actions


def test_who_asked_cannot_confirm_nor_decline(room: Room) -> None:
    room.sit(1)
    room.act(Deed.END, 1)
    for confirm in (True, False):
        decided = room.decide(room.day.trainer, confirm=confirm)
        assert decided.missed == (("Sitter1", RequestRefusal.SAME_PERSON),)
    assert room.attempt(1).finished_at is None
    assert room.requests()[0].decided_at is None


def test_the_database_refuses_one_person_in_two_roles(
    room: Room, database: Database, clock: MovableClock
) -> None:
    room.sit(1)
    room.act(Deed.END, 1)
    with (
        pytest.raises(IntegrityError, match="two_people"),
        database.transaction() as db,
    ):
        db.execute(
            update(RoomRequest).values(
                confirmed=True, decided_at=clock(), decided_by_id=room.day.trainer.id
            )
        )


def test_another_trainer_may_be_the_second_person(room: Room) -> None:
    room.sit(1)
    room.act(Deed.END, 1)
    assert room.decide(room.other).done == ("Sitter1",)


def test_a_voided_attempt_is_worth_nothing_and_its_pass_falls(
    room: Room, database: Database
) -> None:
    (first,) = room.sit(1)
    for n, key in shown_keys(database, first.ref).items():
        first.put(n, key)
    first.finish()
    with database.reading() as db:
        assert db.scalars(select(Pass)).one().revoked_at is None
    room.act(Deed.VOID, 1)
    room.decide(room.staff)
    attempt = room.attempt(1)
    assert (attempt.score, attempt.passed) == (50, True)
    assert attempt.void_reason == "Somebody else helped"
    assert attempt.voided_by_id == room.staff.id
    with database.reading() as db:
        assert db.scalars(select(Pass)).one().revoked_at is not None


def test_an_open_attempt_is_voided_too(room: Room) -> None:
    (first,) = room.sit(1)
    room.act(Deed.VOID, 1)
    room.decide(room.staff)
    assert room.attempt(1).ending is Ending.VOIDED
    assert first.put(1).status_code == 410


def test_declined_is_over_and_may_be_asked_again(room: Room) -> None:
    room.sit(1)
    room.act(Deed.END, 1)
    assert room.decide(room.staff, confirm=False).done == ("Sitter1",)
    assert room.attempt(1).finished_at is None
    assert room.decide(room.staff).missed == (("Sitter1", RequestRefusal.DECIDED),)
    assert room.act(Deed.VOID, 1).missed == ()


def test_one_request_waits_at_a_time(room: Room) -> None:
    room.sit(1, 2)
    room.act(Deed.END, 1)
    result = room.act(Deed.VOID, 1, 2)
    assert [one.reason for one in result.missed] == [ActRefusal.ASKED_ALREADY]
    assert [one.name for one in result.done] == ["Sitter2"]


def test_who_asked_takes_it_back_and_nobody_else(room: Room) -> None:
    room.sit(1, 2)
    room.act(Deed.END, 1, 2)
    with pytest.raises(RequestRefused) as refused:
        withdraw(room, room.staff.id)
    assert refused.value.reason is RequestRefusal.NOT_YOURS
    withdraw(room, room.day.trainer.id)
    assert all(one.withdrawn_at for one in room.requests())
    decided = room.decide(room.staff)
    assert {reason for _, reason in decided.missed} == {RequestRefusal.WITHDRAWN}
    with pytest.raises(RequestRefused) as refused:
        withdraw(room, room.day.trainer.id)
    assert refused.value.reason is RequestRefusal.WITHDRAWN
    assert room.attempt(1).finished_at is None


def test_who_finished_meanwhile_is_said_by_name_and_the_other_is_ended(
    room: Room,
) -> None:
    first, _ = room.sit(1, 2)
    room.act(Deed.END, 1, 2)
    first.finish()
    decided = room.decide(room.staff)
    assert decided.done == ("Sitter2",)
    assert decided.missed == (("Sitter1", RequestRefusal.FINISHED),)
    assert room.attempt(1).ending is Ending.SUBMITTED
    assert room.decide(room.staff, confirm=False).done == ("Sitter1",)


def test_only_requests_of_the_same_press_are_decided_together(
    room: Room, clock: MovableClock
) -> None:
    room.sit(1, 2)
    room.act(Deed.END, 1)
    clock.advance(seconds=1)
    room.act(Deed.END, 2)
    first, second = room.requests()
    for chosen, error in ([second.ref], NotFound), ([], RequestRefused):
        with pytest.raises(error), room.database.transaction() as db:
            decide_requests(
                db,
                sitting_id=room.day.sitting.id,
                ref=first.ref,
                chosen=chosen,
                confirm=True,
                decided_by_id=room.staff.id,
                now=clock(),
            )
    assert room.attempt(2).finished_at is None


def test_an_attempt_ended_at_any_page_starts_no_other(room: Room) -> None:
    """T17: whatever page they are on when it ends, there is no ghost and a clear way on."""
    (first,) = room.sit(1)
    first.look()
    room.act(Deed.END, 1)
    room.decide(room.staff)
    for page in ("questions/1", "review"):
        shown = first.open(f"/attempts/{first.ref}/{page}")
        assert shown.request.path == f"/attempts/{first.ref}/result"
    again = first.post(f"/sittings/{room.day.sitting.ref}/attempts")
    assert again.status_code == 409
    assert 'data-refusal="already-sat"' in again.text
    waiting = Sitter(room.app)
    waiting.sign_in("sitter2@example.org")
    waiting.open(f"/sittings/{room.day.sitting.ref}")
    room.visit("trainer").post(f"{room.path}/door")
    answer = waiting.post(f"/sittings/{room.day.sitting.ref}/attempts")
    assert answer.status_code == 409
    assert 'data-refusal="wait"' in answer.text
    assert room.attempt(2).id is None


@pytest.mark.heavy
def test_two_who_confirm_at_once_end_it_once(room: Room) -> None:
    room.sit(1)
    room.act(Deed.END, 1)
    results = together(lambda: room.decide(room.staff), lambda: room.decide(room.other))
    assert sorted(len(one.done) for one in results) == [0, 1]
    ended = [
        row
        for row in room.audited(f"attempt/{room.attempt(1).ref}")
        if row.action == "ended attempt"
    ]
    assert len(ended) == 1
