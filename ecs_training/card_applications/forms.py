from datetime import date
from typing import cast

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired

from ecs_training.card_applications.rules import Decision
from ecs_training.catalogue.rules import Region
from ecs_training.exemptions.forms import EvidenceFile
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    DateParts,
    at_most,
    tidy_lines,
    tidy_spaces,
)


class OpeningForm(FlaskForm):
    region = RadioField(
        "Where do you work?",
        choices=[
            SelectChoice(
                Region.ENGLAND_WALES_NI.value, "England, Wales or Northern Ireland"
            ),
            SelectChoice(Region.SCOTLAND.value, "Scotland"),
        ],
        coerce=str,
        validators=[InputRequired("Choose where you work.")],
    )


class LineEvidenceForm(FlaskForm):
    evidence = EvidenceFile("Photo, scan or PDF")


class ConfirmationForm(FlaskForm):
    confirmed = BooleanField(
        "I confirm this",
        validators=[DataRequired("Tick the box if it is true.")],
    )


class DecisionForm(FlaskForm):
    decision = RadioField(
        "Your decision",
        choices=[
            SelectChoice(Decision.ACCEPT.value, "Accept the application"),
            SelectChoice(Decision.RETURN.value, "Send it back"),
        ],
        coerce=str,
        validators=[InputRequired("Choose what you decide.")],
    )
    reason = TextAreaField("Reason", filters=[tidy_lines], validators=[at_most(1000)])

    def validate_reason(self, field: TextAreaField) -> None:
        if self.decision.data == Decision.RETURN and not field.data:
            raise ValidationError("Write what must be put right.")


class CardForm(FlaskForm):
    card_number = StringField(
        "Card number",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Enter the number on the card."),
            at_most(40),
            NO_LINE_BREAKS,
        ],
    )
    expires_on = DateParts(
        "Last day of the card", missing="Enter the last day of the card."
    )

    def last_day(self) -> date:
        """Return the last day on a form that was found valid."""
        return cast(date, self.expires_on.data)
