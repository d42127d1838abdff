"""The door and the room code, from both sides of the door."""

import re

import pytest
from flask import Flask

from ecs_training.accounts.rules import Role
from ecs_training.assessment.rules.starting import LATE_AFTER
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.invigilation.rules.actions import Deed
from tests.assessment.exam import Sitter
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_person
from tests.invigilation.rooms import Room


def arrive(room: Room, number: int) -> Sitter:
    sitter = Sitter(room.app)
    sitter.sign_in(f"sitter{number}@example.org")
    sitter.open(f"/sittings/{room.day.sitting.ref}")
    return sitter


def press_start(room: Room, sitter: Sitter, **fields: str) -> str:
    """Return the name of the refusal, or nothing where the test began."""
    answer = sitter.post(f"/sittings/{room.day.sitting.ref}/attempts", **fields)
    found = re.search('data-refusal="([^"]*)"', answer.text)
    return found[1] if found else ""


def test_everybody_starts_together(room: Room) -> None:
    trainer = room.visit("trainer")
    assert trainer.post(f"{room.path}/door").status_code == 303
    waiting = [arrive(room, number) for number in (1, 2)]
    for sitter in waiting:
        assert press_start(room, sitter) == "wait"
        page = sitter.open(f"/sittings/{room.day.sitting.ref}").text
        assert 'data-waiting="WAIT"' in page
        assert "Look again" in page
    assert trainer.post(f"{room.path}/release").status_code == 303
    for sitter in waiting:
        assert "data-waiting" not in sitter.open(sitter.page.request.path).text  # type: ignore[union-attr]
        assert press_start(room, sitter) == ""
    actions = [row.action for row in room.audited(f"sitting/{room.day.sitting.ref}")]
    assert actions == ["opened sitting", "closed the door", "let everybody start"]


def test_who_comes_after_the_others_is_late_until_let_in(
    room: Room, clock: MovableClock
) -> None:
    trainer = room.visit("trainer")
    trainer.post(f"{room.path}/door")
    trainer.post(f"{room.path}/release")
    clock.advance(seconds=LATE_AFTER.total_seconds())
    in_time, late = arrive(room, 1), arrive(room, 2)
    assert press_start(room, in_time) == ""
    clock.advance(seconds=1)
    assert press_start(room, late) == "late"
    room.act(Deed.ADMIT, 2)
    assert press_start(room, late) == ""


def test_one_is_let_in_while_all_others_wait(room: Room) -> None:
    room.visit("trainer").post(f"{room.path}/door")
    room.act(Deed.ADMIT, 2)
    assert press_start(room, arrive(room, 2)) == ""
    assert press_start(room, arrive(room, 1)) == "wait"


def test_the_door_says_when_a_press_makes_no_sense(room: Room) -> None:
    trainer = room.visit("trainer")

    def press(what: str) -> str:
        answer = trainer.post(f"{room.path}/{what}")
        found = re.search('data-refusal="([^"]*)"', answer.text)
        assert answer.status_code == (409 if found else 303)
        return found[1] if found else ""

    assert [press("release"), press("door"), press("door")] == [
        "not-shut",
        "",
        "shut-already",
    ]
    assert [press("release"), press("door"), press("release")] == ["", "", ""]


def test_a_closed_assessment_has_no_door(room: Room) -> None:
    trainer = room.visit("trainer")
    register = f"/trainer/course-sessions/{room.day.course_session.ref}"
    trainer.post(f"{register}/sitting/closing", declaration="yes")
    for what, fields in (("door", {}), ("release", {}), ("code", {"code": "new"})):
        answer = trainer.post(f"{room.path}/{what}", **fields)
        assert answer.status_code == 409
        assert 'data-refusal="room-closed"' in answer.text


def test_a_code_opens_the_room_and_no_other_does(room: Room) -> None:
    trainer, sitter = room.visit("trainer"), arrive(room, 1)
    assert 'name="room_code"' not in sitter.open(sitter.page.request.path).text  # type: ignore[union-attr]
    trainer.post(f"{room.path}/code", code="new")
    code = room.sitting().room_code
    assert code
    assert re.fullmatch("[0-9]{6}", code)
    assert f"{code[:3]} {code[3:]}" in trainer.open(room.path).text
    other = "000000" if code != "000000" else "111111"
    page = sitter.open(f"/sittings/{room.day.sitting.ref}")
    assert code not in page.text
    assert press_start(room, sitter) == "wrong-code"
    answer = sitter.post(page.request.path + "/attempts", room_code=other)
    assert answer.status_code == 409
    assert f'value="{other}"' in answer.text  # what was typed is kept
    assert press_start(room, sitter, room_code=f" {code[:3]} {code[3:]} ") == ""
    assert code not in str([row.details for row in room.audited("sitting")])


def test_another_code_ends_the_first_and_none_asks_for_nothing(room: Room) -> None:
    trainer = room.visit("trainer")
    trainer.post(f"{room.path}/code", code="new")
    first = room.sitting().room_code or ""
    for _ in range(5):  # one in a million that it is the same
        trainer.post(f"{room.path}/code", code="new")
        if room.sitting().room_code != first:
            break
    assert press_start(room, arrive(room, 1), room_code=first) == "wrong-code"
    trainer.post(f"{room.path}/code", code="none")
    trainer.post(f"{room.path}/code", code="none")
    assert room.sitting().room_code is None
    assert press_start(room, arrive(room, 1)) == ""
    removed = room.audited(f"sitting/{room.day.sitting.ref}")
    assert [row.action for row in removed].count("removed the room code") == 1


@pytest.mark.parametrize("together", [True, False])
def test_whoever_opens_may_keep_the_door_closed_from_the_first_moment(
    app: Flask, database: Database, clock: MovableClock, together: bool
) -> None:
    with database.transaction() as db:
        person = make_person(db, "trainer", now=clock(), role=Role.TRAINER)
        date = make_course_session(
            db, now=clock(), trainer=person, on=london_date(clock())
        )
        path = f"/trainer/course-sessions/{date.ref}"
    trainer = Visitor(app)
    trainer.sign_in("trainer@example.org")
    fields = {"declaration": "yes", **({"gated": "yes"} if together else {})}
    assert trainer.post(f"{path}/sitting", **fields).status_code == 303
    found = re.search(r"/trainer/sittings/\w{12}", trainer.open(path).text)
    assert found
    assert ("Start everybody" in trainer.open(found[0]).text) is together
