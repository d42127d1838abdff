"""GIFT as Moodle's public description has it."""

import pytest

from ecs_training.questions.formats import FileRefused, Format, Verdict, read
from tests.questions.formats.reading import (
    FOUR,
    is_refused,
    only,
    read_text,
    right,
    texts,
)

GIFT = Format.GIFT
FILE = """\
// A comment on the file, with [tag:old]

$CATEGORY: $course$/top/Fire and//or smoke

// question: 17  name: alarm  [id:fire-017]
::The alarm::[html]<p>The alarm rings.</p><p>What is <b>first</b>?</p> {
\t=Go out # Right.
\t~%-50%Go up
\t~Wait \\= stay
\t~Call 999\\: then wait
\t####Out first\\, <i>always</i>.
}

What comes in {=here ~there ~nowhere ~everywhere}, then?

A second one {
=a
~b
~c
~d
}
"""


def test_a_whole_file_is_read_in_its_order_with_its_lines() -> None:
    first, second, third = read_text(GIFT, FILE)

    assert first.stem == "The alarm rings. What is first?"
    assert texts(first) == ["Go out", "Go up", "Wait = stay", "Call 999: then wait"]
    assert right(first) == ["Go out"]
    assert (first.code, first.topic) == ("fire-017", "Fire and/or smoke")
    assert first.rationale == "Out first\\, always."
    assert (first.line, first.verdict) == (6, Verdict.CHANGED)
    assert first.reason == (
        "emphasis was left out; feedback to single options was left out;"
        " penalties for wrong options were left out"
    )
    assert second.stem == "What comes in _____, then?"
    assert (second.line, second.verdict, second.reason) == (14, Verdict.IMPORTED, "")
    assert (second.code, second.topic) == (None, "Fire and/or smoke")
    assert (third.line, third.stem) == (16, "A second one")


@pytest.mark.parametrize(
    ("answers", "because"),
    [
        ("{}", "is an essay question"),
        ("{ }", "is an essay question"),
        ("{T}", "is a true/false question"),
        ("{FALSE#no#yes}", "is a true/false question"),
        ("{#1822:5}", "is a numerical question"),
        ("{#=1:0 =%50%2:0}", "is a numerical question"),
        ("{=a -> b =c -> d =e -> f =g -> h}", "is a matching question"),
        ("{=a =b =c =d}", "is a short-answer question"),
        ("{a b c d}", "begin with neither = nor ~"),
        ("{~%50%a ~%50%b ~c ~d}", "lets several answers be chosen"),
        ("{~%100%a ~b ~c ~d}", "lets several answers be chosen"),
        ("{=a ~%50%b ~c ~d}", "gives part of the marks"),
        ("{=%50%a ~b ~c ~d}", "gives part of the marks"),
        ("{=a =b ~c ~d}", "the number of right options is 2, not 1"),
        ("{=a ~%100%b ~c ~d}", "the number of right options is 2, not 1"),
        ("{=a ~b ~c}", "the number of options is 3, not 4"),
        ("{=a ~b ~c ~d ~e}", "the number of options is 5, not 4"),
        ("{=a" + " ~b" * 50 + "}", "has more than 10 options"),
        ("{first =a ~b ~c ~d}", "has text before its first answer"),
        ("{=a ~b ~ ~d}", "option 3 has no text"),
        ("{=a ~b ~A ~d}", "options 1 and 3 say the same"),
        ("{=a ~b ~c ~<img src\\='x.png'>}", "shows a picture"),
        ("{=a ~b ~c ~<ul>d</ul>}", "an option holds a list"),
        ("{=a ~b ~c ~d", "has no closing brace"),
        ("{=a ~b ~c ~d} and {=e ~f}", "has braces too many"),
        ("} {=a ~b ~c ~d}", "has braces too many"),
        ("", "is a text without answers in braces"),
        ("{" + "~" * 200 + "}", "too many of the signs"),
    ],
)
def test_what_is_no_choice_of_one_among_four_is_refused(
    answers: str, because: str
) -> None:
    assert is_refused(only(GIFT, f"What? {answers}\n"), because=because)


