"""Questions out of the bank, into files of others and into the bank's own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.migrations import upgrade
from ecs_training.foundation.settings import Settings
from ecs_training.questions.formats import Format, read
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.queries.live import list_live_drafts
from ecs_training.questions.rules import BankError, BankItem
from ecs_training.questions.rules.bank import (
    Image,
    Jurisdiction,
    Outcome,
    Review,
    Status,
)
from ecs_training.questions.rules.bank_files import BankExportRefusal
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.parsing import LONGEST_NOTE, parse_topic
from ecs_training.questions.rules.topic_files import write_topic
from ecs_training.questions.rules.written import read_yaml
from ecs_training.questions.services import LoadReport, load_bank, read_bank
from ecs_training.questions.services.bank_export import (
    BankExport,
    BankExportRefused,
    export_bank,
    refuse_if_behind,
)
from ecs_training.questions.services.exporting import (
    ExportWish,
    export_questions,
    rehearse_export,
)
from ecs_training.questions.services.pictures import clean_picture, store_picture
from ecs_training.questions.services.suspending import put_back, retire, suspend
from ecs_training.reactions import REACTIONS
from tests.factories import make_person
from tests.questions.banks import change, write_item
from tests.questions.desk import BOOTS, GLOVES, Desk
from tests.questions.files import SVG, drawn, import_all, make_plan
from tests.questions.good_bank import make_item

ELEC = "topics/electrical.yaml"


def codes_in(desk: Desk, *, viewer: int | None = None, **wish: Any) -> list[str]:
    with desk.database.reading() as db:
        made = rehearse_export(
            db, wish=ExportWish(format=Format.CSV, **wish), viewer_id=viewer
        )
    items = read(made.data, format=Format.CSV, name="x") if made.count else []
    assert len(items) == made.count
    return [item.code or "" for item in items]


def take_out(desk: Desk, how: Callable[..., Item], code: str, **by: Any) -> None:
    with desk.database.transaction() as db:
        how(db, code=code, reason="Why not?", blueprints=(), now=desk.now, **by)


BANK = ["elec-001", "elec-002", "elec-003", "fire-001", "fire-002", "fire-003"]


def test_live_questions_are_exported_in_their_live_wording(desk: Desk) -> None:
    desk.write(BOOTS)
    desk.reword("elec-001", submit=False, stem="Reworded?")
    take_out(desk, suspend, "elec-002", suspended_by_id=desk.ann)
    take_out(desk, retire, "elec-003", retired_by_id=desk.ann)

    assert codes_in(desk) == ["elec-001", *BANK[3:]]
    with desk.database.reading() as db:
        wish = ExportWish(format=Format.GIFT)
        made = rehearse_export(db, wish=wish, viewer_id=None)
    assert b"What comes first in elec-001?" in made.data
    assert b"Reworded?" not in made.data


def test_all_questions_are_exported_as_they_stand(desk: Desk) -> None:
    live = desk.put_live(GLOVES)
    draft = desk.write(BOOTS, submit=False)
    take_out(desk, suspend, "elec-002", suspended_by_id=desk.ann)
    take_out(desk, retire, live, retired_by_id=desk.ann)
    assert codes_in(desk, every=True) == [*BANK, live, draft]
    assert codes_in(desk, every=True, topics=("fire",)) == [*BANK[3:], live, draft]
    assert codes_in(desk, topics=("electrical",)) == ["elec-001", "elec-003"]


def test_a_reader_to_be_gets_no_answer_before_the_reading(desk: Desk) -> None:
    code = desk.write(BOOTS, by=desk.ann)
    assert code not in codes_in(desk, every=True, viewer=desk.ben)
    assert code in codes_in(desk, every=True, viewer=desk.ann)
    assert code in codes_in(desk, every=True, viewer=None)
    desk.read(code, by=desk.ben)
    assert code in codes_in(desk, every=True, viewer=desk.ben)
    assert code not in codes_in(desk, every=True, viewer=desk.cy)


def test_of_nothing_there_is_no_file(desk: Desk) -> None:
    with desk.database.transaction() as db, pytest.raises(NotFound):
        export_questions(
            db,
            wish=ExportWish(format=Format.GIFT, topics=("nonsense",)),
            by_id=desk.ann,
            now=desk.now,
        )


def with_picture(desk: Desk, content: bytes, stem: str) -> ItemDraft:
    """Return a wording of the boots question that shows a picture."""
    picture = clean_picture(content)
    with desk.database.transaction() as db:
        store_picture(db, picture=picture, now=desk.now)
    ending = "svg" if "svg" in picture.media_type else "png"
    image = Image(file=f"boots.{ending}", alt="Two boots", sha256=picture.sha256)
    return replace(BOOTS, stem=stem, image=image, enemies=("fire-001",))


PICTURES = {Format.QTI, Format.MOODLE_XML}


@pytest.mark.parametrize("form", list(Format))
def test_what_was_exported_is_known_again_and_comes_in_elsewhere(
    desk: Desk, elsewhere: Database, form: Format
) -> None:
    desk.write(with_picture(desk, SVG, "Drawn boots?"))
    desk.write(with_picture(desk, drawn("JPEG"), "Photographed boots?"))
    desk.write(BOOTS)
    with desk.database.reading() as db:
        wish = ExportWish(format=form, every=True)
        made = rehearse_export(db, wish=wish, viewer_id=None)
    kept = 9 if form in PICTURES else 7
    assert (made.count, len(made.left_out)) == (kept, 9 - kept)
    items = read(made.data, format=form, name="x")

    again = make_plan(desk, items)
    assert again.counts["duplicate"] == kept
    other = empty_desk(elsewhere, desk)
    report = import_all(other, items, default="fire")
    assert len(report.codes) == kept
    assert asked(other) == asked(desk, keep=lambda row: kept == 9 or not row.image)


def empty_desk(database: Database, like: Desk) -> Desk:
    """Return a desk at a bank of the same topics without any question."""
    desk = Desk(database, like.clock, like.folder)
    with database.transaction() as db:
        desk.ann = make_person(db, "ann", now=desk.now, role=Role.STAFF).id
    return desk


def asked(
    desk: Desk, *, keep: Callable[[ItemRevision], bool] = lambda _: True
) -> list[Any]:
    """Return what is asked in all wordings, without codes and names of files."""
    with desk.database.reading() as db:
        rows = list(db.scalars(select(ItemRevision)))
    return sorted(
        (row.stem, list(row.options.items()), row.key, _shown(row))
        for row in rows
        if keep(row)
    )


def _shown(row: ItemRevision) -> tuple[str, str]:
    return (row.image["sha256"], row.image["alt"]) if row.image else ("", "")


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Database]:
    """Another product with a database of its own."""
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    database = Database(settings.model_copy(update={"database_url": url}), REACTIONS)
    upgrade(database.engine)
    yield database
    database.engine.dispose()


def export(desk: Desk, name: str = "exported") -> BankExport:
    with desk.database.reading() as db:
        return export_bank(db, source=desk.folder, folder=desk.folder.parent / name)


def load(database: Database, folder: Path, desk: Desk) -> LoadReport:
    with database.transaction() as db:
        return load_bank(db, folder=folder, now=desk.now)


def live_content(database: Database) -> list[Any]:
    with database.reading() as db:
        numbers = dict(db.execute(select(Item.code, Item.live_revision)).all())
        return [
            (code, numbers[code], topic, draft)
            for code, topic, draft in list_live_drafts(db)
        ]


def settle(desk: Desk) -> str:
    """Let staff do a day's work to the bank; return the code of what they added."""
    desk.clock.advance(days=270)  # after the files' sources were looked up
    added = desk.put_live(with_picture(desk, SVG, "Drawn boots?"))
    desk.reword("elec-001", stem="Reworded by staff?", draft=GLOVES)
    desk.read("elec-001", 2, note="Clear.\nNothing to add.")
    desk.approve("elec-001", 2)
    desk.reword("elec-002", stem="Not read yet?")
    take_out(desk, retire, "elec-003", retired_by_id=desk.ann)
    take_out(desk, suspend, "fire-001", suspended_by_id=desk.ben)
    take_out(desk, suspend, "fire-002", suspended_by_id=desk.ben)
    with desk.database.transaction() as db:
        put_back(
            db,
            code="fire-002",
            clause="reg 99",
            checked_on=desk.today(),
            reason="Looked up.",
            put_back_by_id=desk.cy,
            now=desk.now,
        )
    return added


