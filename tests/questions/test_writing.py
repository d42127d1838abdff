"""Authors add wordings; nothing that was written is changed, nothing goes live by it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import ItemPicture
from ecs_training.questions.queries.dossiers import list_pictures
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.bank import Image, Jurisdiction
from ecs_training.questions.services.pictures import CleanPicture, store_picture
from ecs_training.questions.services.writing import WritingRefused
from tests.questions.desk import BOOTS, GLOVES, Desk

HALF = replace(
    BOOTS,
    rationale="",
    source="",
    clause="",
    checked_on=None,
    difficulty=None,
)


def test_a_new_item_is_kept_as_written_and_is_not_live(desk: Desk) -> None:
    full = replace(
        BOOTS,
        image=Image(file="boots.svg", alt="A boot", sha256="0" * 64),
        jurisdiction=Jurisdiction.WALES,
        enemies=("fire-001",),
    )
    code = desk.write(full, submit=False)

    item, row = desk.item(code), desk.revision(code)
    assert (code, item.topic, item.origin) == ("fire-4", "fire", "staff")
    assert item.live_revision is None
    assert (row.revision, row.written_by_id, row.added_at) == (1, desk.ann, desk.now)
    assert (row.submitted_at, row.approved_at, row.reviews) == (None, None, [])
    assert draft_of(row) == full
    assert code not in desk.live()


def test_a_draft_needs_no_facts(desk: Desk) -> None:
    code = desk.write(HALF, submit=False)
    assert draft_of(desk.revision(code)) == HALF


@pytest.mark.parametrize("fact", ["rationale", "source", "clause", "checked_on"])
def test_what_is_to_be_read_needs_every_fact(desk: Desk, fact: str) -> None:
    lacking = replace(BOOTS, **{fact: getattr(HALF, fact)})
    with pytest.raises(WritingRefused) as refused:
        desk.write(lacking)
    assert refused.value.slug == "facts-missing"
    assert desk.numbers("fire-4") == []

    code = desk.write(lacking, submit=False)
    with pytest.raises(WritingRefused):
        desk.reword(code, draft=lacking, stem="Another stem?")


def test_a_code_is_never_used_again(desk: Desk) -> None:
    first = desk.write(submit=False)
    assert desk.write(GLOVES, submit=False) == "fire-5"
    assert desk.write(submit=False, topic="electrical") == "electrical-1"
    assert first == "fire-4"


def test_a_new_wording_leaves_the_live_one_live(desk: Desk) -> None:
    before = draft_of(desk.revision("elec-001"))
    later = desk.clock.advance(hours=1)

    assert desk.reword("elec-001") == 2

    assert desk.item("elec-001").live_revision == 1
    assert desk.item("elec-001").updated_at == later
    assert "elec-001" in desk.live()
    assert draft_of(desk.revision("elec-001", 1)) == before
    assert draft_of(desk.revision("elec-001", 2)) == GLOVES
    assert desk.revision("elec-001", 2).submitted_at == later


def test_every_save_is_a_wording_of_its_own(desk: Desk) -> None:
    code = desk.write(submit=False)
    desk.reword(code, submit=False, stem="A second stem?")
    desk.reword(code, stem="A third stem?")
    assert desk.numbers(code) == [1, 2, 3]
    assert desk.revision(code, 1).stem == BOOTS.stem
    assert desk.revision(code, 2).stem == "A second stem?"


def test_whoever_started_from_an_older_wording_is_told(desk: Desk) -> None:
    code = desk.write(submit=False)
    desk.reword(code, by=desk.ben, submit=False)
    with pytest.raises(WritingRefused) as refused:
        desk.reword(code, based_on=1, submit=False, stem="Mine?")
    assert refused.value.slug == "stale"
    assert desk.numbers(code) == [1, 2]


def test_a_number_that_is_not_there_yet_is_as_stale(desk: Desk) -> None:
    code = desk.write(submit=False)
    with pytest.raises(WritingRefused) as refused:
        desk.reword(code, based_on=2)
    assert refused.value.slug == "stale"


@pytest.mark.parametrize("submit", [True, False])
def test_the_same_again_is_not_saved(desk: Desk, *, submit: bool) -> None:
    desk.put_live()
    with pytest.raises(WritingRefused) as refused:
        desk.reword("fire-4", by=desk.cy, draft=BOOTS, submit=submit)
    assert refused.value.slug == "nothing-changed"
    assert desk.numbers("fire-4") == [1]


def test_an_author_may_ask_for_the_reading_of_a_draft_as_it_is(desk: Desk) -> None:
    code = desk.write(submit=False)
    later = desk.clock.advance(days=1)
    assert desk.reword(code, draft=BOOTS) == 1
    assert desk.revision(code).submitted_at == later
    with pytest.raises(WritingRefused) as refused:
        desk.reword(code, draft=BOOTS)
    assert refused.value.slug == "nothing-changed"


def test_somebody_else_may_not_submit_an_authors_draft_as_theirs(desk: Desk) -> None:
    code = desk.write(submit=False)
    with pytest.raises(WritingRefused) as refused:
        desk.reword(code, by=desk.ben, draft=BOOTS)
    assert refused.value.slug == "nothing-changed"
    assert desk.revision(code).submitted_at is None


def test_while_it_waits_only_its_authors_and_readers_may_reword(desk: Desk) -> None:
    """Whoever may still be the reader must not have the key before them."""
    code = desk.write()
    with pytest.raises(WritingRefused) as refused:
        desk.reword(code, by=desk.ben)
    assert refused.value.slug == "being-read"
    desk.read(code, by=desk.ben)
    assert desk.reword(code, by=desk.ben, stem="As Ben would ask it?") == 2
    assert desk.reword(code, by=desk.ann, stem="As Ann would ask it?") == 3


def test_an_item_that_is_not_there_cannot_be_reworded(desk: Desk) -> None:
    with pytest.raises(NotFound), desk.database.transaction():
        desk.reword("fire-99", based_on=1)


def test_saving_is_recorded_without_the_key(desk: Desk) -> None:
    code = desk.write(submit=False)
    desk.reword(code)
    first, second = desk.audit(f"question/{code}")
    assert (first.action, first.actor_id) == ("wrote question", desk.ann)
    assert first.details == {"revision": 1}
    assert second.action == "wrote question, asked for second reading"
    assert second.details == {"revision": 2}


def test_a_picture_is_kept_once_and_named_by_its_wording(desk: Desk) -> None:
    picture = CleanPicture(content=b"<svg/>", media_type="image/svg+xml")
    other = CleanPicture(content=b"png", media_type="image/png")
    for each in (picture, other, picture):
        with desk.database.transaction() as db:
            store_picture(db, picture=each, now=desk.now)
    image = Image(file="torn-seam.svg", alt="A seam", sha256=picture.sha256)
    desk.write(replace(GLOVES, image=image))

    with desk.database.reading() as db:
        assert len(db.scalars(select(ItemPicture)).all()) == 2
        named = {each.sha256: each.file for each in list_pictures(db)}
    assert named == {
        picture.sha256: "torn-seam.svg",
        other.sha256: f"picture-{other.sha256[:12]}.png",
    }


def test_what_an_author_types_today_counts_for_today(desk: Desk) -> None:
    tomorrow = desk.today() + timedelta(days=1)
    with pytest.raises(WritingRefused):
        desk.write(replace(BOOTS, checked_on=tomorrow))
    desk.write(replace(BOOTS, checked_on=desk.today()))
