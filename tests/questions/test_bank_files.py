"""Each fault is planted in a copy of a small good bank."""

from datetime import date
from pathlib import Path

import pytest

from ecs_training.questions.rules import BankError, ResitRule
from ecs_training.questions.services import read_bank, read_blueprint
from ecs_training.questions.services.reading import read_folder
from tests.questions.banks import change, write_bank, write_item, write_topic

ELEC = "topics/electrical.yaml"
FIRE = "topics/fire.yaml"
SHORT = "blueprints/short.yaml"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_bank(tmp_path / "bank")


def test_a_good_bank_is_read_as_written(bank: Path) -> None:
    read = read_bank(bank)

    assert [item.code for item in read.items] == [
        *("elec-001", "elec-002", "elec-003"),
        *("fire-001", "fire-002", "fire-003"),
    ]
    item = read.items[0]
    assert (item.topic, item.revision, item.status, item.key) == (
        "electrical",
        1,
        "live",
        "b",
    )
    assert item.options["c"] == "Lock the isolator"
    assert (item.source, item.clause) == ("eawr-1989", "reg 13")
    assert item.checked_on == date(2026, 11, 22)
    assert item.difficulty == 0.82
    assert item.jurisdiction == "gb"
    assert (item.reviews[0].on, item.reviews[0].outcome) == (
        date(2026, 11, 22),
        "agreed",
    )
    assert (item.enemies, item.image) == ((), None)
    assert read.sources["eawr-1989"].year == 1989
    assert read.sources["eawr-1989"].edition == "SI 1989/635, as amended"


def test_a_blueprint_is_read_as_written(bank: Path) -> None:
    blueprint = read_blueprint(bank, "short")
    assert (blueprint.id, blueprint.version, blueprint.minutes) == ("short", 3, 5)
    assert blueprint.pass_mark == 2
    assert dict(blueprint.topics) == {"fire": 1, "electrical": 2}
    assert blueprint.total == 3
    assert read_bank(bank).blueprints == {"short": blueprint}


def test_enemies_image_and_reviews_may_be_left_out(bank: Path) -> None:
    reviews = "    reviews:\n      - on: 2026-11-22\n        outcome: agreed\n"
    change(bank, ELEC, f"    enemies: []\n{reviews}", "")
    item = read_bank(bank).items[0]
    assert (item.enemies, item.image, item.reviews) == ((), None, ())


