"""Words about reports of a meeting, and why one is not taken or not signed. Pure."""

from datetime import datetime
from enum import StrEnum

from ecs_training.foundation.errors import Refused


class ReportSource(StrEnum):
    GRAPH = "graph"
    FILE = "file"


class DateOrder(StrEnum):
    """How the person who downloaded a file writes dates."""

    FIND_OUT = "find-out"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class ReportRefusal(StrEnum):
    EMPTY = "Choose the attendance report that you downloaded from Teams."
    TOO_LARGE = "The file is larger than 1 MB. An attendance report is much smaller. Check which file it is."
    NOT_A_REPORT = (
        "This is not an attendance report as Teams writes it. Download it again from the"
        " meeting in Teams, and send it without opening it in another program first."
    )
    DAMAGED = (
        "A line of the file could not be read. Download it again from Teams, and send it"
        " without opening it in another program first."
    )
    SPANS_ONLY = (
        "The file says only when people first came and last left, not when they were away"
        " in between. Download the whole report, with “In-Meeting Activities”."
    )
    OTHER_DAY = "The file is of another day. Check that it is the report of this date's meeting."
    OTHER_TIME = (
        "Nobody in the file was there during this course. Check that it is the report of"
        " this date's meeting."
    )
    AMBIGUOUS = (
        "The dates in the file can be read in two ways, and both fit a course. Say which"
        " comes first in them, the day or the month."
    )
    TOO_EARLY = "This course has not begun. Its report comes when it is over."
    GONE = "Somebody in the file is not there any more. Look at the page again."

    NOBODY_CHOSEN = "Choose at least one person to mark as attended."


class SigningRefusal(StrEnum):
    NOT_THE_TRAINER = "Only the trainer of the date can sign. They were there."
    NOT_OVER = "The course is not over yet. Sign afterwards."
    NO_REPORTS = "There is no report yet, so there is nothing to sign."
    UNDECIDED = "Say of everybody in the reports who they are, or that they are nobody on the register. Then sign."
    CHANGED = "Something has changed since you opened the page. Look at the minutes again, then sign."


class ReportRefused(Refused):
    reason: ReportRefusal


class SigningRefused(Refused):
    reason: SigningRefusal


def why_not_sign(
    *,
    is_trainer: bool,
    ends_at: datetime,
    reports: int,
    undecided: int,
    unchanged: bool,
    now: datetime,
) -> SigningRefusal | None:
    """Return the first reason why the minutes cannot be signed, or None."""
    reasons = {
        SigningRefusal.NOT_THE_TRAINER: not is_trainer,
        SigningRefusal.NOT_OVER: now < ends_at,
        SigningRefusal.NO_REPORTS: reports == 0,
        SigningRefusal.UNDECIDED: undecided > 0,
        SigningRefusal.CHANGED: not unchanged,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
