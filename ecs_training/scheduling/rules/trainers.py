"""Whether a trainer may stand in front of a course. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time

from ecs_training.foundation.london import LONDON
from ecs_training.scheduling.rules.dates import TimetableRefusal


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Working hours of one weekday, London time. `weekday` counts from Monday, 0."""

    weekday: int
    starts: time
    ends: time

    def cover(self, starts_at: datetime, ends_at: datetime) -> bool:
        first, last = starts_at.astimezone(LONDON), ends_at.astimezone(LONDON)
        return (
            first.date() == last.date()
            and first.weekday() == self.weekday
            and self.starts <= first.time()
            and last.time() <= self.ends
        )


def why_not_teach(
    *,
    card_role: str,
    skills: Collection[str],
    hours: Iterable[Hours],
    at: tuple[datetime, datetime],
    away: bool,
    busy: bool,
    taken: bool,
) -> TimetableRefusal | None:
    """Return the first reason why a trainer cannot give a course at that time, or None.

    Who has no skills on record teaches every role; who has no hours works at any hour.
    `busy`: another course of ours. `taken`: something in a calendar of their own.
    """
    listed = list(hours)
    reasons = {
        TimetableRefusal.TRAINER_SKILL: bool(skills) and card_role not in skills,
        TimetableRefusal.TRAINER_BUSY: busy,
        TimetableRefusal.TRAINER_AWAY: away,
        TimetableRefusal.TRAINER_HOURS: bool(listed)
        and not any(each.cover(*at) for each in listed),
        TimetableRefusal.TRAINER_TAKEN: taken,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