def test_the_bank_goes_into_files_and_back_without_a_change(desk: Desk) -> None:
    settle(desk)
    desk.write(BOOTS)
    before = live_content(desk.database)
    made = export(desk)
    report = load(desk.database, desk.folder.parent / "exported", desk)

    assert (made.items, made.live, made.left_out) == (8, 5, [])
    assert report.counts() | {"kept": 0, "unchanged": 0} == dict.fromkeys(
        report.counts(), 0
    )
    assert set(report.kept) == {"elec-002", "elec-003", "fire-001"}
    assert live_content(desk.database) == before


def test_a_bank_that_nobody_touched_is_all_unchanged(desk: Desk) -> None:
    export(desk)
    exported = desk.folder.parent / "exported"
    report = load(desk.database, exported, desk)
    assert report.counts()["unchanged"] == sum(report.counts().values()) == 6
    for name in (ELEC, "topics/fire.yaml", "sources.yaml", "blueprints/short.yaml"):
        before, after = ((f / name).read_text() for f in (desk.folder, exported))
        if not name.startswith("topics"):
            assert after == before
    assert read_bank(exported) == read_bank(desk.folder)


def test_the_files_give_the_same_live_questions_elsewhere(
    desk: Desk, elsewhere: Database
) -> None:
    added = settle(desk)
    export(desk)
    load(elsewhere, desk.folder.parent / "exported", desk)
    there = live_content(elsewhere)
    assert there == live_content(desk.database)
    assert {code for code, *_ in there} == {*BANK, added} - {"elec-003", "fire-001"}


