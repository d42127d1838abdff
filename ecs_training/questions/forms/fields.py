"""Fields that only questions ask with."""

import re
import unicodedata
from typing import Any

from wtforms import StringField, ValidationError

from ecs_training.foundation.forms import tidy_spaces
from ecs_training.questions.rules.parsing import LONGEST_STEM


def one_line(typed: str | None) -> str:
    """Single spaces, and no control character: files of the bank hold none."""
    kept = (c for c in typed or "" if c.isspace() or unicodedata.category(c) != "Cc")
    return tidy_spaces("".join(kept))


class Share(StringField):
    """So many of 100, typed as a number; `data` is a share from 0 to 1, or None."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.typed = ""

    def process_data(self, value: Any) -> None:
        self.data = value
        self.typed = "" if value is None else f"{value * 100:.6g}"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = (valuelist[0] if valuelist else "").strip()[:20]
        number = re.fullmatch(r"(\d{1,3}(?:\.\d{1,4})?)\s*%?", self.typed)
        self.data = float(number[1]) / 100 if number else None
        if self.data is not None and self.data > 1:
            self.data = None

    def _value(self) -> str:
        return self.typed

    def pre_validate(self, form: Any) -> None:
        del form
        if self.typed and self.data is None:
            raise ValidationError("Enter a number from 0 to 100, like 80.")


class Codes(StringField):
    """Codes of items, parted by commas or spaces; `data` is a tuple of them."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.typed = ""

    def process_data(self, value: Any) -> None:
        self.data = tuple(value or ())
        self.typed = ", ".join(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = one_line(valuelist[0] if valuelist else "")[:LONGEST_STEM]
        found = re.split(r"[,;\s]+", self.typed.lower())
        self.data = tuple(dict.fromkeys(code for code in found if code))

    def _value(self) -> str:
        return self.typed
