"""Reading and writing question files. Pure: bytes in, items out, and back."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from ecs_training.questions.formats.aiken import read_aiken, write_aiken
from ecs_training.questions.formats.csv_files import read_csv, write_csv
from ecs_training.questions.formats.found import (
    ExportItem,
    FileRefused,
    Format,
    FoundItem,
    FoundOption,
    FoundPicture,
    Verdict,
    Written,
)
from ecs_training.questions.formats.gift_reading import read_gift
from ecs_training.questions.formats.gift_writing import write_gift
from ecs_training.questions.formats.moodle_reading import read_moodle_xml
from ecs_training.questions.formats.moodle_writing import write_moodle_xml
from ecs_training.questions.formats.qti_reading import read_qti
from ecs_training.questions.formats.qti_writing import write_qti
from ecs_training.questions.formats.xlsx_reading import read_xlsx
from ecs_training.questions.formats.xlsx_writing import write_xlsx

__all__ = [
    "LARGEST",
    "ExportItem",
    "FileRefused",
    "Format",
    "FoundItem",
    "FoundOption",
    "FoundPicture",
    "Verdict",
    "Written",
    "read",
    "too_large",
    "write",
]


class _Reader(Protocol):
    def __call__(self, data: bytes, *, name: str) -> list[FoundItem]: ...


MEGABYTE = 1_000_000
# Bytes. A bank of 600 items is half a megabyte as text, two as XML with its pictures.
LARGEST: Mapping[Format, int] = {
    Format.GIFT: 2 * MEGABYTE,
    Format.MOODLE_XML: 16 * MEGABYTE,
    Format.AIKEN: 2 * MEGABYTE,
    Format.QTI: 12 * MEGABYTE,
    Format.CSV: 2 * MEGABYTE,
    Format.XLSX: 12 * MEGABYTE,
}
_READERS: Mapping[Format, _Reader] = {
    Format.GIFT: read_gift,
    Format.MOODLE_XML: read_moodle_xml,
    Format.AIKEN: read_aiken,
    Format.QTI: read_qti,
    Format.CSV: read_csv,
    Format.XLSX: read_xlsx,
}
_WRITERS: Mapping[Format, Callable[[Iterable[ExportItem]], Written]] = {
    Format.GIFT: write_gift,
    Format.MOODLE_XML: write_moodle_xml,
    Format.AIKEN: write_aiken,
    Format.QTI: write_qti,
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
}


def read(data: bytes, *, format: Format, name: str) -> list[FoundItem]:  # noqa: A002
    """Return every item of a file, in its order, each with a verdict.

    `name` stands in front of what is said about the file. Raise FileRefused, and nothing
    else, for a file that cannot be read, is too large or holds no item at all.
    """
    if len(data) > LARGEST[format]:
        raise FileRefused(too_large(format), name=name)
    return _READERS[format](data, name=name)


def too_large(format: Format) -> str:  # noqa: A002
    most = LARGEST[format] // MEGABYTE
    return f"is larger than {most} MB; split it into smaller files"


def write(items: Iterable[ExportItem], *, format: Format) -> Written:  # noqa: A002
    """Return a file of the items, in order, and those that the format cannot carry."""
    return _WRITERS[format](items)