# (file, what stands there, what is planted, the whole complaint)
TRAPS = [
    (
        'a: "Test that it is dead"',
        "a: 1:4",
        'line 8, item elec-001, options.a: must be text; put it in quotes: "1:4"',
    ),
    (
        'c: "Lock the isolator"',
        "c: No",
        'line 10, item elec-001, options.c: must be text; put it in quotes: "No"',
    ),
    (
        'd: "Tell the others"',
        "d: 017",
        'line 11, item elec-001, options.d: must be text; put it in quotes: "017"',
    ),
    (
        'd: "Tell the others"',
        "d: 2.5",
        'line 11, item elec-001, options.d: must be text; put it in quotes: "2.5"',
    ),
    (
        'd: "Tell the others"',
        "d:",
        "line 11, item elec-001, options.d: must be text",
    ),
    (
        'stem: "What comes first in elec-001?"',
        "stem: 2026-11-22",
        'line 6, item elec-001, stem: must be text; put it in quotes: "2026-11-22"',
    ),
    (
        'stem: "What comes first in elec-001?"',
        "stem: [What]",
        "line 6, item elec-001, stem: must be text",
    ),
    (
        'clause: "reg 13"',
        "clause: 13",
        'line 14, item elec-001, source.clause: must be text; put it in quotes: "13"',
    ),
    (
        "key: b",
        "key: 2",
        'line 12, item elec-001, key: must be text; put it in quotes: "2"',
    ),
    (
        "jurisdiction: gb",
        "jurisdiction: no",
        'line 16, item elec-001, jurisdiction: must be text; put it in quotes: "no"',
    ),
    (
        "id: elec-001",
        "id: 17",
        'line 3, id: must be text; put it in quotes: "17"',
    ),
]
WRONG_VALUES = [
    ("id: elec-001", "id: Elec 1", "line 3, id: 'Elec 1' is not lower-case words"),
    ("revision: 1", "revision: 0", "line 4, item elec-001, revision: must be a whole"),
    ("revision: 1", "revision: yes", "revision: must be a whole number of at least 1"),
    ("revision: 1", 'revision: "1"', "revision: must be a whole number of at least 1"),
    ("revision: 1", "revision: 1.0", "revision: must be a whole number .*, not '1.0'"),
    ("status: live", "status: Live", "'Live' is none of draft, live, retired"),
    ("key: b", "key: e", "line 12, item elec-001, key: 'e' is none of a, b, c, d"),
    ("key: b", "key: B", "key: 'B' is none of a, b, c, d"),
    ("difficulty: 0.82", "difficulty: 82", "line 15, .*difficulty: .*, not '82'"),
    ("difficulty: 0.82", "difficulty: 1.01", "must be a number from 0 to 1"),
    ("difficulty: 0.82", "difficulty: -0.01", "must be a number from 0 to 1"),
    ("difficulty: 0.82", "difficulty: .nan", "must be a number from 0 to 1"),
    ("difficulty: 0.82", "difficulty: true", "must be a number from 0 to 1"),
    (
        "jurisdiction: gb",
        "jurisdiction: uk",
        "line 16, item elec-001, jurisdiction: 'uk' is none of gb, england, wales, scotland",
    ),
    (
        "checked_on: 2026-11-22",
        'checked_on: "2026-11-22"',
        "line 14, item elec-001, source.checked_on: must be a date",
    ),
    (
        "checked_on: 2026-11-22",
        "checked_on: 2026-11-22 10:00:00",
        "source.checked_on: must be a date like 2026-01-31",
    ),
    ("checked_on: 2026-11-22", "checked_on: 2026-02-30", "line 14: '2026-02-30' can"),
    (
        "- on: 2026-11-22",
        "- on: today",
        "line 19, item elec-001, reviews.on: must be a",
    ),
    (
        "id: eawr-1989, cl",
        "id: eawr-1988, cl",
        "line 14, item elec-001, source.id: 'eawr-1988' is not in sources.yaml",
    ),
    (
        'b: "Find the right circuit"',
        'b: "test that  it is dead"',
        "line 9, item elec-001, options.b: says the same as option a",
    ),
    ('b: "Find the right circuit"', 'b: ""', "options.b: is empty, or has space"),
    ('b: "Find the right circuit"', 'b: "x "', "options.b: is empty, or has space"),
    ('b: "Find the right circuit"', r'b: "x\ny"', "options.b: has a line break"),
    ('b: "Find the right circuit"', f'b: "{"x" * 301}"', "is longer than 300 char"),
    ("enemies: []", "enemies: fire-001", "line 17, .*enemies: must be a list"),
    ("enemies: []", "enemies: [7]", 'enemies: must be text; put it in quotes: "7"'),
    ("enemies: []", "enemies: [fire-009]", "line 17, .*there is no item 'fire-009'"),
    ("enemies: []", "enemies: [elec-001]", "an item is no enemy of itself"),
    (
        "enemies: []",
        'image: {file: "plug.svg", alt: "A plug"}',
        "line 17, item elec-001, image.file: 'plug.svg' is not in the folder images",
    ),
]
WRONG_SHAPES = [
    ('    stem: "What comes first in elec-001?"\n', "", "line 3, .*stem: is missing"),
    ("    key: b\n", "", "line 3, item elec-001, key: is missing"),
    ("    difficulty: 0.82\n", "", "line 3, item elec-001, difficulty: is missing"),
    ('      d: "Tell the others"\n', "", "line 8, .*options.d: is missing"),
    (
        '      d: "Tell the others"\n',
        '      d: "Tell the others"\n      e: "Ask"\n',
        "line 12, item elec-001, options.e: is not a field here",
    ),
    (', clause: "reg 13"', "", "line 14, item elec-001, source.clause: is missing"),
    ("    key: b\n", "    key: b\n    kee: b\n", "line 13, .*kee: is not a field here"),
    ("    key: b\n", "    key: b\n    key: a\n", "line 13, key: stands here twice"),
    ("    key: b\n", "    key: b\n    1: a\n", "line 13, .*, 1: is not a field here"),
    ("    key: b\n", "    key: b\n    no: a\n", "line 13, .*, no: is not a field here"),
    ("    key: b\n", "    key: b\n    [x]: a\n", "line 13: a name must be text"),
    ("  - id: elec-001\n", "  - id: fire-001\n", "item fire-001, id: is used before"),
    ("topic: electrical", "topic: fire", "line 1, topic: must be 'electrical', as the"),
    ("topic: electrical\n", "", "line 1, topic: is missing"),
    ("items:", "things:", "line 1, items: is missing"),
    ("    key: b\n", "   key: b\n", "line 12: is not YAML: "),
    ("    key: b\n", "    key: *b\n", "line 12: is not YAML: found undefined alias"),
    ('"Lock the isolator"', '"Lock the isolator', "is not YAML: "),
    (
        "    key: b\n",
        "    key: &k b\n    kee: *k\n",
        r"line 12: an alias \(\*\) may not be used",
    ),
]


