"""Who may start, and what is missing. Pure."""

from datetime import datetime
from enum import StrEnum


class StartRefusal(StrEnum):
    NOT_OPEN_YET = "The assessment is not open yet. Wait for your trainer to open it, then try again."
    CLOSED = "The assessment is closed. Talk to your trainer about another date."
    ALREADY_SAT = "You have sat this assessment. You can sit it once."
    NO_ENTRY = (
        "You cannot start yet. Your trainer must mark that you attended, and check your"
        " identity document."
    )
    NO_PAPER = "The questions are not ready. Tell your trainer, or call us."


def why_not_start(
    *,
    opened_at: datetime,
    closes_at: datetime,
    closed_at: datetime | None,
    has_entry: bool,
    has_sat: bool,
    now: datetime,
) -> StartRefusal | None:
    """Return the first reason to refuse a new attempt, or None. Each entry is sat once."""
    if has_sat:
        return StartRefusal.ALREADY_SAT
    if now < opened_at:
        return StartRefusal.NOT_OPEN_YET
    if closed_at is not None or now >= closes_at:
        return StartRefusal.CLOSED
    return None if has_entry else StartRefusal.NO_ENTRY
