"""What we write comes back equal, whatever stands in it."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_training.questions.formats import (
    ExportItem,
    FileRefused,
    Format,
    FoundItem,
    FoundOption,
    FoundPicture,
    Verdict,
    read,
    write,
)
from ecs_training.questions.formats.drafts import collapse
from ecs_training.questions.rules.bank import Jurisdiction
from tests.questions.formats.reading import PNG, SVG

# What some format reads as something else than text.
AWKWARD = (
    *("~", "=", "#", "####", "{", "}", ":", "::", "\\", "\\n", "\\\\", "//", "->", "$"),
    *("%50%", "%-100%", "[html]", "[plain]", "[markdown]", "[id:x]", "$CATEGORY: x"),
    *(
        "A. ",
        "B) ",
        "ANSWER:",
        "ANSWER: B",
        "answer: a",
        "T",
        "FALSE",
        "1.",
        "*",
        "_x_",
    ),
    *("<b>", "</p>", "<", ">", "&", "&amp;", "&#10;", "&nbsp;", "]]>", "<!--", "<?x?>"),
    *(
        "@@PLUGINFILE@@/x",
        '"',
        "'",
        "'=",
        "''+",
        "=1+1",
        "+",
        "-5",
        "@",
        ",",
        ";",
        "\\t",
    ),
    *(
        "_x0041_",
        "_x005F_",
        "sep=;",
        "stem",
        "R",
        "£",
        "²",
        "“",
        "é",
        "e\u0301",
        "😀",
        "\u200f",
    ),
)
letters = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"),
        exclude_characters="\ufeff\ufffd\ufffe\uffff",
    ),
    min_size=1,
    max_size=8,
)
pieces = st.one_of(st.sampled_from(AWKWARD), letters, st.just(" "))


def wordings(most: int) -> st.SearchStrategy[str]:
    joined = st.lists(pieces, min_size=1, max_size=8).map("".join).map(collapse)
    return joined.filter(lambda text: 0 < len(text) <= most)


def folded(text: str) -> str:
    return collapse(text).casefold()


slugs = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
pictures = st.builds(
    FoundPicture,
    name=st.sampled_from(
        ["plug.svg", "a plug.png", "é & <x>.gif", "q\"u'x?#.png", "x"]
    ),
    alt=wordings(300),
    data=st.sampled_from([PNG, SVG, PNG + bytes(range(256))]),
)


@st.composite
def items(draw: Callable[..., object]) -> ExportItem:
    def one(strategy: st.SearchStrategy[str]) -> str:
        return str(draw(strategy))

    texts = draw(st.lists(wordings(300), min_size=4, max_size=4, unique_by=folded))
    assert isinstance(texts, list)
    place = draw(st.integers(0, 3))
    facts = draw(
        st.fixed_dictionaries(
            {
                "rationale": st.one_of(st.just(""), wordings(1200)),
                "source": st.one_of(st.none(), slugs),
                "clause": st.one_of(st.none(), wordings(200)),
                "checked_on": st.one_of(st.none(), st.dates(date(1, 1, 1))),
                "difficulty": st.one_of(st.none(), st.floats(0, 1)),
                "jurisdiction": st.one_of(st.none(), st.sampled_from(Jurisdiction)),
                "enemies": st.lists(slugs, max_size=3).map(tuple),
                "picture": st.one_of(st.none(), st.none(), pictures),
            }
        )
    )
    assert isinstance(facts, dict)
    return ExportItem(
        code=one(slugs),
        topic=one(slugs),
        stem=one(wordings(600)),
        options=tuple(
            FoundOption(text=text, correct=at == place) for at, text in enumerate(texts)
        ),
        **facts,
    )


banks = st.lists(
    items(),
    min_size=1,
    max_size=4,
    unique_by=(lambda item: folded(item.stem), lambda item: item.code),
)
CARRIED = {
    Format.GIFT: ("code", "topic", "rationale"),
    Format.MOODLE_XML: ("code", "topic", "rationale", "picture"),
    Format.AIKEN: (),
    Format.QTI: ("code", "topic", "rationale", "picture"),
}
EVERYTHING = (
    *("code", "topic", "rationale", "source", "clause", "checked_on", "difficulty"),
    *("jurisdiction", "enemies"),
)


def carried(item: ExportItem | FoundItem, form: Format) -> list[object]:
    names = ("stem", "options", *CARRIED.get(form, EVERYTHING))
    return [getattr(item, name) for name in names]


def may_be_left_out(item: ExportItem, form: Format) -> bool:
    shown = (item.stem, item.rationale, *(option.text for option in item.options))
    formula = any("$$" in text or "\\" in text for text in shown)
    pictured = item.picture is not None and "picture" not in CARRIED.get(form, ())
    odd = form is Format.AIKEN and (
        item.stem[1:2] in {".", ")"}
        or item.stem.lower().startswith("answer")
        or len(item.stem) == 1
    )
    return formula or pictured or odd


@pytest.mark.parametrize("form", list(Format))
@settings(max_examples=60, deadline=None)
@given(bank=banks)
def test_what_is_written_comes_back_equal(form: Format, bank: list[ExportItem]) -> None:
    written = write(bank, format=form)
    left_out = {code for code, _ in written.left_out}
    kept = [item for item in bank if item.code not in left_out]
    assert all(may_be_left_out(item, form) for item in bank if item not in kept)
    if not kept:
        with pytest.raises(FileRefused, match="holds no questions"):
            read(written.data, format=form, name="x")
        return
    back = read(written.data, format=form, name="x")
    assert [carried(item, form) for item in back] == [
        carried(item, form) for item in kept
    ]
    assert {(item.verdict, item.reason) for item in back} == {(Verdict.IMPORTED, "")}


@pytest.mark.parametrize("form", list(Format))
def test_the_same_items_make_the_same_bytes(form: Format) -> None:
    options = tuple(
        FoundOption(text=text, correct=text == "c") for text in ("a", "b", "c", "d")
    )
    item = ExportItem(code="a-1", topic="fire", stem="What?", options=options)
    assert write([item], format=form) == write([item], format=form)
    (back,) = read(write([item], format=form).data, format=form, name="x")
    assert back.options == options


@pytest.mark.parametrize("form", [Format.CSV, Format.XLSX])
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "texts",
    [
        ("d", "c", "b", "a"),
        ("B", "C", "D", "A"),
        ("4", "3", "c", "d"),
        ("option a", "Option B", "1", "2"),
        ("3", "c", "option c", "answer c"),
    ],
)
def test_a_key_is_no_riddle_though_the_options_read_like_keys(
    form: Format, place: int, texts: tuple[str, ...]
) -> None:
    options = tuple(
        FoundOption(text=text, correct=at == place) for at, text in enumerate(texts)
    )
    item = ExportItem(code="a-1", topic="fire", stem="Which?", options=options)
    (back,) = read(write([item], format=form).data, format=form, name="x")
    assert (back.options, back.verdict) == (options, Verdict.IMPORTED)


@pytest.mark.parametrize("form", list(Format))
def test_a_code_is_written_once(form: Format) -> None:
    options = tuple(
        FoundOption(text=text, correct=text == "c") for text in ("a", "b", "c", "d")
    )
    both = [
        ExportItem(code="a-1", topic="fire", stem=stem, options=options)
        for stem in ("One?", "Two?")
    ]
    written = write(both, format=form)
    assert written.left_out == (("a-1", "another item has the same code"),)
    (back,) = read(written.data, format=form, name="x")
    assert back.stem == "One?"