@pytest.mark.parametrize(("before", "after", "complaint"), TRAPS)
def test_what_yaml_does_not_take_for_text_is_refused(
    bank: Path, before: str, after: str, complaint: str
) -> None:
    change(bank, ELEC, before, after)
    with pytest.raises(BankError) as caught:
        read_bank(bank)
    assert str(caught.value) == f"{ELEC}, {complaint}"


@pytest.mark.parametrize(("before", "after", "complaint"), WRONG_VALUES + WRONG_SHAPES)
def test_a_fault_is_refused_by_file_line_item_and_field(
    bank: Path, before: str, after: str, complaint: str
) -> None:
    change(bank, ELEC, before, after)
    with pytest.raises(
        BankError, match=f"^topics/(electrical|fire).yaml, .*{complaint}"
    ):
        read_bank(bank)


def test_a_complaint_is_one_line(bank: Path) -> None:
    change(bank, ELEC, "key: b", "key: [b\n")
    with pytest.raises(BankError) as caught:
        read_bank(bank)
    assert "\n" not in str(caught.value)


def test_a_fault_says_its_place_to_programs_too(bank: Path) -> None:
    change(bank, ELEC, "key: b", "key: e")
    with pytest.raises(BankError) as caught:
        read_bank(bank)
    fault = caught.value.fault
    assert (fault.file, fault.line, fault.item, fault.field) == (
        ELEC,
        12,
        "elec-001",
        "key",
    )


@pytest.mark.parametrize("text", ["difficulty: 0", "difficulty: 1", "difficulty: 1.0"])
def test_the_bounds_of_difficulty_are_in(bank: Path, text: str) -> None:
    change(bank, ELEC, "difficulty: 0.82", text)
    assert read_bank(bank).items[0].difficulty in {0, 1}


def test_an_option_of_300_characters_fits(bank: Path) -> None:
    change(bank, ELEC, '"Lock the isolator"', f'"{"x" * 300}"')
    assert len(read_bank(bank).items[0].options["c"]) == 300


def test_every_fault_is_found_at_once(bank: Path) -> None:
    change(bank, ELEC, "key: b", "key: e")
    change(bank, FIRE, "status: live", "status: alive")
    read = read_folder(bank)
    assert [(fault.file, fault.item, fault.field) for fault in read.faults] == [
        (ELEC, "elec-001", "key"),
        (FIRE, "fire-001", "status"),
    ]
    with pytest.raises(BankError, match=r"key: 'e' .* \(and 1 more\)$"):
        read_bank(bank)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        (
            "year: 1989",
            'year: "1989"',
            "line 3, eawr-1989.year: must be a whole number",
        ),
        ("  year: 1989\n", "", "line 2, eawr-1989.year: is missing"),
        ('edition: "SI', 'issue: "SI', "eawr-1989.edition: is missing"),
        (
            "jurisdiction: gb",
            "jurisdiction: eu",
            "line 5, eawr-1989.jurisdiction: 'eu'",
        ),
        ("eawr-1989:", "EAWR 1989:", "line 2, EAWR 1989: is not a short name"),
        (
            "eawr-1989:",
            "eawr-1989: 7\nx:",
            "line 1, eawr-1989: must be a group of named",
        ),
    ],
)
def test_a_faulty_source_is_refused(
    bank: Path, before: str, after: str, complaint: str
) -> None:
    change(bank, "sources.yaml", before, after)
    with pytest.raises(BankError, match=f"^sources.yaml, .*{complaint}"):
        read_bank(bank)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("id: short", "id: long", "line 1, id: must be 'short', as the file is named"),
        ("version: 3", "version: 0", "line 2, version: must be a whole number of at"),
        ("minutes: 5", "minutes: half", "line 3, minutes: must be a whole number"),
        ("pass_mark: 2", "pass_mark: 4", "line 4, pass_mark: is more than the 3 items"),
        ("pass_mark: 2\n", "", "pass_mark: is missing"),
        (
            "fire: 1",
            "fire: 0",
            "line 6, topics.fire: must be a whole number of at least",
        ),
        ("fire: 1", "fire: 1\n  fire: 1", "line 7, fire: stands here twice"),
    ],
)
def test_a_faulty_blueprint_is_refused(
    bank: Path, before: str, after: str, complaint: str
) -> None:
    change(bank, "blueprints/short.yaml", before, after)
    with pytest.raises(BankError, match=f"^blueprints/short.yaml, .*{complaint}"):
        read_blueprint(bank, "short")


