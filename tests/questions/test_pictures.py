"""Which pictures are let in, and every way of doing more than draw that is not."""

import time

import pytest

from ecs_training.questions.rules.pictures import LARGEST, why_not_picture

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
EMPTY = f"{OPEN}</svg>"


def draw(inside: str) -> bytes:
    return f"{OPEN}{inside}</svg>".encode()


def nested(depth: int) -> bytes:
    """Return a picture whose innermost group is so many elements deep."""
    return draw("<g>" * (depth - 1) + "</g>" * (depth - 1))


@pytest.mark.parametrize(
    "inside",
    [
        "",
        '<rect x="1" y="1" width="9" height="9" rx="2" fill="#fff" stroke="black"/>',
        '<g transform="rotate(45)"><path d="M0 0h9v9z" stroke-width="2"/></g>',
        '<text x="4" y="9" font-size="8" text-anchor="middle">A &amp; B &#233;</text>',
        "<title>A plug</title><desc>With three pins</desc>",
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient>'
        '<linearGradient id="h" href="#g"/></defs><circle r="4" fill="url(#h)"/>',
        '<clipPath id="c"><circle r="4"/></clipPath><rect clip-path="url( \'#c\' )"/>',
        "<!-- drawn by hand -->",
    ],
)
def test_plain_drawing_is_let_in(inside: str) -> None:
    assert why_not_picture(draw(inside)) is None


@pytest.mark.parametrize(
    "data",
    [
        f'<?xml version="1.0" encoding="UTF-8"?>\n{EMPTY}'.encode(),
        f"\ufeff{EMPTY}".encode(),
        EMPTY.replace("0 0 40 40", "0,0, 40.5 ,40").encode(),
        EMPTY.replace("0 0 40 40", "-1 -.5 4. 4").encode(),
    ],
)
def test_harmless_ways_of_writing_are_let_in(data: bytes) -> None:
    assert why_not_picture(data) is None


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<script>alert(1)</script>", "holds <script>"),
        ('<g onclick="x()"/>', "has the attribute onclick"),
        ('<rect style="fill:red"/>', "has the attribute style"),
        ("<style>*{}</style>", "holds <style>"),
        ("<foreignObject/>", "holds <foreignObject>"),
        ('<image href="x.png"/>', "holds <image>"),
        ('<a href="#x"/>', "holds <a>"),
        ('<use href="#x"/>', "holds <use>"),
        ("<pattern/>", "holds <pattern>"),
        ("<animate/>", "holds <animate>"),
        ('<set attributeName="href"/>', "holds <set>"),
        ('<linearGradient href="x.svg#g"/>', "refers to something outside"),
        ('<linearGradient href="https://x.org"/>', "refers to something outside"),
        ('<linearGradient href="javascript:x"/>', "refers to something outside"),
        ('<linearGradient href=""/>', "refers to something outside"),
        (
            '<linearGradient xmlns:l="http://www.w3.org/1999/xlink" l:href="//x.org"/>',
            "refers to something outside",
        ),
        ('<rect fill="url(https://x.org/#a)"/>', "refers to something outside"),
        ("<rect fill=\"URL( 'x.svg#a')\"/>", "refers to something outside"),
        ('<rect fill="url(/**/x)"/>', "refers to something outside"),
        (r'<rect fill="u\72l(x)"/>', "refers to something outside"),
        ('<rect font-family="data:x"/>', "refers to something outside"),
        ('<rect filter="url(#f)"/>', "has the attribute filter"),
        ('<g xmlns:e="http://x.org" e:onload="x"/>', "has the attribute onload"),
        ('<h:p xmlns:h="http://www.w3.org/1999/xhtml"/>', "holds <p>"),
        ('<iframe xmlns=""/>', "holds <iframe>"),
        ("<g>", "is not XML"),
        ("&nbsp;", "is not XML"),
        ("<?xml-stylesheet href='x.css'?>", "has a processing instruction"),
    ],
)
def test_whatever_does_more_than_draw_is_refused(inside: str, why: str) -> None:
    assert (why_not_picture(draw(inside)) or "").startswith(why)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is not XML"),
        (b"\x89PNG\r\n\x1a\n", "is not XML"),
        (b"<svg/>", "is not an SVG picture"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "is not an SVG picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "has no viewBox"),
        (EMPTY.replace("0 0 40 40", "0 0 40").encode(), "has no viewBox"),
        (EMPTY.replace("0 0 40 40", "0 0 a b").encode(), "has no viewBox"),
        (b"<!DOCTYPE svg>" + EMPTY.encode(), "has a DOCTYPE"),
        (b'<!doctype svg [<!ENTITY a "b">]>' + EMPTY.encode(), "has a DOCTYPE"),
        (EMPTY.encode("utf-16"), "is not UTF-8"),
        (EMPTY.encode("utf-16-le"), "is not UTF-8"),
        (b'<?xml version="1.0" encoding="utf-7"?>' + EMPTY.encode(), "is not UTF-8"),
        (b'<?xml version="1.0" encoding="latin-1"?>' + EMPTY.encode(), "is not UTF-8"),
        (draw("é").decode().encode("latin-1"), "is not XML"),
    ],
)
def test_what_is_no_plain_svg_is_refused(data: bytes, why: str) -> None:
    assert (why_not_picture(data) or "").startswith(why)


@pytest.mark.parametrize(("over", "refused"), [(0, False), (1, True)])
def test_a_picture_has_32_kb_at_most(over: int, refused: bool) -> None:
    padding = " " * (LARGEST - len(EMPTY) + over)
    why = why_not_picture(draw(padding))
    assert why == ("is larger than 32 kB" if refused else None)


@pytest.mark.parametrize(("depth", "refused"), [(50, False), (51, True), (4000, True)])
def test_a_picture_nests_50_deep_at_most(depth: int, refused: bool) -> None:
    assert bool(why_not_picture(nested(depth))) is refused


def test_a_refusal_is_one_short_line_whatever_the_names_are() -> None:
    why = why_not_picture(draw(f"<{'x' * 5000}/>"))
    assert why
    assert len(why) < 60


@pytest.mark.parametrize(
    "hostile",
    [
        draw("<g " + " ".join(f'a{n}="1"' for n in range(3000)) + "/>"),
        EMPTY.replace("0 0 40 40", " " * 30_000).encode(),
        EMPTY.replace("0 0 40 40", "1," * 15_000).encode(),
        draw(f'<rect fill="{"url(" * 7000}"/>'),
        draw(f'<rect fill="url({" " * 30_000}#"/>'),
        b"<?xml " + b" " * 30_000 + EMPTY.encode(),
    ],
)
def test_a_hostile_picture_costs_little(hostile: bytes) -> None:
    began = time.process_time()
    why_not_picture(hostile)
    assert time.process_time() - began < 0.5
