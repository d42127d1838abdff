from typing import Any

from flask_wtf import FlaskForm
from wtforms import SearchField, TextAreaField
from wtforms.validators import DataRequired

from ecs_training.foundation.forms import at_most, tidy_lines, tidy_spaces


class RevocationForm(FlaskForm):
    reason = TextAreaField(
        "Reason",
        filters=[tidy_lines],
        validators=[DataRequired("Write why the pass is revoked."), at_most(500)],
    )


class SearchForm(FlaskForm):
    """What staff look for. Sent by GET, so that a search can be bookmarked."""

    q = SearchField(
        "Name, e-mail address or code",
        filters=[lambda typed: tidy_spaces(typed)[:254]],
    )

    def __init__(self, typed: Any) -> None:
        super().__init__(formdata=typed, meta={"csrf": False})

    def words(self) -> str:
        return str(self.q.data)
