"""Saying that something was wrong with a test, and deciding about it. Pure."""

from enum import StrEnum


class AppealOutcome(StrEnum):
    """What a person decided about an appeal."""

    RESIT = "resit"  # they may sit again
    VOIDED = "voided"  # the result does not count, and they may sit again
    STANDS = "stands"  # the result stands


class AppealRefusal(StrEnum):
    MADE_ALREADY = "You have told us about this test already. We decide about it once."
    DECIDED = "This was decided before."
    PASSED = "They passed. Void the result first, or let it stand."
    OWN = "This is about your own test. Somebody else must decide."


def why_not_decide_appeal(
    *, outcome: AppealOutcome, decided: bool, passed: bool, own: bool
) -> AppealRefusal | None:
    """Return the first reason to refuse. Nobody who has passed is given a resit."""
    if own:
        return AppealRefusal.OWN
    if decided:
        return AppealRefusal.DECIDED
    resit = outcome is AppealOutcome.RESIT
    return AppealRefusal.PASSED if resit and passed else None