def test_a_pass_mark_may_be_every_item(bank: Path) -> None:
    change(bank, "blueprints/short.yaml", "pass_mark: 2", "pass_mark: 3")
    assert read_blueprint(bank, "short").pass_mark == 3


RESITS = "resits: {same_day: 1, wait_days: 7, attempts_per_course: 3}\n"


def test_minimums_and_resits_are_read_as_written(bank: Path) -> None:
    change(bank, SHORT, "topics:", f"minimums: {{electrical: 2}}\n{RESITS}topics:")
    blueprint = read_blueprint(bank, "short")
    assert dict(blueprint.minimums) == {"electrical": 2}
    assert blueprint.resits == ResitRule(same_day=1, wait_days=7, attempts_per_course=3)
    assert blueprint.lines["resits.wait_days"] == 6


def test_without_a_word_there_are_no_minimums_and_no_resits(bank: Path) -> None:
    blueprint = read_blueprint(bank, "short")
    assert dict(blueprint.minimums) == {}
    assert (blueprint.resits.same_day, blueprint.resits.attempts_per_course) == (0, 1)


def test_the_bounds_of_minimums_and_resits_are_in(bank: Path) -> None:
    widest = "resits: {same_day: 2, wait_days: 365, attempts_per_course: 3}\n"
    change(bank, SHORT, "topics:", f"minimums: {{electrical: 1}}\n{widest}topics:")
    assert read_blueprint(bank, "short").resits.wait_days == 365
    change(bank, SHORT, widest, RESITS.replace("1", "0").replace("7", "1"))
    resits = read_blueprint(bank, "short").resits
    assert (resits.same_day, resits.wait_days) == (0, 1)


@pytest.mark.parametrize(
    ("added", "complaint"),
    [
        ("minimums: {noise: 1}", "minimums.noise: is none of the topics drawn"),
        ("minimums: {fire: 2}", "minimums.fire: is more than the 1 items drawn"),
        ("minimums: {fire: 0}", "minimums.fire: must be a whole number of at least 1"),
        ("minimums: {fire: -1}", "minimums.fire: must be a whole number of at least 1"),
        ('minimums: {fire: "1"}', "minimums.fire: must be a whole number of at least"),
        ("minimums: {fire: yes}", "minimums.fire: must be a whole number of at least"),
        ("minimums: [fire]", "minimums: must be a group of named fields"),
        ("resits: 3", "resits: must be a group of named fields"),
        ("resits: {same_day: 1, wait_days: 7}", "attempts_per_course: is missing"),
        (RESITS.replace("}", ", most: 3}").strip(), "resits.most: is not a field here"),
        (RESITS.replace("1", "-1").strip(), "resits.same_day: must be a whole number"),
        (RESITS.replace("1", "1.0").strip(), "resits.same_day: must be a whole number"),
        (
            RESITS.replace("7", "0").strip(),
            "wait_days: must be a whole number of at le",
        ),
        (
            RESITS.replace("7", "a week").strip(),
            "resits.wait_days: must be a whole num",
        ),
        (RESITS.replace("7", "366").strip(), "wait_days: is longer than 365 days"),
        (RESITS.replace("3", "0").strip(), "attempts_per_course: must be a whole numb"),
        (
            RESITS.replace("3", "1").strip(),
            "same_day: is more than the 0 left after th",
        ),
    ],
)
def test_faulty_minimums_and_resits_are_refused_by_file_line_and_field(
    bank: Path, added: str, complaint: str
) -> None:
    change(bank, SHORT, "topics:", f"{added}\ntopics:")
    with pytest.raises(BankError, match=f"^{SHORT}, line 5, .*{complaint}"):
        read_blueprint(bank, "short")


