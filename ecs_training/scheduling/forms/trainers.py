"""What the pages about trainers' time ask."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import time
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired

from ecs_training.accounts.models import Person
from ecs_training.catalogue.queries import scheme
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    DateParts,
    at_most,
    tidy_lines,
    tidy_spaces,
)
from ecs_training.scheduling.rules import WEEKDAYS
from ecs_training.scheduling.rules.leave import (
    LONGEST_LABEL,
    LONGEST_NOTE,
    read_hours,
    word_hours,
)
from ecs_training.scheduling.rules.swaps import SwapRefusal
from ecs_training.scheduling.rules.trainers import Hours

LONGEST_DAY = 100  # characters


class DayHours(StringField):
    """The hours of one weekday as people type them: 9-12, 13:00-16:30."""

    def pre_validate(self, form: Any) -> None:
        del form
        if read_hours(self.data or "") is None:
            raise ValidationError(
                f"{self.label.text} must be times from and to, like 9-12, 1pm-4:30pm."
            )


class TimeForm(FlaskForm):
    """One of the forms of a trainer's page; `name` is what the page calls it."""

    name: str


def _day(weekday: int) -> DayHours:
    return DayHours(
        WEEKDAYS[weekday], filters=[tidy_spaces], validators=[at_most(LONGEST_DAY)]
    )


class HoursForm(TimeForm):
    name = "hours_form"
    day0, day1, day2, day3 = _day(0), _day(1), _day(2), _day(3)
    day4, day5, day6 = _day(4), _day(5), _day(6)

    @classmethod
    def of(cls, hours: Iterable[Hours]) -> "HoursForm":
        """Show a week as it stands; what was just posted wins."""
        days: dict[int, list[tuple[time, time]]] = {}
        for each in hours:
            days.setdefault(each.weekday, []).append((each.starts, each.ends))
        return cls(data={f"day{n}": word_hours(day) for n, day in days.items()})

    def hours(self) -> list[Hours]:
        return [
            Hours(weekday=weekday, starts=starts, ends=ends)
            for weekday in range(len(WEEKDAYS))
            for starts, ends in read_hours(self[f"day{weekday}"].data or "") or []
        ]


class LeaveForm(TimeForm):
    name = "leave_form"
    first_on = DateParts("First day away", missing="Enter the first day.")
    last_on = DateParts("Last day away", missing="Enter the last day.")
    note = StringField(
        "Note, for us only (optional)",
        filters=[tidy_spaces],
        validators=[at_most(LONGEST_NOTE), NO_LINE_BREAKS],
    )

    def facts(self) -> Mapping[str, Any]:
        """Return what add_leave takes."""
        return {
            "first_on": self.first_on.data,
            "last_on": self.last_on.data,
            "note": self.note.data,
        }


class CalendarForm(TimeForm):
    """A calendar by its address, or as a file; the address wins where both are given."""

    name = "calendar_form"
    label = StringField(
        "What you call it",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Give it a name, like Work or Family."),
            at_most(LONGEST_LABEL),
        ],
    )
    address = StringField("Secret address in iCal format", filters=[tidy_spaces])
    file = FileField("Or a file that ends in .ics")

    def validate_file(self, field: Any) -> None:
        if not self.address.data and not field.data:
            raise ValidationError("Paste an address, or choose a file.")

    def content(self) -> bytes:
        """Return what the file holds."""
        with closing(self.file.data) as file:
            content: bytes = file.read()
        return content


class SkillsForm(TimeForm):
    name = "skills_form"
    card_roles = SelectMultipleField(
        "Courses they may teach",
        choices=lambda: [SelectChoice(r.slug, r.name) for r in scheme().roles],
        invalid_choice_message="Choose from the courses in the list.",
    )


class SwapForm(FlaskForm):
    """`trainers` are those who could give the date, by their references."""

    to_ref = SelectField(
        "Who could take it?", invalid_choice_message="Choose a trainer."
    )
    note = TextAreaField(
        "A word to them (optional)",
        filters=[tidy_lines],
        validators=[at_most(LONGEST_NOTE)],
    )

    def __init__(self, *, trainers: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.to_ref.choices = [
            SelectChoice("", "Choose somebody"),
            *(SelectChoice(each.ref, each.full_name) for each in trainers),
        ]

    def validate_to_ref(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(SwapRefusal.NO_TRAINER.value)
