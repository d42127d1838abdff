from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    Regexp,
    StopValidation,
    ValidationError,
)

from ecs_training.accounts.rules import tidy_email
from ecs_training.booking.rules import Buyer
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    at_most,
    tidy_lines,
    tidy_spaces,
)

NOT_TICKED = (False, "false", "", "no")


def only_for_company(form: Any, field: Any) -> None:
    """Leave a field alone unless a company books."""
    if form.buyer.data != Buyer.COMPANY:
        field.errors = []
        raise StopValidation


class BookingForm(FlaskForm):
    buyer = RadioField(
        "Who is the seat for?",
        choices=[
            SelectChoice(Buyer.SELF.value, "For me"),
            SelectChoice(Buyer.COMPANY.value, "For somebody that my company pays for"),
        ],
        default=Buyer.SELF.value,
        invalid_choice_message="Choose who the seat is for.",
        validators=[InputRequired("Choose who the seat is for.")],
    )
    delegate_name = StringField(
        "Their full name",
        filters=[tidy_spaces],
        validators=[
            only_for_company,
            DataRequired("Enter their name as it is on their photo ID."),
            at_most(120),
            NO_LINE_BREAKS,
        ],
    )
    delegate_email = EmailField(
        "Their e-mail address",
        filters=[lambda typed: tidy_email(typed or "")],
        validators=[
            only_for_company,
            DataRequired("Enter their e-mail address. They sign in with it."),
            Length(
                max=254, message="Use an e-mail address of 254 characters or fewer."
            ),
            Email("Enter an e-mail address in full, like name@example.com."),
        ],
    )
    payment = RadioField(
        "How do you pay?",
        choices=[SelectChoice("invoice", "By invoice")],
        default="invoice",
        invalid_choice_message="Choose how you pay.",
        validators=[InputRequired("Choose how you pay.")],
    )
    terms = BooleanField(
        "I agree to the terms",
        false_values=NOT_TICKED,
        validators=[DataRequired("Tick the box to agree to the terms.")],
    )

    def __init__(self, *, has_company: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.has_company = has_company

    def validate_buyer(self, field: RadioField) -> None:
        if field.data == Buyer.COMPANY and not self.has_company:
            raise ValidationError("Set up your company first, then book for it.")


class CancellationForm(FlaskForm):
    """`expects_free` holds what the page said when it was opened."""

    expects_free = HiddenField()
    reason = TextAreaField(
        "Why? You do not have to say",
        filters=[tidy_lines],
        validators=[
            at_most(300),
            Regexp(r"^[^\x00]*$", message="Use ordinary characters only."),
        ],
    )


class StaffBookingForm(FlaskForm):
    """Somebody whom staff put on a date; `company_id` 0 means that they pay themselves."""

    full_name = StringField(
        "Full name",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Enter the name as it is on the photo ID."),
            at_most(120),
            NO_LINE_BREAKS,
        ],
    )
    email = EmailField(
        "E-mail address",
        filters=[lambda typed: tidy_email(typed or "")],
        validators=[
            DataRequired("Enter their e-mail address. They sign in with it."),
            at_most(254),
            Email("Enter an e-mail address in full, like name@example.com."),
        ],
    )
    company_id = SelectField("Who pays?", coerce=int)
