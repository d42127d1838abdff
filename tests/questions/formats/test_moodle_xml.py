"""Moodle XML as its public description has it."""

import base64

import pytest

from ecs_training.questions.formats import FileRefused, Format, Verdict
from ecs_training.questions.formats.pictures import LARGEST_PICTURE
from tests.questions.formats.reading import (
    PNG,
    SVG,
    TEXTS,
    answer,
    is_refused,
    moodle,
    only,
    question,
    quiz,
    read_text,
    right,
    texts,
)

XML = Format.MOODLE_XML
SHOWN = '<p>What?</p><p><img src="@@PLUGINFILE@@/{}" alt="A plug &amp; a lead" /></p>'
FILE = """\
<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<!-- question: 0  -->
  <question type="category">
    <category><text>$course$/top/Default for Test/Fire</text></category>
    <info format="html"><text></text></info>
    <idnumber></idnumber>
  </question>
<!-- question: 17  -->
  <question type="multichoice">
    <name><text>Alarm</text></name>
    <questiontext format="html">
      <text><![CDATA[<p dir="ltr" style="text-align: left;">The alarm rings.&nbsp;<br>
      What is&nbsp;first?</p>]]></text>
    </questiontext>
    <generalfeedback format="html"><text>Out &lt;br&gt; first.</text></generalfeedback>
    <defaultgrade>1.0000000</defaultgrade>
    <penalty>0.3333333</penalty>
    <hidden>0</hidden>
    <idnumber>fire-017</idnumber>
    <single>true</single>
    <shuffleanswers>true</shuffleanswers>
    <answernumbering>abc</answernumbering>
    <showstandardinstruction>0</showstandardinstruction>
    <correctfeedback format="html"><text>Your answer is correct.</text></correctfeedback>
    <partiallycorrectfeedback format="html">
      <text>Your answer is partially correct.</text>
    </partiallycorrectfeedback>
    <incorrectfeedback format="html"><text></text></incorrectfeedback>
    <shownumcorrect/>
    <answer fraction="0" format="html">
      <text><![CDATA[<p>Go &lt;up&gt;</p>]]></text>
      <feedback format="html"><text></text></feedback>
    </answer>
    <answer fraction="100" format="html"><text>Go out</text></answer>
    <answer fraction="0" format="moodle_auto_format"><text>Wait &amp;amp; see</text></answer>
    <answer fraction="0.0000000" format="plain_text"><text>&lt;b&gt;</text></answer>
    <tags><tag><text>old</text></tag></tags>
  </question>
  <question type="essay">
    <name><text>Essay</text></name>
    <questiontext format="html"><text>Say <![CDATA[<b>why</b>]]></text></questiontext>
  </question>
</quiz>
"""


def test_a_whole_file_is_read_in_its_order_with_its_lines() -> None:
    first, second = read_text(XML, FILE)
    assert first.stem == "The alarm rings. What is first?"
    assert texts(first) == ["Go <up>", "Go out", "Wait & see", "<b>"]
    assert right(first) == ["Go out"]
    assert (first.code, first.topic) == ("fire-017", "Fire")
    assert first.rationale == "Out first."
    assert (first.line, first.verdict, first.reason) == (10, Verdict.IMPORTED, "")
    assert is_refused(second, because="is an essay question")
    assert (second.stem, second.options, second.line) == ("Say why", (), 40)


@pytest.mark.parametrize(
    "kind",
    [
        *("truefalse", "shortanswer", "matching", "numerical", "cloze", "description"),
        *("calculated", "ddwtos", "multichoiceset", "", "coderunner"),
    ],
)
def test_other_types_are_refused(kind: str) -> None:
    text = quiz(question().replace('"multichoice"', f'"{kind}"'))
    assert is_refused(only(XML, text), because="only questions with one right answer")


@pytest.mark.parametrize("single", ["false", "0", "FALSE", "maybe"])
def test_several_answers_are_refused_even_with_one_right(single: str) -> None:
    item = moodle(more=f"<single>{single}</single>")
    assert is_refused(item, because="lets several answers be chosen")


