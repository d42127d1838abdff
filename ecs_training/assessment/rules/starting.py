"""Who may start, and what is missing. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATE_AFTER = timedelta(minutes=15)  # from when everybody was let in


class StartRefusal(StrEnum):
    NOT_OPEN_YET = "The assessment is not open yet. Wait for your trainer to open it, then try again."
    CLOSED = "The assessment is closed. Talk to your trainer about another date."
    ALREADY_SAT = (
        "You have sat this assessment. To sit again you need a resit: ask your trainer."
    )
    NO_ENTRY = (
        "You cannot start yet. Your trainer must mark that you attended, and check your"
        " identity document."
    )
    WAIT = "Wait here. Your invigilator starts everybody together."
    LATE = (
        "The others started more than 15 minutes ago. Tell your invigilator that you are"
        " here: they can still let you in."
    )
    WRONG_CODE = "Type the room code that your invigilator says. This is not the code of the room."
    NO_PAPER = "The questions are not ready. Tell your trainer, or call us."


@dataclass(frozen=True, kw_only=True)
class Door:
    """Who is let into a sitting. Without a gate everybody with an entry is.

    `released_at` let in all, `admitted_at` this one person.
    """

    gated_at: datetime | None = None
    released_at: datetime | None = None
    admitted_at: datetime | None = None
    room_code: str | None = None


def why_not_start(
    *,
    opened_at: datetime,
    closes_at: datetime,
    closed_at: datetime | None,
    has_entry: bool,
    has_sat: bool,
    door: Door,
    now: datetime,
) -> StartRefusal | None:
    """Return the first reason to refuse a new attempt, or None. Each entry is sat once."""
    if has_sat:
        return StartRefusal.ALREADY_SAT
    if now < opened_at:
        return StartRefusal.NOT_OPEN_YET
    if closed_at is not None or now >= closes_at:
        return StartRefusal.CLOSED
    return why_not_enter(door, now=now) if has_entry else StartRefusal.NO_ENTRY


def why_not_enter(door: Door, *, now: datetime) -> StartRefusal | None:
    """Say why the invigilator's gate keeps somebody out who may sit, or None."""
    if door.gated_at is None or door.admitted_at:
        return None
    if door.released_at is None:
        return StartRefusal.WAIT
    return StartRefusal.LATE if now > door.released_at + LATE_AFTER else None


def is_code_right(typed: str, door: Door) -> bool:
    """Say whether what was typed opens the room; spaces do not matter."""
    return door.room_code is None or "".join(typed.split()) == door.room_code
