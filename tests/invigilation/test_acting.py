"""One decision for one, for some or for all: done where it can be, told by name where not."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.assessment.models import Entry
from ecs_training.assessment.rules.ending import Ending
from ecs_training.assessment.rules.extending import ExtendRefusal
from ecs_training.assessment.rules.holding import LONGEST_HOLD, HoldRefusal
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.invigilation.queries.room import count_time_given
from ecs_training.invigilation.rules.actions import ActRefusal, Deed, RoomRefusal
from ecs_training.invigilation.services.acting import Report, RoomRefused
from ecs_training.invigilation.services.door import shut_door
from tests.assessment.exam import Sitter
from tests.conftest import MovableClock
from tests.invigilation.rooms import Room, report


def said(result: Report) -> dict[str, str]:
    return {one.who.name: str(one.reason) for one in result.missed}


def done(result: Report) -> list[str]:
    return [one.name for one in result.done]


def test_what_cannot_be_done_for_one_is_said_by_name_and_done_for_the_others(
    room: Room,
) -> None:
    _, second = room.sit(1, 2)
    second.finish()
    result = room.act(Deed.HOLD, 1, 2, 3)
    assert done(result) == ["Sitter1"]
    assert said(result) == {
        "Sitter2": ActRefusal.FINISHED,
        "Sitter3": ActRefusal.NOT_STARTED,
    }
    assert room.attempt(1).held_at is not None
    assert room.attempt(2).held_at is None


def test_a_hold_reaches_the_candidate_and_costs_no_time(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    clock.advance(minutes=10)
    room.act(Deed.HOLD, 1, note="the fire bell rang")
    assert first.put(1).status_code == 423
    assert (
        "has stopped the clock" in first.open(f"/attempts/{first.ref}/questions/1").text
    )
    clock.advance(minutes=7)
    assert done(room.act(Deed.RESUME, 1)) == ["Sitter1"]
    reply = first.put(1).get_json()
    assert reply["remaining_ms"] == 20 * 60 * 1000
    held, resumed = room.audited(f"attempt/{first.ref}")[-2:]
    assert (held.action, held.details["reason"]) == ("held attempt", "device")
    assert held.details["note"] == "the fire bell rang"
    assert (resumed.action, resumed.actor_id) == (
        "resumed attempt",
        room.day.trainer.id,
    )


def test_what_is_held_already_and_what_runs_already_is_said(room: Room) -> None:
    room.sit(1, 2)
    room.act(Deed.HOLD, 1)
    result = room.act(Deed.HOLD, 1, 2)
    assert (done(result), said(result)) == (
        ["Sitter2"],
        {"Sitter1": HoldRefusal.HELD_ALREADY},
    )
    room.act(Deed.RESUME, 1)
    assert said(room.act(Deed.RESUME, 1)) == {"Sitter1": HoldRefusal.NOT_HELD}


def test_a_hold_that_everybody_forgot_ends_by_itself(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    room.act(Deed.HOLD, 1)
    clock.advance(seconds=LONGEST_HOLD.total_seconds() - 1)
    assert first.put(1).status_code == 423
    clock.advance(seconds=1)
    assert first.put(1).get_json()["remaining_ms"] == 30 * 60 * 1000


def test_more_time_at_the_last_moment_reaches_the_page(
    room: Room, clock: MovableClock
) -> None:
    """T20: given at 29:58, with the next sign of life, and with the next answer."""
    first, second = room.sit(1, 2)
    clock.advance(minutes=29, seconds=58)
    assert done(room.act(Deed.EXTEND, 1, 2, minutes=5)) == ["Sitter1", "Sitter2"]
    assert report(first).get_json()["remaining_ms"] == (5 * 60 + 2) * 1000
    clock.advance(minutes=2)
    assert second.put(1).get_json()["remaining_ms"] == (3 * 60 + 2) * 1000


def test_more_time_after_the_end_opens_the_attempt_again(
    room: Room, clock: MovableClock
) -> None:
    """T20: after the end, too, with every answer, and the reason is on record."""
    (first,) = room.sit(1)
    first.put(1, "b")
    clock.advance(minutes=40)
    room.finish_overdue()
    assert room.attempt(1).ending is Ending.TIME_UP
    assert done(room.act(Deed.EXTEND, 1, minutes=5)) == ["Sitter1"]
    assert room.attempt(1).finished_at is None
    first.look()
    assert first.put(2).get_json()["remaining_ms"] == 5 * 60 * 1000
    assert first.get("responses").get_json()["responses"][0]["option"] == "b"
    last = room.audited(f"attempt/{first.ref}")[-1]
    assert last.action == "opened attempt again"
    assert (last.details["seconds"], last.details["reason"]) == (300, "device")


def test_who_handed_in_is_given_no_time(room: Room) -> None:
    first, _ = room.sit(1, 2)
    first.finish()
    result = room.act(Deed.EXTEND, 1, 2)
    assert (done(result), said(result)) == (
        ["Sitter2"],
        {"Sitter1": ExtendRefusal.SUBMITTED},
    )


def test_a_button_pressed_twice_gives_time_once(
    room: Room, database: Database, clock: MovableClock
) -> None:
    room.sit(1, 2)
    with database.reading() as db:
        ids = [room.attempt(1).id, room.attempt(2).id]
        given = count_time_given(db, attempt_ids=ids)
    before = room.attempt(1).deadline
    room.act(Deed.EXTEND, 1, 2, time_given=given)
    with pytest.raises(RoomRefused) as refused:
        room.act(Deed.EXTEND, 1, 2, time_given=given)
    assert refused.value.reason is RoomRefusal.TIME_GIVEN
    assert room.attempt(1).deadline == before + timedelta(minutes=10)
    assert room.attempt(2).deadline == before + timedelta(minutes=10)
    clock.advance(minutes=1)
    room.act(Deed.EXTEND, 1, time_given=1)
    assert room.attempt(1).deadline == before + timedelta(minutes=20)


def test_a_moved_test_goes_on_only_where_continue_is_pressed(
    room: Room, app: Flask
) -> None:
    (first,) = room.sit(1)
    first.put(1, "b")
    room.act(Deed.MOVE, 1)
    assert first.put(2).get_json() == {"reason": "moved"}
    assert "Continue here" in first.open(f"/attempts/{first.ref}/questions/1").text
    other = Sitter(app)
    other.sign_in("sitter1@example.org")
    other.ref = first.ref
    other.open(f"/attempts/{first.ref}/questions/1")
    lease = other.take_over().get_json()
    assert lease["seq"] == 0
    other.lease = lease["lease"]
    assert other.put(2).status_code == 200
    assert first.put(3).get_json() == {"reason": "moved"}
    assert room.audited(f"attempt/{first.ref}")[-2].action == (
        "moved attempt to another device"
    )


def test_nobody_can_write_while_a_test_is_between_two_devices(room: Room) -> None:
    """The invigilator's own sign-in holds the lease, and has no paper."""
    (first,) = room.sit(1)
    room.act(Deed.MOVE, 1)
    attempt = room.attempt(1)
    trainer = room.visit("trainer")
    answer = trainer.client.put(
        f"/attempts/{first.ref}/responses/1",
        json={
            "option": "a",
            "flagged": False,
            "seq": 1,
            "lease": attempt.lease,
            "age_ms": 0,
        },
        headers={"X-CSRFToken": trainer.token()},
    )
    assert answer.status_code == 404


