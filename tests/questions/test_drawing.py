"""The live items that are kept ready are those of this moment."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from ecs_training.foundation.database import Base, Database, open_engine
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.queries import live_items
from ecs_training.questions.rules import Blueprint, PaperMaker
from ecs_training.questions.services import load_bank
from ecs_training.questions.services.drawing import ready_maker
from ecs_training.questions.services.recalling import recall_source, rehearse_recall
from ecs_training.questions.services.statistics import replace_statistics
from ecs_training.questions.services.suspending import put_back, retire, suspend
from tests.questions.banks import change
from tests.questions.desk import Desk

FIRE = Blueprint(id="f", version=1, minutes=5, pass_mark=1, topics={"fire": 1})
MAIN = "topics/fire.yaml"
SEEDS = range(40)


def read_maker(database: Database, blueprint: Blueprint = FIRE) -> PaperMaker:
    with database.transaction() as db:
        return ready_maker(db, blueprint=blueprint)


def draw_all(database: Database) -> set[str]:
    """Return every code that comes up on papers of one item about fire."""
    maker = read_maker(database)
    return {drawn.code for n in SEEDS for drawn in maker.draw(seed=f"{n}")}


def revision_ids(database: Database, code: str) -> set[int]:
    maker = read_maker(database)
    papers = [maker.draw(seed=f"{n}") for n in SEEDS]
    return {one.revision_id for paper in papers for one in paper if one.code == code}


def take_out(desk: Desk, code: str) -> None:
    with desk.database.transaction() as db:
        suspend(
            db,
            code=code,
            reason="Two answers could be right.",
            blueprints=desk.plan.blueprints,
            suspended_by_id=desk.ann,
            now=desk.now,
        )


def bring_back(desk: Desk, code: str) -> None:
    with desk.database.transaction() as db:
        put_back(
            db,
            code=code,
            clause="reg 4",
            checked_on=desk.today(),
            reason="One answer is right.",
            put_back_by_id=desk.ben,
            now=desk.now,
        )


def end(desk: Desk, code: str) -> None:
    with desk.database.transaction() as db:
        retire(
            db,
            code=code,
            reason="Nobody does that any more.",
            blueprints=desk.plan.blueprints,
            retired_by_id=desk.ann,
            now=desk.now,
        )


@pytest.mark.usefixtures("desk")
def test_while_nothing_changes_one_maker_serves_all(database: Database) -> None:
    first = read_maker(database)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    again = read_maker(database)
    event.remove(database.engine, "before_cursor_execute", note)
    assert again is first
    assert len([sql for sql in asked if "SELECT" in sql]) == 1
    assert not any("enemies" in sql for sql in asked)


@pytest.mark.usefixtures("desk")
def test_another_blueprint_is_another_maker(database: Database) -> None:
    two = Blueprint(id="f", version=1, minutes=5, pass_mark=1, topics={"fire": 2})
    assert len(read_maker(database).draw(seed="1")) == 1
    assert len(read_maker(database, two).draw(seed="1")) == 2
    assert len(read_maker(database).draw(seed="1")) == 1


# The clock of these tests stands still: nothing relies on a later `updated_at`.


def test_a_suspended_item_is_not_drawn_from_that_moment(
    desk: Desk, database: Database
) -> None:
    assert draw_all(database) == {"fire-001", "fire-002", "fire-003"}
    take_out(desk, "fire-002")
    assert draw_all(database) == {"fire-001", "fire-003"}
    bring_back(desk, "fire-002")
    assert draw_all(database) == {"fire-001", "fire-002", "fire-003"}


def test_one_item_out_and_another_in_is_noticed(desk: Desk, database: Database) -> None:
    take_out(desk, "fire-001")
    assert draw_all(database) == {"fire-002", "fire-003"}
    # As many are live as before, and nothing was touched later than anything else.
    with database.transaction() as db:
        bring, out = "fire-001", "fire-002"
        items = {item.code: item for item in db.scalars(select(Item))}
        for name in ("suspended_at", "suspended_by_id", "suspend_reason"):
            setattr(items[out], name, getattr(items[bring], name))
            setattr(items[bring], name, None)
    assert draw_all(database) == {"fire-001", "fire-003"}


def test_a_retired_item_is_not_drawn_from_that_moment(
    desk: Desk, database: Database
) -> None:
    assert "fire-003" in draw_all(database)
    end(desk, "fire-003")
    assert draw_all(database) == {"fire-001", "fire-002"}


def test_an_approved_item_is_drawn_from_that_moment(
    desk: Desk, database: Database
) -> None:
    before = draw_all(database)
    code = desk.write()
    desk.read(code)
    assert draw_all(database) == before
    desk.approve(code)
    assert draw_all(database) == {*before, code}


def test_an_approved_wording_takes_the_place_of_the_last(
    desk: Desk, database: Database
) -> None:
    old = desk.revision("fire-001").id
    assert revision_ids(database, "fire-001") == {old}
    number = desk.reword("fire-001")
    assert revision_ids(database, "fire-001") == {old}
    desk.read("fire-001", number)
    desk.approve("fire-001", number)
    assert revision_ids(database, "fire-001") == {desk.revision("fire-001", number).id}


def test_a_recalled_source_takes_its_items_at_once(
    desk: Desk, database: Database
) -> None:
    change(desk.folder, "sources.yaml", "eawr-1989:", OTHER)
    change(desk.folder, MAIN, "{id: eawr-1989", "{id: fire-guide")
    reload(desk)
    assert "fire-001" in draw_all(database)
    with database.transaction() as db:
        plan = rehearse_recall(db, source="fire-guide", blueprints=desk.plan.blueprints)
        recall_source(
            db,
            source="fire-guide",
            reason="A new edition is out.",
            digest=plan.digest,
            blueprints=desk.plan.blueprints,
            made_by_id=desk.ann,
            now=desk.now,
        )
    assert draw_all(database) == {"fire-002", "fire-003"}


OTHER = """fire-guide:
  title: "Fire guide"
  year: 2020
  edition: "First"
  jurisdiction: gb
  issuer: "UK Government"
