from datetime import date
from typing import Any, cast

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (
    FileField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired

from ecs_training.catalogue.queries import scheme
from ecs_training.exemptions.rules import Decision
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    DateParts,
    at_most,
    tidy_lines,
    tidy_spaces,
)
from ecs_training.foundation.uploads import CleanFile, UploadRefused, clean_upload


class EvidenceFile(FileField):
    """A file of evidence. Once validated, `clean` is what may be kept of it."""

    clean: CleanFile

    def pre_validate(self, form: Any) -> None:
        del form
        sent = self.data if isinstance(self.data, FileStorage) else FileStorage()
        try:
            self.clean = clean_upload(sent.read(), file_name=sent.filename or "")
        except UploadRefused as refused:
            raise ValidationError(refused.reason.value) from refused


class ClaimForm(FlaskForm):
    qualification = RadioField(
        "Which certificate do you have?",
        validators=[InputRequired("Choose the certificate you have.")],
    )
    certificate_number = StringField(
        "Certificate number",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Enter the number on the certificate."),
            at_most(60),
            NO_LINE_BREAKS,
        ],
    )
    awarded_on = DateParts(
        "Award date", missing="Enter the day on which the certificate was awarded."
    )
    expires_on = DateParts("Last day on the certificate")
    evidence = EvidenceFile("Photo or scan of the certificate")

    def __init__(self) -> None:
        super().__init__()
        self.qualification.choices = [
            SelectChoice(q.slug, q.name) for q in scheme().qualifications
        ]

    def award_day(self) -> date:
        """Return the award date of a form that was found valid."""
        return cast(date, self.awarded_on.data)

    def validate_expires_on(self, field: DateParts) -> None:
        awarded_on = self.awarded_on.data
        if field.data and awarded_on and field.data < awarded_on:
            raise ValidationError("The last day must be after the award date.")


class EvidenceForm(FlaskForm):
    evidence = EvidenceFile("Photo or scan")


class DecisionForm(FlaskForm):
    decision = RadioField(
        "Your decision",
        choices=[
            SelectChoice(Decision.GRANT.value, "Grant the exemption"),
            SelectChoice(Decision.MORE.value, "Ask for something more"),
            SelectChoice(Decision.DECLINE.value, "Decline"),
        ],
        coerce=str,
        validators=[InputRequired("Choose what you decide.")],
    )
    reason = TextAreaField(
        "Reason",
        filters=[tidy_lines],
        validators=[DataRequired("Write the reason."), at_most(1000)],
    )
