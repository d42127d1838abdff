"""Saying that a test went wrong, and what a person decides about it."""

import pytest
from sqlalchemy import select

from ecs_training.assessment.models import Entry, Resit
from ecs_training.foundation.database import Database
from ecs_training.invigilation.models import Appeal
from ecs_training.invigilation.rules import AppealOutcome
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.passes.models import Pass
from tests.assessment.exam import Sitter, shown_keys, together
from tests.browsing import Visitor
from tests.invigilation.rooms import Room


def appeal(database: Database) -> Appeal:
    with database.reading() as db:
        return db.scalars(select(Appeal)).one()


def letters(database: Database) -> list[OutgoingEmail]:
    with database.reading() as db:
        query = select(OutgoingEmail).where(OutgoingEmail.key.startswith("appeal/"))
        return list(db.scalars(query.order_by(OutgoingEmail.id)))


def complain(sitter: Sitter, words: str = "A lorry stood outside.") -> int:
    return sitter.post(f"/attempts/{sitter.ref}/appeal", words=words).status_code


def decide(staff: Visitor, database: Database, outcome: str, **fields: str) -> str:
    """Return the refusal's name, or nothing where it was decided."""
    ref = appeal(database).ref
    answer = staff.post(
        f"/staff/appeals/{ref}",
        **{"outcome": outcome, "reply": "We looked.", "date": "", **fields},
    )
    if answer.status_code == 303:
        return ""
    return answer.text.partition('data-refusal="')[2].partition('"')[0] or "422"


@pytest.fixture
def failed(room: Room) -> Sitter:
    (first,) = room.sit(1)
    first.finish()
    return first


@pytest.fixture
def passed(room: Room, database: Database) -> Sitter:
    (first,) = room.sit(1)
    for n, key in shown_keys(database, first.ref).items():
        first.put(n, key)
    first.finish()
    return first


def test_it_is_sent_once_and_acknowledged(failed: Sitter, database: Database) -> None:
    assert "/appeal" in failed.open(f"/attempts/{failed.ref}/result").text
    assert complain(failed) == 303
    assert complain(failed, "And it was cold.") == 409
    assert appeal(database).words == "A lorry stood outside."
    page = failed.open(f"/attempts/{failed.ref}/appeal").text
    assert "A lorry stood outside." in page
    assert "<textarea" not in page
    (letter,) = letters(database)
    assert letter.to == "sitter1@example.org"
    assert letter.subject == "We have what you told us about your test"


def test_words_are_asked_for_and_kept_within_bounds(
    failed: Sitter, database: Database
) -> None:
    assert complain(failed, "  ") == 422
    assert complain(failed, "x" * 2001) == 422
    assert complain(failed, "x" * 2000) == 303
    assert len(appeal(database).words) == 2000


def test_before_the_end_of_practice_and_of_others_there_is_no_such_page(
    room: Room, failed: Sitter
) -> None:
    (second,) = room.sit(2)
    assert complain(second) == 404
    own, second.ref = second.ref, failed.ref
    assert complain(second) == 404
    second.ref = own
    second.finish()
    second.start("/practice/labourer")
    second.finish()
    assert complain(second) == 404


def test_a_result_that_stands_changes_nothing(
    room: Room, failed: Sitter, database: Database
) -> None:
    complain(failed)
    staff = room.visit("staff")
    assert "Sitter1" in staff.open("/staff/appeals").text
    assert decide(staff, database, "stands") == ""
    assert appeal(database).outcome is AppealOutcome.STANDS
    assert room.attempt(1).voided_at is None
    with database.reading() as db:
        assert db.scalars(select(Resit)).all() == []
    assert "We looked." in failed.open(f"/attempts/{failed.ref}/appeal").text
    assert "The result stands." in letters(database)[-1].text
    audited = room.audited(f"attempt/{failed.ref}")[-1]
    assert (audited.action, audited.actor_id) == ("decided appeal", room.staff.id)


def test_a_resit_gives_another_right_to_sit(
    room: Room, failed: Sitter, database: Database
) -> None:
    complain(failed)
    assert decide(room.visit("staff"), database, "resit") == ""
    with database.reading() as db:
        resit = db.scalars(select(Resit)).one()
        entry = db.get_one(Entry, resit.entry_id)
    assert resit.granted_by_id == room.staff.id
    assert entry.course_session_id == room.day.course_session.id
    old = failed.ref
    failed.page = None
    assert failed.start(f"/sittings/{room.day.sitting.ref}") != old


def test_a_voided_result_takes_the_pass_and_gives_a_resit(
    room: Room, passed: Sitter, database: Database
) -> None:
    complain(passed)
    staff = room.visit("staff")
    assert decide(staff, database, "resit") == "passed"
    assert appeal(database).decided_at is None
    assert decide(staff, database, "voided") == ""
    assert room.attempt(1).voided_by_id == room.staff.id
    with database.reading() as db:
        assert db.scalars(select(Pass)).one().revoked_at is not None
        assert db.scalars(select(Resit)).one().attempt_id == room.attempt(1).id


def test_a_resit_that_cannot_be_is_refused_and_nothing_is_voided(
    room: Room, passed: Sitter, database: Database
) -> None:
    complain(passed)
    refusal = decide(room.visit("staff"), database, "voided", date="0" * 12)
    assert refusal == "no-such-date"
    assert room.attempt(1).voided_at is None
    assert appeal(database).decided_at is None
    assert len(letters(database)) == 1


def test_it_is_decided_once_with_a_reply(
    room: Room, failed: Sitter, database: Database
) -> None:
    complain(failed)
    staff = room.visit("staff")
    assert decide(staff, database, "stands", reply=" ") == "422"
    assert decide(staff, database, "burn") == "422"
    assert decide(staff, database, "stands") == ""
    assert decide(staff, database, "resit") == "decided"
    assert appeal(database).outcome is AppealOutcome.STANDS


def test_only_staff_decide(room: Room, failed: Sitter, database: Database) -> None:
    complain(failed)
    path = f"/staff/appeals/{appeal(database).ref}"
    for visitor in (room.visit("trainer"), failed):
        assert visitor.open("/staff/appeals").status_code == 404
        assert visitor.open(path).status_code == 404
        assert visitor.post(path, outcome="stands", reply="No.").status_code == 404


@pytest.mark.heavy
def test_two_who_decide_at_once_decide_once(
    room: Room, failed: Sitter, database: Database
) -> None:
    complain(failed)
    one, two = room.visit("staff"), room.visit("staff")
    refusals = together(
        lambda: decide(one, database, "stands"),
        lambda: decide(two, database, "resit"),
    )
    assert sorted(refusals) == ["", "decided"]
    assert len(letters(database)) == 2
