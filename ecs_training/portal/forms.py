from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from ecs_training.accounts.forms import email_field
from ecs_training.foundation.forms import (
    NO_LINE_BREAKS,
    at_most,
    tidy_lines,
    tidy_spaces,
)


class EnquiryForm(FlaskForm):
    name = StringField(
        "Your name",
        filters=[tidy_spaces],
        validators=[InputRequired("Enter your name."), at_most(120), NO_LINE_BREAKS],
    )
    email = email_field("Your e-mail address")
    message = TextAreaField(
        "Your question",
        filters=[tidy_lines],
        validators=[InputRequired("Write your question."), at_most(2000)],
    )
