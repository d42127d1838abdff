"""What is asked about days off."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired

from ecs_training.foundation.forms import DateParts, at_most, tidy_spaces
from ecs_training.scheduling.forms.pieces import typed
from ecs_training.scheduling.rules import LONGEST_REASON, DaysRefusal, Nation

LONGEST_NAME = 120  # characters
NATIONS = {
    Nation.ENGLAND_AND_WALES: "England and Wales",
    Nation.SCOTLAND: "Scotland",
    Nation.NORTHERN_IRELAND: "Northern Ireland",
}


def _reason_field() -> StringField:
    return StringField(
        "Reason",
        filters=[tidy_spaces],
        validators=[
            DataRequired(DaysRefusal.NO_REASON.value),
            at_most(LONGEST_REASON),
        ],
    )


class ExceptionForm(FlaskForm):
    day = DateParts("Day", missing="Enter the day.")
    reason = _reason_field()

    def facts(self) -> dict[str, Any]:
        """Return what add_exception takes."""
        return typed(self)


class ClosureForm(FlaskForm):
    first_on = DateParts("First day", missing="Enter the first day.")
    last_on = DateParts("Last day", missing="Enter the last day.")
    reason = _reason_field()

    def facts(self) -> dict[str, Any]:
        """Return what add_closure takes."""
        return typed(self)


class HolidayForm(FlaskForm):
    nation = RadioField(
        "Where",
        choices=[SelectChoice(each.value, words) for each, words in NATIONS.items()],
        default=Nation.ENGLAND_AND_WALES.value,
    )
    day = DateParts("Day", missing="Enter the day.")
    name = StringField(
        "What it is called",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Enter what the holiday is called."),
            at_most(LONGEST_NAME),
        ],
    )

    def facts(self) -> dict[str, Any]:
        """Return what add_holiday takes."""
        return {**typed(self), "nation": Nation(self.nation.data)}
