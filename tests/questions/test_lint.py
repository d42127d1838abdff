"""Each rule of the content lint, by a fault planted in the files of a good bank."""

import random
import re
from datetime import date
from pathlib import Path

import pytest

from ecs_training.questions.services import check_bank
from tests.questions.banks import change
from tests.questions.good_bank import (
    ELEC,
    FIRE,
    PICTURE,
    SVG,
    TODAY,
    change_item,
    list_findings,
    write_good_bank,
)

FORTY_ONE = "He is at it now. " * 8 + "What will you do?"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_good_bank(tmp_path / "bank")


def test_of_a_good_bank_nothing_is_found(bank: Path) -> None:
    check = check_bank(bank, today=TODAY)
    assert check.findings == ()
    assert (check.live, check.by_topic) == (8, {"electrical": 4, "fire": 4})
    assert check.drawn == {"short": {"electrical": 2, "fire": 2}}


# rule, item, what stands there, what is planted
PLANTS = [
    ("one-key", "elec-001", "key: a", "key: e"),
    ("one-key", "elec-001", "key: a", "key: [a, b]"),
    ("one-key", "elec-001", "key: a", "key: ab"),
    ("schema", "elec-002", "difficulty: 0.8", "difficulty: 8"),
    ("schema", "elec-002", 'stem: "A lead has a cut in its cover.', "stem: 4 #"),
    ("schema", "fire-003", "outcome: agreed", "outcome: fine"),
    ("schema", "fire-003", "- on: 2026-11-22", "- on: soon"),
    ("enemies", "fire-001", "enemies: []", "enemies: [fire-009]"),
    ("enemies", "fire-001", "enemies: []", "enemies: [fire-001]"),
    ("source-exists", "fire-002", "id: rrfso-2005", "id: rrfso-2006"),
    ("image-exists", "elec-001", "file: ", "file: x-"),
    ("like-options", "elec-001", "The live pin", "the EARTH pin"),
    ("like-options", "elec-001", "The live pin", "Earth pins."),
    ("stem-length", "elec-003", "Who may work on a board that is live?", FORTY_ONE),
    ("stem-asks", "elec-003", "is live?", "is live"),
    ("near-duplicate", "fire-004", "Gas bottles stand near a hot fire. How near do you go?", "Where do you go when a bell rings?"),
    ("negative-emphasis", "fire-002", "Where do you go", "Where do you not go"),
    ("jurisdiction-named", "fire-002", "Where do", "In Wales, where do"),
    ("plain-text", "fire-002", "Where do you", "Where <b>do</b> you"),
    ("plain-text", "fire-002", "To your car park", "To  your car park"),
    ("plain-text", "fire-002", "At the meeting", "**At** the meeting"),
    ("all-none-above", "elec-002", "Use it with care", "None of the above"),
    ("option-lengths", "elec-003", "Any site worker", "Any worker who can be found about the site"),
    ("rationale-letter", "elec-003", "trained people alone", "c, so option c is right"),
    ("rationale-numbers", "elec-004", "Each has 1 lock", "Each has a lock"),
    ("reading-grade", "fire-001", "You smell smoke in a store room.", "Circumstances necessitate immediate evacuation."),
    ("image-alt", "elec-001", "A plug with three pins", "A plug, the earth pin on top"),
    ("source-checked", "elec-002", "checked_on: 2026-11-22", "checked_on: 2025-11-21"),
    ("reviews", "fire-003", "outcome: agreed", "outcome: disagreed"),
    ("reviews", "fire-003", "outcome: agreed", "outcome: dropped"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "item", "before", "after"), PLANTS)
def test_a_planted_fault_is_found_alone_by_its_file_line_item_and_rule(
    bank: Path, rule: str, item: str, before: str, after: str
) -> None:
    file, line = change_item(bank, item, before, after)
    if rule == "jurisdiction-named":
        change_item(bank, item, "jurisdiction: gb", "jurisdiction: england")
    elif rule == "reviews":
        line -= 1  # where the reading begins
    assert list_findings(bank) == [(file, line, item, rule)]


@pytest.mark.parametrize("planted", ["    reviews: []\n", ""])
def test_a_live_item_that_nobody_read_is_found(bank: Path, planted: str) -> None:
    reviews = "    reviews:\n      - on: 2026-11-22\n        outcome: agreed\n"
    file, line = change_item(bank, "fire-002", reviews, planted)
    expected = line if planted else line - 16  # the item's, where the field is missing
    assert list_findings(bank) == [(file, expected, "fire-002", "reviews")]


def test_an_id_used_twice_is_found_where_it_stands_again(bank: Path) -> None:
    file, line = change_item(bank, "elec-003", "elec-003", "elec-001")
    assert list_findings(bank) == [(file, line, "elec-001", "unique-id")]


