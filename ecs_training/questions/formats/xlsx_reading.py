"""XLSX: the first sheet that can be seen, its first row naming the columns.

Read by our own hand: what a cell shows is taken or refused, never worked out. A formula, a
date among the texts, true and false, or a number in a special format would all read
differently from what its author saw.
"""

import math
import re
from collections.abc import Iterator
from datetime import date, timedelta

from ecs_training.questions.formats.archives import SIGNATURE
from ecs_training.questions.formats.columns import EMPTY, Cell, read_header, read_row
from ecs_training.questions.formats.drafts import MOST_ITEMS, Draft, judge
from ecs_training.questions.formats.found import FileRefused, FoundItem
from ecs_training.questions.formats.packages import XmlPackage
from ecs_training.questions.formats.xlsx_parts import (
    LARGEST_PART,
    Parts,
    read_parts,
    rich_text,
    unescaped,
)
from ecs_training.questions.formats.xml_trees import Node

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
MOST_COLUMNS = 300  # cells further to the right are only looked at, not kept
LONGEST_NUMBER = 40
MOST_MERGED = 500
MOST_DIGITS = 7  # of the number of a row, of which there are a million
LAST_DAY = 2_958_465  # 9999-12-31
FIRST_SAFE_DAY = 61  # before it Excel counts a 29 February 1900 that never was
EXACT = 10**15  # Excel keeps 15 digits
Rows = dict[int, dict[int, Cell]]  # row number -> column index -> cell


def read_xlsx(data: bytes, *, name: str) -> list[FoundItem]:
    """Raise FileRefused for another kind of file and for missing columns."""
    if data.startswith(OLD_EXCEL):
        why = "is an old or a protected Excel file; save it as .xlsx without a password"
        raise FileRefused(why, name=name)
    if not data.startswith(SIGNATURE):
        raise FileRefused("is no XLSX file; save it as .xlsx and try again", name=name)
    package = XmlPackage(data, name=name, largest=LARGEST_PART)
    return judge(_drafts(package, read_parts(package, name=name), name), name=name)


def _drafts(package: XmlPackage, parts: Parts, name: str) -> Iterator[Draft]:
    rows, merged = _read_sheet(package, parts, name)
    header = None
    for number, cells in rows.items():
        if header is None:
            texts = [cells.get(at, EMPTY).text for at in range(max(cells) + 1)]
            header = read_header(texts, name=name, line=number)
            continue
        inside = [cells.get(at, EMPTY) for at in range(header.width)]
        beyond = "".join(
            cell.text or "?" for at, cell in cells.items() if at >= header.width
        )
        draft = read_row(header, inside, line=number, beyond=beyond)
        if any(first <= number <= last for first, last in merged):
            draft.refuse("has cells that are merged; take the merging back")
        yield draft


def _read_sheet(
    package: XmlPackage, parts: Parts, name: str
) -> tuple[Rows, list[tuple[int, int]]]:
    """Return the rows that hold something, and the first and last row of merged cells."""
    rows: Rows = {}
    merged: list[tuple[int, int]] = []
    if not package.holds(parts.sheet):
        raise FileRefused(
            "is no whole XLSX file: its first sheet is missing", name=name
        )
    number = 0
    for node in package.trees(parts.sheet, depth=2):
        if node.name == "mergeCell":
            merged.append(_row_span(node.attributes.get("ref", "")))
            if len(merged) > MOST_MERGED:
                why = f"has more than {MOST_MERGED} merged cells; take the merging back"
                raise FileRefused(why, name=name)
        elif node.name == "row":
            number = max(_whole(node.attributes.get("r", "")), number + 1)
            cells = dict(_cells(node, parts))
            if cells:
                rows[number] = cells
            if len(rows) > MOST_ITEMS + 1:
                why = f"holds more than {MOST_ITEMS} items; split it into smaller files"
                raise FileRefused(why, name=name)
    return rows, merged


def _row_span(reference: str) -> tuple[int, int]:
    ends = [_whole(found[1]) for found in REFERENCE.findall(reference)]
    return (min(ends), max(ends)) if ends else (0, 0)


def _whole(text: str) -> int:
    fits = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if fits else 0


def _cells(row: Node, parts: Parts) -> Iterator[tuple[int, Cell]]:
    """Yield the cells that hold something, with their column, from 0."""
    column = -1
    for node in row.all("c"):
        found = REFERENCE.fullmatch(node.attributes.get("r", ""))
        column = _column(found[1]) if found else column + 1
        cell = _cell(node, parts)
        if cell.text.strip() or cell.fault:
            yield min(column, MOST_COLUMNS), cell


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell(node: Node, parts: Parts) -> Cell:
    value = node.inner_text("v")
    if node.first("f"):
        return Cell(text=value, fault="is a formula; put its result there as text")
    kind = node.attributes.get("t", "n")
    if kind == "s":
        return _shared(value, parts)
    if kind == "inlineStr":
        inside = node.first("is")
        flat = rich_text(inside) if inside else None
        return Cell(
            text=flat.text if flat else "",
            fault=flat.fault if flat else None,
            loss=next(iter(flat.losses), None) if flat else None,
        )
    if kind == "str":
        return Cell(text=unescaped(value))
    if not value:
        return Cell()
    return _typed(kind, value, node, parts)


def _shared(value: str, parts: Parts) -> Cell:
    index = _whole(value) if value.isdigit() else len(parts.strings)
    if index >= len(parts.strings):
        return Cell(fault="refers to a text that is not in the file")
    flat = parts.strings[index]
    return Cell(text=flat.text, fault=flat.fault, loss=next(iter(flat.losses), None))


FAULTS = {
    "b": "is true or false; type it as text",
    "e": "holds an error of the spreadsheet",
}


def _typed(kind: str, value: str, node: Node, parts: Parts) -> Cell:
    if kind == "d":
        return _dated(value[:10])
    number = _number(value)
    if kind != "n" or number is None:
        fault = FAULTS.get(kind, "holds a number that cannot be read")
        return Cell(text=value, fault=fault)
    style = _whole(node.attributes.get("s", "0"))
    shows = parts.styles[style] if style < len(parts.styles) else None
    if shows == "date":
        return _day(number, since_1904=parts.since_1904)
    text = _shown(number)
    if shows or text is None:
        fault = "is a number in a special format; type it as text"
        return Cell(text=value, fault=fault)
    return Cell(text=text)


def _number(value: str) -> float | None:
    try:
        number = float(value) if len(value) <= LONGEST_NUMBER else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(number: float) -> str | None:
    """Write a number as the sheet shows it; None where it would show it shortened."""
    if number.is_integer() and abs(number) < EXACT:
        return str(int(number))
    text = format(number, ".15g")
    return None if "e" in text else text


def _dated(text: str) -> Cell:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return Cell(text=text, fault="holds a date that cannot be read")
    return Cell(text=text, fault="is a date; type it as text", day=day)


def _day(number: float, *, since_1904: bool) -> Cell:
    first = date(1904, 1, 1) if since_1904 else date(1899, 12, 30)
    least = 0 if since_1904 else FIRST_SAFE_DAY
    if not least <= number <= LAST_DAY - (1462 if since_1904 else 0):
        return Cell(text=str(number), fault="holds a date that cannot be read")
    return _dated((first + timedelta(days=int(number))).isoformat())
