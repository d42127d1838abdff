"""The public dates as a file for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Protocol

COLUMNS = (
    "card_role",
    "course",
    "date",
    "starts",
    "ends",
    "starts_utc",
    "ends_utc",
    "seats_left",
    "address",
)
# A spreadsheet takes text that begins so for a formula, and runs it.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class PublicDate(Protocol):
    """What the file needs of a course session."""

    @property
    def ref(self) -> str: ...
    @property
    def card_role(self) -> str: ...
    @property
    def local_date(self) -> date: ...
    @property
    def local_start(self) -> time: ...
    @property
    def local_end(self) -> time: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def seats_left(self) -> int: ...


def timetable_csv(dates: Sequence[tuple[PublicDate, str]], *, base_url: str) -> str:
    """Return the file: a line a date with its course's title; UK times and UTC instants."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for each, title in dates:
        line = (
            each.card_role,
            title,
            each.local_date.isoformat(),
            f"{each.local_start:%H:%M}",
            f"{each.local_end:%H:%M}",
            f"{each.starts_at:%Y-%m-%dT%H:%M:%SZ}",
            f"{each.ends_at:%Y-%m-%dT%H:%M:%SZ}",
            str(each.seats_left),
            f"{base_url}/course-sessions/{each.ref}",
        )
        writer.writerow([as_text(cell) for cell in line])
    return written.getvalue()


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell
