"""Giving time, and opening again what time had closed. Pure."""

from datetime import timedelta
from enum import StrEnum

from ecs_training.assessment.rules.ending import Ending

MOST_AT_ONCE = timedelta(hours=1)


class ExtendRefusal(StrEnum):
    TOO_MUCH = "Give between 1 second and 60 minutes at a time."
    SUBMITTED = "They have finished by themselves. A finished test cannot go on."
    PASSED = "They have passed. There is nothing to go on with."
    VOIDED = "This attempt was voided. It cannot go on."
    RESAT = "They were given a resit. This attempt cannot go on."


def why_not_extend(
    *,
    length: timedelta,
    ending: Ending | None,
    passed: bool,
    voided: bool,
    resat: bool,
) -> ExtendRefusal | None:
    """Return the first reason to refuse. What only time or the invigilator ended may go on."""
    if not timedelta(0) < length <= MOST_AT_ONCE:
        return ExtendRefusal.TOO_MUCH
    if voided:
        return ExtendRefusal.VOIDED
    if ending is Ending.SUBMITTED:
        return ExtendRefusal.SUBMITTED
    if ending and passed:
        return ExtendRefusal.PASSED
    return ExtendRefusal.RESAT if resat else None
