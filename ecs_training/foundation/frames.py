"""A page that is rendered once, with marks where it differs from reader to reader.

Rendering a page of the test costs ten times what filling it in does, and candidates who work
without script load it for every answer. Pure: text in, text out.
"""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

# Letters alone: a mark goes through escaping, addresses and attributes unchanged.
_MARK = re.compile("xqMARKqx([a-z]+)xqENDqx")


def mark(name: str) -> Markup:
    """Return what stands for `name` in the rendered page; `name` is of small letters."""
    return Markup(f"xqMARKqx{name}xqENDqx")  # noqa: S704 - our own letters


class Frame:
    """A rendered page, cut at its marks."""

    def __init__(self, rendered: str) -> None:
        self._pieces = _MARK.split(rendered)
        self._places = list(enumerate(self._pieces))[1::2]

    @property
    def names(self) -> set[str]:
        return {name for _, name in self._places}

    def fill(self, values: Mapping[str, object]) -> str:
        """Return the page for one reader. KeyError for a mark without a value.

        Every value is escaped unless it is Markup, as the template would do.
        """
        texts = {name: _word(value) for name, value in values.items()}
        page = self._pieces.copy()
        for place, name in self._places:
            page[place] = texts[name]
        return "".join(page)


def _word(value: object) -> str:
    if isinstance(value, int):  # nothing to escape, and half of what varies
        return str(value)
    return value if isinstance(value, Markup) else escape(value)
