"""Taking typed values out of a file, refusing everything that only looks like one."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeVar

from ecs_training.questions.rules.faults import BankError, Fault
from ecs_training.questions.rules.written import Written

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 40  # characters
Word = TypeVar("Word", bound=StrEnum)
RULES = {"key": "one-key"}  # field -> the rule that names its faults; else "schema"


class Entry:
    """A group of named fields. Every method refuses with the file, line, item and field."""

    def __init__(
        self, written: Written, *, file: str, item: str | None = None, path: str = ""
    ) -> None:
        self.written = written
        self.file = file
        self.item = item
        self.path = path
        if not isinstance(written.value, dict):
            self.refuse(None, "must be a group of named fields")
        self.fields: dict[str, Written] = written.value

    def refuse(
        self, name: str | None, message: str, *, line: int = 0, rule: str = ""
    ) -> NoReturn:
        if not line:
            line = self.fields[name].line if name else self.written.line
        path = f"{self.path}.{name}" if self.path and name else name or self.path
        fault = Fault(
            file=self.file,
            line=line,
            item=self.item,
            field=path,
            rule=rule or RULES.get(path or "", "schema"),
            message=message,
        )
        raise BankError(fault)

    def allow(self, *, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        """Refuse a field that is missing, and one that nobody would read."""
        for name in needed:
            if name not in self.fields:
                self.refuse(name, "is missing", line=self.written.line)
        for name in self.fields:
            if name not in (*needed, *optional):
                self.refuse(name, "is not a field here")

    def lines(self) -> dict[str, int]:
        """Return the line of each field, and of what is in it: `options.a`, `reviews.0`."""
        lines: dict[str, int] = {}
        for name, written in self.fields.items():
            lines[name] = written.line
            for inner, deeper in _list_inner(written.value):
                lines[f"{name}.{inner}"] = deeper.line
        return lines

    def text(self, name: str, *, longest: int) -> str:
        """Return a text of one line that needs no trimming."""
        return self._checked_text(name, self.fields[name], longest)

    def _checked_text(self, name: str, written: Written, longest: int) -> str:
        text = written.value
        if not isinstance(text, str):
            self.refuse(name, _not_text(written), line=written.line)
        if not text or text != text.strip():
            message = "is empty, or has space around it"
            self.refuse(name, message, line=written.line)
        if not text.isprintable() and any(map(_is_control, text)):
            message = "has a line break or a control character in it"
            self.refuse(name, message, line=written.line)
        if len(text) > longest:
            message = f"is longer than {longest} characters"
            self.refuse(name, message, line=written.line)
        return text

    def slug(self, name: str) -> str:
        text = self.text(name, longest=LONGEST_SLUG)
        if not SLUG.fullmatch(text):
            self.refuse(name, f"{text!r} is not lower-case words joined by hyphens")
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(
            self._checked_text(name, written, LONGEST_SLUG)
            for written in self._list(name)
        )

    def whole(self, name: str, *, least: int) -> int:
        written = self.fields[name]
        # The exact type: True is an int to Python.
        if type(written.value) is not int or written.value < least:
            message = f"must be a whole number of at least {least}"
            self.refuse(name, f"{message}, not {written.typed!r}")
        return written.value

    def share(self, name: str) -> float:
        """Return a number from 0 to 1."""
        written = self.fields[name]
        if type(written.value) not in {int, float} or not 0 <= written.value <= 1:
            self.refuse(name, f"must be a number from 0 to 1, not {written.typed!r}")
        return float(written.value)

    def day(self, name: str) -> date:
        written = self.fields[name]
        if type(written.value) is not date:  # a datetime is a date to Python
            message = f"must be a date like 2026-01-31, not {written.typed!r}"
            self.refuse(name, message)
        return written.value

    def one_of(self, name: str, words: type[Word]) -> Word:
        text = self.text(name, longest=LONGEST_SLUG)
        if text not in set(words):
            self.refuse(name, f"{text!r} is none of {', '.join(words)}")
        return words(text)

    def group(self, name: str) -> "Entry":
        path = f"{self.path}.{name}" if self.path else name
        return Entry(self.fields[name], file=self.file, item=self.item, path=path)

    def groups(self, name: str, *, path: str) -> Iterator["Entry"]:
        for written in self._list(name):
            yield Entry(written, file=self.file, item=self.item, path=path)

    def _list(self, name: str) -> list[Written]:
        values = self.fields[name].value
        if not isinstance(values, list):
            self.refuse(name, "must be a list")
        return values


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc"


def _list_inner(value: object) -> Iterable[tuple[str | int, Written]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _not_text(written: Written) -> str:
    if isinstance(written.value, dict | list) or not written.typed:
        return "must be text"
    return f'must be text; put it in quotes: "{written.typed}"'
