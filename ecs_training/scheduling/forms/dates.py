"""What is asked about a single date."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional, Regexp

from ecs_training.foundation.forms import DateParts, at_most, tidy_lines, tidy_spaces
from ecs_training.scheduling.forms.pieces import (
    ByTrainer,
    ClockTime,
    check_link,
    seats_field,
    typed,
)
from ecs_training.scheduling.rules import (
    LONGEST_LINK,
    LONGEST_REASON,
    TimetableRefusal,
)


class CourseSessionForm(ByTrainer):
    local_date = DateParts("Date", missing="Enter the date.")
    local_start = ClockTime("Starts", missing="Enter when it starts.")
    local_end = ClockTime("Ends", missing="Enter when it ends.")
    capacity = seats_field()
    joining_url = StringField(
        "Joining link",
        filters=[tidy_spaces],
        validators=[Optional(), at_most(LONGEST_LINK), check_link],
    )
    in_house = BooleanField("For one company only: show it on no public page")

    def facts(self) -> dict[str, Any]:
        """Return what add_course_session takes."""
        return {**typed(self), "joining_url": self.joining_url.data or None}


class CancelForm(FlaskForm):
    reason = TextAreaField(
        "Why is it cancelled?",
        filters=[tidy_lines],
        validators=[
            DataRequired(TimetableRefusal.NO_REASON.value),
            at_most(LONGEST_REASON),
            Regexp(r"^[^\x00]*$", message="Use ordinary characters only."),
        ],
    )


class JoiningLinkForm(FlaskForm):
    joining_url = StringField(
        "Joining link",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Paste the joining link."),
            at_most(LONGEST_LINK),
            check_link,
        ],
    )