def test_a_product_with_the_files_of_before_comes_to_the_same(
    desk: Desk, elsewhere: Database
) -> None:
    load(elsewhere, desk.folder, desk)
    added = settle(desk)
    export(desk)
    report = load(elsewhere, desk.folder.parent / "exported", desk)
    assert report.added == (added,)
    assert report.revised == ("elec-001",)
    assert set(report.retired) == {"elec-003", "fire-001"}
    assert live_content(elsewhere) == live_content(desk.database)


def exported_items(desk: Desk) -> dict[str, BankItem]:
    items = read_bank(desk.folder.parent / "exported").items
    return {item.code: item for item in items}


def test_each_item_stands_in_the_files_as_it_does_in_the_bank(desk: Desk) -> None:
    added = settle(desk)
    export(desk)
    items = exported_items(desk)
    assert {
        code: (item.revision, item.status.value) for code, item in items.items()
    } == {
        "elec-001": (2, "live"),
        "elec-002": (1, "live"),
        "elec-003": (1, "retired"),
        "fire-001": (1, "draft"),  # suspended: not asked, and may come back
        "fire-002": (1, "live"),
        "fire-003": (1, "live"),
        added: (1, "live"),
    }
    assert list(items) == [*BANK, added]
    assert items[added].image == Image(
        file="boots.svg", alt="Two boots", sha256=clean_picture(SVG).sha256
    )
    assert (desk.folder.parent / "exported/images/boots.svg").read_bytes() == SVG


def test_what_staff_read_stands_in_the_reviews_without_their_names(desk: Desk) -> None:
    desk.reword("elec-001", stem="Odd one?")
    desk.read("elec-001", 2, picked="c", note="I could\nnot tell. " + "x" * 400)
    desk.reword("elec-001", stem="Even one?")
    desk.clock.advance(days=1)
    desk.read("elec-001", 3, by=desk.cy)
    desk.approve("elec-001", 3, by=desk.cy)
    export(desk)

    first, second, third = exported_items(desk)["elec-001"].reviews
    assert first == Review(on=date(2026, 11, 22), outcome=Outcome.AGREED)
    assert (second.outcome, second.revision) == (Outcome.DISAGREED, 2)
    assert second.note
    assert second.note.startswith("I could not tell. xxx")
    assert len(second.note) == LONGEST_NOTE
    assert third == Review(
        on=desk.today(), outcome=Outcome.AGREED, revision=3, note=None
    )
    text = (desk.folder.parent / "exported" / ELEC).read_text()
    assert not any(name in text for name in ("Ann", "Ben", "Cy"))


