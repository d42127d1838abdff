from collections.abc import Sequence
from datetime import datetime
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
    NumberRange,
    Optional,
    Regexp,
    StopValidation,
    ValidationError,
)

from ecs_training.accounts.models import CompanySite
from ecs_training.accounts.rules import tidy_email
from ecs_training.booking.models import Adjustment
from ecs_training.booking.rules import USUAL_PERCENT, Buyer
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    at_most,
    tidy_lines,
    tidy_spaces,
)
from ecs_training.scheduling.forms import WholeNumber

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
    site = SelectField(
        "For which site? You do not have to say",
        invalid_choice_message="Choose one of your sites.",
        validators=[only_for_company, Optional()],
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

    def __init__(
        self, *, has_company: bool, sites: Sequence[CompanySite] = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.has_company = has_company
        named = [SelectChoice(site.ref, site.name) for site in sites]
        self.site.choices = [SelectChoice("", "No site"), *named]

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


class AdjustmentForm(FlaskForm):
    """What somebody needs, in their own words. How they are is not asked."""

    needs = TextAreaField(
        "What would help you?",
        filters=[tidy_lines],
        validators=[
            DataRequired("Write what would help you. A few words are enough."),
            at_most(1000),
        ],
    )


OTHER = "other"
AGREE, DECLINE = "agree", "decline"


def only_for_other(form: Any, field: Any) -> None:
    """Leave a field alone unless another share of time than those listed is chosen."""
    if form.time.data != OTHER:
        field.errors = []
        raise StopValidation


class AdjustmentDecisionForm(FlaskForm):
    """What staff agree to. `seen` holds the decision that the page showed when opened."""

    decision = RadioField(
        "Your decision",
        choices=[
            SelectChoice(AGREE, "Agree"),
            SelectChoice(DECLINE, "Say no"),
        ],
        validators=[InputRequired("Choose what you decide.")],
    )
    time = RadioField(
        "Time for the assessment",
        choices=[
            SelectChoice("100", "The usual time"),
            SelectChoice("125", "A quarter more (125%)"),
            SelectChoice("150", "Half as much again (150%)"),
            SelectChoice("200", "Double (200%)"),
            SelectChoice("300", "Three times (300%)"),
            SelectChoice(OTHER, "Another share"),
        ],
        default="100",
        invalid_choice_message="Choose the time.",
        validators=[Optional()],
    )
    percent = WholeNumber(
        "The other share, in per cent of the usual time",
        validators=[
            only_for_other,
            InputRequired("Type the share of the usual time: 100 to 300."),
            NumberRange(100, 300, message="Type a whole number from 100 to 300."),
        ],
    )
    rest_minutes = WholeNumber(
        "Breaks with the clock stopped, in minutes altogether",
        default=0,
        validators=[
            Optional(),
            NumberRange(0, 60, message="Type a whole number of minutes from 0 to 60."),
        ],
    )
    reply = TextAreaField(
        "What you tell the person", filters=[tidy_lines], validators=[at_most(500)]
    )
    seen = HiddenField()

    def show(self, adjustment: Adjustment) -> None:
        """Fill in what was decided, for somebody who wants to change it."""
        if adjustment.decided_at is None:
            return
        percent = str(adjustment.time_percent)
        listed = percent in {choice.value for choice in self.time.choices or ()}
        self.decision.data = AGREE if adjustment.agreed else DECLINE
        self.time.data = percent if listed else OTHER
        self.percent.data = None if listed else adjustment.time_percent
        self.rest_minutes.data = adjustment.rest_minutes
        self.reply.data = adjustment.reply

    def validate_reply(self, field: TextAreaField) -> None:
        if self.decision.data == DECLINE and not field.data:
            raise ValidationError("Say why, and what you can do instead.")
        if self.agreed and not field.data and not self._gives_time():
            raise ValidationError(
                "Say what you agree to: it is neither time nor breaks."
            )

    def validate_seen(self, field: HiddenField) -> None:
        try:
            self.decision_seen = (
                datetime.fromisoformat(field.data) if field.data else None
            )
        except ValueError as error:
            raise ValidationError("Load this page again, then decide.") from error

    def _gives_time(self) -> bool:
        if self.time.errors or self.percent.errors or self.rest_minutes.errors:
            return True  # they are told of that first
        return self.time_percent > USUAL_PERCENT or self.minutes_of_rest > 0

    @property
    def agreed(self) -> bool:
        return bool(self.decision.data == AGREE)

    @property
    def time_percent(self) -> int:
        if self.time.data == OTHER:
            return self.percent.data or USUAL_PERCENT
        return int(self.time.data or USUAL_PERCENT)

    @property
    def minutes_of_rest(self) -> int:
        return self.rest_minutes.data or 0
