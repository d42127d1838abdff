"""XLSX: one sheet of text cells, written without a library so that nothing is worked out."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ecs_training.questions.formats.carrying import NO_PICTURE, Reasons, in_xml, parted
from ecs_training.questions.formats.columns import OURS, cells_of
from ecs_training.questions.formats.found import ExportItem, Written
from ecs_training.questions.formats.xlsx_parts import WORKBOOK, escaped

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the same items make the same bytes
FIXED_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{WORKBOOK}" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml"'
        f' ContentType="{SHEET_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}.styles+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{WORKBOOK}"/>'
        "</Relationships>"
    ),
    WORKBOOK: (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Questions" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet"'
        ' Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    # Style 1 is text: what is typed into such a cell later stays as typed.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{MAIN}">'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        "</cellStyleXfs>"
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0"'
        ' applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
        "</cellStyles>"
        "</styleSheet>"
    ),
}


def write_xlsx(items: Iterable[ExportItem]) -> Written:
    """Leave out items with a picture."""
    kept, left_out = parted(items, _why_not)
    workbook = BytesIO()
    with ZipFile(workbook, "w") as archive:
        for name, text in FIXED_PARTS.items():
            _add(archive, name, text)
        _add(archive, "xl/worksheets/sheet1.xml", "".join(_sheet(kept)))
    return Written(data=workbook.getvalue(), left_out=left_out)


def _add(archive: ZipFile, name: str, text: str) -> None:
    info = ZipInfo(name, date_time=FIRST_DAY)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, f"{DECLARATION}{text}")


def _why_not(item: ExportItem) -> Reasons:
    if item.picture:
        yield NO_PICTURE


def _sheet(items: Iterable[ExportItem]) -> Iterator[str]:
    yield f'<worksheet xmlns="{MAIN}"><sheetData>'
    yield from _row(1, OURS)
    for number, item in enumerate(items, 2):
        yield from _row(number, cells_of(item))
    yield "</sheetData></worksheet>"


def _row(number: int, cells: Iterable[str]) -> Iterator[str]:
    yield f'<row r="{number}">'
    for letter, text in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", cells, strict=False):
        if text:
            yield (
                f'<c r="{letter}{number}" t="inlineStr" s="1"><is>'
                f'<t xml:space="preserve">{in_xml(escaped(text))}</t></is></c>'
            )
    yield "</row>"