def test_readings_that_came_back_with_the_files_are_not_told_twice(desk: Desk) -> None:
    desk.reword("elec-001", stem="Even one?")
    desk.read("elec-001", 2)
    desk.approve("elec-001", 2)
    export(desk)
    exported = desk.folder.parent / "exported"
    change(exported, ELEC, "revision: 2", "revision: 3")
    load(desk.database, exported, desk)
    desk.folder = exported
    with desk.database.reading() as db:
        export_bank(db, source=exported, folder=exported.parent / "again")
    again = read_bank(exported.parent / "again").items[0]
    assert [review.revision for review in again.reviews] == [None, 2]


def test_a_draft_that_lacks_facts_stays_in_the_database_and_is_named(
    desk: Desk,
) -> None:
    whole = desk.write(BOOTS, submit=False)
    bare = desk.write(
        replace(GLOVES, source="", clause="", difficulty=None), submit=False
    )
    desk.reword("fire-003", submit=False, stem="With an enemy?", enemies=(bare,))
    enemy = desk.put_live(replace(GLOVES, stem="Live one?", enemies=(bare, whole)))
    made = export(desk)

    assert made.left_out == [
        (bare, "it has no source of sources.yaml and no clause and no difficulty")
    ]
    assert made.strangers == [(enemy, bare)]
    items = exported_items(desk)
    assert items[whole].status is Status.DRAFT
    assert bare not in items
    assert items[enemy].enemies == (whole,)


def test_a_draft_of_the_files_stays_in_the_files(desk: Desk) -> None:
    own = write_item("elec-009", more="").replace("status: live", "status: draft")
    with (desk.folder / ELEC).open("a") as file:
        file.write(own)
    change(desk.folder, ELEC, "enemies: []", "enemies: [elec-009]")
    load(desk.database, desk.folder, desk)
    made = export(desk)
    assert (made.items, made.live, made.strangers) == (7, 6, [])
    assert read_bank(desk.folder.parent / "exported") == read_bank(desk.folder)


def test_the_files_keep_their_order_and_new_questions_come_last(desk: Desk) -> None:
    added = desk.put_live(BOOTS, topic="electrical")
    change(desk.folder, ELEC, "items:\n", f"items:\n{write_item('elec-000')}")
    load(desk.database, desk.folder, desk)
    export(desk)
    electrical = [code for code in exported_items(desk) if code.startswith("elec")]
    assert electrical == ["elec-000", "elec-001", "elec-002", "elec-003", added]


@pytest.mark.parametrize("there", ["a file", "a folder with a file in it"])
def test_nothing_that_is_there_is_written_over(desk: Desk, there: str) -> None:
    place = desk.folder.parent / "exported"
    if there == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    with pytest.raises(BankExportRefused) as refused:
        export(desk)
    assert refused.value.reason is BankExportRefusal.FOLDER_TAKEN
    mine = place if there == "a file" else place / "mine.txt"
    assert mine.read_text() == "mine"


def test_an_empty_folder_may_be_there(desk: Desk) -> None:
    (desk.folder.parent / "exported").mkdir()
    assert export(desk).items == 6


def test_a_bank_that_would_not_be_taken_is_not_written(desk: Desk) -> None:
    with desk.database.transaction() as db:
        for item in db.scalars(select(Item).where(Item.topic == "electrical")):
            item.live_revision, item.retired_at = None, desk.now
    with pytest.raises(BankError, match="electrical"):
        export(desk)
    left = [path.name for path in desk.folder.parent.iterdir()]
    assert "exported" not in left
    assert not any(name.startswith(".bank") for name in left)


def test_two_pictures_of_one_name_are_not_mixed_up(desk: Desk) -> None:
    desk.put_live(with_picture(desk, SVG, "Drawn boots?"))
    other = SVG.replace(b"h4", b"h3")
    desk.write(with_picture(desk, other, "Other boots?"), submit=False)
    with pytest.raises(BankExportRefused) as refused:
        export(desk)
    assert refused.value.reason is BankExportRefusal.NOT_THE_SAME
    assert not (desk.folder.parent / "exported").exists()


