"""What an import makes of each item of a file, and of the bank."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import AuditEntry
from ecs_training.questions.formats import Format, FoundItem, FoundOption, Verdict, read
from ecs_training.questions.models import Item, ItemPicture, ItemRevision
from ecs_training.questions.queries.importing import IMPORTED, list_imports
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.bank import Image
from ecs_training.questions.rules.drafting import WritingRefusal
from ecs_training.questions.rules.importing import ImportRefusal
from ecs_training.questions.services.importing import (
    ImportRefused,
    ImportSource,
    import_items,
    plan_import,
)
from ecs_training.questions.services.pictures import (
    CleanPicture,
    clean_picture,
    store_picture,
)
from ecs_training.questions.services.writing import WritingRefused
from tests.questions.desk import BOOTS, Desk
from tests.questions.files import (
    AIKEN,
    GIFT,
    OPTIONS,
    SVG,
    bank_item,
    drawn,
    found,
    import_all,
    make_plan,
    picture,
    read_gift,
    verdicts,
)

TABLE = """\
code;topic;stem;option_a;option_b;option_c;option_d;key;rationale;source;clause;checked_on;difficulty;jurisdiction;enemies
x-1;fire;Where is the exit?;Left;Right;Up;Down;c;The sign points up.;eawr-1989;reg 4;2026-02-01;0.7;scotland;elec-001 x-2
x-2;fire;What is green?;Exit signs;Stop signs;Hoses;Taps;a;Green is safe.;unknown-9;reg 1;2026-02-01;;;nobody-1
"""


def take(db: Session) -> tuple[int, int, int]:
    """Count the items, the wordings and the pictures of the bank."""
    items, wordings, pictures = (
        db.scalars(select(func.count()).select_from(table)).one()
        for table in (Item, ItemRevision, ItemPicture)
    )
    return items, wordings, pictures


def count(desk: Desk) -> tuple[int, int, int]:
    with desk.database.reading() as db:
        return take(db)


def test_what_a_file_says_of_an_item_is_what_its_draft_says(desk: Desk) -> None:
    items = read(TABLE.encode(), format=Format.CSV, name="table.csv")
    report = import_all(desk, items, by=desk.ben)

    assert report.codes == ("fire-4", "fire-5")
    row = desk.revision("fire-4")
    assert row.options == {"a": "Left", "b": "Right", "c": "Up", "d": "Down"}
    assert (row.stem, row.key) == ("Where is the exit?", "c")
    assert (row.rationale, row.difficulty) == ("The sign points up.", 0.7)
    assert (row.source, row.clause) == ("eawr-1989", "reg 4")
    assert (row.checked_on, row.jurisdiction) == (date(2026, 2, 1), "scotland")
    assert row.enemies == ["elec-001", "fire-5"]  # one of the bank, one of the file
    assert desk.item("fire-4").topic == "fire"


def test_an_imported_item_is_a_draft_of_its_importer_and_live_for_nobody(
    desk: Desk,
) -> None:
    import_all(desk, [found()], by=desk.ben)

    item, row = desk.item("fire-4"), desk.revision("fire-4")
    assert (item.origin, item.live_revision) == ("staff", None)
    assert (row.revision, row.written_by_id) == (1, desk.ben)
    assert (row.submitted_at, row.approved_at) == (None, None)
    assert "fire-4" not in desk.live()


def test_what_the_bank_does_not_know_is_left_out_and_said(desk: Desk) -> None:
    items = read(TABLE.encode(), format=Format.CSV, name="table.csv")
    second = make_plan(desk, items).items[1]

    assert second.verdict == "changed"
    assert "its source unknown-9 was left out" in second.reason
    assert "nobody-1 were left out of its enemies" in second.reason
    import_all(desk, items)
    row = desk.revision("fire-5")
    assert (row.source, row.clause, row.checked_on) == ("", "", None)
    assert row.enemies == []


def test_enemies_of_the_file_become_enemies_of_the_bank(desk: Desk) -> None:
    one = found("One?", code="x-1", enemies=("x-2", "x-3", "x-1"))
    two = found("Two?", code="x-2", enemies=("x-1",))
    known = bank_item(code="x-3")
    report = import_all(desk, [one, known, two])

    assert verdicts(report.plan) == ["imported", "duplicate", "imported"]
    assert desk.revision("fire-4").enemies == ["fire-5", "elec-001"]
    assert desk.revision("fire-5").enemies == ["fire-4"]


SAME = bank_item()
TURNED = replace(SAME, options=SAME.options[::-1])


@pytest.mark.parametrize(
    "same",
    [
        SAME,
        TURNED,
        replace(SAME, stem="WHAT  comes first in elec-001?"),
        replace(SAME, rationale="Another reason.", topic="fire", code="x-9"),
    ],
    ids=["as it is", "options in another order", "capitals and space", "other facts"],
)
def test_what_the_bank_has_is_a_duplicate_and_named(
    desk: Desk, same: FoundItem
) -> None:
    (item,) = make_plan(desk, [same]).items
    assert (item.verdict, item.code) == ("duplicate", "elec-001")
    assert item.reason == "The bank has it as elec-001"


@pytest.mark.parametrize(
    "other",
    [
        replace(SAME, stem="What comes last in elec-001?"),
        replace(
            SAME,
            options=tuple(
                FoundOption(text=each.text, correct=n == 2)
                for n, each in enumerate(SAME.options)
            ),
        ),
        replace(
            SAME,
            options=(*SAME.options[:3], FoundOption(text="Tell nobody", correct=False)),
        ),
        replace(SAME, picture=picture()),
    ],
    ids=["stem", "right answer", "wrong answer", "picture"],
)
def test_another_question_is_no_duplicate(desk: Desk, other: FoundItem) -> None:
    assert verdicts(make_plan(desk, [other])) == ["imported"]


def test_a_wording_of_long_ago_and_a_draft_are_duplicates_too(desk: Desk) -> None:
    code = desk.write(submit=False)
    desk.reword("elec-001", submit=False)
    options = tuple(
        FoundOption(text=text, correct=letter == BOOTS.key)
        for letter, text in BOOTS.options.items()
    )
    boots = found(BOOTS.stem, options=options)
    plan = make_plan(desk, [bank_item(), boots])
    assert [item.code for item in plan.items] == ["elec-001", code]
    assert plan.new == []


def test_of_two_equal_items_in_a_file_the_second_is_a_duplicate(desk: Desk) -> None:
    twice = [found(line=3), found(line=9, picture=None, rationale="Because.")]
    first, second = make_plan(desk, twice).items
    assert (first.verdict, second.verdict) == ("imported", "duplicate")
    assert second.reason == "says the same as the item on line 3"
    assert import_all(desk, twice).codes == ("fire-4",)


def test_a_code_of_the_bank_with_other_words_is_refused(desk: Desk) -> None:
    mine = found(code="elec-001")
    plan = make_plan(desk, [mine])
    assert verdicts(plan) == ["refused"]
    assert plan.items[0].reason == (
        "elec-001 is in the bank with other words; edit it there"
    )
    import_all(desk, [mine])
    assert desk.numbers("elec-001") == [1]


@pytest.mark.parametrize(
    ("name", "topics", "default", "topic"),
    [
        ("fire", {}, None, "fire"),
        ("Fire", {}, None, "fire"),
        ("Flames & smoke", {}, None, None),
        (None, {}, None, None),
        ("Flames & smoke", {}, "electrical", "electrical"),
        (None, {}, "electrical", "electrical"),
        ("Flames & smoke", {"flames &  SMOKE": "fire"}, "electrical", "fire"),
        ("fire", {"fire": "electrical"}, None, "electrical"),
        ("fire", {}, "electrical", "fire"),
    ],
)
def test_a_topic_is_found_by_its_name_or_by_what_was_chosen(
    desk: Desk,
    name: str | None,
    topics: dict[str, str],
    default: str | None,
    topic: str | None,
) -> None:
    (item,) = make_plan(desk, [found(topic=name)], topics=topics, default=default).items
    assert item.topic == topic
    assert item.verdict == ("imported" if topic else "refused")


def test_a_topic_is_found_by_its_title(desk: Desk) -> None:
    whole = replace(
        desk.plan.blueprints[0], topics={"fire-emergency": 1, "ppe": 1, "fire": 1}
    )
    bank = replace(desk.plan, blueprints=(whole,))
    named = [
        found("One?", topic="Fire & emergency"),
        found("Two?", topic="Fire and Emergency"),
        found("Three?", topic="protective equipment (ppe)"),
    ]
    with desk.database.reading() as db:
        plan = plan_import(db, named, topics={}, default_topic=None, bank=bank)
    assert [item.topic for item in plan.items] == [
        "fire-emergency",
        "fire-emergency",
        "ppe",
    ]


def test_the_topics_that_somebody_must_choose_are_named_once(desk: Desk) -> None:
    items = [
        found("One?", topic="Smoke"),
        found("Two?", topic="fire"),
        found("Three?", topic="Smoke"),
        found("Four?", topic="Other", verdict=Verdict.REFUSED, reason="is none"),
        found("Five?", topic="Rest"),
        bank_item(topic="Known"),
    ]
    plan = make_plan(desk, items, topics={"Smoke": "fire"})
    assert plan.strange_topics == ("Smoke", "Rest")
    assert not plan.lacks_topics
    assert make_plan(desk, [found(topic=None)]).lacks_topics
    assert not make_plan(desk, [bank_item(topic=None)]).lacks_topics


@pytest.mark.parametrize(
    ("topics", "default"), [({"Smoke": "nonsense"}, None), ({}, "nonsense")]
)
def test_a_topic_that_is_none_of_the_banks_is_refused(
    desk: Desk, topics: dict[str, str], default: str | None
) -> None:
    with pytest.raises(ImportRefused) as refused:
        make_plan(desk, [found()], topics=topics, default=default)
    assert refused.value.reason is ImportRefusal.UNKNOWN_TOPIC


def test_new_codes_go_on_from_those_that_were_ever_used(desk: Desk) -> None:
    assert desk.write(BOOTS) == "fire-4"
    items = [found("One?"), found("Two?"), found("Three?", topic="electrical")]
    report = import_all(desk, items)
    assert report.codes == ("fire-5", "fire-6", "electrical-1")
    assert [item.code for item in report.plan.items] == list(report.codes)


def test_the_same_file_twice_adds_nothing_the_second_time(desk: Desk) -> None:
    items = [*read_gift(GIFT), found("New?", picture=picture())]
    assert len(import_all(desk, items, default="electrical").codes) == 3
    before = count(desk)

    again = import_all(desk, items, default="electrical", by=desk.ben)
    assert again.codes == ()
    assert verdicts(again.plan) == ["duplicate", "duplicate", "refused", "duplicate"]
    assert count(desk) == before
    with desk.database.reading() as db:
        assert len(list_imports(db)) == 1  # what changed nothing leaves no trace


def test_a_plan_writes_nothing(desk: Desk) -> None:
    before = count(desk)
    plan = make_plan(desk, [found(picture=picture())])
    assert plan.counts == {"imported": 1, "changed": 0, "duplicate": 0, "refused": 0}
    assert count(desk) == before


def test_an_import_that_breaks_off_leaves_nothing(desk: Desk) -> None:
    before = count(desk)
    written = []

    def break_off(_c: object, _u: object, sql: str, *_rest: object) -> None:
        written.append(sql.partition("(")[0].strip())
        if sql.startswith("INSERT INTO item_revisions"):
            msg = "the power is out"
            raise OSError(msg)

    event.listen(desk.database.engine, "before_cursor_execute", break_off)
    with pytest.raises(OSError, match="power"):
        import_all(desk, [found(f"Number {n}?", picture=picture()) for n in range(4)])
    event.remove(desk.database.engine, "before_cursor_execute", break_off)
    assert {"INSERT INTO item_pictures", "INSERT INTO items"} <= set(written)
    assert count(desk) == before


def test_what_was_confirmed_is_what_is_done_or_nothing_is(desk: Desk) -> None:
    items = [found(), bank_item(2)]
    plan = make_plan(desk, items)
    import_all(desk, [found("Something else?")], by=desk.ben)  # of no matter
    assert make_plan(desk, items).digest == plan.digest

    import_all(desk, [found()], by=desk.ben)
    before = count(desk)
    with pytest.raises(ImportRefused) as refused:
        import_all(desk, items, seen=plan.digest)
    assert refused.value.slug == "list-changed"
    with pytest.raises(ImportRefused):
        import_all(desk, [found("Third?")], default="fire", seen=plan.digest)
    assert count(desk) == before


def test_an_import_is_audited_without_what_it_says(desk: Desk) -> None:
    items = [found(code="x-1"), bank_item(), *read_gift("Is it wet? {T}")]
    import_all(desk, items, by=desk.cy)
    with desk.database.reading() as db:
        (entry,) = db.scalars(select(AuditEntry).where(AuditEntry.action == IMPORTED))
        (past,) = list_imports(db)
    assert (entry.actor_id, entry.subject) == (desk.cy, "question-bank")
    assert entry.details == {
        "format": "gift",
        "file_name": "shop.gift",
        "counts": {"imported": 1, "changed": 0, "duplicate": 1, "refused": 1},
        "codes": ["fire-4"],
    }
    assert (past.by, past.at, list(past.codes)) == ("Cy", desk.now, ["fire-4"])
    said = str([row.details for row in desk.audit("question/fire-4")])
    assert not any(text in said for text in (found().stem, *OPTIONS))


def test_a_harmless_drawing_is_kept_as_it_is(desk: Desk) -> None:
    import_all(desk, [found(picture=picture())])
    image = desk.revision("fire-4").image
    assert image
    assert image["alt"] == "A black corner"
    with desk.database.reading() as db:
        kept = db.get_one(ItemPicture, image["sha256"])
    assert (kept.content, kept.media_type) == (SVG, "image/svg+xml")
    assert image["file"].endswith(".svg")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_photograph_is_drawn_anew_as_a_png(desk: Desk, kind: str) -> None:
    sent = drawn(kind)
    report = import_all(desk, [found(picture=picture(sent))])
    assert verdicts(report.plan) == ["imported"]
    with desk.database.reading() as db:
        (kept,) = db.scalars(select(ItemPicture))
    assert kept.media_type == "image/png"
    assert kept.content.startswith(b"\x89PNG")
    assert kept.content != sent


def test_one_picture_of_many_items_is_kept_once(desk: Desk) -> None:
    import_all(desk, [found(f"Number {n}?", picture=picture()) for n in range(3)])
    assert count(desk)[2] == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (drawn("GIF", views=2), "its picture does not move any more"),
        (drawn("PNG", size=(1001, 40)), "its picture was made smaller"),
        (drawn("GIF", size=(1001, 40)), "its picture was made smaller"),
    ],
    ids=["moving", "large", "large gif"],
)
def test_what_a_picture_loses_is_said(desk: Desk, data: bytes, said: str) -> None:
    (item,) = make_plan(desk, [found(picture=picture(data))]).items
    assert (item.verdict, item.reason) == ("changed", said)


@pytest.mark.parametrize(
    "data",
    [
        SVG.replace(b"<path", b'<script/><path onload="x()"'),
        b"\x89PNG\r\n\x1a\n and then nothing",
        b"GIF89a and then nothing",
        b"no picture at all",
        SVG + b" " * 32_768,
    ],
    ids=["script", "broken", "broken gif", "text", "too large"],
)
def test_an_item_with_a_picture_that_cannot_be_shown_is_refused(
    desk: Desk, data: bytes
) -> None:
    (item,) = make_plan(desk, [found(picture=picture(data))]).items
    assert item.verdict == "refused"
    assert item.reason.startswith("its picture cannot be taken: ")


def test_a_picture_without_words_keeps_its_question_from_the_reader(
    desk: Desk,
) -> None:
    wordless = found(
        picture=picture(alt=""),
        rationale="The door leads out.",
        source="eawr-1989",
        clause="reg 4",
        checked_on=date(2026, 3, 1),
        difficulty=0.5,
    )
    report = import_all(desk, [wordless])
    (item,) = report.plan.items
    assert item.verdict == "changed"
    assert item.draft
    assert "needs words" in item.reason
    with pytest.raises(WritingRefused) as refused:
        desk.reword("fire-4", draft=item.draft, submit=True)
    assert refused.value.reason is WritingRefusal.FACTS_MISSING

    assert item.draft.image
    described = replace(item.draft.image, alt="A black corner")
    assert desk.reword("fire-4", draft=item.draft, submit=True, image=described) == 2


def test_a_picture_of_the_bank_is_known_again_whatever_drew_it(desk: Desk) -> None:
    kept = CleanPicture(content=drawn("PNG"), media_type="image/png")
    assert clean_picture(kept.content) != kept  # drawn anew it would be another
    with desk.database.transaction() as db:
        store_picture(db, picture=kept, now=desk.now)
    image = Image(file="red.png", alt="Red", sha256=kept.sha256)
    code = desk.write(replace(BOOTS, image=image))
    options = tuple(
        FoundOption(text=text, correct=letter == BOOTS.key)
        for letter, text in BOOTS.options.items()
    )
    same = found(BOOTS.stem, options=options, picture=picture(kept.content))
    other = replace(same, picture=picture(drawn("PNG", colour="green")))
    plan = make_plan(desk, [same, other])
    assert verdicts(plan) == ["duplicate", "imported"]
    assert plan.items[0].code == code


def test_aiken_and_gift_come_in(desk: Desk) -> None:
    aiken = read(AIKEN.encode(), format=Format.AIKEN, name="shoes.txt")
    report = import_all(desk, [*read_gift(GIFT), *aiken], default="electrical")
    assert verdicts(report.plan) == ["imported", "changed", "refused", "imported"]
    assert report.codes == ("fire-4", "fire-5", "electrical-1")
    assert desk.revision("electrical-1").key == "c"
    assert "lid" in desk.revision("fire-5").stem


WORDS = st.sampled_from(["Left", "Right", "Up", "Down", "Out", "In", "Stay"])
PICTURES = st.sampled_from(
    [None, picture(), picture(alt=""), picture(drawn("PNG")), picture(b"none")]
)


@st.composite
def found_items(draw: st.DrawFn) -> list[FoundItem]:
    """Draw the items of a file in which much is repeated, known, odd or refused."""
    return [_found_item(draw, line) for line in range(1, draw(st.integers(1, 9)))]


def _found_item(draw: st.DrawFn, line: int) -> FoundItem:
    codes = st.sampled_from(["x-1", "x-2", "x-3", "elec-001", "fire-4", "gone-7"])
    made: dict[str, Any] = {
        "line": line,
        "code": draw(st.none() | codes),
        "topic": draw(st.sampled_from([None, "fire", "Fire", "Smoke", "electrical"])),
        "source": draw(st.sampled_from([None, "eawr-1989", "unknown"])),
        "enemies": tuple(draw(st.lists(codes, max_size=3))),
        "picture": draw(PICTURES),
    }
    if draw(st.integers(0, 5)) == 0:
        return bank_item(draw(st.integers(1, 3)), **made)
    if draw(st.integers(0, 5)) == 0:
        made |= {"verdict": Verdict.REFUSED, "reason": "is no choice", "options": ()}
        return found("Odd?", **made)
    texts = draw(st.lists(WORDS, min_size=4, max_size=4, unique=True))
    right = draw(st.integers(0, 3))
    options = tuple(
        FoundOption(text=text, correct=n == right) for n, text in enumerate(texts)
    )
    stem = draw(st.sampled_from(["Where?", "Which way?", "where?"]))
    return found(stem, **made | {"options": options})


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(items=found_items(), default=st.sampled_from([None, "fire"]))
def test_an_import_does_what_its_plan_says_and_no_more(
    desk: Desk, items: list[FoundItem], default: str | None
) -> None:
    chosen: dict[str, Any] = {
        "topics": {"Smoke": "electrical"},
        "default_topic": default,
        "bank": desk.plan,
    }
    source = ImportSource(format=Format.GIFT, file_name="x")
    with desk.database.rehearsal() as db:
        before = take(db)
        plan = plan_import(db, items, **chosen)
        assert [each.found for each in plan.items] == items
        report = import_items(
            db, items, **chosen, source=source, author_id=desk.ann, now=desk.now
        )
        assert [_told(each) for each in report.plan.items] == [
            _told(each) for each in plan.items
        ]
        assert take(db)[:2] == tuple(n + len(plan.new) for n in before[:2])
        assert _drafts(db, report.codes) == [
            (each.code, each.topic, each.draft) for each in plan.new
        ]
        again = plan_import(db, items, **chosen)
        assert again.new == []
        assert [each.verdict for each in again.items].count(
            Verdict.DUPLICATE
        ) >= plan.counts["imported"] + plan.counts["changed"]


def _told(planned: Any) -> tuple[Any, ...]:
    return planned.verdict, planned.reason, planned.topic, planned.code, planned.draft


def _drafts(db: Session, codes: Sequence[str]) -> list[Any]:
    rows = {
        item.code: (item.code, item.topic, draft_of(row))
        for item, row in db.execute(
            select(Item, ItemRevision).join(
                ItemRevision, ItemRevision.item_id == Item.id
            )
        )
    }
    return [rows[code] for code in codes]
