"""XLSX: what a cell shows is read; what would have to be worked out is refused.

The files are written by openpyxl, which is no part of our reader or writer.
"""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from ecs_training.questions.formats import (
    ExportItem,
    FileRefused,
    Format,
    FoundItem,
    FoundOption,
    Verdict,
    read,
    write,
)
from tests.questions.formats.packing import TITLES, WORKBOOK, packed, row, sheet
from tests.questions.formats.reading import is_refused, right, texts

HEADER = ["stem", "option_a", "option_b", "option_c", "option_d", "key"]
ROW: list[Any] = ["What?", "Lock it", "Test it", "Sign it", "Leave it", "c"]


def workbook(
    *rows: list[Any], change: Callable[[Worksheet], object] | None = None
) -> bytes:
    book = openpyxl.Workbook()
    cells = book.active
    assert isinstance(cells, Worksheet)
    for each in rows:
        cells.append(each)
    if change:
        change(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read_rows(
    *rows: list[Any], change: Callable[[Worksheet], object] | None = None
) -> list[FoundItem]:
    return read(workbook(HEADER, *rows, change=change), format=Format.XLSX, name="x")


def with_cell(value: object, at: str = "C2") -> FoundItem:
    def put(cells: Worksheet) -> None:
        cells[at] = value  # type: ignore[assignment]

    (item,) = read_rows(ROW, change=put)
    return item


def test_rows_are_read_with_their_numbers() -> None:
    items = read_rows(ROW, [None] * 6, ["Then?", *"abcd", 2])
    assert [item.line for item in items] == [2, 4]
    assert (items[0].stem, right(items[0])) == ("What?", ["Sign it"])
    assert (items[1].stem, right(items[1])) == ("Then?", ["b"])
    assert {item.verdict for item in items} == {Verdict.IMPORTED}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (230, "230"),
        (230.0, "230"),
        (-5, "-5"),
        (0.1, "0.1"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        ("017", "017"),
        ("  a \n b ", "a b"),
        ("<b>&amp;", "<b>&amp;"),
        ("'=5", "'=5"),
        ("TRUE", "TRUE"),
    ],
)
def test_texts_and_plain_numbers_are_read_as_shown(value: object, shown: str) -> None:
    item = with_cell(value)
    assert (texts(item)[1], item.verdict) == (shown, Verdict.IMPORTED)


@pytest.mark.parametrize(
    ("value", "because"),
    [
        ("=1+1", "option_b is a formula"),
        ("=A1", "option_b is a formula"),
        (True, "option_b is true or false"),
        (date(2026, 1, 31), "option_b is a date"),
        ("#N/A", "option_b holds an error"),
        (1e20, "special format"),
        (1e-7, "special format"),
    ],
)
def test_what_would_read_differently_is_refused(value: object, because: str) -> None:
    assert is_refused(with_cell(value), because=because)


@pytest.mark.parametrize(
    ("form", "verdict"),
    [
        ("General", "imported"),
        ("@", "imported"),
        ("0%", "refused"),
        ("0.00", "refused"),
        ('"£"0', "refused"),
        ("d mmm", "refused"),
        ("[h]:mm", "refused"),
    ],
)
def test_a_number_in_a_special_format_is_refused(form: str, verdict: str) -> None:
    def style(cells: Worksheet) -> None:
        cells["C2"] = 5000
        cells["C2"].number_format = form

    (item,) = read_rows(ROW, change=style)
    assert item.verdict == verdict


@pytest.mark.parametrize("value", [date(2026, 1, 31), "2026-01-31"])
def test_the_day_of_a_check_may_be_a_date_or_a_text(value: object) -> None:
    data = workbook([*HEADER, "checked_on"], [*ROW, value])
    (item,) = read(data, format=Format.XLSX, name="x")
    assert (item.checked_on, item.verdict) == (date(2026, 1, 31), Verdict.IMPORTED)


def test_a_date_counted_from_1904_is_the_same_day() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(workbook([*HEADER, "checked_on"], [*ROW, None]))
    )
    book.epoch = CALENDAR_MAC_1904
    cells = book.active
    assert isinstance(cells, Worksheet)
    cells["G2"] = date(2026, 1, 31)
    file = io.BytesIO()
    book.save(file)
    (item,) = read(file.getvalue(), format=Format.XLSX, name="x")
    assert item.checked_on == date(2026, 1, 31)


def test_merged_cells_are_refused_where_they_are() -> None:
    items = read_rows(
        ROW,
        ["Then?", *"abcd", "a"],
        change=lambda cells: cells.merge_cells("B3:C3"),
    )
    assert items[0].verdict is Verdict.IMPORTED
    assert is_refused(items[1], because="merged")


