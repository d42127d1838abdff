"""The ways in which Moodle's formats write a text."""

from enum import StrEnum

from ecs_training.questions.formats.markdown import flatten_markdown
from ecs_training.questions.formats.markup import Flat, flatten


class Style(StrEnum):
    PLAIN = "plain"  # shown as written
    HTML = "html"
    MOODLE = "moodle"  # HTML in which line ends count
    MARKDOWN = "markdown"


def wording_of(text: str, style: Style) -> Flat:
    """Return what a candidate would have read, as plain text."""
    if style is Style.PLAIN:
        return Flat(text=text)
    return flatten_markdown(text) if style is Style.MARKDOWN else flatten(text)
