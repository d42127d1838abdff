"""When the clock stands still, for how long at most, and what that does to the deadline. Pure.

The deadline of the row is moved when a hold is over, not before; until then every reader asks
`standing_deadline`, so that no job has to be on time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_HOLD = timedelta(
    hours=1
)  # then the clock goes on by itself; somebody must hold anew


class HoldKind(StrEnum):
    """Who stopped the clock."""

    INVIGILATOR = "invigilator"
    REST = "rest"  # a break that was agreed beforehand


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A clock that was stopped. It goes on at `until` at the latest, whoever forgets it."""

    began: datetime
    until: datetime

    def is_on(self, now: datetime) -> bool:
        return now < self.until

    def length(self, now: datetime) -> timedelta:
        """Return how long the clock has stood still, by now."""
        return max(timedelta(0), min(now, self.until) - self.began)


def hold_of(held_at: datetime | None, held_until: datetime | None) -> Hold | None:
    """Return the hold that a row's two columns say, both or neither of them set."""
    if held_at is None or held_until is None:
        return None
    return Hold(began=held_at, until=held_until)


def standing_deadline(deadline: datetime, hold: Hold | None, now: datetime) -> datetime:
    """Return the deadline as it stands at this moment: later by what the clock stood still."""
    return deadline + hold.length(now) if hold else deadline


class HoldRefusal(StrEnum):
    FINISHED = "This test is over. It cannot be held any more."
    HELD_ALREADY = "The clock stands still already."
    NOT_HELD = "The clock is running already."
    NO_REST_LEFT = "You have used all your rest time."
    NOT_YOURS_TO_END = (
        "Your invigilator stopped the clock. Only they can start it again."
    )


def why_not_hold(
    *, finished: bool, hold: Hold | None, now: datetime
) -> HoldRefusal | None:
    if finished:
        return HoldRefusal.FINISHED
    return HoldRefusal.HELD_ALREADY if hold and hold.is_on(now) else None


def rest_left(*, allowed: timedelta, used: timedelta) -> timedelta:
    return max(timedelta(0), allowed - used)
