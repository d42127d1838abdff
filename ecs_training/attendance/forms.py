"""The two forms that each person on a register has. Their words stand in the template too:
templates/attendance/_register_rows.html shows them without a form object a row."""

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import AnyOf

from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence

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
