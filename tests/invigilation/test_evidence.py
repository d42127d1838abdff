"""The record of a sitting: it replays, it says when it was tampered with, it has no key."""

import json
from typing import Any

from sqlalchemy import select, text

from ecs_training.assessment.models import Response
from ecs_training.assessment.rules.writing import to_shown_letter
from ecs_training.foundation.database import Database
from ecs_training.invigilation.documents import render_evidence
from ecs_training.invigilation.rules.actions import Deed
from tests.assessment.exam import PLANTED
from tests.conftest import MovableClock
from tests.factories import make_finished_attempt, make_person
from tests.invigilation.rooms import Room, report
from tests.invigilation.test_outages import be_silent

Pack = dict[str, Any]


def take(room: Room, visitor: str = "trainer") -> Pack:
    answer = room.visit(visitor).open(f"{room.path}/evidence.json")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    pack: Pack = answer.get_json()
    return pack


def attempts(pack: Pack) -> dict[str, Pack]:
    return {
        one["name"]: one["attempts"][-1] for one in pack["people"] if one["attempts"]
    }


def replay(attempt: Pack) -> dict[int, str | None]:
    """Play every accepted answer in order: the last one of each question counts."""
    played: dict[int, str | None] = dict.fromkeys(one["n"] for one in attempt["paper"])
    for answer in attempt["answers"]:
        played[answer["n"]] = answer["option"]
    return played


def stored(database: Database, attempt_id: int) -> dict[int, str | None]:
    with database.reading() as db:
        rows = db.scalars(select(Response).where(Response.attempt_id == attempt_id))
        return {
            row.n: to_shown_letter(row.chosen, row.option_order) for row in rows.all()
        }


def test_the_answers_replayed_in_order_are_the_answers_in_the_database(
    room: Room, database: Database, clock: MovableClock
) -> None:
    first, second = room.sit(1, 2)
    for n, option in ((1, "a"), (2, "b"), (1, "c"), (3, "d"), (3, None), (2, "b")):
        clock.advance(seconds=2)
        assert first.put(n, option).status_code == 200
    for n in range(50, 0, -1):
        second.put(n, "abcd"[n % 4])
    first.lease = first.take_over().get_json()["lease"]
    first.seq = 0
    first.put(4, "d", flagged=True)
    second.finish()
    sat = attempts(take(room))
    assert set(sat) == {"Sitter1", "Sitter2"}
    for number, name in ((1, "Sitter1"), (2, "Sitter2")):
        attempt_id = room.attempt(number).id
        assert replay(sat[name]) == stored(database, attempt_id)
    assert [one["option"] for one in sat["Sitter1"]["answers"]] == [
        *("a", "b", "c", "d", None, "b", "d"),
    ]
    assert [one["device"] for one in sat["Sitter1"]["answers"]] == [1] * 6 + [2]
    assert sat["Sitter1"]["answers"][-1]["flagged"] is True
    assert sat["Sitter1"]["answers"][0]["item"].rpartition("-")[0]


def test_it_says_everything_that_happened_and_who_decided_it(
    room: Room, clock: MovableClock
) -> None:
    first, second = room.sit(1, 2)
    be_silent(clock, 90, first)
    room.give_back(room.losses().gaps[0].name)
    room.act(Deed.HOLD, 1)
    clock.advance(minutes=1)
    room.act(Deed.RESUME, 1)
    room.act(Deed.EXTEND, 1, minutes=5, note="a lorry outside")
    room.act(Deed.VOID, 2, note="seen on camera")
    room.decide(room.staff)
    report(first, hidden=True)
    clock.advance(minutes=60)
    first.put(9, "d")
    room.finish_overdue()
    pack = take(room)
    one, two = attempts(pack)["Sitter1"], attempts(pack)["Sitter2"]
    assert pack["sitting"]["invigilator"] == "Trainer"
    assert pack["sitting"]["opening_declaration"].startswith("I am the invigilator")
    assert [
        (change["kind"], change["seconds"], change["by"])
        for change in one["time_changes"]
    ] == [
        ("outage", 90, "Trainer"),
        ("hold", 60, None),
        ("extension", 300, "Trainer"),
    ]
    assert one["time_changes"][-1]["note"] == "a lorry outside"
    assert one["time_changes"][-1]["reason_words"] == "Their device failed"
    assert one["silences"][0]["given_back"] is True
    whats = [happened["what"] for happened in one["events"]]
    assert whats[:3] == ["unheard", "unheard", "left-page"]
    assert (one["ending"], one["passed"]) == ("time-up", False)
    assert [late["n"] for late in one["late_answers"]] == [9]
    assert two["ending"] == "voided"
    assert two["requests"][0]["by"] == "Trainer"
    assert two["requests"][0]["decided_by"] == "Staff"
    assert two["voided_by"] == "Staff"
    person = pack["people"][0]
    assert person["register"][0]["presence"] == "attended"
    assert person["identity"][0]["by"] == "Trainer"
    actions = {row["action"] for row in pack["audit"]}
    assert actions >= {
        "opened sitting",
        "held attempt",
        "extended attempt",
        "voided attempt",
        "took the evidence",
    }
    assert {row["by"] for row in pack["audit"]} == {None, "Trainer", "Staff"}
    assert second.ref == two["ref"]