def test_an_unused_source_and_one_under_two_ids_are_found(bank: Path) -> None:
    text = (bank / "sources.yaml").read_text()
    again = text[: text.index("rrfso")].replace("eawr-1989", "eawr")
    (bank / "sources.yaml").write_text(text + again)
    assert list_findings(bank) == [
        ("sources.yaml", 14, None, "source-twice"),  # the line below its id
        ("sources.yaml", 14, None, "unused-source"),
    ]


def test_a_source_checked_before_its_edition_is_found(bank: Path) -> None:
    change(bank, "sources.yaml", "year: 2005", "year: 2027")
    found = list_findings(bank)
    assert [item for _, _, item, _ in found] == [f"fire-00{n}" for n in range(1, 5)]
    assert {(file, rule) for file, _, _, rule in found} == {(FIRE, "source-checked")}


def test_an_unused_picture_and_an_unsafe_one_are_found(bank: Path) -> None:
    (bank / "images/spare.svg").write_text(SVG)
    (bank / PICTURE).write_text(SVG.replace("<rect", '<rect onclick="x"'))
    assert list_findings(bank) == [
        (PICTURE, 1, None, "picture-safe"),
        ("images/spare.svg", 1, None, "unused-picture"),
    ]


def test_what_is_hidden_beside_the_pictures_is_none_and_a_folder_is_a_fault(
    bank: Path,
) -> None:
    (bank / "images/.thumbs").write_text("x")
    assert list_findings(bank) == []
    (bank / "images/more").mkdir()
    assert list_findings(bank) == [(f"{bank / 'images/more'}", None, None, "schema")]


def test_an_empty_alt_text_is_found(bank: Path) -> None:
    file, line = change_item(bank, "elec-001", "A plug with three pins", "")
    assert list_findings(bank) == [(file, line, "elec-001", "schema")]


def test_unbalanced_keys_are_found_for_the_topic_and_for_the_whole(bank: Path) -> None:
    change_item(bank, "elec-001", "key: a", "key: b")
    found = list_findings(bank)
    assert found.count((ELEC, 1, None, "key-balance")) == 2  # a never, b twice
    assert found.count(("topics", 1, None, "key-balance")) == 2
    assert len(found) == 4


def test_a_key_that_is_the_longest_too_often_is_found(bank: Path) -> None:
    for item, key in (
        ("elec-002", "Take it out of use"),  # is the longest already
        ("elec-003", "A trained person"),  # so is this
        ("fire-003", "A wedge of wood"),
    ):
        change_item(bank, item, key, f"{key} now")
    assert list_findings(bank) == [("topics", 1, None, "key-longest")]


def test_a_line_of_the_blueprint_that_cannot_be_filled_is_found(bank: Path) -> None:
    change(bank, "blueprints/short.yaml", "fire: 2", "fire: 4")
    change(bank, "blueprints/short.yaml", "electrical: 2", "electrical: 4")
    assert list_findings(bank) == []
    change_item(bank, "fire-004", "enemies: []", "enemies: [fire-001]")
    change_item(bank, "elec-004", "enemies: []", "enemies: [elec-001]")
    assert list_findings(bank) == [
        ("blueprints/short.yaml", 6, None, "blueprint"),
        ("blueprints/short.yaml", 7, None, "blueprint"),
    ]
    first, _ = check_bank(bank, today=TODAY).findings
    assert first.message.endswith(
        "too many of the 4 live ones are enemies; 1 more needed"
    )


def test_enemies_in_different_topics_that_leave_no_paper_are_found(bank: Path) -> None:
    change(bank, "blueprints/short.yaml", "fire: 2", "fire: 4")
    change_item(bank, "elec-001", "enemies: []", "enemies: [fire-001]")
    assert list_findings(bank) == []
    for n in (2, 3):
        change_item(bank, f"elec-00{n}", "enemies: []", f"enemies: [fire-00{n}]")
    ((file, line, _, rule),) = list_findings(bank)
    assert (file, rule) == ("blueprints/short.yaml", "blueprint")
    assert line in {6, 7}


def test_a_retired_item_is_left_as_it_was_and_a_draft_is_judged(bank: Path) -> None:
    for status in ("draft", "retired"):
        text = (bank / ELEC).read_text()
        item = text[text.index("  - id: elec-002") : text.index("  - id: elec-003")]
        bad = item.replace("elec-002", f"elec-{status}").replace("?", "")
        bad = bad.replace("status: live", f"status: {status}").replace("Wind", "Put")
        (bank / ELEC).write_text(text + bad)
    lines = (bank / ELEC).read_text().splitlines()
    stem = lines.index("  - id: elec-draft") + 4
    assert list_findings(bank) == [
        (ELEC, stem, "elec-draft", "near-duplicate"),
        (ELEC, stem, "elec-draft", "stem-asks"),
    ]


