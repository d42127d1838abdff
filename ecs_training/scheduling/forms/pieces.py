"""Fields that several forms of the timetable ask with."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import TextInput

from ecs_training.accounts.models import Person
from ecs_training.catalogue.queries import scheme
from ecs_training.foundation.london import word_time
from ecs_training.scheduling.rules import (
    MOST_SEATS,
    TimetableRefusal,
    is_joining_link,
    read_time,
)

NO_TRAINER = "Choose a trainer."


class ClockTime(StringField):
    """A time of day typed as people type it; `data` is a time or None, what was typed is kept."""

    def __init__(self, label: str, *, missing: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.missing = missing
        self.typed = ""

    def process_data(self, value: Any) -> None:
        self.data = value
        self.typed = word_time(value) if value else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0] if valuelist else ""
        self.data = read_time(self.typed)

    def _value(self) -> str:
        return self.typed

    def pre_validate(self, form: Any) -> None:
        del form
        if not self.typed.strip():
            raise ValidationError(self.missing)
        if self.data is None:
            raise ValidationError(
                f"{self.label.text} must be a time of day, like 9am or 16:30."
            )


class WholeNumber(IntegerField):
    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter a whole number, like 20.") from None


def role_field() -> SelectField:
    return SelectField(
        "Course", choices=_roles, invalid_choice_message="Choose a course."
    )


def _roles() -> list[SelectChoice]:
    return [SelectChoice(role.slug, role.name) for role in scheme().roles]


def seats_field() -> WholeNumber:
    return WholeNumber(
        "Seats",
        validators=[
            InputRequired("Enter how many seats there are."),
            NumberRange(1, MOST_SEATS, f"Choose from 1 to {MOST_SEATS} seats."),
        ],
    )


def check_link(_form: Any, field: Any) -> None:
    if not is_joining_link(field.data):
        raise ValidationError(TimetableRefusal.BAD_LINK.value)


def typed(form: FlaskForm) -> dict[str, Any]:
    """Return the values of a form under the names of its fields, which services share."""
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


class ByTrainer(FlaskForm):
    """`trainers` are those whom the person may put in front of a course."""

    card_role = role_field()
    trainer_id = SelectField(
        "Trainer",
        coerce=int,
        invalid_choice_message=NO_TRAINER,
        invalid_value_message=NO_TRAINER,
    )

    def __init__(self, *, trainers: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trainer_id.choices = [
            SelectChoice(str(each.id), each.full_name) for each in trainers
        ]
