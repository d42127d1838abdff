"""Whether an answer that was sent may be written. Pure: plain values in, an outcome out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ecs_training.assessment.rules.holding import Hold, standing_deadline
from ecs_training.assessment.rules.timing import Arrival, judge_arrival

LETTERS = "abcd"


class Outcome(StrEnum):
    """What became of an answer, worded for the page. Its name is its name on the wire."""

    OK = "Saved."
    REPEAT = "Saved already."
    NOT_SIGNED_IN = "Sign in first."
    NOT_FOUND = "There is no such question."
    FINISHED = "You have finished. Answers cannot be changed any more."
    TIME_UP = "Time was up before this answer reached us."
    HELD = (
        "This answer was not saved: your invigilator has stopped the clock. Answer again"
        " when the test goes on."
    )
    MOVED = (
        "This answer was not saved: your test is open somewhere else. To go on here,"
        " press Continue here."
    )
    STALE = (
        "This answer was not saved: this page is older than your last answer. Check the"
        " answer below, and save it again."
    )

    @property
    def is_saved(self) -> bool:
        return self in {Outcome.OK, Outcome.REPEAT}


@dataclass(frozen=True, kw_only=True)
class Write:
    """An answer as it was sent; `option` is the letter shown, None for no answer.

    A form cannot untick a radio button, so one that comes without an option
    `keeps_option`: it must not blank what was answered before.
    """

    option: str | None
    flagged: bool
    seq: int
    lease: str
    age: timedelta
    keeps_option: bool = False


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the database holds: of the attempt, and of the response to be written.

    `seq` and `seq_lease` are those of the response's last accepted write; `highest_seq` is
    the highest under the attempt's own lease. `chosen` is a letter of the bank.
    """

    finished: bool
    deadline: datetime
    hold: Hold | None
    lease: str
    same_sign_in: bool
    highest_seq: int
    option_order: str
    chosen: str | None
    flagged: bool
    seq: int
    seq_lease: str | None


def decide_write(
    write: Write, stored: Stored, *, received: datetime, grace: timedelta
) -> Outcome:
    """Judge an answer to an attempt of the person's own.

    Time goes before the hold, and both before lease and number.
    """
    if stored.finished:
        return Outcome.FINISHED
    arrival = judge_arrival(
        received=received,
        age=write.age,
        deadline=standing_deadline(stored.deadline, stored.hold, received),
        grace=grace,
    )
    if arrival is Arrival.TOO_LATE:
        return Outcome.TIME_UP
    if stored.hold and stored.hold.is_on(received):
        return Outcome.HELD
    return _judge_number(write, stored)


def _judge_number(write: Write, stored: Stored) -> Outcome:
    if not stored.same_sign_in or write.lease != stored.lease:
        return Outcome.MOVED
    if _was_written(write, stored):
        return Outcome.REPEAT
    return Outcome.STALE if write.seq <= stored.highest_seq else Outcome.OK


def _was_written(write: Write, stored: Stored) -> bool:
    return (
        (write.seq, write.lease) == (stored.seq, stored.seq_lease)
        and write.flagged == stored.flagged
        and choose(write, stored) == stored.chosen
    )


def choose(write: Write, stored: Stored) -> str | None:
    """Return the bank's letter that the answer leaves chosen."""
    if write.keeps_option:
        return stored.chosen
    return to_bank_letter(write.option, stored.option_order)


def to_bank_letter(shown: str | None, option_order: str) -> str | None:
    return None if shown is None else option_order[LETTERS.index(shown)]


def to_shown_letter(chosen: str | None, option_order: str) -> str | None:
    return None if chosen is None else LETTERS[option_order.index(chosen)]


def shown_options(
    options: Mapping[str, str], option_order: str
) -> tuple[tuple[str, str], ...]:
    """Return (letter shown, text) in the order of this attempt's paper."""
    return tuple(
        (shown, options[letter])
        for shown, letter in zip(LETTERS, option_order, strict=True)
    )
