from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange

from ecs_training.accounts.models import Person
from ecs_training.changes.rules import ChangeKind
from ecs_training.foundation.forms import DateParts
from ecs_training.scheduling.forms import CancelForm, ClockTime, WholeNumber
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.rules import MOST_SEATS

NO_TRAINER = "Choose a trainer."
SEATS = f"Choose from 1 to {MOST_SEATS}."


class ChangeForm(FlaskForm):
    """What a change needs to know. `facts` are what its service takes."""

    def facts(self) -> dict[str, Any]:
        return {
            name: value for name, value in self.data.items() if name != "csrf_token"
        }


class MoveForm(ChangeForm):
    local_date = DateParts("New date", missing="Enter the date.")
    local_start = ClockTime("Starts", missing="Enter when it starts.")
    local_end = ClockTime("Ends", missing="Enter when it ends.")


class RestaffForm(ChangeForm):
    trainer_id = SelectField(
        "New trainer",
        coerce=int,
        invalid_choice_message=NO_TRAINER,
        invalid_value_message=NO_TRAINER,
    )

    def __init__(self, *, trainers: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trainer_id.choices = [
            SelectChoice(str(each.id), each.full_name) for each in trainers
        ]


class ResizeForm(ChangeForm):
    capacity = WholeNumber(
        "Seats",
        validators=[
            InputRequired("Enter how many seats there are."),
            NumberRange(1, MOST_SEATS, SEATS),
        ],
    )
    minimum = WholeNumber(
        "People needed for it to run",
        validators=[
            InputRequired("Enter how many people it needs."),
            NumberRange(1, MOST_SEATS, SEATS),
        ],
    )


class CancellationForm(CancelForm, ChangeForm):
    """The reason, which everybody who booked reads."""


class RestorationForm(ChangeForm):
    """Nothing is asked: the date comes back as it was."""


def form_for(
    kind: ChangeKind,
    course_session: CourseSession,
    *,
    trainers: Iterable[Person],
    reason: str | None,
) -> ChangeForm:
    """Return the form of a change, filled in with how the date stands."""
    if kind is ChangeKind.RESTAFF:
        others = [each for each in trainers if each.id != course_session.trainer_id]
        return RestaffForm(trainers=others)
    if kind is ChangeKind.CANCEL:
        return CancellationForm(reason=reason)
    forms: dict[ChangeKind, type[ChangeForm]] = {
        ChangeKind.MOVE: MoveForm,
        ChangeKind.RESIZE: ResizeForm,
        ChangeKind.RESTORE: RestorationForm,
    }
    return forms[kind](obj=course_session)
