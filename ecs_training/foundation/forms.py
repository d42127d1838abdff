"""Pieces of forms that several slices ask with."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import Field, ValidationError
from wtforms.validators import Length, Regexp

NO_LINE_BREAKS = Regexp(r"^[^\r\n\x00]*$", message="Write it on one line.")
MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
SHORTEST_MONTH_NAME = 3  # letters; shorter ones are ambiguous
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199


def tidy_spaces(typed: str | None) -> str:
    """One line, single spaces; no NUL, which PostgreSQL does not take in a text."""
    return " ".join((typed or "").replace("\x00", "").split())


def tidy_lines(typed: str | None) -> str:
    return (typed or "").replace("\x00", "").replace("\r\n", "\n").strip()


def at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Use {characters} characters or fewer.")


class DateParts(Field):
    """A day typed as three short texts: 27, 3 or mar, 2026. `data` is a date or None.

    Posted as `<name>-day`, `<name>-month`, `<name>-year`; what was typed is kept in `typed`.
    """

    def __init__(self, label: str, *, missing: str = "", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.missing = (
            missing  # what to say when nothing is typed; empty: may be left out
        )
        self.typed: tuple[str, str, str] = ("", "", "")

    def process(
        self,
        formdata: Any,
        data: Any = None,
        extra_filters: Sequence[Any] | None = None,
    ) -> None:
        del extra_filters
        self.process_errors: list[str] = []
        given = data() if callable(data) else data
        self.data: date | None = given if isinstance(given, date) else None
        if self.data:
            day = self.data
            self.typed = (str(day.day), str(day.month), str(day.year))
        if formdata:
            self.typed = self._read(formdata)
            self.data = read_date(*self.typed)

    def _read(self, formdata: Mapping[str, str]) -> tuple[str, str, str]:
        day, month, year = (
            (formdata.get(f"{self.name}-{part}") or "").strip()[:20]
            for part in ("day", "month", "year")
        )
        return day, month, year

    def pre_validate(self, form: Any) -> None:
        del form
        if not any(self.typed):
            if self.missing:
                raise ValidationError(self.missing)
        elif self.data is None:
            raise ValidationError(
                f"{self.label.text} must be a real date, like 27 3 2026."
            )


def read_date(day: str, month: str, year: str) -> date | None:
    """Read a typed day; None if it is not one. A month may be a number or a name."""
    month_number = _month(month)
    if not (day.isdecimal() and year.isdecimal() and month_number):
        return None
    if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR:
        return None
    try:
        return date(int(year), month_number, int(day))
    except ValueError:
        return None


def _month(typed: str) -> int | None:
    if typed.isdecimal():
        return int(typed)
    if len(typed) < SHORTEST_MONTH_NAME or typed[:3].lower() not in MONTHS:
        return None
    return MONTHS.index(typed[:3].lower()) + 1
