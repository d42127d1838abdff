import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
)

from ecs_training.assessment.rules.going import GO
from ecs_training.assessment.rules.granting import OutsideRule
from ecs_training.assessment.rules.marking import Ruling
from ecs_training.assessment.rules.presence import Sign
from ecs_training.assessment.rules.writing import LETTERS, Write
from ecs_training.foundation.forms import at_most, tidy_lines
from ecs_training.foundation.london import word_date, word_time
from ecs_training.scheduling.models import CourseSession

HIGHEST_SEQ = 2**31 - 1  # what the column holds
LONGEST_PAPER = 999  # questions
LONGEST_LEASE = 100  # characters; ours have 26
LONGEST_AGE_MS = 24 * 60 * 60 * 1000  # beyond any grace
LARGEST_BODY = 4096  # bytes


WITHDRAWN = "withdrawn"


class RulingForm(FlaskForm):
    """What shall count for a question found wrong. By GET: looking changes nothing."""

    change = RadioField(
        "What shall count?",
        choices=[WITHDRAWN, *LETTERS],
        validators=[InputRequired("Choose what shall count.")],
    )
    old_key_counts = BooleanField("The old answer keeps the mark too")
    suspend = BooleanField("Take the question out of new papers")

    def __init__(self, typed: Any) -> None:
        super().__init__(formdata=typed, meta={"csrf": False})

    def is_asked(self) -> bool:
        return bool(self.change.raw_data)

    def ruling(self) -> Ruling:
        if self.change.data == WITHDRAWN:
            return Ruling(new_key=None)
        return Ruling(new_key=self.change.data, old_key_counts=self.old_key_counts.data)


class ReasonForm(FlaskForm):
    """Why staff change results. Staff and auditors read it, candidates do not."""

    reason = TextAreaField(
        "Reason",
        filters=[tidy_lines],
        validators=[
            DataRequired("Write what was found wrong, and where it says so."),
            at_most(500),
        ],
    )


class ResponseForm(FlaskForm):
    """An answer without script. No option means that none was ticked, never `take it back`."""

    option = StringField(
        validators=[
            Optional(),
            AnyOf(LETTERS, message="Choose one of the four answers."),
        ]
    )
    flagged = BooleanField(false_values=(False, "false", "no", "off", "0", ""))
    seq = IntegerField(
        validators=[
            InputRequired("Load this page again, then answer."),
            NumberRange(1, HIGHEST_SEQ, message="Load this page again, then answer."),
        ]
    )
    lease = StringField(
        validators=[Length(max=LONGEST_LEASE, message="Load this page again.")]
    )
    go = StringField(
        default="next",
        validators=[Regexp(f"^({GO.pattern})$", message="Choose where to go next.")],
    )

    def to_write(self) -> Write:
        return Write(
            option=self.option.data or None,
            flagged=self.flagged.data,
            seq=self.seq.data,
            lease=self.lease.data or "",
            age=timedelta(0),
            keeps_option=not self.option.data,
        )


class RoomCodeForm(FlaskForm):
    """What somebody types at the door of a room; most rooms ask for nothing."""

    room_code = StringField("Room code")


class ResitForm(FlaskForm):
    """On which date somebody sits again. Without an outside reason the rule counts."""

    course_session = RadioField(
        "On which date do they sit again?",
        invalid_choice_message="Choose one of the dates.",
        validators=[InputRequired("Choose the date.")],
    )
    outside_reason = RadioField(
        "By the rule?",
        choices=[
            SelectChoice("", "By the rule"),
            *(SelectChoice(each.name.lower(), each.value) for each in OutsideRule),
        ],
        default="",
        validators=[Optional()],
    )

    def __init__(self, *, dates: Sequence[CourseSession]) -> None:
        super().__init__()
        self.course_session.choices = [
            SelectChoice(
                each.ref,
                f"{word_date(each.local_date)}, assessment from about"
                f" {word_time(each.local_end)}",
            )
            for each in dates
        ]


class DeclarationForm(FlaskForm):
    declaration = BooleanField(
        validators=[InputRequired("Read the declaration and tick it.")]
    )
    gated = BooleanField("Start everybody together")


def read_write(body: bytes) -> Write | None:
    """Read the JSON of one answer; None for anything that is not exactly as published."""
    sent = _read_object(body)
    if sent is None or not _is_answer(sent):
        return None
    return Write(
        option=sent["option"],
        flagged=sent["flagged"],
        seq=sent["seq"],
        lease=sent["lease"],
        age=timedelta(milliseconds=min(sent["age_ms"], LONGEST_AGE_MS)),
    )


def read_sign(body: bytes) -> Sign | None:
    """Read the JSON of a sign of life; None for anything that is not exactly as published."""
    sent = _read_object(body)
    if sent is None or not _is_sign(sent):
        return None
    return Sign(**{name: sent[name] for name in ("lease", "unsaved", "hidden", "n")})


def _is_sign(sent: dict[str, Any]) -> bool:
    lease = sent.get("lease")
    return (
        isinstance(lease, str)
        and len(lease) <= LONGEST_LEASE
        and isinstance(sent.get("hidden"), bool)
        and _is_whole(sent.get("unsaved"), 0, HIGHEST_SEQ)
        and _is_whole(sent.get("n"), 1, LONGEST_PAPER)
    )


def _read_object(body: bytes) -> dict[str, Any] | None:
    if len(body) > LARGEST_BODY:
        return None
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return sent if isinstance(sent, dict) else None


def _is_answer(sent: dict[str, Any]) -> bool:
    option, lease = sent.get("option", ""), sent.get("lease")
    return (
        (option is None or (isinstance(option, str) and option in set(LETTERS)))
        and isinstance(sent.get("flagged"), bool)
        and _is_whole(sent.get("seq"), 1, HIGHEST_SEQ)
        and isinstance(lease, str)
        and len(lease) <= LONGEST_LEASE
        and _is_whole(sent.get("age_ms"), 0, None)
    )


def _is_whole(number: object, least: int, most: int | None) -> bool:
    # The exact type: true is a whole number to Python.
    return type(number) is int and number >= least and (most is None or number <= most)


def read_question(sent: str | None) -> int:
    """Return the question that a form comes from; the first, if it does not say."""
    return int(sent) if sent and re.fullmatch(r"[1-9][0-9]{0,2}", sent) else 1