def test_a_finished_test_is_not_moved(room: Room, clock: MovableClock) -> None:
    (first,) = room.sit(1)
    clock.advance(minutes=31)
    assert said(room.act(Deed.MOVE, 1)) == {"Sitter1": ActRefusal.FINISHED}
    first.finish()
    assert said(room.act(Deed.MOVE, 1)) == {"Sitter1": ActRefusal.FINISHED}


def test_one_who_comes_late_is_let_in_by_name_with_a_reason(
    room: Room, database: Database, clock: MovableClock
) -> None:
    assert said(room.act(Deed.ADMIT, 3)) == {"Sitter3": ActRefusal.DOOR_OPEN}
    with database.transaction() as db:
        shut_door(
            db,
            sitting_id=room.day.sitting.id,
            shut_by_id=room.day.trainer.id,
            now=clock(),
        )
    assert done(room.act(Deed.ADMIT, 3)) == ["Sitter3"]
    assert said(room.act(Deed.ADMIT, 3)) == {"Sitter3": ActRefusal.ADMITTED}
    room.sit(3)
    assert said(room.act(Deed.ADMIT, 3)) == {"Sitter3": ActRefusal.STARTED}
    with database.reading() as db:
        entry = db.scalars(
            select(Entry).where(Entry.booking_id == room.day.bookings[2].id)
        ).one()
    assert (entry.released_by_id, entry.release_reason) == (
        room.day.trainer.id,
        "came-late",
    )
    assert room.audited(f"sitting/{room.day.sitting.ref}")[-1].details == {
        "booking": room.day.bookings[2].ref,
        "reason": "came-late",
        "note": None,
    }


def test_nobody_is_a_refusal_and_a_stranger_is_not_there(room: Room) -> None:
    with pytest.raises(RoomRefused) as refused:
        room.act(Deed.HOLD)
    assert refused.value.reason is RoomRefusal.NOBODY
    room.day.bookings[0].ref, kept = "0" * 12, room.day.bookings[0].ref
    with pytest.raises(NotFound):
        room.act(Deed.HOLD, 1)
    room.day.bookings[0].ref = kept
