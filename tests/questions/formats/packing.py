"""Making files for tests: as large as a format allows, or zipped."""

import io
import zipfile
from collections.abc import Callable
from itertools import count

from ecs_training.questions.formats import LARGEST, Format

Maker = Callable[[], bytes]
QTI = "http://www.imsglobal.org/xsd/imsqti_v2p2"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADER = b"stem,option_a,option_b,option_c,option_d,key\n"


def filled(form: Format, before: bytes, piece: bytes, after: bytes = b"") -> bytes:
    """Repeat a piece until the file is as large as its format allows."""
    times = (LARGEST[form] - len(before) - len(after)) // len(piece)
    return before + piece * times + after


def numbered(form: Format, pattern: str, before: str = "") -> bytes:
    parts, size = [before.encode()], len(before)
    for number in count(1):
        part = pattern.format(number).encode()
        size += len(part)
        if size > LARGEST[form]:
            break
        parts.append(part)
    return b"".join(parts)


def packed(members: dict[str, bytes], *, stored: bool = False) -> bytes:
    file = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, data)
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
