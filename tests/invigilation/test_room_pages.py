"""The room over HTTP: who sees it, what a press does, and what it says when it cannot."""

import re
from typing import Any

import pytest

from ecs_training.foundation.database import Database
from ecs_training.invigilation.rules.actions import Deed
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.invigilation.rooms import Room
from tests.invigilation.test_outages import be_silent


def press(room: Room, who: Visitor, deed: str, *numbers: int, **fields: Any) -> str:
    """Tick these people, press, say why, and send it. Return the page that follows."""
    ticked = "&".join(f"who={ref}" for ref in room.refs(*numbers))
    page = who.open(f"{room.path}/actions/{deed}?{ticked}")
    assert page.status_code == 200
    return who.send(to=f"/actions/{deed}", **fields).text


def test_the_room_is_the_trainers_own_and_the_offices(room: Room) -> None:
    for name in ("trainer", "staff"):
        page = room.visit(name).open(room.path)
        assert page.status_code == 200
        assert "Sitter1" in page.text
    other, (candidate,) = room.visit("other"), room.sit(1)
    for visitor in (other, candidate):
        for under in ("", "/board", "/actions/hold"):
            assert visitor.open(f"{room.path}{under}").status_code == 404
        for what in ("door", "release", "code", "credits", "actions/hold"):
            assert visitor.post(f"{room.path}/{what}").status_code == 404
    assert room.sitting().gated_at is None


def test_the_register_leads_to_the_room(room: Room) -> None:
    page = room.visit("trainer").open(
        f"/trainer/course-sessions/{room.day.course_session.ref}"
    )
    assert room.path in page.text


def test_ten_minutes_more_take_a_tick_a_press_and_a_reason(room: Room) -> None:
    room.sit(1, 2)
    before = room.attempt(1).deadline
    page = press(room, room.visit("trainer"), "extend", 1, reason="noise")
    assert "More time was given to 1 person." in page
    assert (room.attempt(1).deadline - before).total_seconds() == 600
    assert room.attempt(2).deadline == before


def test_what_is_missing_is_asked_for_and_what_was_typed_is_kept(room: Room) -> None:
    room.sit(1)
    trainer = room.visit("trainer")
    page = press(room, trainer, "extend", 1, minutes="61", note="a lorry")
    assert trainer.page is not None
    assert trainer.page.status_code == 422
    assert "Type a number from 1 to 60." in page
    assert "Choose a reason." in page
    assert 'value="61"' in page
    assert "a lorry" in page
    assert room.refs(1)[0] in page
    for minutes, status in (("0", 422), ("1", 303), ("60", 303), ("x", 422)):
        answer = trainer.post(
            f"{room.path}/actions/extend",
            who=room.refs(1)[0],
            minutes=minutes,
            reason="noise",
        )
        assert answer.status_code == status, minutes
    odd = trainer.post(f"{room.path}/actions/hold", who=room.refs(1)[0], reason="odd")
    assert odd.status_code == 422


def test_everybody_is_one_tick(room: Room) -> None:
    room.sit(1, 2)
    room.act(Deed.HOLD, 2)
    trainer = room.visit("trainer")
    page = trainer.open(f"{room.path}/actions/hold?all=yes")
    assert "For 1 person" in page.text  # one is held, and one has not started
    trainer.send(to="/actions/hold", reason="alarm")
    assert room.attempt(1).held_at is not None
    page = trainer.open(f"{room.path}/actions/hold?all=yes")
    assert page.status_code == 422
    assert 'data-refusal="nobody-fits"' in page.text


def test_nobody_ticked_is_said(room: Room) -> None:
    trainer = room.visit("trainer")
    for answer in (
        trainer.open(f"{room.path}/actions/hold"),
        trainer.post(f"{room.path}/actions/hold", reason="alarm"),
        trainer.post(f"{room.path}/credits"),
    ):
        assert answer.status_code == 422
        assert 'data-refusal="nobody"' in answer.text
    assert trainer.open(f"{room.path}/actions/dance").status_code == 404


def test_one_that_cannot_be_done_is_named_with_the_reason(room: Room) -> None:
    _, second = room.sit(1, 2)
    second.finish()
    trainer = room.visit("trainer")
    fields = {"who": room.refs(1, 2), "reason": "alarm"}
    answer = trainer.post(f"{room.path}/actions/hold", **fields)
    assert answer.status_code == 200
    assert "The clock is stopped for 1 person." in answer.text
    assert "<strong>Sitter2</strong>: They have finished." in answer.text
    again = trainer.post(f"{room.path}/actions/hold", **fields)
    assert again.status_code == 409
    assert "<strong>Sitter1</strong>: The clock stands still already." in again.text


