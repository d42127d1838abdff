"""Minute by minute, who was in the meeting while the course ran. Pure.

Being in a meeting is no invigilation: it says nothing of who sat at the keyboard.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ecs_training.attendance.rules.matching import Seen
from ecs_training.attendance.rules.stays import Stay

LONGEST_GAP = timedelta(minutes=10)  # a longer one is shown to the trainer
ENOUGH = 0.9  # of the course's minutes: proposed as attended
MINUTE = timedelta(minutes=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class TimeThere:
    """When one person was there within the course's time; instants in UTC.

    `minutes` says of each minute of the course whether they were there for half of it or
    more. `gaps` are the absences over ten minutes between first coming and last leaving.
    """

    spans: tuple[Span, ...]
    minutes: tuple[bool, ...]
    gaps: tuple[Span, ...]
    late: timedelta  # how long after the start they came
    early: timedelta  # how long before the end they left

    @property
    def total(self) -> int:
        """Whole minutes there."""
        return sum(self.minutes)

    @property
    def first_join(self) -> datetime | None:
        return self.spans[0][0] if self.spans else None

    @property
    def last_leave(self) -> datetime | None:
        return self.spans[-1][1] if self.spans else None

    @property
    def came_late(self) -> bool:
        return self.late > LONGEST_GAP

    @property
    def left_early(self) -> bool:
        return self.early > LONGEST_GAP

    @property
    def share(self) -> float:
        """The part of the course's minutes in which they were there, from 0 to 1."""
        return self.total / len(self.minutes) if self.minutes else 0

    @property
    def enough(self) -> bool:
        return self.share >= ENOUGH


def measure_time(stays: Iterable[Stay], *, course: Span) -> TimeThere:
    """Join a person's stays in every report, and cut them to the course's time."""
    spans = join_spans(
        ((each.joined_at, each.left_at) for each in stays), within=course
    )
    starts_at, ends_at = course
    gaps = tuple(
        (before[1], after[0])
        for before, after in pairwise(spans)
        if after[0] - before[1] > LONGEST_GAP
    )
    return TimeThere(
        spans=spans,
        minutes=_minutes(spans, course),
        gaps=gaps,
        late=spans[0][0] - starts_at if spans else timedelta(0),
        early=ends_at - spans[-1][1] if spans else timedelta(0),
    )


def join_spans(spans: Iterable[Span], *, within: Span) -> tuple[Span, ...]:
    """Return the union of spans, in order, cut to `within`; what touches is one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        first, last = max(start, within[0]), min(end, within[1])
        if first >= last:
            continue
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def as_bars(spans: Sequence[Span], *, course: Span) -> tuple[tuple[float, float], ...]:
    """Return where each span begins and how long it is, in per cent of the course."""
    length = course[1] - course[0]
    return tuple(
        (
            round(100 * ((start - course[0]) / length), 2),
            round(100 * ((end - start) / length), 2),
        )
        for start, end in spans
    )


def _minutes(spans: Sequence[Span], course: Span) -> tuple[bool, ...]:
    seconds = [timedelta(0)] * int((course[1] - course[0]) / MINUTE)
    for start, end in spans:
        for n in range(int((start - course[0]) / MINUTE), len(seconds)):
            opens = course[0] + n * MINUTE
            if opens >= end:
                break
            seconds[n] += min(end, opens + MINUTE) - max(start, opens)
    return tuple(there >= MINUTE / 2 for there in seconds)


def digest_of(
    present: Mapping[str, TimeThere], seen: Sequence[Seen], *, course: Span
) -> str:
    """Return the SHA-256 of what a trainer signs: whose minutes, and who was taken for whom."""
    said = {
        "course": [at.isoformat() for at in course],
        "people": {
            ref: [[at.isoformat() for at in span] for span in each.spans]
            for ref, each in present.items()
        },
        "seen": [[each.identity, each.ref] for each in seen],
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
