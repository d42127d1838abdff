"""The rules that judge an item by itself, on both sides of their limits."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from ecs_training.questions.rules.bank import BankItem, Image
from ecs_training.questions.rules.faults import Fault
from ecs_training.questions.rules.lint import lint_item
from ecs_training.questions.rules.lint.grades import grade
from ecs_training.questions.rules.lint.options import (
    leaning_options,
    like_options,
    option_lengths,
)
from ecs_training.questions.rules.lint.pictures import image_alt
from ecs_training.questions.rules.lint.sources import source_checked
from ecs_training.questions.rules.lint.stems import negative_emphasis, stem_length
from ecs_training.questions.rules.lint.texts import plain_text, rationale_numbers
from tests.questions.good_bank import TODAY, make_item

NO_TERMS: frozenset[str] = frozenset()


def count(rule: Callable[[BankItem], Iterator[Fault]], item: BankItem) -> int:
    return len(list(rule(item)))


def with_options(*texts: str, key: str = "a") -> BankItem:
    return make_item(options=dict(zip("abcd", texts, strict=True)), key=key)


def test_a_good_item_has_no_fault() -> None:
    assert list(lint_item(make_item(), terms=NO_TERMS, today=TODAY)) == []


@pytest.mark.parametrize(("words", "faults"), [(40, 0), (41, 1)])
def test_a_stem_has_40_words_at_most(words: int, faults: int) -> None:
    stem = " ".join(["go"] * words) + "?"
    assert count(stem_length, make_item(stem=stem)) == faults


@pytest.mark.parametrize(
    ("stem", "faults"),
    [
        ("What must you NOT do?", 0),
        ("What must you not do?", 1),
        ("What must you Not do?", 1),
        ("Which is never safe?", 1),
        ("Which is NEVER safe?", 0),
        ("What isn't safe?", 1),
        ("What isn\u2019t safe?", 1),
        ("What ISN'T safe?", 0),
        ("You cannot see him. What do you do?", 0),
        ("The board is not dead. Which of these is false?", 1),
        ("All are hazards except:", 1),
        ("Never work alone. You must:", 0),
        ("What can you not do? Look at the picture.", 1),
        ("Which is the least safe?", 1),
        ("What is the least that it must hold?", 0),
        ("Who needs at least two people?", 0),
        ("What is nothing but a notice?", 0),
    ],
)
def test_a_negative_in_what_is_asked_stands_in_capitals(stem: str, faults: int) -> None:
    assert count(negative_emphasis, make_item(stem=stem)) == faults


LEANING = [
    "All of the above",
    "None of the above.",
    "all the above",
    "None of the above is right",
    "All of these",
    "None of these are right",
    "Any of these",
    "Both of these",
    "Neither of those",
    "All of the others",
    "None of the other answers",
    "Both answers",
    "Neither option is right",
    "All three",
    "All of them",
    "None",
    "Both",
    "All are right",
    "They are all correct",
    "All correct",
    "Both a and b",
    "A and C",
    "Answers b and c",
    "a or b only",
    "Two of these",
]
STANDING = [
    "All of the workers on the site",
    "Both knees on it and one hand on the wall",
    "Each worker puts a lock on a shared hasp",
    "None of the doors may be wedged",
    "Any tool with a loose head",
    "Neither, they share it equally",
    "Take all of them off the frame",
    "Classes A and C",
    "Look after each other",
    "Tools of both kinds",
    "The box above the door",
]


@pytest.mark.parametrize("text", LEANING)
def test_an_option_that_leans_on_the_others_is_found(text: str) -> None:
    item = with_options("Wind tape round it", "Take it away", "Keep it dry", text)
    (fault,) = leaning_options(item)
    assert fault.field == "options.d"


@pytest.mark.parametrize("text", STANDING)
def test_an_option_that_stands_alone_is_let_be(text: str) -> None:
    item = with_options("Wind tape round it", "Take it away", "Keep it dry", text)
    assert list(leaning_options(item)) == []


@pytest.mark.parametrize(
    ("one", "other", "faults"),
    [
        ("The main switch", "A main switch.", 1),
        ("Glove", "gloves", 1),
        ("Over 7 days", "Over 3 days", 0),
        ("A finger that is broken", "A wrist that is broken", 0),
        ("The hat over the muffs", "The muffs over the hat", 0),
    ],
)
def test_options_that_read_alike_are_found(one: str, other: str, faults: int) -> None:
    assert count(like_options, with_options(one, "x", "y", other)) == faults


@pytest.mark.parametrize(
    ("shortest", "longest", "faults"),
    [(5, 15, 0), (5, 16, 1), (30, 45, 0), (30, 46, 1)],
)
def test_options_are_of_one_size(shortest: int, longest: int, faults: int) -> None:
    item = with_options("a" * shortest, "b" * longest, "c" * shortest, "d" * shortest)
    assert count(option_lengths, item) == faults


@pytest.mark.parametrize(
    ("key", "rationale", "faults"),
    [
        ("230 V", "It is 230 V.", 0),
        ("230 V", "It is 23 V.", 1),
        ("2.5 mm", "It is 2.5 mm.", 0),
        ("2.5 mm", "It is 2 mm or 5 mm.", 1),
        ("1,000 V", "It is 1000 V.", 0),
        ("Two people", "It takes 2 people.", 0),
        ("Two people", "It takes more people.", 1),
        ("4 people", "It takes four people.", 0),
        ("Get a new one", "The old is bad.", 0),
        ("75 to 80 degrees", "Between 75 degrees and a little more.", 1),
    ],
)
def test_the_numbers_of_the_key_stand_in_the_rationale(
    key: str, rationale: str, faults: int
) -> None:
    item = make_item(options={"a": key, "b": "9", "c": "8", "d": "7"}, key="a")
    assert (
        count(
            rationale_numbers,
            make_item(options=item.options, key="a", rationale=rationale),
        )
        == faults
    )


@pytest.mark.parametrize(
    ("alt", "faults"),
    [
        ("A red band with the word foam", 1),
        ("A FOAM extinguisher", 1),
        ("A band as white as foamy milk", 0),
        ("Four bands: water, foam, powder and gas", 0),
        ("Three bands: water, foam and powder", 1),
        ("A red band, and water", 0),
    ],
)
def test_an_alt_text_does_not_tell_the_key_alone(alt: str, faults: int) -> None:
    item = with_options("Foam", "Water", "Powder", "Gas")
    image = Image(file="band.svg", alt=alt, sha256="")
    told = make_item(options=item.options, key="a", image=image)
    assert count(image_alt, told) == faults


@pytest.mark.parametrize(
    ("today", "checked_on", "faults"),
    [
        (date(2026, 11, 22), date(2025, 11, 22), 0),
        (date(2026, 11, 22), date(2025, 11, 21), 1),
        (date(2028, 2, 29), date(2027, 2, 28), 0),
        (date(2028, 2, 29), date(2027, 2, 27), 1),
        (date(2029, 2, 28), date(2028, 2, 29), 0),
        (date(2029, 3, 1), date(2028, 2, 29), 1),
        (date(2026, 11, 22), date(2027, 11, 22), 0),
        (date(2026, 11, 22), date(2062, 11, 22), 1),
    ],
)
def test_a_source_was_checked_within_12_months(
    today: date, checked_on: date, faults: int
) -> None:
    item = make_item(checked_on=checked_on)
    assert len(list(source_checked(item, today=today))) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("A 5 m lead & a fuse, at 5 % (or so)", 0),
        ("A *5* m lead", 1),
        ("5 m &lt; 6 m", 1),
        ("See https://hse.gov.uk", 1),
        ("A [lead]", 1),
    ],
)
def test_markup_is_found(text: str, faults: int) -> None:
    assert count(plain_text, make_item(rationale=text)) == faults


# 23 words of two syllables in three sentences: 0.39 * 23 / 3 + 11.8 * 2 - 15.59 = 11
GRADE_11 = (
    "Worker under ladder, worker over ladder. Hammer, spanner, gutter, timber, metal,"
    " copper, paper. Never enter any open tower, cellar, chamber, tunnel, cabin"
)


@pytest.mark.parametrize(("more", "faults"), [(" even.", 0), (" exactly.", 1)])
def test_grade_11_is_the_highest(more: str, faults: int) -> None:
    stem = GRADE_11 + more
    found = [
        fault
        for fault in lint_item(make_item(stem=stem), terms=NO_TERMS, today=TODAY)
        if fault.rule == "reading-grade"
    ]
    assert len(found) == faults
    if not faults:
        assert grade(stem) == 11


@pytest.mark.parametrize(
    ("text", "terms", "expected"),
    [
        ("The cat sat.", NO_TERMS, 0.39 * 3 + 11.8 - 15.59),
        ("The cat sat. The dog ran.", NO_TERMS, 0.39 * 3 + 11.8 - 15.59),
        ("The cat sat on:", NO_TERMS, 0.39 * 4 + 11.8 - 15.59),
        ("Use 2.5 mm.", NO_TERMS, 0.39 * 3 + 11.8 - 15.59),
        ("The RCD trips.", NO_TERMS, 0.39 * 3 + 11.8 * 5 / 3 - 15.59),
        ("Do NOT go.", NO_TERMS, 0.39 * 3 + 11.8 - 15.59),
        ("A first-aid box.", NO_TERMS, 0.39 * 4 + 11.8 - 15.59),
        ("The isolator trips.", frozenset({"isolator"}), 0.39 * 3 + 11.8 - 15.59),
        ("Isolators trip.", frozenset({"isolator"}), 0.39 * 2 + 11.8 - 15.59),
        ("The isolator's trip.", frozenset({"isolator"}), 0.39 * 3 + 11.8 - 15.59),
    ],
)
def test_the_grade_is_that_of_the_formula(
    text: str, terms: frozenset[str], expected: float
) -> None:
    assert grade(text, terms) == pytest.approx(expected, abs=1e-5)
