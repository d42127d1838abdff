"""Silences: what of them is given back, and when a whole room was cut off. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from ecs_training.assessment.rules.extending import MOST_AT_ONCE
from ecs_training.foundation.london import LONDON

FEWEST = 2  # people; one alone is no outage of a room
SHARE = 2  # a room is cut off when one in so many who work is


@dataclass(frozen=True, kw_only=True, order=True)
class Span:
    """From an instant until another one after it."""

    began: datetime
    ended: datetime

    @property
    def length(self) -> timedelta:
        return self.ended - self.began

    @property
    def words(self) -> str:
        """Word it for people, to the second, in London time: 09:31:05 to 09:33:20."""
        began, ended = (at.astimezone(LONDON) for at in (self.began, self.ended))
        return f"{began:%H:%M:%S} to {ended:%H:%M:%S}"

    def meets(self, other: "Span") -> bool:
        """Say whether they share more than an instant."""
        return self.began < other.ended and other.began < self.ended


@dataclass(frozen=True, kw_only=True)
class RoomOutage:
    """A stretch in which much of a room was silent at once, and who was. `who` are names
    for attempts, whatever the caller uses.
    """

    span: Span
    who: tuple[str, ...]


class CreditRefusal(StrEnum):
    GIVEN = "This time was given back before."
    ALL_HELD = "The clock stood still the whole time, so nothing was lost."


def credit_of(gap: Span, *, stopped: Iterable[Span]) -> timedelta:
    """Return what is proposed for a silence: all of it while the clock ran, up to
    MOST_AT_ONCE. Spans in which the clock was stopped do not overlap one another.
    """
    still = (
        min(gap.ended, hold.ended) - max(gap.began, hold.began)
        for hold in stopped
        if gap.meets(hold)
    )
    return min(MOST_AT_ONCE, gap.length - sum(still, timedelta(0)))


def word_length(length: timedelta) -> str:
    """Word a length as a person says it: 2 minutes 5 seconds. Part of a second is none."""
    minutes, seconds = divmod(length // timedelta(seconds=1), 60)
    words = [
        f"{count} {unit}" if count == 1 else f"{count} {unit}s"
        for count, unit in ((minutes, "minute"), (seconds, "second"))
        if count
    ]
    return " ".join(words) or "0 seconds"


def name_gap(attempt_ref: str, began: datetime) -> str:
    """Name a silence so that a form can say which one is meant."""
    return f"{attempt_ref}.{began:%Y%m%d%H%M%S%f}"


def find_room_outages(
    gaps: Sequence[tuple[str, Span]], working: Mapping[str, Span]
) -> tuple[RoomOutage, ...]:
    """Return the stretches in which at least half of those working, and FEWEST at least,
    were silent together, oldest first.

    `working` says from when until when each attempt was open; somebody who is silent
    counts among them. Moments that touch are one stretch.
    """
    found = list(_join(_crowded(gaps, working)))
    return tuple(
        RoomOutage(
            span=span,
            who=tuple(dict.fromkeys(who for who, gap in gaps if gap.meets(span))),
        )
        for span in found
    )


def _crowded(
    gaps: Sequence[tuple[str, Span]], working: Mapping[str, Span]
) -> Iterator[Span]:
    silent = _changes(span for _, span in gaps)
    at_work = _changes(working.values())
    out = there = 0
    for at, until in pairwise(sorted(silent.keys() | at_work.keys())):
        out += silent[at]
        there += at_work[at]
        if out >= FEWEST and out * SHARE >= there:
            yield Span(began=at, ended=until)


def _changes(spans: Iterable[Span]) -> Counter[datetime]:
    """Return by how many the number of open spans changes, at each instant."""
    changes: Counter[datetime] = Counter()
    for span in spans:
        changes[span.began] += 1
        changes[span.ended] -= 1
    return changes


def _join(spans: Iterable[Span]) -> Iterator[Span]:
    joined: Span | None = None
    for span in spans:
        if joined and joined.ended == span.began:
            joined = Span(began=joined.began, ended=span.ended)
            continue
        if joined:
            yield joined
        joined = span
    if joined:
        yield joined