@pytest.mark.parametrize("single", ["true", "1", "True", " true\n"])
def test_one_answer_is_what_is_imported(single: str) -> None:
    assert moodle(more=f"<single>{single}</single>").verdict is Verdict.IMPORTED


@pytest.mark.parametrize(
    ("fractions", "verdict", "because"),
    [
        ("100 0 0 0", Verdict.IMPORTED, ""),
        ("0 0 0 100.00000", Verdict.IMPORTED, ""),
        ("100 -33.33333 0 -100", Verdict.CHANGED, "penalties for wrong options"),
        ("100 50 0 0", Verdict.REFUSED, "part of the marks"),
        ("50 50 0 0", Verdict.REFUSED, "part of the marks"),
        ("99.99999 0 0 0", Verdict.REFUSED, "part of the marks"),
        ("101 0 0 0", Verdict.REFUSED, "part of the marks"),
        ("100 100 0 0", Verdict.REFUSED, "number of right options is 2"),
        ("0 0 0 0", Verdict.REFUSED, "number of right options is 0"),
        ("100 0 0", Verdict.REFUSED, "number of options is 3"),
        ("100 0 0 0 0", Verdict.REFUSED, "number of options is 5"),
        ("100 x 0 0", Verdict.REFUSED, "does not say what an option is worth"),
        ("nan 0 0 0", Verdict.REFUSED, "does not say what an option is worth"),
        ("inf 0 0 0", Verdict.REFUSED, "does not say what an option is worth"),
    ],
)
def test_one_option_alone_is_fully_right(
    fractions: str, verdict: Verdict, because: str
) -> None:
    written = "".join(
        answer(f"Option {n}", share) for n, share in enumerate(fractions.split())
    )
    item = moodle(answers=written)
    assert item.verdict is verdict
    assert because in item.reason


@pytest.mark.parametrize(
    ("more", "loss"),
    [
        ("<hint><text>Think</text></hint>", "hints"),
        (
            "<correctfeedback><text>Hooray</text></correctfeedback>",
            "feedback to right and wrong answers",
        ),
        (
            "<generalfeedback><text>&lt;table&gt;</text></generalfeedback>",
            "the general feedback was left out",
        ),
        (
            "<generalfeedback><text>&lt;b&gt;x&lt;/b&gt;</text></generalfeedback>",
            "emphasis was left out",
        ),
    ],
)
def test_what_is_left_out_is_named(more: str, loss: str) -> None:
    item = moodle(more=more)
    assert item.verdict is Verdict.CHANGED
    assert loss in item.reason


def test_feedback_to_single_options_is_left_out() -> None:
    feedback = "<feedback><text>No!</text></feedback>"
    usual = "".join(answer(text) for text in TEXTS[1:])
    item = moodle(answers=answer("Lock it", "100", feedback) + usual)
    assert item.reason == "feedback to single options was left out"
    assert moodle(more="<hint><text/></hint>").verdict is Verdict.IMPORTED


@pytest.mark.parametrize(
    ("style", "stem", "shown"),
    [
        ("html", "a<br>b &lt;", "a b <"),
        ("", "a<br>b", "a b"),
        ("moodle_auto_format", "a\nb <br> c", "a b c"),
        ("plain_text", "a <br> &amp;", "a <br> &amp;"),
        ("markdown", "2 * 3", "2 * 3"),
    ],
)
def test_each_text_format_is_read_as_moodle_shows_it(
    style: str, stem: str, shown: str
) -> None:
    item = moodle(stem, style=style)
    assert (item.stem, item.verdict) == (shown, Verdict.IMPORTED)


def test_an_unknown_text_format_and_bare_tags_are_refused() -> None:
    assert is_refused(moodle(style="wiki"), because="the question is in an unknown")
    bare = question().replace("<![CDATA[What comes first?]]>", "<p>What?</p>")
    assert is_refused(only(XML, quiz(bare)), because="neither escaped nor in CDATA")


