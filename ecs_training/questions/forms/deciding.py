from datetime import date
from typing import cast

from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired

from ecs_training.foundation.forms import DateParts, at_most, tidy_lines
from ecs_training.questions.forms.fields import one_line
from ecs_training.questions.rules.bank import LETTERS
from ecs_training.questions.rules.parsing import LONGEST_CLAUSE

NO_PICK = "Choose the answer that you think is right."
LONGEST_REASON = 500  # characters; that of the database's columns


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        "Reason",
        filters=[tidy_lines],
        validators=[DataRequired("Write the reason."), at_most(LONGEST_REASON)],
    )


class RecallForm(ReasonForm):
    digest = HiddenField()  # of the items that were seen


class PutBackForm(ReasonForm):
    clause = StringField(
        "Clause",
        filters=[one_line],
        validators=[
            DataRequired("Name the clause, regulation or page."),
            at_most(LONGEST_CLAUSE),
        ],
    )
    checked_on = DateParts(
        "The day on which you looked the source up",
        missing="Enter the day on which you looked the source up.",
    )

    def checked_day(self) -> date:
        """Return the day of a form that was found valid."""
        return cast(date, self.checked_on.data)


class ReadingForm(FlaskForm):
    """What a reader answers, in the letters as shown to this reader."""

    picked = RadioField(
        "Which answer is right?",
        choices=[SelectChoice(letter, letter.upper()) for letter in LETTERS],
        coerce=str,
        invalid_choice_message=NO_PICK,
        validators=[InputRequired(NO_PICK)],
    )
    defensible = SelectMultipleField(
        "Could you defend another answer too?",
        choices=[SelectChoice(letter, letter.upper()) for letter in LETTERS],
        invalid_choice_message="Choose from the list.",
    )
    note = TextAreaField(
        "Note", filters=[tidy_lines], validators=[at_most(LONGEST_REASON)]
    )
