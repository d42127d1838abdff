"""The board: everybody with an entry, as they are now, in a fixed number of statements."""

import json

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry
from ecs_training.assessment.rules.presence import Flag
from ecs_training.attendance.services import withdraw_identity_check
from ecs_training.foundation.database import Database
from ecs_training.invigilation.queries.room import count_news, read_board
from ecs_training.invigilation.rules.actions import Deed
from ecs_training.invigilation.rules.board import State
from tests.assessment.exam import Day, clear, make_day
from tests.conftest import MovableClock
from tests.factories import make_booking, make_finished_attempt, make_person
from tests.invigilation.rooms import Room, report


def test_everybody_with_an_entry_is_on_it_and_nobody_else(
    room: Room, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        absent = make_person(db, "absent", now=clock())
        make_booking(db, room.day.course_session, absent, now=clock())
        unsure = make_person(db, "unsure", now=clock())
        booking = make_booking(db, room.day.course_session, unsure, now=clock())
        clear(db, booking, room.day.trainer, now=clock())
        withdraw_identity_check(
            db,
            booking_id=booking.id,
            withdrawn_by_id=room.day.trainer.id,
            now=clock(),
        )
        make_finished_attempt(  # of another date
            db, make_person(db, "stranger", now=clock()), finished_at=clock()
        )
    assert list(room.board()) == ["Sitter1", "Sitter2", "Sitter3"]


def test_it_says_how_far_everybody_is(room: Room, clock: MovableClock) -> None:
    first, second = room.sit(1, 2)
    for n in (1, 2, 3):
        first.put(n)
    first.put(3, None)  # taken back
    report(first, unsaved=2)
    second.put(1)
    second.finish()
    clock.advance(seconds=30)
    board = room.board()
    assert [line.state for line in board.values()] == [
        State.ANSWERING,
        State.FINISHED,
        State.NOT_STARTED,
    ]
    assert (board["Sitter1"].progress, board["Sitter1"].left) == ("2 of 50", "29:30")
    assert board["Sitter1"].flags == (Flag.UNSAVED,)
    assert (board["Sitter2"].left, board["Sitter2"].flags) == ("", ())
    assert board["Sitter3"].progress == ""


def test_it_says_who_is_not_heard_of_and_who_is_off_the_page(
    room: Room, clock: MovableClock
) -> None:
    first, second = room.sit(1, 2)
    report(first)
    report(second, hidden=True)
    clock.advance(seconds=41)
    report(second, hidden=True)
    assert room.board()["Sitter1"].flags == (Flag.OFFLINE,)
    assert room.board()["Sitter2"].flags == (Flag.AWAY,)


def test_answers_that_came_too_late_are_counted(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    clock.advance(minutes=30, seconds=11)
    assert first.put(1).status_code == 410
    assert room.board()["Sitter1"].late == 1
    assert room.board()["Sitter2"].late == 0


def test_a_break_and_a_hold_are_told_apart(
    room: Room, database: Database, clock: MovableClock
) -> None:
    first, _ = room.sit(1, 2)
    with database.transaction() as db:
        attempt = db.get_one(Attempt, room.attempt(1).id)
        attempt.rest_seconds = 600
    first.client.post(
        f"/attempts/{first.ref}/rest", json={}, headers={"X-CSRFToken": first.token()}
    )
    room.act(Deed.HOLD, 2)
    clock.advance(minutes=5)
    states = {name: (line.state, line.left) for name, line in room.board().items()}
    assert states["Sitter1"] == (State.ON_BREAK, "30:00")
    assert states["Sitter2"] == (State.HELD, "30:00")


def test_looking_finishes_nothing_and_runs_no_clock(
    room: Room, clock: MovableClock
) -> None:
    """T38: whoever watches changes nothing, even of an attempt whose time is over."""
    room.sit(1)
    before = room.attempt(1)
    clock.advance(hours=1)
    trainer = room.visit("trainer")
    for page in ("", "/board", "/evidence.json", "/actions/extend?all=yes"):
        assert trainer.open(f"{room.path}{page}").status_code == 200, page
    after = room.attempt(1)
    assert after.finished_at is None
    assert (after.deadline, after.lease) == (before.deadline, before.lease)
    assert room.board()["Sitter1"].state is State.TIME_UP


def _add_people(db: Session, day: Day, count: int, clock: MovableClock) -> None:
    for number in range(count):
        person = make_person(db, f"more{number}", now=clock())
        booking = make_booking(db, day.course_session, person, now=clock())
        clear(db, booking, day.trainer, now=clock())


def test_three_people_and_thirty_cost_the_same_number_of_statements(
    room: Room, database: Database, clock: MovableClock
) -> None:
    first, _ = room.sit(1, 2)
    first.put(1)

    def count() -> int:
        statements: list[str] = []

        def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
            if sql.startswith("SELECT"):
                statements.append(sql)

        with database.reading() as db:
            sitting = room.sitting()
            event.listen(database.engine, "before_cursor_execute", note)
            read_board(db, sitting=sitting, now=clock())
            count_news(db, sitting_id=sitting.id)
            event.remove(database.engine, "before_cursor_execute", note)
        return len(statements)

    few = count()
    with database.transaction() as db:
        _add_people(db, room.day, 27, clock)
    assert len(room.board()) == 30
    assert count() == few == 4


def test_the_polled_board_tells_no_score_and_no_answer(room: Room) -> None:
    first, _ = room.sit(1, 2)
    first.put(1, "c")
    first.finish()
    said = room.visit("trainer").open(f"{room.path}/board").get_json()
    assert set(said) == {"at", "requests", "outages", "people"}
    assert [set(one) for one in said["people"]] == [
        {
            "ref",
            "name",
            "state",
            "answered",
            "out_of",
            "left_ms",
            "left",
            "flags",
            "late",
        }
    ] * 3
    assert said["people"][0]["state"] == "finished"
    assert said["people"][1]["left_ms"] == 30 * 60 * 1000
    for secret in ("score", "passed", "chosen", '"c"', "option"):
        assert secret not in json.dumps(said)


def test_somebody_who_sits_again_is_there_once_with_the_newer_attempt(
    room: Room, database: Database, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    first.finish()
    with database.transaction() as db:
        old = db.get_one(Entry, room.attempt(1).entry_id)
        old.spent_at = clock()
        db.flush()
        db.add(
            Entry(
                booking_id=old.booking_id,
                course_session_id=old.course_session_id,
                attendance_mark_id=old.attendance_mark_id,
                identity_check_id=old.identity_check_id,
                granted_at=clock(),
            )
        )
    assert room.board()["Sitter1"].state is State.NOT_STARTED
    assert len(room.board()) == 3


def test_a_room_where_nobody_can_sit_yet_says_so(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        day = make_day(db, now=clock(), people=0, bank=False)
        late = make_person(db, "late", now=clock())
        make_booking(db, day.course_session, late, now=clock())
    room = Room(app, database, clock, day, day.trainer, day.trainer)
    assert "Nobody can sit yet" in room.visit("trainer").open(room.path).text
    assert room.board() == {}
