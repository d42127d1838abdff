"""Fair time (T31): what was lost by our own record is proposed, and given back once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from ecs_training.assessment.models import Attempt, TimeChange
from ecs_training.assessment.rules.extending import MOST_AT_ONCE, ExtendRefusal
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.invigilation.rules.actions import Deed
from ecs_training.invigilation.rules.outages import CreditRefusal, name_gap
from ecs_training.invigilation.services.crediting import AlreadyGiven, Credited
from tests.assessment.exam import Sitter, make_day, together
from tests.conftest import MovableClock
from tests.invigilation.rooms import Room, report
from tests.racing import take_locks_away


def be_silent(clock: MovableClock, seconds: float, *sitters: Sitter) -> None:
    """Be heard of, then not, then again."""
    for sitter in sitters:
        report(sitter)
    clock.advance(seconds=seconds)
    for sitter in sitters:
        report(sitter)


def names(room: Room) -> list[str]:
    return [gap.name for one in room.losses().proposed for gap in one.gaps]


def changes(room: Room) -> list[TimeChange]:
    with room.database.reading() as db:
        kind = TimeChange.kind == TimeChangeKind.OUTAGE
        return list(db.scalars(select(TimeChange).where(kind).order_by(TimeChange.id)))


def test_a_silence_is_proposed_whole_with_its_evidence(
    room: Room, clock: MovableClock
) -> None:
    first, second, _ = room.sit(1, 2, 3)
    report(second)
    be_silent(clock, 90, first)
    (one,) = room.losses().proposed
    assert (one.person, one.words) == ("Sitter1", "1 minute 30 seconds")
    assert one.gaps[0].span.words == "09:00:00 to 09:01:30"
    assert room.losses().rooms == ()


def test_a_short_silence_is_none(room: Room, clock: MovableClock) -> None:
    (first,) = room.sit(1)
    be_silent(clock, 40, first)
    assert room.losses().gaps == ()


def test_it_is_given_back_once(room: Room, clock: MovableClock) -> None:
    (first,) = room.sit(1)
    before = room.attempt(1).deadline
    be_silent(clock, 90, first)
    (name,) = names(room)
    assert room.give_back(name) == Credited(done=("Sitter1",), missed=())
    assert room.attempt(1).deadline == before + timedelta(seconds=90)
    assert room.losses().proposed == ()
    again = room.give_back(name)
    assert again.missed == (("Sitter1", CreditRefusal.GIVEN.value),)
    assert room.attempt(1).deadline == before + timedelta(seconds=90)
    (change,) = changes(room)
    assert room.outages()[0].credited_by_id == change.id
    assert change.evidence == {
        "from": "2026-03-02T09:00:00+00:00",
        "to": "2026-03-02T09:01:30+00:00",
        "silent_seconds": 90,
        "beside": [],
        "room": False,
    }
    last = room.audited(f"attempt/{first.ref}")[-1]
    assert (last.action, last.actor_id) == ("extended attempt", room.day.trainer.id)
    assert (last.details["kind"], last.details["seconds"]) == ("outage", 90)


def test_held_time_is_no_outage(room: Room, clock: MovableClock) -> None:
    (first,) = room.sit(1)
    report(first)
    clock.advance(seconds=30)
    room.act(Deed.HOLD, 1)
    clock.advance(minutes=5)
    room.act(Deed.RESUME, 1)
    clock.advance(seconds=30)
    report(first)
    (gap,) = room.losses().gaps
    assert gap.span.length == timedelta(minutes=6)
    assert gap.credit == timedelta(minutes=1)


def test_a_hold_that_goes_on_is_no_outage_either(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    report(first)
    room.act(Deed.HOLD, 1)
    clock.advance(minutes=5)
    report(first)
    assert room.losses().proposed == ()
    (gap,) = room.losses().gaps
    told = room.give_back(gap.name)
    assert told.missed == (("Sitter1", CreditRefusal.ALL_HELD.value),)


def test_a_very_long_silence_is_given_back_up_to_the_most_at_once(
    room: Room, clock: MovableClock, database: Database
) -> None:
    (first,) = room.sit(1)
    with database.transaction() as db:
        attempt = db.get_one(Attempt, room.attempt(1).id)
        attempt.deadline += timedelta(hours=2)
    be_silent(clock, 3601, first)
    (one,) = room.losses().proposed
    assert one.gaps[0].credit == MOST_AT_ONCE
    room.give_back(one.gaps[0].name)
    assert changes(room)[0].seconds == 3600


def test_a_power_cut_that_lasts_until_the_end_is_given_back(
    room: Room, clock: MovableClock
) -> None:
    """T31: nobody comes back to report it, and the attempt is over; it is opened again."""
    first, second = room.sit(1, 2)
    report(first)
    first.put(1, "b")
    second.put(1)
    clock.advance(minutes=25)
    report(first)
    clock.advance(minutes=20)
    room.finish_overdue()
    (one,) = room.losses().proposed  # the other page never gave a sign of life
    assert (one.person, one.words) == ("Sitter1", "30 minutes")
    assert [gap.span.length for gap in one.gaps] == [
        timedelta(minutes=25),
        timedelta(minutes=5),
    ]
    told = room.give_back(*[gap.name for gap in one.gaps])
    assert told.done == ("Sitter1",)
    first.look()
    report(first)
    assert first.put(2).get_json()["remaining_ms"] == 30 * 60 * 1000
    assert room.losses().proposed == ()


def test_closed_time_is_no_silence_after_an_attempt_is_opened_again(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    report(first)
    clock.advance(minutes=45)
    room.finish_overdue()
    room.act(Deed.EXTEND, 1, minutes=10)
    clock.advance(seconds=50)
    report(first)
    lengths = [gap.span.length for gap in room.losses().gaps]
    assert lengths == [timedelta(minutes=30), timedelta(seconds=50)]


def test_who_handed_in_is_proposed_nothing_and_given_nothing(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    be_silent(clock, 90, first)
    first.finish()
    assert room.losses().proposed == ()
    (gap,) = room.losses().gaps
    told = room.give_back(gap.name)
    assert told.missed == (("Sitter1", ExtendRefusal.SUBMITTED.value),)
    assert changes(room) == []


def test_a_room_that_was_cut_off_is_given_back_at_one_press(
    room: Room, clock: MovableClock
) -> None:
    first, second, third = room.sit(1, 2, 3)
    be_silent(clock, 60, first, second)
    report(third)
    losses = room.losses()
    (outage,) = losses.rooms
    assert outage.people == ("Sitter1", "Sitter2")
    assert [losses.beside(gap) for gap in losses.gaps] == [("Sitter2",), ("Sitter1",)]
    told = room.give_back(*[gap.name for gap in outage.gaps])
    assert told.done == ("Sitter1", "Sitter2")
    for change in changes(room):
        assert change.evidence
        assert change.evidence["room"] is True
    assert [one.seconds for one in changes(room)] == [60, 60]
    assert room.losses().rooms[0].gaps == ()  # still on record, nothing left to give


def test_what_is_not_of_this_room_is_not_given_and_nothing_beside_it(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    be_silent(clock, 90, first)
    (name,) = names(room)
    foreign = name_gap("0" * 12, clock())
    for asked in ([foreign], [name, foreign], []):
        with pytest.raises(NotFound):
            room.give_back(*asked)
    assert changes(room) == []


def forget_the_condition(database: Database) -> None:
    """Let a silence be marked as given back whatever stands there."""

    def strip(
        _c: object, _cursor: object, sql: str, parameters: Any, *_rest: object
    ) -> tuple[str, Any]:
        found = re.sub(r" AND outages\.credited_by_id IS NULL", "", sql)
        return found, parameters

    event.listen(database.engine, "before_cursor_execute", strip, retval=True)


def race(room: Room) -> list[Credited | AlreadyGiven]:
    """Let two people give the same silence back at the same moment."""
    (name,) = names(room)

    def press() -> Credited | AlreadyGiven:
        try:
            return room.give_back(name)
        except AlreadyGiven as error:
            return error

    return together(press, press)


def dawdle(database: Database) -> None:
    """Make each wait for the other between reading and writing."""

    def wait(connection: Any, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith("INSERT INTO time_changes"):
            connection.exec_driver_sql("SELECT pg_sleep(0.2)")

    event.listen(database.engine, "before_cursor_execute", wait)


@pytest.fixture
def silent(room: Room, clock: MovableClock) -> Room:
    (first,) = room.sit(1)
    be_silent(clock, 90, first)
    return room


@pytest.mark.heavy
def test_two_who_give_it_back_at_once_give_it_once(silent: Room) -> None:
    results = race(silent)
    told = [one for one in results if isinstance(one, Credited)]
    assert sorted(len(one.done) for one in told) == [0, 1]
    assert len(changes(silent)) == 1


@pytest.mark.heavy
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_without_the_lock_the_condition_refuses(
    silent: Room, database: Database
) -> None:
    take_locks_away(database)
    dawdle(database)
    results = race(silent)
    assert sum(isinstance(one, AlreadyGiven) for one in results) == 1
    assert len(changes(silent)) == 1


@pytest.mark.heavy
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_without_both_it_is_given_twice(silent: Room, database: Database) -> None:
    """The control: the race is real."""
    take_locks_away(database)
    forget_the_condition(database)
    dawdle(database)
    race(silent)
    assert len(changes(silent)) == 2


def test_a_room_without_people_lost_nothing(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        day = make_day(db, now=clock(), people=0, bank=False)
    room = Room(app, database, clock, day, day.trainer, day.trainer)
    assert room.losses().gaps == ()
    assert room.losses().rooms == ()
