"""Reading the attendance report that Teams lets people download. Pure; bytes in, stays out.

Three generations: since 2022 in numbered sections, 2021 one table under a summary, 2020 a
list of who joined and who left. Tabs between the fields although it is named .csv, UTF-16
with a mark in front or UTF-8; headings in either case.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ecs_training.attendance.rules.report_dates import (
    CourseTime,
    Written,
    read_length,
    read_written,
    settle_order,
)
from ecs_training.attendance.rules.reports import (
    DateOrder,
    ReportRefusal,
    ReportRefused,
)
from ecs_training.attendance.rules.stays import Stay, make_stay

LARGEST = 1024 * 1024  # bytes; a report of 200 people for a day has under 100,000
SLACK = timedelta(minutes=1)  # by which Teams' own lengths may differ
SECTION = re.compile(r"\d+\.\s")

MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
ACTIVITIES = {"name", "join time", "leave time"}  # since 2022, section 3
SPANS = {"name", "first join", "last leave"}  # since 2022, section 2
JOINED_AND_LEFT = {"full name", "join time", "leave time"}  # 2021
ACTIONS = {"full name", "user action", "timestamp"}  # 2020

Table = list[dict[str, str]]


class _Row(NamedTuple):
    name: str
    email: str
    role: str
    joined: Written
    left: Written


@dataclass(frozen=True, kw_only=True)
class _Action:
    name: str
    joins: bool
    at: Written


def read_report(
    content: bytes, *, course: CourseTime, order: DateOrder = DateOrder.FIND_OUT
) -> list[Stay]:
    """Return everybody's stays, or raise ReportRefused."""
    if len(content) > LARGEST:
        raise ReportRefused(ReportRefusal.TOO_LARGE)
    if not content:
        raise ReportRefused(ReportRefusal.EMPTY)
    rows = _rows(_decode(content))
    stays = _stays(rows, course, order)
    if not any(
        stay.joined_at < course.ends_at and stay.left_at > course.starts_at
        for stay in stays
    ):
        raise ReportRefused(ReportRefusal.OTHER_TIME)
    return stays


def _stays(
    rows: Sequence[list[str]], course: CourseTime, order: DateOrder
) -> list[Stay]:
    if actions := _table(rows, ACTIONS):
        return _pair(actions, course, order)
    found = _table(rows, ACTIVITIES) or _table(rows, JOINED_AND_LEFT)
    if found:
        return _timed(
            [_as_row(each, "join time", "leave time") for each in found], course, order
        )
    if spans := _table(rows, SPANS):
        return _timed([_whole_span(each) for each in spans], course, order, check=spans)
    raise ReportRefused(ReportRefusal.NOT_A_REPORT)


def _decode(content: bytes) -> str:
    encoding = next(
        (name for mark, name in MARKS.items() if content.startswith(mark)), ""
    )
    if not encoding:
        encoding = "utf-16-le" if content[1:2] == b"\x00" else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise ReportRefused(ReportRefusal.NOT_A_REPORT) from None
    if "\x00" in text:
        raise ReportRefused(ReportRefusal.NOT_A_REPORT)
    return text


def _rows(text: str) -> list[list[str]]:
    between = "\t" if "\t" in text else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=between))
    except csv.Error:
        raise ReportRefused(ReportRefusal.DAMAGED) from None


def _table(rows: Sequence[list[str]], heads: set[str]) -> Table:
    """Return the table under the first row that has these headings, to the end of its section."""
    for n, row in enumerate(rows):
        names = [" ".join(cell.casefold().split()) for cell in row]
        if heads <= set(names):
            body = list(_until_the_end(rows[n + 1 :]))
            if any(len(each) < len(heads) for each in body):
                raise ReportRefused(ReportRefusal.DAMAGED)
            return [dict(zip(names, each, strict=False)) for each in body]
    return []


def _until_the_end(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if not any(cell.strip() for cell in row) or SECTION.match(row[0]):
            return
        yield row


def _as_row(found: dict[str, str], joined: str, left: str) -> _Row:
    return _Row(
        name=found.get("name") or found.get("full name", ""),
        email=found.get("email", ""),
        role=found.get("role", ""),
        joined=read_written(found.get(joined, "")),
        left=read_written(found.get(left, "")),
    )


def _whole_span(found: dict[str, str]) -> _Row:
    return _as_row(found, "first join", "last leave")


def _timed(
    rows: Sequence[_Row],
    course: CourseTime,
    order: DateOrder,
    *,
    check: Sequence[dict[str, str]] = (),
) -> list[Stay]:
    written = [at for row in rows for at in (row.joined, row.left)]
    instant = settle_order(written, course=course, order=order)
    stays = [_stay(row, instant(row.joined), instant(row.left)) for row in rows]
    for stay, found in zip(stays, check, strict=False):
        length = read_length(found.get("in-meeting duration", ""))
        if length is None or stay.left_at - stay.joined_at - length > SLACK:
            raise ReportRefused(ReportRefusal.SPANS_ONLY)
    return stays


def _stay(row: _Row, joined_at: datetime, left_at: datetime) -> Stay:
    if left_at < joined_at:
        raise ReportRefused(ReportRefusal.DAMAGED)
    return make_stay(row.name, row.email, row.role, joined_at, left_at)


def _pair(table: Table, course: CourseTime, order: DateOrder) -> list[Stay]:
    """Make stays of who joined and who left; who never left was there at the last line."""
    actions = [_action(each) for each in table]
    instant = settle_order([each.at for each in actions], course=course, order=order)
    last = max(instant(each.at) for each in actions)
    by_name: dict[str, list[_Action]] = defaultdict(list)
    for each in actions:
        by_name[each.name].append(each)
    stays = []
    for name, theirs in by_name.items():
        since: datetime | None = None
        for each in sorted(theirs, key=lambda action: instant(action.at)):
            at = instant(each.at)
            if each.joins:
                since = since or at
            elif since:
                stays.append(make_stay(name, "", "", since, at))
                since = None
        if since:
            stays.append(make_stay(name, "", "", since, last))
    return stays


def _action(found: dict[str, str]) -> _Action:
    words = " ".join(found.get("user action", "").casefold().split())
    if words not in {"joined", "joined before", "left"}:
        raise ReportRefused(ReportRefusal.DAMAGED)
    name = found.get("full name", "")
    return _Action(
        name=name, joins=words != "left", at=read_written(found.get("timestamp", ""))
    )
