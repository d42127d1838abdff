"""What is a silence, and what the board says of somebody at work. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

POLL = timedelta(seconds=15)  # between two signs of life
SILENT_AFTER = timedelta(seconds=40)  # two polls missed, and a slow answer
IDLE_AFTER = timedelta(minutes=3)  # without any answer
AWAY_AFTER = timedelta(seconds=10)  # another window in front; a glance is no flag


@dataclass(frozen=True, kw_only=True)
class Sign:
    """What a page says of itself. `unsaved` answers wait in it; `n` is on the screen."""

    lease: str
    unsaved: int
    hidden: bool
    n: int


class Flag(StrEnum):
    """What a person should look at. No flag decides anything by itself."""

    OFFLINE = "Not heard of"
    UNSAVED = "Answers not saved"
    AWAY = "Off the page"
    IDLE = "No answer for a while"
    LATE = "Answers came too late"
    NO_SCRIPT = "Works without script"


def silence(*, since: datetime, now: datetime) -> timedelta | None:
    """Return how long nothing was heard, where that is longer than SILENT_AFTER."""
    gap = now - since
    return gap if gap > SILENT_AFTER else None


def flags_of(
    *,
    seen_at: datetime | None,
    answered_at: datetime | None,
    started_at: datetime,
    hidden_at: datetime | None,
    unsaved: int,
    late: int,
    held: bool,
    now: datetime,
) -> tuple[Flag, ...]:
    """Return what to look at, of somebody whose attempt is open; nothing while it is held.

    `answered_at` is their last accepted answer, `late` counts answers that came too late.
    """
    if held:
        return ()
    last = max(filter(None, (answered_at, started_at)))
    heard = max(filter(None, (seen_at, last)))
    flags = {
        Flag.OFFLINE: seen_at is not None and silence(since=heard, now=now) is not None,
        Flag.UNSAVED: unsaved > 0,
        Flag.AWAY: hidden_at is not None and now - hidden_at > AWAY_AFTER,
        Flag.IDLE: now - last > IDLE_AFTER,
        Flag.LATE: late > 0,
        Flag.NO_SCRIPT: seen_at is None and now - started_at > SILENT_AFTER,
    }
    return tuple(flag for flag, is_up in flags.items() if is_up)
