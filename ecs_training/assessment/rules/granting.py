"""Who may be given a resit, and on which date. Pure."""

from datetime import date, datetime
from enum import StrEnum

from ecs_training.assessment.rules.resits import Chance, ChanceKind
from ecs_training.foundation.london import word_date

BY_THE_RULE = "by-the-rule"  # the reason where nobody had to decide anything


class OutsideRule(StrEnum):
    """Why somebody may sit again whom the rule would make wait; names are kept as codes."""

    OUR_FAULT = "Something went wrong on our side"
    ILLNESS = "They were ill, or had an emergency"
    APPEAL = "Their appeal was upheld"
    DISCRETION = "Another good reason, agreed in the office"


class ResitRefusal(StrEnum):
    NOT_FINISHED = "This test is not over. Wait until it has ended."
    PASSED = "They have passed, so there is nothing to sit again."
    GRANTED_ALREADY = "They have been given a resit for this attempt already."
    WAIT = "It is too early for a resit."
    RE_ATTEND = "They have used all their tries. They book the course again."
    NO_SUCH_DATE = "There is no such date for this card role. Choose one from the list."
    DATE_CANCELLED = "That date was cancelled. Choose another one."
    DATE_OVER = "The assessment of that date is over, or its day has passed. Choose another date."
    HAS_BOOKING = "They have a booking of their own on that date. Choose another date."


def why_not_sit_again(
    *, finished: bool, passed: bool, voided: bool, granted: bool
) -> ResitRefusal | None:
    """Say what is in the way of any resit after this attempt; a voided one did not count."""
    if not finished:
        return ResitRefusal.NOT_FINISHED
    if passed and not voided:
        return ResitRefusal.PASSED
    return ResitRefusal.GRANTED_ALREADY if granted else None


def why_not_use_date(
    *, same_role: bool, cancelled: bool, over: bool, has_booking: bool
) -> ResitRefusal | None:
    """`has_booking`: their own, other than the one that they sit again on."""
    reasons = {
        ResitRefusal.NO_SUCH_DATE: not same_role,
        ResitRefusal.DATE_CANCELLED: cancelled,
        ResitRefusal.DATE_OVER: over,
        ResitRefusal.HAS_BOOKING: has_booking,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_by_rule(chance: Chance | None, *, at: datetime) -> ResitRefusal | None:
    """Judge a date whose assessment is at that instant; None: no failure counts."""
    if chance is None or chance.is_open(now=at):
        return None
    if chance.kind is ChanceKind.RE_ATTEND:
        return ResitRefusal.RE_ATTEND
    return ResitRefusal.WAIT


def is_date_over(
    *,
    closes_at: datetime | None,
    closed_at: datetime | None,
    local_date: date,
    today: date,
    now: datetime,
) -> bool:
    """Say whether nobody can start on a date any more; without a sitting its day decides."""
    if closes_at is None:
        return local_date < today
    return closed_at is not None or now >= closes_at


def word_chance(chance: Chance) -> str:
    """Tell somebody who has failed when they can sit again."""
    if chance.kind is ChanceKind.SAME_DAY:
        return (
            "You can sit again today. Ask your invigilator, before you leave the call."
        )
    if chance.not_before is None:
        return "You have used all your tries. Book the course again to sit once more."
    return f"You can sit again from {word_date(chance.not_before)}. Call us to choose a date."


def word_chance_of(chance: Chance | None) -> str:
    """Tell staff the same of somebody else; None: no failure counts."""
    if chance is None:
        return "No failure counts, so the rule is not in the way."
    if chance.kind is ChanceKind.SAME_DAY:
        return "The rule allows a resit today, on the same date."
    if chance.not_before is None:
        return "By the rule they have used all their tries, and book the course again."
    return f"The rule allows a resit from {word_date(chance.not_before)}."