@pytest.mark.parametrize(
    ("before", "after", "behind"),
    [
        ("revision: 1", "revision: 2", True),
        ("status: live", "status: retired", True),
        ("elec-001\n", "elec-008\n", True),
        ("difficulty: 0.82", "difficulty: 0.5", False),
        ("status: live", "status: live", False),
    ],
)
def test_what_the_files_say_and_nobody_loaded_is_not_undone(
    desk: Desk, before: str, after: str, behind: bool
) -> None:
    if "retired" in after:
        change(desk.folder, "blueprints/short.yaml", "electrical: 2", "electrical: 1")
    change(desk.folder, ELEC, before, after)
    with desk.database.rehearsal() as db:
        if not behind:
            refuse_if_behind(db, source=desk.folder, now=desk.now)
            return
        with pytest.raises(BankExportRefused) as refused:
            refuse_if_behind(db, source=desk.folder, now=desk.now)
    assert refused.value.reason is BankExportRefusal.BEHIND


TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40
).filter(lambda text: text == text.strip())
SLUGS = st.sampled_from(["a-1", "017", "no", "on", "1e5", "null", "yes", "2026-01-02"])
DAYS = st.dates(date(2000, 1, 1), date(2099, 1, 1))


@st.composite
def bank_items(draw: st.DrawFn) -> BankItem:
    options = draw(
        st.lists(TEXT, min_size=4, max_size=4, unique_by=lambda t: t.casefold())
    )
    reviews = st.builds(
        Review,
        on=DAYS,
        outcome=st.sampled_from(Outcome),
        revision=st.none() | st.just(1),
        note=st.none() | TEXT,
    )
    return make_item(
        draw(SLUGS),
        revision=draw(st.integers(1, 99)),
        status=draw(st.sampled_from(Status)),
        stem=draw(TEXT),
        options=dict(zip("abcd", options, strict=True)),
        key=draw(st.sampled_from("abcd")),
        rationale=draw(TEXT),
        source=draw(SLUGS),
        clause=draw(TEXT),
        checked_on=draw(DAYS),
        difficulty=draw(st.floats(0, 1)),
        jurisdiction=draw(st.sampled_from(Jurisdiction)),
        enemies=tuple(draw(st.lists(SLUGS, max_size=3))),
        image=draw(
            st.none() | st.builds(Image, file=TEXT, alt=TEXT, sha256=st.just("x"))
        ),
        reviews=tuple(draw(st.lists(reviews, max_size=3))),
    )


class _Every(dict[str, str]):
    """Every picture is there, and every source known."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> str:
        return "x"


@settings(max_examples=200, deadline=None)
@given(items=st.lists(bank_items(), min_size=1, max_size=3))
def test_whatever_is_written_into_a_topic_file_is_read_from_it(
    items: list[BankItem],
) -> None:
    text = write_topic("electrical", items)
    read_back, faults = parse_topic(
        read_yaml(text, file=ELEC),
        file=ELEC,
        name="electrical",
        sources=_Every(),
        images=_Every(),
    )
    assert faults == []
    assert read_back == items


def test_a_topic_file_is_written_as_our_authors_write_it() -> None:
    item = make_item(
        "elec-003",
        enemies=("elec-001", "017"),
        reviews=(
            Review(on=date(2026, 11, 22), outcome=Outcome.REWRITTEN, note="Why?"),
            Review(on=date(2026, 11, 23), outcome=Outcome.AGREED, revision=1),
        ),
        image=Image(file="board.svg", alt='A "live" board', sha256="x"),
    )
    assert (
        write_topic("electrical", [item])
        == """\
topic: electrical
items:
  - id: elec-003
    revision: 1
    status: live
    stem: "Who may work on a board that is live?"
    options:
      a: "Any site worker"
      b: "The last to leave"
      c: "A trained person"
      d: "The site driver"
    key: c
    rationale: "Work on live parts is for trained people alone."
    source: {id: eawr-1989, clause: "reg 4", checked_on: 2026-11-22}
    difficulty: 0.80
    jurisdiction: gb
    enemies: [elec-001, '017']
    image: {file: "board.svg", alt: "A \\"live\\" board"}
    reviews:
      - {on: 2026-11-22, outcome: rewritten, note: "Why?"}
      - {on: 2026-11-23, revision: 1, outcome: agreed}
"""
    )


def test_a_day_of_staff_is_a_day_in_london(desk: Desk) -> None:
    desk.clock.advance(days=120, hours=14, minutes=30)  # 11:30 pm UTC, in summer time
    desk.put_live(replace(BOOTS, checked_on=desk.now.date() - timedelta(days=1)))
    export(desk)
    (review,) = exported_items(desk)["fire-4"].reviews
    assert review.on == desk.now.date() + timedelta(days=1)
