"""CSV with a header row: commas, semicolons or tabs; UTF-8, or UTF-16 with its mark."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from ecs_training.questions.formats.carrying import NO_PICTURE, Reasons, parted
from ecs_training.questions.formats.columns import (
    NEEDED,
    OURS,
    Cell,
    cells_of,
    field_named,
    read_header,
    read_row,
)
from ecs_training.questions.formats.drafts import Draft, judge
from ecs_training.questions.formats.found import (
    ExportItem,
    FileRefused,
    FoundItem,
    Written,
)
from ecs_training.questions.formats.plain_text import decode, tidy_lines

DELIMITERS = (",", ";", "\t")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATOR_LINE = "sep="  # Excel's way to name the delimiter, on a line of its own
MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


def read_csv(data: bytes, *, name: str) -> list[FoundItem]:
    """Raise FileRefused for another encoding, broken quotes and missing columns."""
    return judge(_drafts(_decoded(data, name), name), name=name)


def _decoded(data: bytes, name: str) -> str:
    if not data.startswith(UTF_16):
        return decode(data, name=name)
    try:
        return tidy_lines(data.decode("utf-16"), name=name)
    except UnicodeDecodeError:
        why = "begins like UTF-16 but is damaged; save it as UTF-8 and try again"
        raise FileRefused(why, name=name) from None


def _drafts(text: str, name: str) -> Iterator[Draft]:
    delimiter = _delimiter(text, name)
    header = None
    for line, cells in _rows(text, delimiter, name):
        if header is None:
            if cells and not cells[0].lower().startswith(SEPARATOR_LINE):
                header = read_header(cells, name=name, line=line)
            continue
        if any(map(str.strip, cells)):
            kept, beyond = cells[: header.width], "".join(cells[header.width :])
            yield read_row(
                header, [Cell(text=cell) for cell in kept], line=line, beyond=beyond
            )


def _rows(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it starts; quoted cells may span lines."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    started = 1
    try:
        for cells in reader:
            yield started, cells
            started = reader.line_num + 1
    except csv.Error:
        why = "the quotes do not match from here on; put each text in one pair of them"
        raise FileRefused(why, name=name, line=started) from None


def _delimiter(text: str, name: str) -> str:
    """Choose the delimiter by which the first row names the most columns that we need."""
    names = {delimiter: _needed(text, delimiter, name) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: names[delimiter])


def _needed(text: str, delimiter: str, name: str) -> int:
    try:
        for _, cells in _rows(text, delimiter, name):
            if cells and not cells[0].lower().startswith(SEPARATOR_LINE):
                return len({field_named(cell) for cell in cells} & set(NEEDED))
    except FileRefused:
        pass
    return 0


def write_csv(items: Iterable[ExportItem]) -> Written:
    """Leave out items with a picture."""
    kept, left_out = parted(items, _why_not)
    text = StringIO(newline="")
    text.write(MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(OURS)
    writer.writerows(cells_of(item) for item in kept)
    return Written(data=text.getvalue().encode(), left_out=left_out)


def _why_not(item: ExportItem) -> Reasons:
    if item.picture:
        yield NO_PICTURE