def test_a_draft_needs_no_reading_yet(bank: Path) -> None:
    change(bank, "blueprints/short.yaml", "fire: 2", "fire: 1")
    for n in range(1, 5):
        change_item(bank, f"fire-00{n}", "status: live", "status: draft")
        change_item(bank, f"fire-00{n}", "outcome: agreed", "outcome: disagreed")
    check = check_bank(bank, today=TODAY)
    assert {found.rule for found in check.findings} == {"blueprint"}
    assert (check.live, check.by_topic) == (4, {"electrical": 4, "fire": 0})


@pytest.mark.parametrize(
    ("before", "after", "is_found"),
    [
        ("outcome: agreed", "outcome: agreed\n        revision: 1", False),
        ("outcome: agreed", 'outcome: agreed\n        note: "Reads well."', False),
        ("- on: 2026-11-22", "- {on: 2026-11-01, outcome: rewritten}\n      - on: 2026-11-22", False),
        ("outcome: agreed", "outcome: agreed\n      - {on: 2026-11-23, outcome: disagreed}", True),
    ],
)  # fmt: skip
def test_the_last_reading_counts(
    bank: Path, before: str, after: str, is_found: bool
) -> None:
    change_item(bank, "fire-002", before, after)
    assert [rule for *_, rule in list_findings(bank)] == ["reviews"] * is_found


@pytest.mark.parametrize(
    ("read", "rules"), [(2, []), (1, ["reviews"]), (3, ["schema"])]
)
def test_the_revision_that_is_live_must_be_the_one_that_was_read(
    bank: Path, read: int, rules: list[str]
) -> None:
    change_item(bank, "fire-002", "revision: 1", "revision: 2")
    change_item(
        bank,
        "fire-002",
        "outcome: agreed",
        f"outcome: agreed\n        revision: {read}",
    )
    assert [rule for *_, rule in list_findings(bank)] == rules


@pytest.mark.parametrize(("length", "faults"), [(300, 0), (301, 1)])
def test_a_note_on_a_reading_has_300_characters_at_most(
    bank: Path, length: int, faults: int
) -> None:
    note = f'outcome: agreed\n        note: "{"x" * length}"'
    change_item(bank, "fire-002", "outcome: agreed", note)
    assert len(list_findings(bank)) == faults


def test_terms_are_excepted_from_the_grade_and_counted(bank: Path) -> None:
    stem = "Which extinguisher is an extinguisher of an extinguisher?"
    change_item(bank, "fire-002", "Where do you go when the bell rings?", stem)
    check = check_bank(bank, today=TODAY)
    assert check.findings == ()
    assert check.reading.terms == 1
    assert check.reading.highest < 11 < check.reading.highest_without_terms
    assert check.reading.average < check.reading.average_without_terms
    (bank / "terms.txt").unlink()
    assert [rule for *_, rule in list_findings(bank)] == ["reading-grade"]
    assert check_bank(bank, today=TODAY).reading.terms == 0


def test_a_bank_that_reads_too_hard_on_average_is_found(bank: Path) -> None:
    # Ten words in one sentence, eight of two syllables: grade 9.55, which any one may have.
    twos = (
        "worker ladder timber metal copper paper hammer spanner tunnel cabin gutter tower"
        " chamber shovel bucket signal padlock socket cabling fitter plumber joiner"
    )
    chance = random.Random(2)
    for file in (ELEC, FIRE):
        text = (bank / file).read_text()
        for stem in re.findall(r'stem: "(.*)"', text):
            words = chance.sample(twos.split(), k=8)
            text = text.replace(stem, f"What is {' '.join(words)}?")
        (bank / file).write_text(text)
    assert list_findings(bank) == [("topics", 1, None, "reading-grade")]


def test_checking_writes_nothing(bank: Path) -> None:
    def photograph() -> dict[str, tuple[bytes, float]]:
        return {
            str(path): (path.read_bytes(), path.stat().st_mtime)
            for path in bank.rglob("*")
            if path.is_file()
        }

    before = photograph()
    check_bank(bank, today=TODAY)
    assert photograph() == before


def test_what_is_checked_today_is_out_of_date_a_year_and_a_day_later(
    bank: Path,
) -> None:
    def count(today: date) -> int:
        return len(check_bank(bank, today=today).findings)

    assert count(date(2027, 11, 22)) == 0
    assert count(date(2027, 11, 23)) == 8