def embedded(name: str, data: bytes, *, path: str = "/") -> str:
    content = base64.b64encode(data).decode()
    return f'<file name="{name}" path="{path}" encoding="base64">{content}</file>'


@pytest.mark.parametrize(
    "data",
    [PNG, SVG, b"GIF89a...", b"\xff\xd8\xff\xe0...", PNG.ljust(LARGEST_PICTURE, b"x")],
)
def test_one_embedded_picture_is_kept(data: bytes) -> None:
    item = moodle(SHOWN.format("a%20plug.png"), inside=embedded("a plug.png", data))
    assert item.picture is not None
    assert (item.picture.name, item.picture.alt) == ("a plug.png", "A plug & a lead")
    assert item.picture.data == data
    assert (item.stem, item.verdict) == ("What?", Verdict.IMPORTED)


@pytest.mark.parametrize(
    ("stem", "inside", "because"),
    [
        (SHOWN.format("a.png"), "", "not in the file"),
        (SHOWN.format("a.png"), embedded("b.png", PNG), "not in the file"),
        (SHOWN.format("a.png"), embedded("a.png", PNG, path="/x/"), "not in the file"),
        (
            SHOWN.format("a.png"),
            '<file name="a.png" encoding="base64">a</file>',
            "not in the file",
        ),
        (
            '<img src="http://x/a.png" alt="x">What?',
            embedded("a.png", PNG),
            "not in the file",
        ),
        ('<img src="data:image/png;base64,AA" alt="x">What?', "", "not in the file"),
        (SHOWN.format("a.png") * 2, embedded("a.png", PNG), "more than one picture"),
        (SHOWN.format("a.png"), embedded("a.png", b"%PDF"), "is no PNG, JPEG, GIF"),
        (
            SHOWN.format("a.png"),
            embedded("a.png", SVG.replace(b"<path", b"<script/><path")),
            "its picture holds <script>",
        ),
        (
            SHOWN.format("a.png"),
            embedded("a.png", PNG.ljust(LARGEST_PICTURE + 1, b"x")),
            "larger than 1000000 bytes",
        ),
    ],
)
def test_other_pictures_are_refused(stem: str, inside: str, because: str) -> None:
    assert is_refused(moodle(stem, inside=inside), because=because)


def test_a_picture_in_a_folder_of_the_question_is_found() -> None:
    item = moodle(SHOWN.format("in/a.png"), inside=embedded("a.png", PNG, path="/in/"))
    assert item.picture is not None
    assert item.picture.name == "a.png"


def test_pictures_in_options_are_refused() -> None:
    shown = answer('<![CDATA[<img src="x.png" alt="x">]]>')
    usual = answer("a", "100") + answer("b") + answer("c")
    assert is_refused(
        moodle(answers=usual + shown), because="an option shows a picture"
    )


@pytest.mark.parametrize(
    ("text", "because"),
    [
        (
            "<quiz><question></quiz>",
            r"file, line 1: is no well-formed XML \(mismatched",
        ),
        ("<quiz>\n<question>&nbsp;</question></quiz>", r"line 2: .*undefined entity"),
        ("<questestinterop><item/></questestinterop>", "begins with <questestinterop>"),
        ("<quiz></quiz>", "holds no questions"),
        ("", "line 1: is no well-formed XML"),
        ("<!DOCTYPE quiz><quiz/>", "a document type or entities"),
    ],
)
def test_other_files_are_refused_with_their_line(text: str, because: str) -> None:
    with pytest.raises(FileRefused, match=because):
        read_text(XML, text)


def test_a_category_of_the_file_holds_until_the_next() -> None:
    def category(path: str) -> str:
        return f'<question type="category"><category><text>{path}</text></category></question>'

    items = read_text(
        XML,
        quiz(
            question("One?"),
            category("$course$/top/Fire"),
            question("Two?"),
            category("top/Work at height//roofs"),
            question("Three?"),
        ),
    )
    assert [item.topic for item in items] == [None, "Fire", "Work at height/roofs"]
