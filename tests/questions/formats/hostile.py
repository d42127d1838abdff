"""Files made to hurt a reader: too deep, too long, too many, or not what they say.

Each is as large as its format lets a file be, so that no cap on the size hides the harm.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from itertools import count

from ecs_training.questions.formats import LARGEST, Format

BOMB = (
    '<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10))
    + "]>"
)
EXTERNAL = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARAMETER = (
    '<!DOCTYPE quiz [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x; %all;]>'
)
QTI = "http://www.imsglobal.org/xsd/imsqti_v2p2"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Maker = Callable[[], bytes]


def filled(form: Format, before: bytes, piece: bytes, after: bytes = b"") -> bytes:
    """Repeat a piece until the file is as large as its format allows."""
    times = (LARGEST[form] - len(before) - len(after)) // len(piece)
    return before + piece * times + after


def _xml(root: str) -> dict[str, Maker]:
    """Return what hurts any reader of XML. `root` is its start tag, inside the brackets."""
    form = Format.MOODLE_XML if root == "quiz" else Format.QTI
    start, end = f"<{root}>".encode(), f"</{root.partition(' ')[0]}>".encode()
    fill: dict[str, tuple[bytes, bytes, bytes]] = {
        "tags": (start, b"<a/>", end),
        "tags with text": (start, b"<a>x</a>", end),
        "comments": (start, b"<!---->", end),
        "instructions": (start, b"<?a?>", end),
        "empty CDATA": (start + b"<a>", b"<![CDATA[]]>", b"</a>" + end),
        "character references": (start + b"<a>", b"&#65;", b"</a>" + end),
        "one text": (start + b"<question>", b"x", b"</question>" + end),
        "one tag": (start[:-1], b" a", b">" + end),
        "one attribute": (start[:-1] + b' a="', b"x", b'">' + end),
        "one comment": (start + b"<!--", b"x", b"-->" + end),
        "one instruction": (start + b"<?a ", b"x", b"?>" + end),
        "bytes above ASCII": (start + b"<question>", b"\xf0\x9f\x98\x80xxxx", end),
        "line ends": (start, b"\n", end),
    }
    made: dict[str, Maker] = {
        name: lambda parts=parts: filled(form, *parts) for name, parts in fill.items()
    }
    attributes = " ".join(f'a{n}="x"' for n in range(8000)).encode()
    spaces = " ".join(f'xmlns:a{n}="x"' for n in range(3000)).encode()
    return made | {
        "an entity bomb": lambda: BOMB.encode() + start + b"&j;" + end,
        "an external entity": lambda: EXTERNAL.encode() + start + b"&x;" + end,
        "a parameter entity": lambda: PARAMETER.encode() + start + end,
        "an external document type": lambda: (
            b'<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/x.dtd">' + start + end
        ),
        "100,000 levels": lambda: start + b"<a>" * 100_000,
        "many attributes": lambda: filled(
            form, start, b"<a " + attributes + b"/>", end
        ),
        "many namespaces": lambda: filled(form, start, b"<a " + spaces + b"/>", end),
        "a NUL": lambda: start + b"\0" + end,
        "no XML": lambda: b"\x00\xff" * 1000,
        "nothing": lambda: b"",
        "cut short": lambda: start + b"<question type='multichoice'><name>",
        "Latin-1 that says UTF-8": lambda: start + "<a>é</a>".encode("latin-1") + end,
        "an encoding of Python": lambda: (
            b'<?xml version="1.0" encoding="rot13"?>' + start + end
        ),
        "UTF-7": lambda: b'<?xml version="1.0" encoding="utf-7"?>' + start + end,
    }


def _text(form: Format) -> dict[str, Maker]:
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
        name: lambda piece=piece: filled(form, b"", piece)
        for name, piece in pieces.items()
    }
    return made | {
        "nothing": lambda: b"",
        "a NUL": lambda: b"What?\0",
        "Windows-1252": lambda: "What is £5 – or “six”?".encode("windows-1252") * 9,
        "UTF-16": lambda: "What?\n".encode("utf-16-be") * 100,
        "UTF-32": lambda: "What?\n".encode("utf-32") * 100,
        "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100,
        "a ZIP file": lambda: packed({"a.txt": b"x"}),
    }


def _gift() -> dict[str, Maker]:
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
            made[f"{name} in {what}"] = lambda each=each: filled(Format.GIFT, b"", each)
    for piece in (b"*a", b"_a_", b"**", b"*a*", b"\\*", b"`", b"[", b"](", b"1. "):
        stem = b"[markdown]" + piece * (49_000 // len(piece)) + b" {=a ~b ~c ~d}\n\n"
        made[f"Markdown of {piece!r}"] = lambda stem=stem: filled(
            Format.GIFT, b"", stem
        )
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
        "items without end": lambda: _numbered(
            Format.GIFT, "What {}? {{=a ~b ~c ~d}}\n\n"
        ),
    }


def _numbered(form: Format, pattern: str, before: str = "") -> bytes:
    parts, size = [before.encode()], len(before)
    for number in count(1):
        part = pattern.format(number).encode()
        size += len(part)
        if size > LARGEST[form]:
            break
        parts.append(part)
    return b"".join(parts)


def _aiken() -> dict[str, Maker]:
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
        "items without end": lambda: _numbered(
            form, "What {}?\nA. a\nB. b\nC. c\nD. d\nANSWER: B\n"
        ),
    }


HEADER = b"stem,option_a,option_b,option_c,option_d,key\n"


def _csv() -> dict[str, Maker]:
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
        "items without end": lambda: _numbered(
            form, "What {}?,a,b,c,d,b\n", HEADER.decode()
        ),
        "UTF-16 that ends in half a letter": lambda: b"\xff\xfes\0t\0e",
    }


def packed(members: dict[str, bytes], *, stored: bool = False) -> bytes:
    file = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, data)
    return file.getvalue()


def _zip(member: str) -> dict[str, Maker]:
    """Return what hurts any reader of ZIP files. `member`: one that each reader opens."""
    good = packed({member: b"<a/>"})
    return {
        "a bomb": lambda: packed({member: bytes(100_000_000)}),
        "a bomb in a bomb": lambda: packed(
            {member: packed({"x": bytes(100_000_000)}), "x.zip": good}
        ),
        "a size that lies": lambda: _lying(member),
        "members that overlap": lambda: _overlapping(member),
        "a member above": lambda: packed({member: b"<a/>", "../../etc/x": b"x"}),
        "an absolute member": lambda: packed({member: b"<a/>", "/etc/x": b"x"}),
        "a backslash": lambda: packed({member: b"<a/>", "..\\x": b"x"}),
        "a drive": lambda: packed({member: b"<a/>", "C:x": b"x"}),
        "a link": lambda: _linked(member),
        "a password": lambda: _encrypted(good),
        "two of the same name": lambda: good.replace(b"zz", member.encode()),
        "cut short": lambda: good[:-30],
        "cut at the start": lambda: b"PK\x03\x04" + good[40:],
        "only a signature": lambda: b"PK\x03\x04",
        "many members": lambda: packed({f"{n}.xml": b"" for n in range(50_000)}),
        "members without end": lambda: _many(),
        "an unusual way to pack": lambda: _bzip2(member),
        "damaged bytes": lambda: good.replace(b"\xb3", b"\xb4", 1),
        "no ZIP at all": lambda: b"PK\x03\x04" + b"x" * 1_000_000,
        "a directory that lies": lambda: good[:-10] + b"\xff" * 8 + good[-2:],
        "no members": lambda: packed({}),
    }


def _many() -> bytes:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *([0] * 18)) + b"x"
    times = 11_000_000 // len(entry)
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * times, 4, 0
    )
    return b"PK\x03\x04" + entry * times + end


def _lying(member: str) -> bytes:
    data = packed({member: bytes(50_000_000)})
    return data.replace(struct.pack("<L", 50_000_000), struct.pack("<L", 100))


def _overlapping(member: str) -> bytes:
    """Let two entries of the directory point at the same bytes."""
    data = bytearray(packed({member: bytes(10_000_000), "b.xml": b"<a/>"}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 42 : at + 46] = bytes(4)
    return bytes(data)


def _linked(member: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, b"<a/>")
        info = zipfile.ZipInfo("x.png")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return file.getvalue()


def _encrypted(good: bytes) -> bytes:
    data = bytearray(good)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def _bzip2(member: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr(member, b"<a/>")
    return file.getvalue()


CHOICE = (
    '<assessmentItem xmlns="{space}" identifier="i{number}"><responseDeclaration'
    ' identifier="R" cardinality="single" baseType="identifier"><correctResponse>'
    "<value>A</value></correctResponse></responseDeclaration><itemBody>{more}"
    '<choiceInteraction responseIdentifier="R"><prompt>{number}?</prompt>'
    '<simpleChoice identifier="A">a</simpleChoice><simpleChoice identifier="B">b'
    '</simpleChoice><simpleChoice identifier="C">c</simpleChoice>'
    '<simpleChoice identifier="D">d</simpleChoice></choiceInteraction></itemBody>'
    "</assessmentItem>"
)


def choice_item(number: int, more: str = "") -> bytes:
    return CHOICE.format(space=QTI, number=number, more=more).encode()


def _qti_packages() -> dict[str, Maker]:
    shown = '<img src="x.png" alt="x"/>'
    return {
        "a bomb as a picture": lambda: packed(
            {"i.xml": choice_item(1, shown), "x.png": bytes(100_000_000)}
        ),
        "an entity bomb inside": lambda: packed(
            {"i.xml": BOMB.encode() + choice_item(1, "&j;")}
        ),
        "100,000 levels inside": lambda: packed({"i.xml": b"<a>" * 100_000}),
        "a picture outside": lambda: packed(
            {"i.xml": choice_item(1, '<img src="../../etc/passwd" alt="x"/>')}
        ),
        "tags inside": lambda: packed(
            {f"{n}.xml": b"<assessmentItem>" + b"<a/>" * 240_000 for n in range(20)}
        ),
        "items without end": lambda: packed(
            {f"{n}.xml": choice_item(n) for n in range(5_500)}
        ),
        "items as many as allowed": lambda: packed(
            {f"{n}.xml": choice_item(n) for n in range(4_900)}
        ),
        "a manifest without end": lambda: packed(
            {
                "imsmanifest.xml": b"<manifest><resources>"
                + b'<resource type="imsqti_item_xmlv2p2" href="x"/>' * 15_000
                + b"</resources></manifest>"
            }
        ),
        "the same item without end": lambda: packed(
            {
                "imsmanifest.xml": b"<manifest><resources>"
                + b'<resource type="imsqti_item_xmlv2p2" href="i.xml"/>' * 10_000
                + b"</resources></manifest>",
                "i.xml": choice_item(1, "<p>" + "x" * 900_000 + "</p>"),
            }
        ),
    }


WORKBOOK = {
    "xl/workbook.xml": (
        f'<workbook xmlns="{SHEET}" xmlns:r="r"><sheets><sheet r:id="a"/></sheets>'
        "</workbook>"
    ).encode(),
    "xl/_rels/workbook.xml.rels": (
        b'<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/>'
        b'<Relationship Id="b" Type="x/sharedStrings" Target="t.xml"/>'
        b'<Relationship Id="c" Type="x/styles" Target="u.xml"/></Relationships>'
    ),
}


def sheet(rows: bytes, *, before: bytes = b"", **parts: bytes) -> bytes:
    """Pack a workbook. `parts`: t the shared strings, u the styles."""
    inside = {f"xl/{name}.xml": data for name, data in parts.items()}
    cells = (
        b"<worksheet>" + before + b"<sheetData>" + rows + b"</sheetData></worksheet>"
    )
    return packed(WORKBOOK | {"xl/s.xml": cells} | inside)


def row(number: int, *texts: str) -> bytes:
    cells = "".join(
        f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for letter, text in zip("ABCDEFGHIJ", texts, strict=False)
    )
    return f'<row r="{number}">{cells}</row>'.encode()


TITLES = row(1, *HEADER.decode().strip().split(","))


def _xlsx() -> dict[str, Maker]:
    cell = b'<c t="inlineStr"><is><t>x</t></is></c>'
    return {
        "ten million rows": lambda: sheet(TITLES + b"<row/>" * 3_000_000),
        "rows": lambda: sheet(TITLES + (b"<row>" + cell * 6 + b"</row>") * 40_000),
        "cells": lambda: sheet(TITLES + b"<row>" + cell * 300_000 + b"</row>"),
        "a sheet bomb": lambda: sheet(TITLES + b" " * 100_000_000),
        "a bomb of strings": lambda: sheet(TITLES, t=b"<sst>" + b" " * 100_000_000),
        "strings": lambda: sheet(TITLES, t=b"<sst>" + b"<si><t>x</t></si>" * 600_000),
        "one string": lambda: sheet(
            TITLES, t=b"<sst><si><t>" + b"x" * 11_000_000 + b"</t></si></sst>"
        ),
        "styles": lambda: sheet(
            TITLES, u=b"<styleSheet><cellXfs>" + b"<xf/>" * 1_000_000
        ),
        "number formats": lambda: sheet(
            TITLES,
            u=b"<styleSheet><numFmts>"
            + b'<numFmt numFmtId="200" formatCode="'
            + b"[" * 30_000
            + b'"/>'
            + b"</numFmts><cellXfs>"
            + b'<xf numFmtId="200"/>' * 4_000
            + b"</cellXfs></styleSheet>",
        ),
        "a dimension that lies": lambda: sheet(
            TITLES + row(2, "What?", "a", "b", "c", "d", "a"),
            before=b'<dimension ref="A1:XFD1048576"/>',
        ),
        "a gap": lambda: sheet(TITLES + row(1048576, "What?", "a", "b", "c", "d", "a")),
        "a wide row": lambda: sheet(
            TITLES + b'<row r="2"><c r="XFD2" t="str"><v>x</v></c></row>'
        ),
        "merged cells": lambda: packed(
            WORKBOOK
            | {
                "xl/s.xml": b"<worksheet><sheetData>"
                + TITLES
                + b"".join(row(n, f"{n}?", *"abcd", "a") for n in range(2, 3000))
                + b"</sheetData><mergeCells>"
                + b'<mergeCell ref="A9000:B9001"/>' * 100_000
                + b"</mergeCells></worksheet>"
            }
        ),
        "an entity bomb inside": lambda: packed(
            WORKBOOK | {"xl/s.xml": BOMB.encode() + b"<a>&j;</a>"}
        ),
        "100,000 levels inside": lambda: packed(
            WORKBOOK | {"xl/s.xml": b"<a>" * 100_000}
        ),
        "an old Excel file": lambda: b"\xd0\xcf\x11\xe0" + bytes(1000),
        "no sheet": lambda: packed({"xl/workbook.xml": b"<workbook/>"}),
        "items without end": lambda: sheet(
            TITLES + b"".join(row(n, f"{n}?", *"abcd", "a") for n in range(2, 5_500))
        ),
    }


HOSTILE: dict[Format, dict[str, Maker]] = {
    Format.GIFT: _text(Format.GIFT) | _gift(),
    Format.MOODLE_XML: _xml("quiz"),
    Format.AIKEN: _text(Format.AIKEN) | _aiken(),
    Format.QTI: {
        **_xml(f'assessmentItem xmlns="{QTI}"'),
        **{f"{name}, zipped": make for name, make in _zip("imsmanifest.xml").items()},
        **_qti_packages(),
    },
    Format.CSV: {
        name: make for name, make in _text(Format.CSV).items() if name != "UTF-16"
    }
    | _csv(),
    Format.XLSX: _zip("xl/workbook.xml") | _xlsx(),
}


def hostile_files() -> Iterator[tuple[Format, str, Maker]]:
    for form, makers in HOSTILE.items():
        for name, make in makers.items():
            yield form, name, make