eawr-1989:"""


def reload(desk: Desk) -> None:
    with desk.database.transaction() as db:
        load_bank(db, folder=desk.folder, now=desk.clock.advance(seconds=1))


@pytest.mark.parametrize(
    ("before", "after", "drawn"),
    [
        # Only fire-002 and fire-003 then lie near the average.
        ("difficulty: 0.82", "difficulty: 0.01", {"fire-002", "fire-003"}),
        ("status: live", "status: retired", {"fire-002", "fire-003"}),
    ],
)
def test_what_the_files_bring_is_seen_at_once(
    desk: Desk, database: Database, before: str, after: str, drawn: set[str]
) -> None:
    assert draw_all(database) == {"fire-001", "fire-002", "fire-003"}
    change(desk.folder, MAIN, before, after)
    reload(desk)
    assert draw_all(database) == drawn


def test_a_fresh_count_is_seen_at_once(
    desk: Desk, database: Database, now: datetime
) -> None:
    first = read_maker(database)
    ids = {code: desk.revision(code).id for code in ("fire-001", "fire-002")}
    with database.transaction() as db:
        counts = {ids["fire-001"]: (900, 1), ids["fire-002"]: (4, 4)}
        replace_statistics(db, counts=counts, now=now)
    second = read_maker(database)
    assert second is not first
    with database.transaction() as db:
        replace_statistics(db, counts=counts, now=desk.clock.advance(hours=1))
    assert read_maker(database) is not second
    with database.reading() as db:
        shown = {item.code: item.shown for item in live_items(db)}
    assert shown == {
        **dict.fromkeys(("elec-001", "elec-002", "elec-003"), 0),
        "fire-001": 900,
        "fire-002": 4,
        "fire-003": 0,
    }


@pytest.mark.usefixtures("desk")
def test_a_change_of_the_same_transaction_is_seen_before_it_is_committed(
    database: Database,
) -> None:
    seen = draw_all(database)
    with database.rehearsal() as db:
        item = db.scalars(select(Item).where(Item.code == "fire-001")).one()
        item.live_revision = None  # not flushed
        maker = ready_maker(db, blueprint=FIRE)
        drawn = {one.code for n in SEEDS for one in maker.draw(seed=f"{n}")}
        assert drawn == seen - {"fire-001"}
    assert draw_all(database) == seen


def make_small_bank(engine: Engine, key: str, now: datetime) -> Session:
    """Return a session of a database that holds one item, whose key is another."""
    Base.metadata.create_all(engine)
    db = Session(engine)
    item = Item(
        code="fire-1", topic="fire", origin="files", live_revision=1, updated_at=now
    )
    db.add(item)
    db.flush()
    columns = {"stem": "?", "rationale": "", "source": "", "clause": "", "enemies": []}
    db.add(
        ItemRevision(
            item_id=item.id,
            revision=1,
            content_hash=key,
            key=key,
            options={},
            jurisdiction="gb",
            added_at=now,
            **columns,
        )
    )
    return db


def test_each_database_has_its_own(tmp_path: Path, now: datetime) -> None:
    for key in "ab":
        engine = open_engine(f"sqlite:///{tmp_path / key}.db")
        with make_small_bank(engine, key, now) as db:
            (drawn,) = ready_maker(db, blueprint=FIRE).draw(seed="1")
            assert drawn.key == key
        engine.dispose()


def test_a_live_item_says_how_hard_it_is(desk: Desk, database: Database) -> None:
    with database.transaction() as db:
        wording = db.get_one(ItemRevision, desk.revision("fire-002").id)
        wording.difficulty = None
        shares = {item.code: item.difficulty for item in live_items(db)}
    assert shares["fire-001"] == 0.82
    assert shares["fire-002"] is None
