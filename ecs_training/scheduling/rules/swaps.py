"""Whether a trainer may hand a date to another. Pure."""

from datetime import datetime
from enum import StrEnum


class SwapRefusal(StrEnum):
    CANCELLED = "This date is cancelled. Nobody needs to take it over."
    HAS_BEGUN = "This date has begun. Ring the office."
    ONE_OPEN = (
        "Somebody has been asked already. Wait for their answer, or withdraw it first."
    )
    NO_TRAINER = "Choose a trainer."
    YOURSELF = "This date is yours already. Choose somebody else."
    CHANGED_HANDS = "Somebody else gives this date by now. Nothing is left to answer."
    ANSWERED = "This has been answered already."
    WITHDRAWN = "This is no longer asked of you."


def why_not_swap(
    *, starts_at: datetime, cancelled: bool, now: datetime
) -> SwapRefusal | None:
    """Say why a date can no longer change hands by agreement, or None."""
    if cancelled:
        return SwapRefusal.CANCELLED
    return SwapRefusal.HAS_BEGUN if starts_at <= now else None


def why_not_ask(
    *, yourself: bool, is_trainer: bool, one_open: bool
) -> SwapRefusal | None:
    """Say why this person cannot be asked, their time and skills aside, or None."""
    reasons = {
        SwapRefusal.YOURSELF: yourself,
        SwapRefusal.NO_TRAINER: not is_trainer,
        SwapRefusal.ONE_OPEN: one_open,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_answer(
    *, answered: bool, withdrawn: bool, still_theirs: bool
) -> SwapRefusal | None:
    """Say why a request can be neither answered nor withdrawn, or None.

    `still_theirs`: the one who asked still gives the date.
    """
    reasons = {
        SwapRefusal.ANSWERED: answered,
        SwapRefusal.WITHDRAWN: withdrawn,
        SwapRefusal.CHANGED_HANDS: not still_theirs,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
