"""What a question file holds, item by item, and what is written into one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecs_training.questions.rules.bank import Jurisdiction


class Format(StrEnum):
    GIFT = "gift"
    MOODLE_XML = "moodle-xml"
    AIKEN = "aiken"
    QTI = "qti"
    CSV = "csv"
    XLSX = "xlsx"


class Verdict(StrEnum):
    """`imported`: nothing that a candidate sees was lost. `changed`: something was, and the
    reason names it. `duplicate`: an equal item stands further up in the same file.
    """

    IMPORTED = "imported"
    CHANGED = "changed"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class FileRefused(ValueError):
    """The file as a whole cannot be read: one sentence that says what to do about it.

    The only error of the readers. `line` counts from 1 and is None where no line is to blame.
    """

    def __init__(self, why: str, *, name: str = "", line: int | None = None) -> None:
        parts = (shown(name), f"line {line}" if line else "")
        place = ", ".join(part for part in parts if part)
        self.why = shown(why)
        super().__init__(f"{place}: {self.why}" if place else self.why)
        self.line = line


def shown(name: str) -> str:
    """Return a name, or what was said of it, as it can stand in a message of one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


@dataclass(frozen=True, kw_only=True)
class FoundOption:
    text: str
    correct: bool


@dataclass(frozen=True, kw_only=True)
class FoundPicture:
    """A picture beside the stem: PNG, JPEG, GIF or SVG by its bytes, whatever its name."""

    name: str
    alt: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What may stand beside the wording. None or empty: the file does not say."""

    rationale: str = ""
    source: str | None = None
    clause: str | None = None
    checked_on: date | None = None
    difficulty: float | None = None
    jurisdiction: Jurisdiction | None = None
    enemies: tuple[str, ...] = ()
    picture: FoundPicture | None = None


@dataclass(frozen=True, kw_only=True)
class FoundItem(Facts):
    """One item of a file. A refused one keeps whatever stem and options could be read.

    `line` counts from 1: the line on which the item starts, of a spreadsheet the row, in a
    package the line of its member, which `reason` then names. `reason` is empty if imported.
    """

    stem: str
    options: tuple[FoundOption, ...]
    verdict: Verdict
    reason: str
    line: int
    code: str | None = None
    topic: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExportItem(Facts):
    """One item to be written: four options, one of them correct."""

    code: str
    topic: str
    stem: str
    options: tuple[FoundOption, ...]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file's bytes, and the items that its format cannot carry: (code, reason)."""

    data: bytes
    left_out: tuple[tuple[str, str], ...] = ()
