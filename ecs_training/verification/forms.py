from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired

from ecs_training.foundation.forms import at_most
from ecs_training.foundation.references import as_typed


class VerifyForm(FlaskForm):
    code = StringField(
        "Code on the certificate",
        validators=[DataRequired("Enter the code from the certificate."), at_most(300)],
    )

    def validate_code(self, field: StringField) -> None:
        if not read_code(field.data):
            raise ValidationError("Enter the code from the certificate.")

    def token(self) -> str:
        return read_code(self.code.data)


def read_code(typed: str) -> str:
    """Find the code in what was typed or pasted: with spaces, in small letters, or as the
    whole address. Empty if there is none."""
    last = typed.strip().removesuffix(".json").rstrip("/").rpartition("/")[2]
    return as_typed(last)
