"""What loading a folder makes of the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.questions.models import Item, ItemPicture, ItemRevision
from ecs_training.questions.queries import live_items
from ecs_training.questions.rules import BankError
from ecs_training.questions.services import LoadReport, load_bank
from ecs_training.questions.services.loading import Change
from tests.factories import make_person
from tests.questions.banks import change, write_bank

ELEC = "topics/electrical.yaml"
FIRE = "topics/fire.yaml"
COPIED = [column for column in ItemRevision.__table__.columns if column.name != "id"]
REAL = Path(__file__).parents[2] / "question_bank"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_bank(tmp_path / "bank")


@pytest.fixture
def load(db: Session, bank: Path, now: datetime) -> Callable[[], LoadReport]:
    """Load the bank as it is at the moment."""

    def load() -> LoadReport:
        db.flush()
        return load_bank(db, folder=bank, now=now)

    return load


def report(**counts: int) -> dict[str, int]:
    return dict.fromkeys(Change, 0) | counts


def get_item(db: Session, code: str) -> Item:
    return db.scalars(select(Item).where(Item.code == code)).one()


def list_revisions(db: Session, code: str) -> list[tuple[int, str]]:
    rows = db.execute(
        select(ItemRevision.revision, ItemRevision.stem)
        .join(Item, Item.id == ItemRevision.item_id)
        .where(Item.code == code)
        .order_by(ItemRevision.revision)
    )
    return [(number, stem) for number, stem in rows]


def list_live(db: Session) -> set[str]:
    return {item.code for item in live_items(db)}


def photograph(db: Session) -> list[list[Any]]:
    """Return every row of the bank, to see whether anything changed."""
    db.flush()
    return [
        [
            tuple(row)
            for row in db.execute(select(*table.__table__.c).order_by(table.id))
        ]
        for table in (Item, ItemRevision)
    ]


def test_a_first_load_stores_every_item_as_written(
    db: Session, load: Callable[[], LoadReport], now: datetime
) -> None:
    assert load().counts() == report(added=6)

    item = get_item(db, "elec-002")
    assert (item.topic, item.live_revision, item.updated_at) == ("electrical", 1, now)
    row = db.scalars(select(ItemRevision).where(ItemRevision.item_id == item.id)).one()
    assert row.stem == "What comes first in elec-002?"
    assert row.options == {
        "a": "Test that it is dead",
        "b": "Find the right circuit",
        "c": "Lock the isolator",
        "d": "Tell the others",
    }
    assert (row.revision, row.key, row.jurisdiction) == (1, "b", "gb")
    assert (row.source, row.clause) == ("eawr-1989", "reg 13")
    assert (row.checked_on, row.added_at) == (date(2026, 11, 22), now)
    assert (row.difficulty, row.enemies, row.image) == (0.82, [], None)


def test_loading_again_changes_nothing(
    db: Session, load: Callable[[], LoadReport], bank: Path, now: datetime
) -> None:
    load()
    before = photograph(db)

    later = now + timedelta(days=1)
    assert load_bank(db, folder=bank, now=later).counts() == report(unchanged=6)
    assert photograph(db) == before


def test_a_new_revision_goes_live_and_the_old_one_stays(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    change(bank, ELEC, "revision: 1", "revision: 2")
    change(bank, ELEC, "comes first in elec-001", "must come first in elec-001")

    assert load().counts() == report(revised=1, unchanged=5)
    assert get_item(db, "elec-001").live_revision == 2
    assert list_revisions(db, "elec-001") == [
        (1, "What comes first in elec-001?"),
        (2, "What must come first in elec-001?"),
    ]
    assert len(live_items(db)) == 6


def test_a_revision_number_may_be_skipped(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    change(bank, ELEC, "revision: 1", "revision: 7")
    assert load().counts() == report(revised=1, unchanged=5)
    assert get_item(db, "elec-001").live_revision == 7


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("comes first in elec-001", "must come first in elec-001"),
        ('"Lock the isolator"', '"Lock it"'),
        ("key: b", "key: c"),
    ],
)
@pytest.mark.parametrize("status", ["live", "draft", "retired"])
def test_changed_content_under_the_same_revision_is_refused(
    db: Session,
    load: Callable[[], LoadReport],
    bank: Path,
    *,
    before: str,
    after: str,
    status: str,
) -> None:
    load()
    stored = photograph(db)
    change(bank, ELEC, before, after)
    change(bank, ELEC, "status: live", f"status: {status}")
    with pytest.raises(
        BankError,
        match=r"^topics/electrical.yaml, line 4, item elec-001, revision: the content was"
        r" changed; make it revision 2$",
    ):
        load()
    assert photograph(db) == stored


def test_a_refused_bank_leaves_nothing_of_its_good_items(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    stored = photograph(db)
    change(bank, ELEC, "revision: 1", "revision: 2")  # good, and read first
    change(bank, FIRE, "key: b", "key: a")
    with pytest.raises(BankError, match="item fire-001, revision: the content was"):
        load()
    assert photograph(db) == stored


def test_a_folder_with_a_fault_leaves_nothing(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    change(bank, FIRE, "key: b", "key: e")
    with pytest.raises(BankError, match="item fire-001, key: 'e' is none of"):
        load()
    assert photograph(db) == [[], []]


def test_a_step_back_is_refused(load: Callable[[], LoadReport], bank: Path) -> None:
    change(bank, ELEC, "revision: 1", "revision: 3")
    load()
    change(bank, ELEC, "revision: 3", "revision: 2")
    with pytest.raises(
        BankError, match="revision 3 was loaded before; use a higher one"
    ):
        load()


def test_changed_content_needs_more_than_the_newest_revision(
    load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    change(bank, ELEC, "revision: 1", "revision: 5")
    load()
    change(bank, ELEC, "key: b", "key: c")
    with pytest.raises(BankError, match="make it revision 6"):
        load()


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_an_item_that_is_not_live_any_more_is_not_drawn(
    db: Session, load: Callable[[], LoadReport], bank: Path, status: str
) -> None:
    load()
    change(bank, ELEC, "status: live", f"status: {status}")

    assert load().counts() == report(retired=1, unchanged=5)
    assert get_item(db, "elec-001").live_revision is None
    assert list_live(db) == {"elec-002", "elec-003", "fire-001", "fire-002", "fire-003"}
    assert list_revisions(db, "elec-001") == [(1, "What comes first in elec-001?")]
    assert load().counts() == report(unchanged=6)


def test_an_item_that_vanished_from_the_files_is_not_drawn(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    text = (bank / FIRE).read_text()
    cut = text.index("  - id: fire-002")
    (bank / FIRE).write_text(text[:cut])

    assert load().counts() == report(retired=2, unchanged=4)
    assert get_item(db, "fire-002").live_revision is None
    assert list_live(db) == {"elec-001", "elec-002", "elec-003", "fire-001"}
    assert load().counts() == report(unchanged=4)


def test_an_item_that_comes_back_is_live_again(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    change(bank, ELEC, "status: live", "status: retired")
    load()
    change(bank, ELEC, "status: retired", "status: live")
    assert load().counts() == report(revised=1, unchanged=5)
    assert get_item(db, "elec-001").live_revision == 1


def test_a_draft_may_be_reworded_until_it_is_live(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    change(bank, ELEC, "status: live", "status: draft")
    assert load().counts() == report(added=5, unchanged=1)
    assert get_item(db, "elec-001").live_revision is None
    assert list_revisions(db, "elec-001") == []

    change(bank, ELEC, "key: b", "key: c")
    assert load().counts() == report(unchanged=6)
    change(bank, ELEC, "status: draft", "status: live")
    assert load().counts() == report(added=1, unchanged=5)
    assert get_item(db, "elec-001").live_revision == 1


def test_a_draft_of_the_next_revision_takes_the_item_out(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    change(bank, ELEC, "revision: 1", "revision: 2")
    change(bank, ELEC, "status: live", "status: draft")
    change(bank, ELEC, "key: b", "key: c")
    assert load().counts() == report(retired=1, unchanged=5)
    assert [number for number, _ in list_revisions(db, "elec-001")] == [1]


def test_facts_beside_the_content_are_corrected_in_place(
    db: Session, load: Callable[[], LoadReport], bank: Path, now: datetime
) -> None:
    load()
    (before,) = list_revisions(db, "elec-001")
    change(bank, ELEC, "enemies: []", "enemies: [fire-001]")
    change(bank, ELEC, "checked_on: 2026-11-22", "checked_on: 2026-12-01")
    change(bank, ELEC, "difficulty: 0.82", "difficulty: 0.7")
    change(bank, ELEC, "jurisdiction: gb", "jurisdiction: wales")
    change(bank, ELEC, '"reg 13"', '"reg 12"')
    change(bank, ELEC, "Whatever is", "What is")
    later = now + timedelta(days=1)

    assert load_bank(db, folder=bank, now=later).counts() == report(
        annotated=1, unchanged=5
    )
    item = get_item(db, "elec-001")
    assert (item.live_revision, item.updated_at) == (1, later)
    row = db.scalars(select(ItemRevision).where(ItemRevision.item_id == item.id)).one()
    assert (row.revision, row.stem) == before
    assert (row.enemies, row.checked_on) == (["fire-001"], date(2026, 12, 1))
    assert (row.difficulty, row.jurisdiction) == (0.7, "wales")
    assert (row.clause, row.rationale[:7]) == ("reg 12", "What is")
    assert row.added_at == now
    assert get_item(db, "elec-002").updated_at == now


def test_a_corrected_fact_leaves_older_revisions_alone(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    change(bank, ELEC, "revision: 1", "revision: 2")
    load()
    change(bank, ELEC, "difficulty: 0.82", "difficulty: 0.5")
    load()
    item = get_item(db, "elec-001")
    rows = db.scalars(
        select(ItemRevision.difficulty)
        .where(ItemRevision.item_id == item.id)
        .order_by(ItemRevision.revision)
    )
    assert rows.all() == [0.82, 0.5]


def test_an_item_may_move_to_another_topic(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    text = (bank / FIRE).read_text()
    cut = text.index("  - id: fire-003")
    (bank / FIRE).write_text(text[:cut])
    with (bank / ELEC).open("a") as file:
        file.write(text[cut:])
    assert load().counts() == report(annotated=1, unchanged=5)
    assert get_item(db, "fire-003").topic == "electrical"


def test_a_picture_is_kept_with_the_revision(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    (bank / "images/plug.svg").write_text("<svg/>")
    change(bank, ELEC, "enemies: []", 'image: {file: plug.svg, alt: "A plug"}')
    load()
    item = get_item(db, "elec-001")
    row = db.scalars(select(ItemRevision).where(ItemRevision.item_id == item.id)).one()
    assert row.image is not None
    assert (row.image["file"], row.image["alt"]) == ("plug.svg", "A plug")

    (bank / "images/plug.svg").write_text("<svg>redrawn</svg>")
    with pytest.raises(BankError, match="the content was changed"):
        load()


def test_a_load_that_changed_something_is_on_record(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    load()
    change(bank, ELEC, "status: live", "status: retired")
    load()
    entries = db.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("loaded question bank", None),
        ("loaded question bank", None),
    ]
    assert entries[0].details["added"] == 6
    assert entries[1].details == {
        "added": 0,
        "revised": 0,
        "retired": 1,
        "annotated": 0,
        "kept": 0,
        "unchanged": 5,
    }


def test_live_items_are_read_in_one_query_by_code(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    change(bank, ELEC, "enemies: []", "enemies: [fire-001, fire-002]")
    change(bank, ELEC, "key: b", "key: d")
    change(bank, FIRE, "status: live", "status: retired")
    load()
    db.flush()
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    engine = db.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    live = live_items(db)
    event.remove(engine, "before_cursor_execute", note)

    assert len(asked) == 1
    assert [item.code for item in live] == [
        *("elec-001", "elec-002", "elec-003", "fire-002", "fire-003")
    ]
    first = live[0]
    assert (first.topic, first.key) == ("electrical", "d")
    assert first.enemies == ("fire-001", "fire-002")
    row = db.get_one(ItemRevision, first.revision_id)
    assert (row.stem, row.key) == ("What comes first in elec-001?", "d")


def test_only_the_live_revision_of_an_item_is_drawn(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    change(bank, ELEC, "revision: 1", "revision: 2")
    change(bank, ELEC, "key: b", "key: d")
    load()
    (item,) = [item for item in live_items(db) if item.code == "elec-001"]
    assert item.key == "d"


def test_two_processes_that_load_at_once_add_every_item_once(
    database: Database, bank: Path, now: datetime
) -> None:
    start = Barrier(2)

    def load(_n: int) -> LoadReport:
        start.wait()
        with database.transaction() as db:
            return load_bank(db, folder=bank, now=now)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(load, range(2)))

    assert sorted(len(one.added) for one in reports) == [0, 6]
    with database.reading() as db:
        assert db.scalars(select(func.count(Item.id))).one() == 6
        assert db.scalars(select(func.count(ItemRevision.id))).one() == 6


def test_the_real_bank_loads_and_loads_again(db: Session, now: datetime) -> None:
    first = load_bank(db, folder=REAL, now=now)
    assert len(first.added) == len(live_items(db)) >= 150
    assert load_bank(db, folder=REAL, now=now).counts() == report(
        unchanged=len(first.added)
    )


def test_the_real_bank_keeps_to_the_widths_of_the_columns(
    db: Session, now: datetime
) -> None:
    # SQLite would store a longer text, PostgreSQL refuse it.
    load_bank(db, folder=REAL, now=now)
    widest = {"stem": 600, "rationale": 1200, "clause": 200, "source": 60}
    for name, width in widest.items():
        column = ItemRevision.__table__.c[name]
        assert getattr(column.type, "length", None) == width
        longest = db.scalars(select(func.max(func.length(column)))).one()
        assert 0 < longest <= width


def test_what_staff_reworded_stays_until_the_files_bring_a_higher_revision(
    db: Session, load: Callable[[], LoadReport], bank: Path, now: datetime
) -> None:
    load()
    author, reader = make_person(db, now=now), make_person(db, now=now)
    item = get_item(db, "elec-001")
    first = db.scalars(
        select(ItemRevision).where(ItemRevision.item_id == item.id)
    ).one()
    facts = {column.name: getattr(first, column.name) for column in COPIED}
    reworded = facts | {
        "revision": 2,
        "stem": "Reworded by staff?",
        "content_hash": "x",
        "written_by_id": author.id,
        "approved_by_id": reader.id,
        "approved_at": now,
    }
    db.add(ItemRevision(**reworded))
    item.live_revision = 2

    assert load().kept == ("elec-001",)
    assert item.live_revision == 2

    change(bank, ELEC, "revision: 1", "revision: 3")
    assert load().revised == ("elec-001",)
    assert item.live_revision == 3


@pytest.mark.parametrize("decision", ["suspended", "retired"])
def test_what_staff_took_out_is_not_brought_back_by_the_same_files(
    db: Session,
    load: Callable[[], LoadReport],
    bank: Path,
    now: datetime,
    decision: str,
) -> None:
    load()
    staff = make_person(db, now=now)
    item = get_item(db, "elec-001")
    if decision == "suspended":
        item.suspended_at, item.suspended_by_id = now, staff.id
        item.suspend_reason = "the law changed"
    else:
        item.live_revision, item.retired_at, item.retired_by_id = None, now, staff.id

    assert load().kept == ("elec-001",)
    assert "elec-001" not in list_live(db)

    change(bank, ELEC, "revision: 1", "revision: 2")
    assert load().kept == ()
    assert "elec-001" in list_live(db)


def test_items_that_staff_wrote_are_not_retired_for_standing_in_no_file(
    db: Session, load: Callable[[], LoadReport], now: datetime
) -> None:
    load()
    first = db.scalars(select(ItemRevision)).first()
    assert first
    own = Item(
        code="fire-1", topic="fire", origin="staff", live_revision=1, updated_at=now
    )
    db.add(own)
    db.flush()
    facts = {column.name: getattr(first, column.name) for column in COPIED}
    db.add(ItemRevision(**facts | {"item_id": own.id}))

    assert load().retired == ()
    assert "fire-1" in list_live(db)


def test_a_rehearsed_load_reports_and_leaves_nothing(
    database: Database, bank: Path, now: datetime
) -> None:
    with database.rehearsal() as db:
        assert len(load_bank(db, folder=bank, now=now).added) == 6
    with database.reading() as db:
        assert list_live(db) == set()


def test_a_picture_is_stored_once_with_its_bytes(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
    (bank / "images").mkdir(exist_ok=True)
    (bank / "images" / "plug.svg").write_bytes(picture)
    change(
        bank,
        ELEC,
        "    reviews:",
        '    image: {file: "plug.svg", alt: "A plug"}\n    reviews:',
    )
    load()
    load()
    stored = db.scalars(select(ItemPicture)).one()
    assert stored.content == picture
    assert stored.media_type == "image/svg+xml"


def test_the_later_look_up_of_a_source_stands(
    db: Session, load: Callable[[], LoadReport], bank: Path
) -> None:
    load()
    item = get_item(db, "elec-001")
    revision = db.scalars(
        select(ItemRevision).where(ItemRevision.item_id == item.id)
    ).one()
    revision.clause, revision.checked_on = "reg 14", date(2026, 11, 23)

    assert load().annotated == ()
    assert (revision.clause, revision.checked_on) == ("reg 14", date(2026, 11, 23))

    change(bank, ELEC, "checked_on: 2026-11-22", "checked_on: 2026-11-24")
    assert load().annotated == ("elec-001",)
    assert (revision.clause, revision.checked_on) == ("reg 13", date(2026, 11, 24))
