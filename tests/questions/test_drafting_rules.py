"""What a draft needs before it is read, what codes are, and what two wordings differ in."""

from dataclasses import replace
from datetime import date

import pytest

from ecs_training.questions.rules.bank import Image
from ecs_training.questions.rules.differences import (
    Edit,
    compare_words,
    list_differences,
)
from ecs_training.questions.rules.drafting import (
    as_bank_item,
    in_json,
    missing_facts,
    next_code,
    one_year_before,
    why_not_checked,
)
from tests.questions.desk import BOOTS

TODAY = date(2026, 3, 2)
PICTURE = Image(file="boots.svg", alt="A boot", sha256="0" * 64)


def missing(**changes: object) -> list[str]:
    draft = replace(BOOTS, **changes)  # type: ignore[arg-type]
    return [name for name, _ in missing_facts(draft, today=TODAY, recalled_on=None)]


def test_a_draft_with_every_fact_can_be_read() -> None:
    assert missing() == []
    assert missing(image=PICTURE) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rationale": ""}, "rationale"),
        ({"source": ""}, "source"),
        ({"clause": ""}, "clause"),
        ({"checked_on": None}, "checked_on"),
        ({"difficulty": None}, "difficulty"),
        ({"image": replace(PICTURE, alt="")}, "alt"),
    ],
)
def test_each_missing_fact_is_named(changes: dict[str, object], field: str) -> None:
    assert missing(**changes) == [field]


def test_nobody_getting_it_right_is_a_difficulty_too() -> None:
    assert missing(difficulty=0.0) == []


@pytest.mark.parametrize(
    ("on", "fine"),
    [
        (date(2025, 3, 1), False),
        (date(2025, 3, 2), True),
        (date(2026, 3, 2), True),
        (date(2026, 3, 3), False),
        (None, False),
    ],
)
def test_a_source_counts_for_twelve_months(on: date | None, *, fine: bool) -> None:
    assert (why_not_checked(on, today=TODAY, since=None) is None) is fine


@pytest.mark.parametrize(
    ("recalled_on", "fine"), [(date(2026, 2, 20), True), (date(2026, 2, 21), False)]
)
def test_a_recalled_source_must_be_looked_up_again(
    recalled_on: date, *, fine: bool
) -> None:
    on = date(2026, 2, 20)
    assert (why_not_checked(on, today=TODAY, since=recalled_on) is None) is fine


def test_a_year_before_leap_day_is_the_day_before_march() -> None:
    assert one_year_before(date(2028, 2, 29)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        ([], "fire-1"),
        (["fire-1", "fire-3"], "fire-4"),
        (["fire-002"], "fire-3"),
        (["fire-door-9", "fire-x", "fires-7", "fire-"], "fire-1"),
        (["fire-9", "fire-10"], "fire-11"),
    ],
)
def test_a_code_is_the_topic_and_the_next_number(taken: list[str], code: str) -> None:
    assert next_code("fire", taken) == code


def test_the_code_of_the_longest_topic_still_fits() -> None:
    topic = "a" * 33 + "-" + "b" * 6
    assert next_code(topic, [f"{'a' * 33}-99999"]) == f"{'a' * 33}-100000"
    assert len(next_code(topic, [])) <= 40


def test_the_hash_of_a_wording_is_that_of_the_files() -> None:
    """The same content has one name, whoever wrote it; facts beside it are no part."""
    hashed = as_bank_item(BOOTS, code="fire-1", topic="fire").content_hash
    for other in (replace(BOOTS, rationale="x"), replace(BOOTS, enemies=("fire-2",))):
        assert as_bank_item(other, code="x-1", topic="x").content_hash == hashed
    for other in (
        replace(BOOTS, stem="x"),
        replace(BOOTS, key="a"),
        replace(BOOTS, image=PICTURE),
    ):
        assert as_bank_item(other, code="fire-1", topic="fire").content_hash != hashed


def marks(before: str, after: str) -> str:
    signs = {Edit.SAME: "{}", Edit.ADDED: "+{}+", Edit.REMOVED: "-{}-"}
    return " ".join(
        signs[piece.edit].format(piece.text) for piece in compare_words(before, after)
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Test that it is dead", "Test that it is dead", "Test that it is dead"),
        ("Test it", "Test it twice", "Test it +twice+"),
        ("Test it twice", "Test it", "Test it -twice-"),
        (
            "Wear a red hat now",
            "Wear the blue hat now",
            "Wear -a red- +the blue+ hat now",
        ),
        ("", "New", "+New+"),
        ("Old", "", "-Old-"),
    ],
)
def test_differences_are_told_word_by_word(before: str, after: str, told: str) -> None:
    assert marks(before, after) == told


def test_only_the_fields_that_changed_are_listed() -> None:
    after = replace(
        BOOTS,
        options={**BOOTS.options, "c": "Wear thick socks"},
        key="c",
        difficulty=0.7,
        checked_on=None,
        image=PICTURE,
        enemies=("elec-001",),
    )
    found = {change.field: change.pieces for change in list_differences(BOOTS, after)}
    assert list(found) == [
        "Option C",
        "Right answer",
        "Picture",
        "Contents of the picture",
        "Picture in words",
        "Looked up on",
        "Right answers expected",
        "Never on one paper with",
    ]
    assert [(piece.edit.value, piece.text) for piece in found["Right answer"]] == [
        ("removed", "B"),
        ("added", "C"),
    ]
    assert [piece.text for piece in found["Looked up on"]] == ["1 March 2026"]
    assert list_differences(BOOTS, BOOTS) == []


def test_words_are_looked_for_as_json_keeps_them() -> None:
    assert in_json('5°C "hot"') == '5\\u00b0C \\"hot\\"'