def test_time_is_not_given_twice_by_two_presses(room: Room) -> None:
    room.sit(1)
    trainer, before = room.visit("trainer"), room.attempt(1).deadline
    press(room, trainer, "extend", 1, reason="noise")
    fields = {
        "who": room.refs(1)[0],
        "minutes": "10",
        "reason": "noise",
        "time_given": "0",
    }
    answer = trainer.post(f"{room.path}/actions/extend", **fields)
    assert answer.status_code == 409
    assert 'data-refusal="time-given"' in answer.text
    assert (
        'name="time_given" value="1"' in answer.text
    )  # and may be given by another press
    assert (room.attempt(1).deadline - before).total_seconds() == 600


def test_a_second_person_decides_on_their_own_page(room: Room) -> None:
    room.sit(1, 2)
    trainer = room.visit("trainer")
    both = room.refs(1, 2)
    answer = trainer.post(f"{room.path}/actions/void", who=both, reason="helped")
    assert answer.status_code == 303
    found = re.search(rf"{room.path}/requests/\w{{12}}", trainer.open(room.path).text)
    assert found
    own = trainer.open(found[0]).text
    assert "Somebody else must decide" in own
    assert "Yes, void the attempt" not in own
    refs = [one.ref for one in room.requests()]
    mine = trainer.post(f"{found[0]}/decision", who=refs, decision="confirm")
    assert mine.status_code == 409
    assert 'data-refusal="same-person"' in mine.text
    staff = room.visit("staff")
    assert "Somebody else helped" in staff.open(found[0]).text
    none = staff.post(f"{found[0]}/decision", decision="confirm")
    assert (none.status_code, "Tick at least one" in none.text) == (409, True)
    done = staff.post(f"{found[0]}/decision", who=refs[:1], decision="confirm")
    assert done.status_code == 303
    voided = [room.attempt(number).voided_at is not None for number in (1, 2)]
    assert sorted(voided) == [False, True]
    assert "Confirmed" not in staff.open(found[0]).text  # one still waits
    back = trainer.post(f"{found[0]}/withdrawal")
    assert back.status_code == 303
    assert "This was decided" in staff.open(found[0]).text
    again = trainer.post(f"{found[0]}/withdrawal")
    assert again.status_code == 409


def test_another_trainer_who_is_sent_the_link_decides_and_sees_no_more(
    room: Room,
) -> None:
    room.sit(1)
    room.act(Deed.END, 1)
    path = f"{room.path}/requests/{room.requests()[0].ref}"
    other = room.visit("other")
    assert other.open(path).status_code == 200
    done = other.post(
        f"{path}/decision", who=room.requests()[0].ref, decision="confirm"
    )
    assert done.status_code == 303
    assert room.attempt(1).finished_at is not None
    assert other.open(room.path).status_code == 404
    unknown = f"{room.path}/requests/{'0' * 12}"
    assert other.open(unknown).status_code == 404
    assert other.post(f"{unknown}/decision", who="x").status_code == 404


def test_lost_time_is_given_back_at_one_press(room: Room, clock: MovableClock) -> None:
    first, second, _ = room.sit(1, 2, 3)
    be_silent(clock, 60, first, second)
    trainer = room.visit("trainer")
    page = trainer.open(room.path).text
    assert "The room: 2 people at once" in page
    assert "09:00:00 to 09:01:00" in page
    assert "and Sitter2 too" in page
    told = trainer.send(to="/credits").text  # the last: one person's
    assert "Time was given back to 1 person." in told
    names = [gap.name for gap in room.losses().gaps]
    partly = trainer.post(f"{room.path}/credits", gap=names)
    assert partly.status_code == 200
    assert "This time was given back before." in partly.text
    nothing = trainer.post(f"{room.path}/credits", gap=names)
    assert nothing.status_code == 409
    foreign = trainer.post(f"{room.path}/credits", gap="of.another")
    assert foreign.status_code == 404


def test_odd_addresses_say_nothing_odd(room: Room) -> None:
    trainer = room.visit("trainer")
    for query in ("done=hold&people=²", "done=x&people=1", "done=hold", "people=-1"):
        page = trainer.open(f"{room.path}?{query}")
        assert page.status_code == 200
        assert "room-done" not in page.text


@pytest.mark.parametrize("what", ["door", "release", "code", "credits", "actions/hold"])
def test_a_press_without_the_pages_token_does_nothing(room: Room, what: str) -> None:
    trainer = room.visit("trainer")
    assert trainer.client.post(f"{room.path}/{what}").status_code == 400


def test_a_name_is_shown_as_text(room: Room, database: Database) -> None:
    with database.transaction() as db:
        db.merge(room.day.candidates[0]).full_name = "<b>Marta</b>"
    page = room.visit("trainer").open(room.path).text
    assert "&lt;b&gt;Marta&lt;/b&gt;" in page
    assert "<b>Marta" not in page
