"""Texts that hurt a reader: GIFT, Aiken and CSV."""

from functools import partial

from ecs_training.questions.formats import Format
from tests.questions.formats.packing import HEADER, Maker, filled, numbered, packed


def any_text(form: Format) -> dict[str, Maker]:
    """Return what hurts any reader of text."""
    pieces = {
        "one line": b"x",
        "line ends": b"\n",
        "empty lines": b" \n\n",
        "carriage returns": b"\r",
        "short lines": b"ab\n",
        "lines as long as allowed": b"x" * 49_000 + b"\n",
        "letters of four bytes": "😀".encode() * 1000 + b"\n",
    }
    made: dict[str, Maker] = {
        name: partial(filled, form, b"", piece) for name, piece in pieces.items()
    }
    return made | {
        "nothing": lambda: b"",
        "a NUL": lambda: b"What?\0",
        "Windows-1252": lambda: "What is £5 or “six”?".encode("windows-1252") * 9,
        "UTF-16": lambda: "What?\n".encode("utf-16-be") * 100,
        "UTF-32": lambda: "What?\n".encode("utf-32") * 100,
        "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100,
        "a ZIP file": lambda: packed({"a.txt": b"x"}),
    }


def gift() -> dict[str, Maker]:
    inside = {
        "options": b"~a",
        "right options": b"=a",
        "braces": b"{",
        "closing braces": b"}",
        "hashes": b"#",
        "backslashes": b"\\",
        "weights": b"~%50%a",
        "tags": b"<",
        "open tags": b"<a ",
        "open comments": b"<!--",
        "quoted attributes": b'<a b="',
        "attributes": b"<a b=c d=e f >",
        "references": b"&#99999999999999",
        "named references": b"&ampampamp",
        "raised digits": b"<sup>2</sup>",
        "dollars": b"$$",
        "formulas": b"\\\\(",
        "titles": b"::",
        "colons": b":",
    }
    made: dict[str, Maker] = {}
    for name, piece in inside.items():
        item = b"What " + piece * (600 // len(piece)) + b" {=a ~b ~c ~d}\n\n"
        answers = b"What? {=a ~b ~c ~d " + piece * (600 // len(piece)) + b"}\n\n"
        whole = b"What " + piece * (49_000 // len(piece)) + b"\n\n"
        for what, each in (("stems", item), ("answers", answers), ("texts", whole)):
            made[f"{name} in {what}"] = partial(filled, Format.GIFT, b"", each)
    for piece in (b"*a", b"_a_", b"**", b"*a*", b"\\*", b"`", b"[", b"](", b"1. "):
        stem = b"[markdown]" + piece * (49_000 // len(piece)) + b" {=a ~b ~c ~d}\n\n"
        made[f"Markdown of {piece!r}"] = partial(filled, Format.GIFT, b"", stem)
    return made | {
        "codes": lambda: filled(Format.GIFT, b"", b"// " + b"[id:\\]" * 5000 + b"\n"),
        "categories": lambda: filled(
            Format.GIFT, b"", b"$CATEGORY: " + b"/a" * 9 + b"\n"
        ),
        "slashes": lambda: filled(
            Format.GIFT, b"", b"$CATEGORY: " + b"/" * 20_000 + b"\n"
        ),
        "a number of 5,000 digits": lambda: (
            b"What &#" + b"9" * 5000 + b"; {=a ~b ~c ~d}\n"
        ),
        "items without end": lambda: numbered(
            Format.GIFT, "What {}? {{=a ~b ~c ~d}}\n\n"
        ),
    }


def aiken() -> dict[str, Maker]:
    form = Format.AIKEN
    return {
        "options without end": lambda: filled(form, b"What?\n", b"A. a\n"),
        "letters in order": lambda: filled(
            form, b"What?\n", "".join(f"{chr(65 + n)}. a\n" for n in range(26)).encode()
        ),
        "answers": lambda: filled(form, b"", b"ANSWER: A\n"),
        "texts": lambda: filled(form, b"", b"What is it?\n"),
        "texts apart": lambda: filled(form, b"", b"What is it?\n\n"),
        "an answer beyond the options": lambda: (
            b"What?\nA. a\nB. b\nC. c\nD. d\nANSWER: Z\n"
        ),
        "items without end": lambda: numbered(
            form, "What {}?\nA. a\nB. b\nC. c\nD. d\nANSWER: B\n"
        ),
    }


def csv() -> dict[str, Maker]:
    form = Format.CSV
    return {
        "ten million rows": lambda: filled(form, HEADER, b",\n"),
        "rows": lambda: filled(form, HEADER, b"x,a,b,c,d,a\n"),
        "rows of commas": lambda: filled(form, HEADER, b"," * 40_000 + b"\n"),
        "rows of spaces": lambda: filled(form, HEADER, b" , , , , , \n"),
        "columns": lambda: filled(form, b"", b"," * 40_000 + b"\n"),
        "a quote without end": lambda: filled(form, HEADER + b'"', b"x\n"),
        "quotes": lambda: filled(form, HEADER, b'""""""\n'),
        "quoted line ends": lambda: filled(form, HEADER + b'"', b"\n"),
        "a quote in the header": lambda: filled(form, b'"stem', b"x,y\n"),
        "items without end": lambda: numbered(
            form, "What {}?,a,b,c,d,b\n", HEADER.decode()
        ),
        "UTF-16 that ends in half a letter": lambda: b"\xff\xfes\0t\0e",
    }
