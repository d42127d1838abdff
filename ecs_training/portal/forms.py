from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired

from ecs_training.accounts.forms import email_field
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    DateParts,
    at_most,
    tidy_lines,
    tidy_spaces,
)
from ecs_training.foundation.signing import LONGEST


class EnquiryForm(FlaskForm):
    name = StringField(
        "Your name",
        filters=[tidy_spaces],
        validators=[DataRequired("Enter your name."), at_most(120), NO_LINE_BREAKS],
    )
    email = email_field("Your e-mail address")
    message = TextAreaField(
        "Your question",
        filters=[tidy_lines],
        validators=[
            DataRequired("Write your question."),
            at_most(2000),
        ],
    )


class ReceiptForm(FlaskForm):
    receipt = TextAreaField(
        "The receipt",
        filters=[tidy_lines],
        validators=[DataRequired("Paste the receipt."), at_most(LONGEST)],
    )

    def token(self) -> str:
        """Return it without the line breaks that mail programs put in."""
        return "".join(self.receipt.data.split())


class SpecimenForm(FlaskForm):
    """One field of every kind, for the style guide. It is never sent."""

    class Meta(FlaskForm.Meta):
        csrf = False

    text = StringField("A line of text", validators=[InputRequired("Enter a line.")])
    password = PasswordField(
        "A password", validators=[InputRequired("Enter your password.")]
    )
    day = DateParts("A day", missing="Enter the day, like 27 3 2026.")
    kind = SelectField(
        "One of a list",
        choices=[SelectChoice("", "Choose one"), SelectChoice("labourer", "Labourer")],
        validators=[InputRequired("Choose one of the list.")],
    )
    buyer = RadioField(
        "One of a few",
        choices=[SelectChoice("self", "Myself"), SelectChoice("company", "My company")],
        validators=[InputRequired("Choose who pays.")],
    )
    terms = BooleanField(
        "I agree to the terms", validators=[InputRequired("Tick this to go on.")]
    )
    file = FileField("A file", validators=[InputRequired("Choose a file.")])
    message = TextAreaField("A text", validators=[InputRequired("Write a text.")])