def test_a_refused_item_keeps_what_could_be_read_and_stops_no_other() -> None:
    items = read_text(GIFT, f"Is it <b>so</b>? {{T}}\n\nWhat? {FOUR}\n")
    assert [item.verdict for item in items] == [Verdict.REFUSED, Verdict.IMPORTED]
    assert (items[0].stem, items[0].options, items[0].line) == ("Is it so?", (), 1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\{x\} \~ \= \# \: \\", r"{x} ~ = # : \ "),
        (r"one\ntwo", "one two"),
        (r"C\:\\new", r"C:\new"),
        (r"a\b", r"a\b"),
        ("50% of = and ~ and #", "50% of = and ~ and #"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
        ("5 < 6", "5 < 6"),
        ("a // b", "a // b"),
        ("::title::What?", "What?"),
        (r"::a\:\:b::What?", "What?"),
        ("::no end", "::no end"),
        ("[plain]<b>&amp;</b>", "<b>&amp;</b>"),
        ("[PLAIN] x", "x"),
        ("[markdown]a\\\\_b 2 * 3", "a_b 2 * 3"),
        ("[sic] x", "[sic] x"),
    ],
)
def test_escapes_titles_and_format_tags_are_undone(written: str, meant: str) -> None:
    item = only(GIFT, f"{written} {FOUR}\n")
    assert (item.stem, item.verdict) == (meant.strip(), Verdict.IMPORTED)


def test_an_option_may_have_a_format_of_its_own() -> None:
    item = only(GIFT, "[html]What? {=[plain]<b> ~[plain]%50% ~<p>c</p> ~d}\n")
    assert texts(item) == ["<b>", "%50%", "c", "d"]
    assert item.verdict is Verdict.IMPORTED


def test_a_category_that_crowds_an_item_is_not_read_into_it() -> None:
    items = read_text(GIFT, f"One? {FOUR}\n$CATEGORY: fire\nTwo? {FOUR}\n")
    assert is_refused(items[0], because="put a blank line between")
    assert (items[0].topic, items[0].line) == (None, 1)
    assert (items[1].topic, items[1].line, items[1].verdict) == ("fire", 3, "imported")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_line_end_and_a_byte_order_mark_are_read(end: str, mark: str) -> None:
    items = read_text(GIFT, mark + FILE.replace("\n", end))
    assert [item.line for item in items] == [6, 14, 16]
    assert items[0].verdict is Verdict.CHANGED


def test_comments_stand_anywhere_but_in_a_line() -> None:
    text = "What?\n// [id:a-1] no\n{\n  // =no\n=a\n~b\n~c // d\n~d}\n"
    item = only(GIFT, text)
    assert (item.stem, item.code) == ("What?", "a-1")
    assert texts(item) == ["a", "b", "c // d", "d"]


@pytest.mark.parametrize("code", ["Fire 17", "x" * 41, "é", "a\\]b"])
def test_a_code_that_is_none_of_ours_is_not_taken(code: str) -> None:
    assert only(GIFT, f"// [id:{code}]\nWhat? {FOUR}").code is None


@pytest.mark.parametrize(
    "data",
    [
        "What is £5? {=a ~b ~c ~d}".encode("windows-1252"),
        "What?\n{=a ~b ~c ~d}".encode("utf-16"),
        "What?\n{=a ~b ~c ~d}".encode("utf-16-le"),
        b"What?\0 {=a ~b ~c ~d}",
        b"",
        b"// only a comment\n",
        b"$CATEGORY: fire\n",
    ],
)
def test_what_is_no_text_or_holds_no_item_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        read(data, format=GIFT, name="file.txt")
    assert str(refused.value).startswith("file.txt")
    assert "\n" not in str(refused.value)


def test_a_wrong_encoding_is_named_with_its_line() -> None:
    data = "What?\n{=a\n~£5 ~c ~d}".encode("windows-1252")
    with pytest.raises(FileRefused, match=r"file.txt, line 3: is not UTF-8 text"):
        read(data, format=GIFT, name="file.txt")