def test_a_journal_that_was_changed_after_the_end_does_not_match(
    room: Room, database: Database
) -> None:
    first, second, third = room.sit(1, 2, 3)
    for sitter in (first, second):
        sitter.put(1, "a")
        sitter.finish()
    third.put(1, "a")
    with database.transaction() as db:
        if database.engine.dialect.name == "sqlite":
            db.execute(text("DROP TRIGGER response_journal_no_update"))
        else:
            db.execute(
                text("DROP TRIGGER response_journal_append_only ON response_journal")
            )
        db.execute(
            text("UPDATE response_journal SET flagged = true WHERE attempt_id = :id"),
            {"id": room.attempt(1).id},
        )
    sat = attempts(take(room))
    assert sat["Sitter1"]["journal"]["matches"] is False
    assert sat["Sitter2"]["journal"]["matches"] is True
    assert sat["Sitter2"]["journal"]["lines"] == 1
    assert sat["Sitter3"]["journal"]["matches"] is None  # still open


def test_an_attempt_opened_again_is_compared_with_its_last_seal(
    room: Room, clock: MovableClock
) -> None:
    (first,) = room.sit(1)
    first.put(1)
    clock.advance(minutes=31)
    room.finish_overdue()
    room.act(Deed.EXTEND, 1)
    first.look()
    assert first.put(2).status_code == 200
    first.finish()
    journal = attempts(take(room))["Sitter1"]["journal"]
    assert (journal["matches"], journal["lines"], journal["sealed_lines"]) == (
        True,
        2,
        2,
    )


def test_it_has_no_key_no_verdict_on_an_answer_and_no_lease(room: Room) -> None:
    (first,) = room.sit(1)
    first.put(1, "a")
    lease = first.lease
    first.finish()
    pack = take(room)
    spelled = json.dumps(pack)
    for secret in (PLANTED, lease, '"key"', '"right"', '"correct"', "option_order"):
        assert secret not in spelled, secret
    assert set(attempts(pack)["Sitter1"]["answers"][0]) == {
        "n",
        "item",
        "revision",
        "option",
        "flagged",
        "device",
        "seq",
        "at",
        "late",
    }


def test_taking_it_is_recorded_and_another_trainer_cannot(room: Room) -> None:
    take(room)
    take(room, "staff")
    rows = room.audited(f"sitting/{room.day.sitting.ref}")
    takers = [row.actor_id for row in rows if row.action == "took the evidence"]
    assert takers == [room.day.trainer.id, room.staff.id]
    other = room.visit("other")
    for kind in ("json", "pdf"):
        assert other.open(f"{room.path}/evidence.{kind}").status_code == 404


def test_who_was_booked_and_did_not_sit_is_in_it_and_other_dates_are_not(
    room: Room, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        stranger = make_person(db, "stranger", now=clock())
        make_finished_attempt(db, stranger, finished_at=clock())
    room.sit(1)
    pack = take(room)
    assert [one["name"] for one in pack["people"]] == ["Sitter1", "Sitter2", "Sitter3"]
    assert [len(one["attempts"]) for one in pack["people"]] == [1, 0, 0]


def test_the_pdf_is_one_and_the_same_each_time_and_takes_names_as_text(
    room: Room, database: Database
) -> None:
    names = ("#panic() $x$ \\\\", "Ελένη Żółć Nguyễn", "李 小龍")
    with database.transaction() as db:
        for person, name in zip(room.day.candidates, names, strict=True):
            db.merge(person).full_name = name
    first, second = room.sit(1, 2)
    first.put(1, "a", flagged=True)
    first.finish()
    second.put(2)
    pdf = room.visit("trainer").open(f"{room.path}/evidence.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    pack = take(room)
    assert render_evidence(pack, title="Once") == render_evidence(pack, title="Once")
    assert b"pdfuaid" not in pdf.data  # one letter cannot be drawn, so it is not tagged
    pack["people"][2]["name"] = "Bruce Lee"
    assert b"pdfuaid" in render_evidence(pack, title="Tagged")
