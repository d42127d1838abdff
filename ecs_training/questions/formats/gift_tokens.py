"""GIFT's signs ~ = # { } apart from its texts, in which a backslash takes their meaning."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from ecs_training.questions.formats.wordings import Style

MOST_TOKENS = 120  # in one item
TOKEN = re.compile(r"([~=#{}])|((?:[^\\~=#{}]++|\\[\\~=#{}:]?)++)", re.DOTALL)
ESCAPE = re.compile(r"\\([\\~=#{}:n])", re.DOTALL)
SIGNS = re.compile(r"[\\~=#{}:]")
STYLE = re.compile(r"\s*+\[(html|moodle|plain|markdown)\]", re.IGNORECASE)


class Token(NamedTuple):
    """A sign that has its meaning, or a text, whose escapes are undone."""

    text: str
    sign: bool


def tokenize(text: str) -> list[Token] | None:
    """Return the signs and texts in order; None for more signs than any item needs."""
    found = list(islice(TOKEN.finditer(text), MOST_TOKENS + 1))
    if len(found) > MOST_TOKENS:
        return None
    return [
        Token(each[1], sign=True)
        if each[1]
        else Token(ESCAPE.sub(_meant, each[2]), sign=False)
        for each in found
    ]


def _meant(escape: "re.Match[str]") -> str:
    return "\n" if escape[1] == "n" else escape[1]


def escape(text: str) -> str:
    return SIGNS.sub(r"\\\g<0>", text)


def position(tokens: Sequence[Token], sign: str) -> int | None:
    return next(
        (at for at, each in enumerate(tokens) if each.sign and each.text == sign), None
    )


def joined(tokens: Sequence[Token]) -> str:
    return "".join(each.text for each in tokens)


def split_style(text: str, otherwise: Style) -> tuple[Style, str]:
    """Take a leading [html], [moodle], [plain] or [markdown] off a text."""
    found = STYLE.match(text)
    if not found:
        return otherwise, text
    return Style(found[1].lower()), text[found.end() :]
