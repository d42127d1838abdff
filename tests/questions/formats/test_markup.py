"""From HTML and Markdown to what a candidate would have read."""

import pytest

from ecs_training.questions.formats.drafts import collapse
from ecs_training.questions.formats.markdown import flatten_markdown
from ecs_training.questions.formats.markup import flatten

EMPHASIS = ("emphasis was left out",)
LAYOUT = ("the layout was left out",)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("One<br>two<br/>three<BR />four", "One two three four"),
        ('<div class="x">One</div>two', "One two"),
        ('<p dir="ltr" style="text-align: left;">One<br></p>', "One"),
        ("un<span>bro</span>ken", "unbroken"),
        ("un<!-- <b>not</b> -->broken", "unbroken"),
        ("R&amp;D &lt;b&gt; &#163;5 &#xA3;6 caf&eacute;", "R&D <b> £5 £6 café"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("one&nbsp;&nbsp; two\u00a0three\n\tfour", "one two three four"),
        ("5 < 6 and 7 > 4, <3", "5 < 6 and 7 > 4, <3"),
        ("R&D at 5&6", "R&D at 5&6"),
        ("He said <q>stop</q>.", "He said “stop”."),
        ('<span title="a > b">one</span>', "one"),
        ("<o:p></o:p>one", "one"),
        ('<span style="font-size: 12pt">one</span>', "one"),
        ("one<!--> two <!---> three<!-- x -->", "one two three"),
    ],
)
def test_nothing_is_lost_where_only_plain_markup_goes(html: str, text: str) -> None:
    flat = flatten(html)
    assert (collapse(flat.text), flat.losses, flat.fault) == (text, (), None)


@pytest.mark.parametrize(
    ("html", "text", "losses"),
    [
        ("do <b>not</b> go", "do not go", EMPHASIS),
        ("do <STRONG class='x'>not</STRONG> <em>go</em>", "do not go", EMPHASIS),
        ("<span style='color: red'>red</span>", "red", EMPHASIS),
        ('<font color="red">red</font>', "red", EMPHASIS),
        ("<ins>new</ins> <u>x</u>", "new x", EMPHASIS),
        ("<p style='font-weight: bold'>new</p>", "new", EMPHASIS),
        ("<p style='text-transform: uppercase'>new</p>", "new", EMPHASIS),
        ("<h3>Part</h3>one", "Part one", LAYOUT),
        ("one<hr>two", "one two", LAYOUT),
        ('see <a href="x">this</a>', "see this", ("a link was left out",)),
        (
            "10 m<sup>2</sup>, CO<sub>2</sub>, s<sup>-1</sup>",
            "10 m², CO₂, s⁻¹",
            ("raised or lowered digits became characters like ²",),
        ),
    ],
)
def test_what_is_left_out_is_named(
    html: str, text: str, losses: tuple[str, ...]
) -> None:
    flat = flatten(html)
    assert (collapse(flat.text), flat.losses, flat.fault) == (text, losses, None)


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<table><tr><td>1</td></tr></table>", "a table"),
        ("<ul><li>a</li></ul>", "a list"),
        ("<ol><li>a</li></ol>", "a list"),
        ("<math><mi>x</mi></math>", "a formula"),
        ("<audio src='x'></audio>", "sound, film"),
        ("<video controls></video>", "sound, film"),
        ("<iframe src='x'></iframe>", "sound, film"),
        ("<object data='x'></object>", "sound, film"),
        ("<svg></svg>", "sound, film"),
        ("<script>alert(1)</script>", "a script"),
        ("<style>p {}</style>", "a script"),
        ("<input type=text>", "a script"),
        ("a <del>not</del> b", "struck through"),
        ("a <s>not</s> b", "struck through"),
        ("<span style='text-decoration: line-through'>x</span>", "struck through"),
        ("<p style='display : none'>x</p>", "hidden"),
        ("<p style='VISIBILITY:HIDDEN'>x</p>", "hidden"),
        ("<p hidden>x</p>", "hidden"),
        ("<span class='sr-only'>x</span>", "hidden"),
        ("<span class='multilang' lang='en'>x</span>", "several languages"),
        ("1<sup>st</sup>", "<sup> around something else than digits"),
        ("x<sub>max</sub>", "<sub> around something else than digits"),
        ("x<sup>2<sub>3</sub></sup>", "inside another"),
        ("x<sup>2", "without an end"),
        ("<ruby>a<rt>b</rt></ruby>", "one above the other"),
        ("<bdo dir='rtl'>abc</bdo>", "changed direction"),
        ("<blink>x</blink>", "move"),
        ("<x-thing>x</x-thing>", "the tag <x-thing>"),
        ("if a <b and c", "begins no tag"),
        ("<!DOCTYPE html>x", "begins no tag"),
        ("<!-- no end", "a comment without a proper end"),
        ("<!-- one --!> two --> three", "a comment without a proper end"),
        ("<p style='display: none' style='x'>x</p>", "hidden"),
        ('<p class="x>one', "begins no tag"),
        ("&#" + "9" * 5000 + ";", "no character"),
        ("x" * 50_001, "is longer than 50000 characters"),
    ],
)
def test_what_cannot_be_read_as_text_is_refused(html: str, fault: str) -> None:
    said = flatten(html).fault
    assert said is not None
    assert fault in said


def test_pictures_are_told_with_their_texts() -> None:
    flat = flatten("a<img src='x.png' alt='A &amp; B'>b<IMG SRC=y.png>")
    assert flat.pictures == (("x.png", "A & B"), ("y.png", ""))
    assert flat.text == "a b "  # a picture separates words


@pytest.mark.parametrize(
    ("markdown", "text", "losses"),
    [
        ("do **not** go", "do not go", EMPHASIS),
        ("_do_ *not* __go__", "do not go", EMPHASIS),
        ("2 * 3 = 6, a snake_case_name", "2 * 3 = 6, a snake_case_name", ()),
        (r"2\*3 and \_x", "2*3 and _x", ()),
        ("a gap _____ here", "a gap _____ here", ()),
        ("one\ntwo &amp; <br> three", "one two & three", ()),
    ],
)
def test_markdown_loses_its_emphasis(
    markdown: str, text: str, losses: tuple[str, ...]
) -> None:
    flat = flatten_markdown(markdown)
    assert (collapse(flat.text), flat.losses, flat.fault) == (text, losses, None)


@pytest.mark.parametrize(
    "markdown",
    [
        "# A heading",
        "Which?\n- one\n- two",
        "Which?\n* one",
        "1. one",
        "> said",
        "| a | b |",
        "```\ncode\n```",
        "Title\n=====",
        "use `code`",
        "[text](address)",
        "![alt](x.png)",
        "~~gone~~",
        "half *open",
        "half open* again",
        "a*b*c",
        "<table><tr></tr></table>",
        "x" * 50_001,
    ],
)
def test_other_markdown_is_refused(markdown: str) -> None:
    assert flatten_markdown(markdown).fault is not None