@pytest.mark.parametrize("name", ["long", "../short", "", "Short"])
def test_a_blueprint_that_is_not_there_is_refused(bank: Path, name: str) -> None:
    with pytest.raises(BankError, match=r"is not there|is not the name of a blueprint"):
        read_blueprint(bank, name)


def test_a_topic_needs_as_many_live_items_as_the_blueprint_draws(bank: Path) -> None:
    change(bank, ELEC, "status: live", "status: draft")
    read_bank(bank)  # two of three are left, and two are drawn

    change(bank, ELEC, "status: live", "status: retired")
    with pytest.raises(
        BankError,
        match=r"^blueprints/short.yaml, line 7, topics.electrical: .* 2 items are drawn, but only 1",
    ):
        read_bank(bank)


def test_enemies_count_once_when_a_topic_is_filled(bank: Path) -> None:
    change(bank, ELEC, "enemies: []", "enemies: [elec-002, elec-003]")
    read_bank(bank)  # without elec-001, the other two still make a paper

    change(bank, ELEC, "enemies: []", "enemies: [elec-003]")
    with pytest.raises(
        BankError, match="2 items are drawn, but too many of the 3 live"
    ):
        read_bank(bank)


@pytest.mark.parametrize("part", ["sources.yaml", "topics", "blueprints"])
def test_a_folder_with_a_part_missing_is_refused(bank: Path, part: str) -> None:
    (bank / part).rename(bank / "elsewhere")
    with pytest.raises(BankError, match=f"{part}: (is not there|holds no YAML file)"):
        read_bank(bank)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="is not there"):
        read_bank(tmp_path / "nowhere")


def test_an_empty_file_is_refused(bank: Path) -> None:
    (bank / FIRE).write_text("", encoding="utf-8")
    with pytest.raises(BankError, match=r"^topics/fire.yaml, line 1: is empty"):
        read_bank(bank)


def test_a_topic_may_be_empty_while_no_blueprint_draws_it(bank: Path) -> None:
    (bank / "topics/noise.yaml").write_text("topic: noise\nitems: []\n")
    assert len(read_bank(bank).items) == 6


def test_a_file_in_another_encoding_is_refused_by_line(bank: Path) -> None:
    text = write_topic("fire", write_item("fire-001")).replace("Tell the", "Café")
    (bank / FIRE).write_bytes(text.encode("latin-1"))
    with pytest.raises(BankError, match=r"^topics/fire.yaml, line 11: is not UTF-8"):
        read_bank(bank)


def test_the_content_is_wording_options_key_and_picture(bank: Path) -> None:
    def content() -> str:
        return read_bank(bank).items[0].content_hash

    image = 'enemies: []\n    image: {file: "plug.svg", alt: "A plug"}'
    before = content()
    for old, new in (
        ("difficulty: 0.82", "difficulty: 0.8"),
        ('rationale: "Whatever', 'rationale: "What'),
        ('clause: "reg 13"', 'clause: "reg 12"'),
        ("enemies: []", "enemies: [fire-001]"),
        ("revision: 1", "revision: 2"),
    ):
        change(bank, ELEC, old, new)
        assert content() == before, new

    seen = {before}
    (bank / "images/plug.svg").write_text("<svg/>")
    for old, new in (
        ("What comes first", "What is first"),
        ("Lock the isolator", "Lock it"),
        ("key: b", "key: c"),
        ("enemies: [fire-001]", image),
        ("A plug", "A socket"),
    ):
        change(bank, ELEC, old, new)
        assert content() not in seen, new
        seen.add(content())
    (bank / "images/plug.svg").write_text("<svg></svg>")
    assert content() not in seen
