"""Aiken as Moodle's public description has it, and its traps."""

import pytest

from ecs_training.questions.formats import FileRefused, Format, Verdict, read
from tests.questions.formats.reading import is_refused, only, read_text, right, texts

AIKEN = Format.AIKEN
ITEM = (
    "What comes first?\nA. Lock it\nB) Test it\nC. Sign it\nD.\tLeave it\nANSWER: C\n"
)


def test_an_item_is_read_as_written() -> None:
    item = only(AIKEN, ITEM)
    assert item.stem == "What comes first?"
    assert texts(item) == ["Lock it", "Test it", "Sign it", "Leave it"]
    assert right(item) == ["Sign it"]
    assert (item.verdict, item.reason, item.line) == (Verdict.IMPORTED, "", 1)


def test_it_is_plain_text() -> None:
    item = only(AIKEN, ITEM.replace("What comes", "Is 5 < 6 &amp; <b>what</b>"))
    assert item.stem == "Is 5 < 6 &amp; <b>what</b> first?"


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        ("ANSWER: C", "ANSWER: E", "names E as the answer, which is none of its"),
        ("ANSWER: C", "ANSWER: c", "names no single capital letter"),
        ("ANSWER: C", "ANSWER: A, C", "names no single capital letter"),
        ("ANSWER: C", "ANSWER:", "names no single capital letter"),
        ("ANSWER: C", "answer: C", "does not begin with ANSWER: in capitals"),
        ("ANSWER: C", "Answer : C", "does not begin with ANSWER: in capitals"),
        ("ANSWER: C\n", "", "has no line ANSWER:"),
        ("first?\n", "first?\nThen what?\n", "has a second line of text"),
        ("C. Sign it\nD.\tLeave it\n", "C. Sign it\n", "number of options is 3"),
        ("ANSWER", "E. More\nANSWER", "number of options is 5"),
        ("B) Test", "C) Test", "has option C where option B should be"),
        ("What comes first?\n", "", "has no question before its options"),
        ("What comes", "E. coli comes", "has no question before its options"),
        ("Test it", "LOCK  it", "options 1 and 2 say the same"),
        ("Test it", "", "option 2 has no text"),
    ],
)
def test_what_moodle_would_guess_at_or_throw_away_is_refused(
    old: str, new: str, because: str
) -> None:
    assert old in ITEM
    text = ITEM.replace(old, new)
    items = read_text(AIKEN, f"{text}\n{ITEM.replace('first', 'next')}")
    assert is_refused(items[0], because=because)
    assert items[0].line == 1
    assert items[-1].verdict is Verdict.IMPORTED


def test_blank_lines_may_stand_anywhere_but_a_lone_text_is_named() -> None:
    apart = ITEM.replace("\n", "\n\n")
    items = read_text(AIKEN, f"Chapter one\n\n{apart}")
    assert is_refused(items[0], because="has no line ANSWER:")
    assert (items[0].stem, items[0].line) == ("Chapter one", 1)
    assert (items[1].verdict, items[1].line) == (Verdict.IMPORTED, 3)


def test_an_answer_before_any_option_is_refused_with_its_line() -> None:
    items = read_text(AIKEN, f"{ITEM}ANSWER: A\n")
    assert is_refused(items[1], because="names A as the answer")
    assert items[1].line == 7


def test_another_encoding_is_refused() -> None:
    with pytest.raises(FileRefused, match="line 2: is not UTF-8 text"):
        read("What?\nA. £5".encode("windows-1252"), format=AIKEN, name="x")
