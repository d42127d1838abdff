"""The two forms that each person on a register has. Their words stand in the template too:
templates/attendance/_register_rows.html shows them without a form object a row."""

from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField, RadioField, SelectField, ValidationError
from wtforms.validators import AnyOf, InputRequired

from ecs_training.attendance.rules import (
    DocumentKind,
    IdentityOutcome,
    Presence,
    ReportRefusal,
)
from ecs_training.attendance.rules.report_files import LARGEST
from ecs_training.attendance.rules.reports import DateOrder
from ecs_training.foundation.forms import tidy_spaces

PRESENCES: dict[str, str] = {Presence.ATTENDED: "Attended", Presence.ABSENT: "Absent"}
DOCUMENTS: dict[str, str] = {
    DocumentKind.PASSPORT: "Passport",
    DocumentKind.DRIVING_LICENCE: "Driving licence",
    DocumentKind.ECS_CARD: "ECS card",
}
OUTCOMES: dict[str, str] = {
    IdentityOutcome.MATCHED: "Face and name match",
    IdentityOutcome.NAME_DIFFERS: "Face matches, name differs",
    IdentityOutcome.NOT_MATCHED: "Not the same person",
}
NOTHING_YET: dict[str, str] = {"": "Choose one"}


class AttendanceForm(FlaskForm):
    presence = RadioField(
        "Were they there?",
        choices=PRESENCES,
        validate_choice=False,
        validators=[AnyOf(PRESENCES, message="Choose attended or absent.")],
    )


class IdentityForm(FlaskForm):
    document = SelectField(
        "Document you looked at",
        choices=NOTHING_YET | DOCUMENTS,
        validate_choice=False,
        validators=[AnyOf(DOCUMENTS, message="Choose the document you looked at.")],
    )
    outcome = SelectField(
        "What you saw",
        choices=NOTHING_YET | OUTCOMES,
        validate_choice=False,
        validators=[AnyOf(OUTCOMES, message="Choose what you saw.")],
    )


ORDERS: dict[str, str] = {
    DateOrder.FIND_OUT: "Find out from the day of the course",
    DateOrder.DAY_FIRST: "The day comes first, as in 21/10/26",
    DateOrder.MONTH_FIRST: "The month comes first, as in 10/21/26",
}
NOBODY = "nobody"


class ReportFile(FileField):
    """A report from Teams. Once validated, `content` is its bytes."""

    content: bytes
    file_name: str

    def pre_validate(self, form: Any) -> None:
        del form
        sent = self.data if isinstance(self.data, FileStorage) else FileStorage()
        self.content = sent.read(
            LARGEST + 1
        )  # one byte too many is refused by its rule
        self.file_name = tidy_spaces(sent.filename)
        if not self.content:
            raise ValidationError(ReportRefusal.EMPTY.value)


class ReportForm(FlaskForm):
    report = ReportFile("Attendance report from Teams")
    order = RadioField(
        "Dates in the file",
        choices=ORDERS,
        default=DateOrder.FIND_OUT.value,
        validate_choice=False,
        validators=[AnyOf(ORDERS, message="Choose how to read the dates.")],
    )


class WhoForm(FlaskForm):
    """Who somebody in the reports is. `booking` is a reference, or nobody."""

    identity = HiddenField(validators=[InputRequired("Look at the page again.")])
    booking = SelectField(
        "Who is this?",
        validate_choice=False,
        validators=[InputRequired("Choose who this is, or nobody on the register.")],
    )

    @property
    def booking_ref(self) -> str | None:
        return None if self.booking.data == NOBODY else str(self.booking.data)


class SignForm(FlaskForm):
    digest = HiddenField()
