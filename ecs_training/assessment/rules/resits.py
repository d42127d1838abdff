"""Whether and when somebody who failed may sit again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from ecs_training.foundation.london import london_date
from ecs_training.questions.rules import ResitRule


class ChanceKind(StrEnum):
    SAME_DAY = "same-day"
    WAIT = "wait"
    RE_ATTEND = "re-attend"


@dataclass(frozen=True, kw_only=True)
class FailedAttempt:
    finished_at: datetime


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What comes after a failure. `not_before` is the first London day of the next attempt,
    and None where the course is to be attended again.
    """

    kind: ChanceKind
    not_before: date | None

    def is_open(self, *, now: datetime) -> bool:
        return self.not_before is not None and self.not_before <= london_date(now)


def next_chance(
    failed: Sequence[FailedAttempt], rule: ResitRule, now: datetime
) -> Chance:
    """Judge the failures after one attendance of the course, in any order; one at least.

    A resit of the same day must be begun on the London day of the last failure; once that
    day is over it is lost, and the waiting time counts from that day. Resits of the same
    day are counted over all days together.
    """
    if not failed:
        message = "nobody has failed"
        raise ValueError(message)
    days = sorted(london_date(attempt.finished_at) for attempt in failed)
    if len(days) >= rule.attempts_per_course:
        return Chance(kind=ChanceKind.RE_ATTEND, not_before=None)
    used = sum(day == later for day, later in pairwise(days))
    if days[-1] == london_date(now) and used < rule.same_day:
        return Chance(kind=ChanceKind.SAME_DAY, not_before=days[-1])
    wait = timedelta(days=rule.wait_days)
    return Chance(kind=ChanceKind.WAIT, not_before=days[-1] + wait)
