"""What is asked about a weekly plan."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange

from ecs_training.accounts.models import Person
from ecs_training.foundation.forms import DateParts
from ecs_training.scheduling.forms.pieces import (
    NO_TRAINER,
    ClockTime,
    WholeNumber,
    role_field,
    seats_field,
    typed,
)
from ecs_training.scheduling.models import WeeklyPlan
from ecs_training.scheduling.rules import (
    MOST_SEATS,
    WEEKDAYS,
    HolidayPolicy,
    PlanRefusal,
)
from ecs_training.scheduling.rules.plans import MOST_DECIDE_DAYS

NO_WEEKDAY = "Choose a day of the week."
NOBODY = 0
ROTA = ("trainer_id", "trainer_2", "trainer_3", "trainer_4")
POLICIES = {
    HolidayPolicy.SKIP: "It is left out that week",
    HolidayPolicy.NEXT_WORKING_DAY: "It is held on the next working day",
    HolidayPolicy.ASK: "You are asked each time",
}


def _trainer_field(label: str) -> SelectField:
    return SelectField(
        label,
        coerce=int,
        default=NOBODY,
        invalid_choice_message=NO_TRAINER,
        invalid_value_message=NO_TRAINER,
    )


class PlanTermsForm(FlaskForm):
    """What of a plan may change. `trainers` are those who may stand in its rota."""

    starts = ClockTime("Starts", missing="Enter when it starts.")
    ends = ClockTime("Ends", missing="Enter when it ends.")
    trainer_id = _trainer_field("Trainer")
    trainer_2 = _trainer_field("Second trainer")
    trainer_3 = _trainer_field("Third trainer")
    trainer_4 = _trainer_field("Fourth trainer")
    capacity = seats_field()
    minimum = WholeNumber(
        "Fewest people",
        default=1,
        validators=[
            InputRequired("Enter how many people it needs to run."),
            NumberRange(1, MOST_SEATS, PlanRefusal.MINIMUM.value),
        ],
    )
    decide_days = WholeNumber(
        "Working days before, to decide",
        default=3,
        validators=[
            InputRequired("Enter how many working days before."),
            NumberRange(0, MOST_DECIDE_DAYS, PlanRefusal.DECIDE_DAYS.value),
        ],
    )
    holiday_policy = RadioField(
        "On a bank holiday",
        choices=[SelectChoice(each.value, words) for each, words in POLICIES.items()],
        default=HolidayPolicy.SKIP.value,
    )
    last_on = DateParts("Until")
    digest = HiddenField()  # of what was shown

    def __init__(self, *, trainers: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        people = [SelectChoice(str(each.id), each.full_name) for each in trainers]
        self.trainer_id.choices = people
        for name in ROTA[1:]:
            self[name].choices = [SelectChoice(str(NOBODY), "Nobody"), *people]

    def facts(self) -> dict[str, Any]:
        """Return what add_weekly_plan and change_weekly_plan take."""
        facts = typed(self)
        del facts["digest"]
        facts["holiday_policy"] = HolidayPolicy(facts["holiday_policy"])
        rota = [facts.pop(name) for name in ROTA]
        facts["trainer_ids"] = [each for each in rota if each != NOBODY]
        return facts


def terms_of(plan: WeeklyPlan) -> dict[str, Any]:
    """Return what the form says before anybody types. A rota may be longer than the form."""
    rota = [each.trainer_id for each in plan.rota]
    return {
        "starts": plan.starts,
        "ends": plan.ends,
        "capacity": plan.capacity,
        "minimum": plan.minimum,
        "decide_days": plan.decide_days,
        "holiday_policy": plan.holiday_policy.value,
        "last_on": plan.last_on,
        **dict(zip(ROTA, rota, strict=False)),
    }


class WeeklyPlanForm(PlanTermsForm):
    card_role = role_field()
    weekday = SelectField(
        "Day of the week",
        coerce=int,
        choices=[SelectChoice(str(n), name) for n, name in enumerate(WEEKDAYS)],
        invalid_choice_message=NO_WEEKDAY,
        invalid_value_message=NO_WEEKDAY,
    )
    first_on = DateParts("From", missing="Enter the first day.")


class EndPlanForm(FlaskForm):
    last_on = DateParts("Last day", missing="Enter the last day.")

    def facts(self) -> dict[str, Any]:
        """Return what end_weekly_plan takes."""
        return typed(self)