def test_emphasis_inside_a_cell_is_named_and_struck_letters_are_refused() -> None:
    def rich(**looks: Any) -> CellRichText:
        return CellRichText("Do ", TextBlock(InlineFont(**looks), "not"), " go")

    item = with_cell(rich(b=True))
    assert (texts(item)[1], item.verdict) == ("Do not go", Verdict.CHANGED)
    assert item.reason == "emphasis was left out"
    assert with_cell(rich(sz=14)).verdict is Verdict.IMPORTED
    assert is_refused(with_cell(rich(strike=True)), because="struck through")
    assert is_refused(with_cell(rich(vertAlign="superscript")), because="raised")


def test_only_the_first_sheet_that_can_be_seen_is_read() -> None:
    book = openpyxl.Workbook()
    hidden, shown, last = (
        book.active,
        book.create_sheet("Shown"),
        book.create_sheet("Last"),
    )
    assert isinstance(hidden, Worksheet)
    hidden.sheet_state = "hidden"
    for cells, stem in ((hidden, "Hidden?"), (shown, "Shown?"), (last, "Last?")):
        cells.append(HEADER)
        cells.append([stem, *ROW[1:]])
    file = io.BytesIO()
    book.save(file)
    (item,) = read(file.getvalue(), format=Format.XLSX, name="x")
    assert item.stem == "Shown?"


def test_strings_that_cells_share_are_found() -> None:
    shared = (
        b"<sst><si><t>What?</t></si><si><r><t>a</t></r><r><t>b</t></r>"
        b"<rPh><t>no</t></rPh></si></sst>"
    )
    cells = (
        b'<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c>'
        b'<c r="C2" t="s"><v>7</v></c><c r="D2" t="str"><v>_x0041_</v></c>'
        b'<c r="E2"><v>5</v></c><c r="F2" t="str"><v>a</v></c></row>'
    )
    (item,) = read(sheet(TITLES + cells, t=shared), format=Format.XLSX, name="x")
    assert (item.stem, texts(item)) == ("What?", ["ab", "", "A", "5"])
    assert is_refused(item, because="refers to a text that is not in the file")


def test_cells_without_an_address_follow_each_other() -> None:
    cells = b"".join(
        b'<c t="inlineStr"><is><t>%s</t></is></c>' % each
        for each in (b"What?", b"a", b"b", b"c", b"d", b"b")
    )
    (item,) = read(
        sheet(TITLES + b"<row>" + cells + b"</row>"), format=Format.XLSX, name="x"
    )
    assert (item.stem, right(item), item.line) == ("What?", ["b"], 2)


def test_a_cell_to_the_right_of_the_columns_is_refused() -> None:
    assert is_refused(with_cell("more", "H2"), because="more cells than there are")


@pytest.mark.parametrize(
    ("data", "because"),
    [
        (b"", "is no XLSX file"),
        (b"stem,a,b\n", "is no XLSX file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old or a protected Excel file"),
        (packed({"a.txt": b"x"}), "has no xl/workbook.xml"),
        (packed({"xl/workbook.xml": b"<workbook/>"}), "has no sheet with cells"),
        (packed(WORKBOOK), "its first sheet is missing"),
        (sheet(row(1, "a", "b")), "line 1: names no column stem"),
        (sheet(TITLES), "holds no questions"),
        (sheet(b"<row>"), "no well-formed XML"),
        (workbook(), "holds no questions"),
    ],
)
def test_other_files_are_refused(data: bytes, because: str) -> None:
    with pytest.raises(FileRefused, match=because):
        read(data, format=Format.XLSX, name="x")


def test_what_we_write_another_library_reads() -> None:
    options = tuple(
        FoundOption(text=text, correct=text == "b & <c>")
        for text in ("=1+1", "b & <c>", "_x0041_", "017")
    )
    item = ExportItem(
        code="a-1",
        topic="fire",
        stem="Is “this” 5 °C?",
        options=options,
        rationale="Because",
        checked_on=date(2026, 1, 31),
        difficulty=0.5,
        enemies=("a-2", "a-3"),
    )
    written = write([item], format=Format.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(written.data))
    cells = book.active
    assert isinstance(cells, Worksheet)
    header, values = cells.iter_rows(values_only=True)
    found = dict(zip(header, values, strict=True))
    assert found == {
        "code": "a-1",
        "topic": "fire",
        "stem": "Is “this” 5 °C?",
        # Excel reads the escape of a literal _x0041_; openpyxl leaves it standing.
        "option_a": "'=1+1",
        "option_b": "b & <c>",
        "option_c": "_x005F_x0041_",
        "option_d": "017",
        "key": "b",
        "rationale": "Because",
        "source": None,
        "clause": None,
        "checked_on": "2026-01-31",
        "difficulty": "0.5",
        "jurisdiction": None,
        "enemies": "a-2 a-3",
    }
    assert {cell.data_type for cells in cells.iter_rows() for cell in cells} <= {
        "s",
        "n",
    }
