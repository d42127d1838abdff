from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, InputRequired

from ecs_training.calendar_feeds.rules.feeds import FeedPrivacy
from ecs_training.foundation.forms import NO_LINE_BREAKS, at_most, tidy_spaces


class SiteForm(FlaskForm):
    name = StringField(
        "Name of the site",
        filters=[tidy_spaces],
        validators=[
            DataRequired("Enter a name, like Leeds depot."),
            at_most(80),
            NO_LINE_BREAKS,
        ],
    )


class PrivacyForm(FlaskForm):
    privacy = RadioField(
        "What it says of your people",
        choices=[
            SelectChoice(FeedPrivacy.COUNT.value, "Only how many"),
            SelectChoice(FeedPrivacy.INITIALS.value, "Initials"),
            SelectChoice(FeedPrivacy.NAMES.value, "Full names"),
        ],
        invalid_choice_message="Choose what the calendar says.",
        validators=[InputRequired("Choose what the calendar says.")],
    )
