"""ZIP files that hurt a reader: packages of QTI, and XLSX."""

import io
import struct
import zipfile

from tests.questions.formats.hostile_xml import BOMB
from tests.questions.formats.packing import (
    TITLES,
    WORKBOOK,
    Maker,
    choice_item,
    packed,
    row,
    sheet,
)


def any_zip(member: str) -> dict[str, Maker]:
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
        "two of the same name": lambda: packed(
            {member: b"<a/>", "z" * len(member): b"<b/>"}
        ).replace(b"z" * len(member), member.encode()),
        "cut short": lambda: good[:-30],
        "cut at the start": lambda: b"PK\x03\x04" + good[40:],
        "only a signature": lambda: b"PK\x03\x04",
        "many members": lambda: packed({f"{n}.xml": b"" for n in range(50_000)}),
        "members without end": _many,
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


def qti_packages() -> dict[str, Maker]:
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


def xlsx() -> dict[str, Maker]:
    cell = b'<c t="inlineStr"><is><t>x</t></is></c>'
    return {
        "ten million rows": lambda: sheet(TITLES + b"<row/>" * 3_000_000),
        "rows": lambda: sheet(TITLES + (b"<row>" + cell * 6 + b"</row>") * 40_000),
        "cells": lambda: sheet(TITLES + b"<row>" + cell * 300_000 + b"</row>"),
        "a sheet bomb": lambda: sheet(TITLES + b" " * 100_000_000),
        "a bomb of strings": lambda: sheet(TITLES, t=b"<sst>" + b" " * 100_000_000),
        "strings": lambda: sheet(TITLES, t=b"<sst>" + b"<si><t>x</t></si>" * 400_000),
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
                + b"".join(row(n, f"{n}?", *"abcd", "a") for n in range(2, 1400))
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
