"""What every format asks of an item, whichever way it was written."""

from dataclasses import replace

import pytest

from ecs_training.questions.formats import (
    ExportItem,
    FileRefused,
    Format,
    FoundOption,
    Verdict,
    read,
    write,
)
from ecs_training.questions.formats.drafts import MOST_ITEMS
from tests.questions.formats.reading import FOUR, is_refused, only, read_text

GIFT = Format.GIFT


def longer(letters: int) -> str:
    return ("word " * 300)[:letters].rstrip().ljust(letters, "x")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (f"{longer(600)} {FOUR}", True),
        (f"{longer(601)} {FOUR}", False),
        (f"What? {{={longer(300)} ~b ~c ~d}}", True),
        (f"What? {{={longer(301)} ~b ~c ~d}}", False),
        (f"What? {{=a ~b ~c ~d####{longer(1200)}}}", True),
        (f"What? {{=a ~b ~c ~d####{longer(1201)}}}", False),
    ],
)
def test_texts_are_no_longer_than_the_bank_keeps(text: str, fits: bool) -> None:
    item = only(GIFT, text)
    assert item.verdict is (Verdict.IMPORTED if fits else Verdict.REFUSED)
    assert fits or "characters, more than" in item.reason


def test_space_does_not_count_towards_the_length() -> None:
    spaced = longer(600).replace(" ", "  \u00a0")
    assert only(GIFT, f"{spaced} {FOUR}").stem == longer(600)


@pytest.mark.parametrize(
    "letter",
    ["\x01", "\x07", "\x0b", "\x0c", "\x1f", "\x7f", "\x85", "\ufffd", "\ufeff"],
)
def test_control_characters_and_lost_letters_are_refused(letter: str) -> None:
    assert is_refused(only(GIFT, f"What{letter}? {FOUR}"), because="control character")
    assert is_refused(
        only(GIFT, f"What? {{=a{letter} ~b ~c ~d}}"), because="option 1 holds a control"
    )


@pytest.mark.parametrize(
    ("stem", "refused"),
    [
        ("Solve $$x^2$$ now", True),
        (r"Solve \\(x^2\\) now", True),
        (r"Solve \\[x^2\\] now", True),
        (r"Solve \\begin\{x\} now", True),
        ("It costs $5 or $$, not $6", False),
        ("It costs $$$$", False),
        (r"Type \\( to begin", False),
        (r"Under C\:\\\\(x) it is", False),
    ],
)
def test_formulas_are_refused_and_prices_are_not(stem: str, *, refused: bool) -> None:
    item = only(GIFT, f"{stem} {FOUR}")
    assert is_refused(item, because="holds a formula") is refused


def test_a_second_equal_item_is_a_duplicate_of_the_first() -> None:
    items = read_text(
        GIFT,
        f"// [id:a-1]\nWhat comes first? {FOUR}\n\n"
        f"::b::<p>What  Comes first?</p> {{~test it\n=LOCK it\n~Leave it\n~Sign it}}\n\n"
        "What comes first? {~Lock it =Test it ~Sign it ~Leave it}\n\n"
        f"What comes second? {FOUR}\n\n"
        f"What comes <b>first</b>? {FOUR}\n",
    )
    assert [item.verdict for item in items] == [
        *(Verdict.IMPORTED, Verdict.DUPLICATE, Verdict.IMPORTED, Verdict.IMPORTED),
        Verdict.DUPLICATE,
    ]
    assert items[1].reason == "says the same as the item on line 2"


def test_a_refused_item_is_nobodys_double() -> None:
    items = read_text(GIFT, "What? {=a ~b ~c}\n\nWhat? {=a ~b ~c}\n\nWhat? {T}\n")
    assert {item.verdict for item in items} == {Verdict.REFUSED}


def test_a_file_holds_only_so_many_items() -> None:
    def file(number: int) -> str:
        return "".join(f"Number {n}? {{=a ~b ~c ~d}}\n\n" for n in range(number))

    assert len(read_text(GIFT, file(MOST_ITEMS))) == MOST_ITEMS
    with pytest.raises(FileRefused, match=f"more than {MOST_ITEMS} items; split it"):
        read_text(GIFT, file(MOST_ITEMS + 1))


def test_what_is_said_of_a_file_stays_in_one_line() -> None:
    with pytest.raises(FileRefused) as refused:
        read(b"", format=GIFT, name="a\nb\x1b[31m.txt")
    assert str(refused.value) == "a?b?[31m.txt: holds no questions in this format"


@pytest.mark.parametrize("form", list(Format))
def test_what_no_reader_would_take_back_is_left_out_and_named(form: Format) -> None:
    def item(code: str, stem: str) -> ExportItem:
        options = tuple(
            FoundOption(text=text, correct=text == "b") for text in ("a", "b", "c", "d")
        )
        return ExportItem(code=code, topic="fire", stem=stem, options=options)

    written = write(
        [
            *(item("a-1", "A\x01?"), item("a-2", " What\n "), item("a-3", "Is $$x$$?")),
            replace(item("a-4", "Why?"), options=item("a-4", "Why?").options[:3]),
            replace(item("a-5", "Who?"), options=item("a-5", "Who?").options[::-1] * 2),
        ],
        format=form,
    )
    assert written.left_out == (
        ("a-1", "the question holds a control character, or one that was lost"),
        ("a-3", "the question holds a formula, which cannot be shown"),
        ("a-4", "it has not four options, one of them right"),
        ("a-5", "it has not four options, one of them right"),
    )
    (back,) = read(written.data, format=form, name="x")
    assert (back.stem, back.verdict) == ("What", Verdict.IMPORTED)
