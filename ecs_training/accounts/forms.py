from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, Length, ValidationError

from ecs_training.accounts.rules import tidy_email, what_is_wrong_with
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    at_most,
    tidy_lines,
    tidy_spaces,
)


def email_field(label: str = "E-mail address") -> EmailField:
    return EmailField(
        label,
        filters=[lambda typed: tidy_email(typed or "")],
        validators=[
            DataRequired("Enter your e-mail address."),
            Length(
                max=254, message="Use an e-mail address of 254 characters or fewer."
            ),
            Email("Enter an e-mail address in full, like name@example.com."),
        ],
    )


def name_field(label: str = "Full name") -> StringField:
    return StringField(
        label,
        filters=[tidy_spaces],
        validators=[
            DataRequired("Enter the name as it is on the photo ID."),
            at_most(120),
            NO_LINE_BREAKS,
        ],
    )


class SignInForm(FlaskForm):
    email = email_field()
    password = PasswordField(
        "Password", validators=[DataRequired("Enter your password.")]
    )


class RegisterForm(FlaskForm):
    full_name = name_field()
    email = email_field()
    password = PasswordField(
        "Password", validators=[DataRequired("Choose a password.")]
    )
    next = HiddenField()

    def validate_password(self, field: PasswordField) -> None:
        problem = what_is_wrong_with(
            field.data or "",
            email=self.email.data or "",
            full_name=self.full_name.data or "",
        )
        if problem:
            raise ValidationError(problem.value)


class EmailForm(FlaskForm):
    email = email_field()


class ChoosePasswordForm(FlaskForm):
    """`email` and `full_name` are those of the account, for judging the password."""

    password = PasswordField(
        "New password", validators=[DataRequired("Choose a password.")]
    )

    def __init__(self, *, email: str, full_name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told = {"email": email, "full_name": full_name}

    def validate_password(self, field: PasswordField) -> None:
        if problem := what_is_wrong_with(field.data or "", **self.told):
            raise ValidationError(problem.value)


class ChangePasswordForm(ChoosePasswordForm):
    old_password = PasswordField(
        "Password now", validators=[DataRequired("Enter the password you use now.")]
    )


class NameForm(FlaskForm):
    full_name = name_field()


class CompanyForm(FlaskForm):
    name = StringField(
        "Company name",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Enter the name of your company."),
            at_most(120),
            NO_LINE_BREAKS,
        ],
    )
    invoice_address = TextAreaField(
        "Address for invoices",
        filters=[tidy_lines],
        validators=[
            DataRequired("Enter the address that invoices go to."),
            at_most(400),
        ],
    )
