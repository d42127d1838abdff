"""A second person answers without the key; only that person puts the wording live."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import ItemReading, ItemRevision
from ecs_training.questions.services import load_bank
from ecs_training.questions.services.reviewing import ReviewRefused, send_back
from ecs_training.questions.services.suspending import retire, suspend
from tests.questions.banks import change
from tests.questions.desk import BOOTS, GLOVES, Desk


def give_back(desk: Desk, code: str, number: int = 1, *, by: int) -> None:
    with desk.database.transaction() as db:
        send_back(
            db,
            code=code,
            number=number,
            reason="The clause is another.",
            sent_back_by_id=by,
            now=desk.now,
        )


def count_readings(desk: Desk) -> int:
    with desk.database.reading() as db:
        return db.scalars(select(func.count(ItemReading.id))).one()


def test_read_agreed_and_approved_it_is_live(desk: Desk) -> None:
    code = desk.write()
    desk.clock.advance(hours=1)
    reading = desk.read(code, note="Clear.")
    assert (reading.agreed, reading.picked, reading.note) == (True, "b", "Clear.")
    assert (reading.reader_id, reading.read_at) == (desk.ben, desk.now)
    assert code not in desk.live()

    later = desk.clock.advance(hours=1)
    desk.approve(code)

    row = desk.revision(code)
    assert (row.approved_at, row.approved_by_id) == (later, desk.ben)
    assert desk.item(code).live_revision == 1
    assert code in desk.live()


def test_the_new_wording_takes_the_place_of_the_live_one(desk: Desk) -> None:
    desk.reword("elec-001")
    desk.read("elec-001", 2)
    desk.approve("elec-001", 2)
    assert desk.item("elec-001").live_revision == 2
    assert desk.numbers("elec-001") == [1, 2]


@pytest.mark.parametrize(
    ("picked", "defensible", "reason"),
    [
        ("a", [], "picked another answer"),
        ("b", ["c"], "could defend another"),
        ("a", ["b"], "picked another answer"),
    ],
)
def test_disagreement_sends_it_back_at_once_and_is_kept(
    desk: Desk, picked: str, defensible: list[str], reason: str
) -> None:
    code = desk.write()
    reading = desk.read(code, picked=picked, defensible=defensible, note="Hm.")

    row = desk.revision(code)
    assert not reading.agreed
    assert reading.defensible == defensible
    assert (row.sent_back_at, row.sent_back_by_id) == (desk.now, desk.ben)
    assert row.sent_back_reason
    assert reason in row.sent_back_reason
    assert count_readings(desk) == 1
    with pytest.raises(ReviewRefused) as refused:
        desk.approve(code)
    assert refused.value.slug == "not-waiting"


def test_to_defend_the_answer_that_one_picked_is_no_disagreement(desk: Desk) -> None:
    code = desk.write()
    reading = desk.read(code, defensible=["b"])
    assert reading.agreed
    assert reading.defensible == []


def test_nobody_who_worded_any_of_it_reads_it(desk: Desk) -> None:
    code = desk.write(by=desk.ann, submit=False)
    desk.reword(code, by=desk.ben, submit=False)
    desk.reword(code, by=desk.ann, stem="A last stem to ask about gloves?")
    for author in (desk.ann, desk.ben):
        with pytest.raises(ReviewRefused) as refused:
            desk.read(code, 3, by=author)
        assert refused.value.slug == "own"
    assert desk.read(code, 3, by=desk.cy).agreed


def test_the_author_of_the_wording_before_the_last_live_one_may_read(
    desk: Desk,
) -> None:
    code = desk.put_live()  # Ann's
    desk.reword(code, by=desk.ben)
    assert desk.read(code, 2, by=desk.ann).agreed
    with pytest.raises(ReviewRefused):
        desk.read(code, 2, by=desk.ben)


def test_the_database_too_refuses_an_author_who_approves(desk: Desk) -> None:
    written = desk.revision(desk.write()).id
    approved = {"approved_at": desk.now, "approved_by_id": desk.ann}
    with pytest.raises(IntegrityError), desk.database.transaction() as db:
        db.execute(
            update(ItemRevision).where(ItemRevision.id == written).values(approved)
        )


def test_one_reads_a_wording_once(desk: Desk) -> None:
    code = desk.write()
    desk.read(code)
    with pytest.raises(ReviewRefused) as refused:
        desk.read(code, picked="a")
    assert refused.value.slug == "read-before"
    assert count_readings(desk) == 1


def test_the_database_too_keeps_one_reading_a_person(desk: Desk) -> None:
    code = desk.write()
    first = desk.read(code)
    with pytest.raises(IntegrityError), desk.database.transaction() as db:
        db.add(
            ItemReading(
                revision_id=first.revision_id,
                reader_id=desk.ben,
                read_at=desk.now,
                picked="a",
                defensible=[],
                note="",
                agreed=False,
            )
        )


def test_another_reader_may_still_disagree(desk: Desk) -> None:
    code = desk.write()
    desk.read(code, by=desk.ben)
    desk.read(code, by=desk.cy, picked="d")
    with pytest.raises(ReviewRefused) as refused:
        desk.approve(code, by=desk.ben)
    assert refused.value.slug == "not-waiting"
    assert count_readings(desk) == 2


def test_only_who_read_it_and_agreed_approves(desk: Desk) -> None:
    code = desk.write()
    desk.read(code, by=desk.ben)
    for other in (desk.ann, desk.cy):
        for decide in (desk.approve, lambda *a, **k: give_back(desk, *a, **k)):
            with pytest.raises(ReviewRefused) as refused:
                decide(code, 1, by=other)
            assert refused.value.slug == "not-read"
    desk.approve(code, by=desk.ben)


def test_a_reader_who_agreed_may_send_it_back_for_its_source(desk: Desk) -> None:
    code = desk.write()
    desk.read(code)
    give_back(desk, code, by=desk.ben)
    row = desk.revision(code)
    assert (row.sent_back_by_id, row.sent_back_reason) == (
        desk.ben,
        "The clause is another.",
    )
    with pytest.raises(ReviewRefused):
        desk.approve(code)
    assert code not in desk.live()


def test_only_the_newest_wording_can_be_read_or_approved(desk: Desk) -> None:
    code = desk.write()
    desk.read(code)
    desk.reword(code)
    with pytest.raises(ReviewRefused) as refused:
        desk.approve(code, 1)
    assert refused.value.slug == "not-waiting"
    with pytest.raises(ReviewRefused):
        desk.read(code, 1, by=desk.cy)
    with pytest.raises(ReviewRefused) as refused:
        desk.approve(code, 2)  # an earlier reading is not one of this wording
    assert refused.value.slug == "not-read"


def test_a_draft_and_a_wording_of_the_files_are_not_read(desk: Desk) -> None:
    code = desk.write(submit=False)
    for other in (code, "elec-001"):
        with pytest.raises(ReviewRefused) as refused:
            desk.read(other)
        assert refused.value.slug == "not-waiting"


def test_an_unknown_item_or_revision_is_not_found(desk: Desk) -> None:
    code = desk.write()
    for other, number in ((code, 2), ("fire-99", 1)):
        with pytest.raises(NotFound):
            desk.read(other, number)
        with pytest.raises(NotFound):
            desk.approve(other, number)


def test_approval_is_refused_while_the_checks_find_something(desk: Desk) -> None:
    code = desk.write(
        replace(BOOTS, stem="Your boots have a hole. What should you not do?")
    )
    desk.read(code)
    with pytest.raises(ReviewRefused) as refused:
        desk.approve(code)
    assert refused.value.slug == "findings"
    assert desk.revision(code).approved_at is None


def test_approval_is_refused_for_what_a_live_question_asks_already(desk: Desk) -> None:
    desk.put_live()
    code = desk.write(replace(BOOTS, rationale="Said in another way."))
    desk.read(code)
    with pytest.raises(ReviewRefused) as refused:
        desk.approve(code)
    assert refused.value.slug == "findings"


def test_a_wording_is_no_duplicate_of_the_one_it_replaces(desk: Desk) -> None:
    code = desk.put_live()
    desk.reword(code, draft=BOOTS, rationale="Said in another way.")
    desk.read(code, 2)
    desk.approve(code, 2)


def test_approval_wants_a_source_that_was_looked_up_not_long_ago(desk: Desk) -> None:
    code = desk.write(replace(BOOTS, checked_on=date(2025, 3, 2)))
    desk.read(code)
    desk.clock.advance(days=1)
    with pytest.raises(ReviewRefused) as refused:
        desk.approve(code)
    assert refused.value.slug == "facts-missing"


def test_approval_ends_a_suspension(desk: Desk) -> None:
    code = desk.put_live()
    with desk.database.transaction() as db:
        suspend(
            db,
            code=code,
            reason="Doubtful.",
            blueprints=desk.plan.blueprints,
            suspended_by_id=desk.cy,
            now=desk.now,
        )
    assert code not in desk.live()
    desk.reword(code)
    desk.read(code, 2)
    desk.approve(code, 2)
    item = desk.item(code)
    assert (item.suspended_at, item.suspended_by_id, item.suspend_reason) == (
        None,
        None,
        None,
    )
    assert code in desk.live()


def test_approval_brings_a_retired_item_back(desk: Desk) -> None:
    code = desk.put_live()
    with desk.database.transaction() as db:
        retire(
            db,
            code=code,
            reason="Old.",
            blueprints=desk.plan.blueprints,
            retired_by_id=desk.cy,
            now=desk.now,
        )
    desk.reword(code)
    desk.read(code, 2)
    desk.approve(code, 2)
    item = desk.item(code)
    assert (item.retired_at, item.retired_by_id, item.retire_reason) == (None,) * 3
    assert code in desk.live()


def test_approval_is_refused_where_its_enemies_leave_no_paper(desk: Desk) -> None:
    """Two of three electrical questions are drawn: one that bars both others bars papers."""
    others = ("elec-002", "elec-003")
    desk.reword("elec-001", draft=GLOVES, enemies=("elec-002",))
    desk.read("elec-001", 2)
    desk.approve("elec-001", 2)  # elec-003 still stands beside either

    desk.reword("elec-003", draft=BOOTS, enemies=("elec-001", "elec-002"))
    desk.read("elec-003", 2)
    with pytest.raises(ReviewRefused) as refused:
        desk.approve("elec-003", 2)
    assert refused.value.slug == "too-few"
    assert desk.item("elec-003").live_revision == 1
    assert set(others) <= desk.live()


def test_every_decision_is_recorded_without_the_key(desk: Desk) -> None:
    code = desk.write()
    desk.read(code, picked="a", note="A secret key is b")
    desk.reword(code)
    desk.read(code, 2)
    give_back(desk, code, 2, by=desk.ben)
    desk.reword(code, stem="What do you do with gloves whose seam is torn?")
    desk.read(code, 3)
    desk.approve(code, 3)
    trail = [
        (each.action, each.actor_id, each.details)
        for each in desk.audit(f"question/{code}")
        if not each.action.startswith("wrote")
    ]
    assert trail == [
        ("read question: disagreed", desk.ben, {"revision": 1}),
        ("read question: agreed", desk.ben, {"revision": 2}),
        (
            "sent question back",
            desk.ben,
            {"revision": 2, "reason": "The clause is another."},
        ),
        ("read question: agreed", desk.ben, {"revision": 3}),
        ("put question live", desk.ben, {"revision": 3}),
    ]


def test_loading_the_files_again_leaves_what_staff_put_live(desk: Desk) -> None:
    desk.reword("elec-001")
    desk.read("elec-001", 2)
    desk.approve("elec-001", 2)
    change(desk.folder, "topics/fire.yaml", "revision: 1", "revision: 2")
    with desk.database.transaction() as db:
        report = load_bank(db, folder=desk.folder, now=desk.now)
    assert report.kept == ("elec-001",)
    assert report.revised == ("fire-001",)
    assert desk.item("elec-001").live_revision == 2
