"""Which format a question file is in."""

import re

from ecs_training.questions.formats import Format
from ecs_training.questions.formats.columns import NEEDED, field_named

ZIP = b"PK\x03\x04"
WORKBOOK = b"xl/workbook"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
LOOKED_AT = 20_000  # bytes
SPACE = b"\xef\xbb\xbf \t\r\n"
BY_ENDING = {"gift": Format.GIFT, "csv": Format.CSV, "aiken": Format.AIKEN}
ANSWER_LINE = re.compile(rb"^[ \t]*ANSWER:", re.MULTILINE)
GIFT_ANSWERS = re.compile(rb"(?<!\\)\{[^{}]{0,5000}?[=~]")


def recognise(data: bytes, *, name: str) -> Format | None:
    """Tell a format by the bytes, by the name's ending only where those leave it open.

    None where nobody could tell. That the file can be read is not said by this.
    """
    start = data[:LOOKED_AT].lstrip(SPACE)
    if data.startswith(ZIP):
        return Format.XLSX if WORKBOOK in data else Format.QTI
    if start.startswith(b"<"):
        return Format.MOODLE_XML if b"<quiz" in start else Format.QTI
    if data.startswith(UTF_16) or _has_columns(start):
        return Format.CSV
    return BY_ENDING.get(name.rpartition(".")[2].lower()) or _by_signs(start)


def _has_columns(start: bytes) -> bool:
    first = start.partition(b"\n")[0].decode("latin-1")
    names = re.split(r"[,;\t]", first)
    return {field_named(name) for name in names} >= set(NEEDED)


def _by_signs(start: bytes) -> Format | None:
    if ANSWER_LINE.search(start):
        return Format.AIKEN
    return Format.GIFT if GIFT_ANSWERS.search(start) else None
