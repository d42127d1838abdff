from datetime import timedelta

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    NumberRange,
    Optional,
    Regexp,
)

from ecs_training.foundation.forms import at_most, tidy_lines
from ecs_training.invigilation.rules.actions import REASONS, Deed
from ecs_training.invigilation.rules.appeals import AppealOutcome
from ecs_training.scheduling.models import CourseSession

USUAL_MINUTES = 10
NEW_CODE = "new"


class DeedForm(FlaskForm):
    """Why something is done, and for how long. `for_deed` takes away what it does not ask."""

    reason = RadioField("Why?", validators=[InputRequired("Choose a reason.")])
    minutes = IntegerField(
        "How many more minutes?",
        default=USUAL_MINUTES,
        validators=[
            InputRequired("Type a number of minutes."),
            NumberRange(1, 60, message="Type a number from 1 to 60."),
        ],
    )
    note = TextAreaField(
        "Note (if you like)", filters=[tidy_lines], validators=[at_most(500)]
    )
    time_given = HiddenField(validators=[Optional(), Regexp(r"^[0-9]{1,6}$")])

    @classmethod
    def for_deed(cls, deed: Deed) -> "DeedForm":
        form = cls()
        reasons = REASONS.get(deed)
        if reasons is None:
            del form.reason
            del form.note
        else:
            form.reason.choices = [
                SelectChoice(reason.code, reason.value) for reason in reasons
            ]
        if deed is not Deed.EXTEND:
            del form.minutes
            del form.time_given
        return form

    @property
    def code(self) -> str:
        return self.reason.data if "reason" in self else ""

    @property
    def words(self) -> str | None:
        return (self.note.data or None) if "note" in self else None

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes.data if "minutes" in self else 0)

    @property
    def given(self) -> int | None:
        if "time_given" not in self or not self.time_given.data:
            return None
        return int(self.time_given.data)


def read_who() -> list[str]:
    """Return the bookings that were ticked, in the address or in the form."""
    return list(dict.fromkeys(request.values.getlist("who")))


class AppealForm(FlaskForm):
    words = TextAreaField(
        "What went wrong?",
        filters=[tidy_lines],
        validators=[DataRequired("Write what went wrong."), at_most(2000)],
    )


class AppealDecisionForm(FlaskForm):
    outcome = RadioField(
        "Your decision",
        choices=[
            SelectChoice(AppealOutcome.STANDS.value, "The result stands"),
            SelectChoice(AppealOutcome.RESIT.value, "They may sit again"),
            SelectChoice(
                AppealOutcome.VOIDED.value, "Void the result, and they may sit again"
            ),
        ],
        validators=[InputRequired("Choose what you decide.")],
    )
    date = SelectField("Where do they sit again?", validate_choice=False)
    reply = TextAreaField(
        "Your reply",
        filters=[tidy_lines],
        validators=[
            DataRequired("Write to the person what you decided."),
            at_most(1000),
        ],
    )

    def offer(self, dates: list[tuple[CourseSession, str]]) -> None:
        """Offer the dates, each with its words, after the date on which they sat."""
        self.date.choices = [
            SelectChoice("", "The same date, if still open"),
            *(SelectChoice(date.ref, words) for date, words in dates),
        ]
