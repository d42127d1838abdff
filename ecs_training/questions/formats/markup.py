"""From HTML to the plain text that a candidate would have read, and what that cost."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ecs_training.questions.formats.tags import (
    BLOCKS,
    EMPHASIS,
    LAYOUT,
    LOST_BY_TAG,
    QUIET,
    REFUSED,
    SUBSCRIPTS,
    SUPERSCRIPTS,
)

LONGEST_MARKUP = 50_000  # characters, before anything is taken out
TAG = re.compile(
    r"""<(/?)([A-Za-z][A-Za-z0-9:-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>"""
)
TAG_BEGINS = re.compile(r"<(?:/?[A-Za-z]|[!?])")  # any other < is only a sign
ATTRIBUTE = re.compile(
    r"""([^\s=/"'<>]++)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]++)))?"""
)
OUT_OF_SIGHT = re.compile(
    r"line-through|display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden"
)
EMPHATIC = re.compile(r"color|font-weight|font-style|text-decoration|text-transform")
HIDDEN_CLASS = re.compile(r"(?:hidden|sr-only)(?:\s|$)")
LONG_REFERENCE = re.compile(r"&#[xX]?[0-9A-Fa-f]{9}")


@dataclass(frozen=True, kw_only=True)
class Flat:
    """Text without markup. `pictures`: (address, alternative text) of each one shown.

    With a fault the text is only what could be made out.
    """

    text: str
    losses: tuple[str, ...] = ()
    fault: str | None = None
    pictures: tuple[tuple[str, str], ...] = ()


class Flattener:
    """Takes tags and texts one after the other; blocks separate words, inline tags do not."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._losses: list[str] = []
        self._pictures: list[tuple[str, str]] = []
        # Inside <sup> or <sub>: the tag, and what becomes of its letters.
        self._raised: tuple[str, Mapping[int, int]] | None = None
        self.fault: str | None = None

    def refuse(self, what: str) -> None:
        self.fault = self.fault or what

    def lose(self, what: str) -> None:
        if what not in self._losses:
            self._losses.append(what)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if attributes:
            self._look_at_attributes(attributes)
        if tag in REFUSED:
            self.refuse(f"holds {REFUSED[tag]}")
        elif tag == "img":
            self._parts.append(" ")
            self._pictures.append(
                (attributes.get("src", ""), attributes.get("alt", ""))
            )
        elif tag in {"sup", "sub"}:
            self._raise(tag)
        elif tag == "q":
            self._parts.append("“")
        else:
            self._pass(tag)

    def _pass(self, tag: str) -> None:
        if tag in BLOCKS or tag in LAYOUT:
            self._parts.append(" ")
        elif tag not in QUIET and tag not in EMPHASIS and tag not in LOST_BY_TAG:
            self.refuse(f"holds the tag <{tag[:20]}>, which cannot be read")
        if tag in EMPHASIS:
            self.lose("emphasis was left out")
        if tag in LAYOUT:
            self.lose("the layout was left out")
        if tag in LOST_BY_TAG:
            self.lose(LOST_BY_TAG[tag])

    def _look_at_attributes(self, attributes: Mapping[str, str]) -> None:
        names = attributes.get("class", "").lower()
        style = attributes.get("style", "").lower()
        if (
            "hidden" in attributes
            or OUT_OF_SIGHT.search(style)
            or HIDDEN_CLASS.search(names)
        ):
            self.refuse("holds text that is hidden or struck through")
        if EMPHATIC.search(style):
            self.lose("emphasis was left out")
        if "multilang" in names:
            self.refuse("holds the same text in several languages")

    def _raise(self, tag: str) -> None:
        if self._raised:
            self.refuse("holds a raised or lowered text inside another")
        self._raised = (tag, SUPERSCRIPTS if tag == "sup" else SUBSCRIPTS)

    def end(self, tag: str) -> None:
        if self._raised and tag == self._raised[0]:
            self._raised = None
        elif tag in BLOCKS or tag in LAYOUT:
            self._parts.append(" ")
        elif tag == "q":
            self._parts.append("”")

    def text(self, text: str) -> None:
        if self._raised:
            text = self._small(text.strip(), *self._raised)
        self._parts.append(text)

    def _small(self, text: str, name: str, letters: Mapping[int, int]) -> str:
        if any(ord(letter) not in letters for letter in text):
            self.refuse(f"holds <{name}> around something else than digits")
        elif text:
            self.lose("raised or lowered digits became characters like ²")
        return text.translate(letters)

    def flat(self) -> Flat:
        if self._raised:
            self.refuse("holds a raised or lowered text without an end")
        return Flat(
            text="".join(self._parts),
            losses=tuple(self._losses),
            fault=self.fault,
            pictures=tuple(self._pictures),
        )


def flatten(text: str) -> Flat:
    """Take HTML apart as a browser would, but refuse what a browser would guess at."""
    if len(text) > LONGEST_MARKUP:
        return Flat(text="", fault=f"is longer than {LONGEST_MARKUP} characters")
    if "<" not in text and "&" not in text:
        return Flat(text=text)
    flattener = Flattener()
    position = 0
    while position < len(text):
        found = TAG_BEGINS.search(text, position)
        begins = found.start() if found else len(text)
        flattener.text(_decoded(text[position:begins], flattener))
        position = _tag(text, begins, flattener) if found else begins
    return flattener.flat()


def _decoded(text: str, flattener: Flattener) -> str:
    if "&" not in text:
        return text
    if LONG_REFERENCE.search(text):  # Python refuses to make a number of 5,000 digits
        flattener.refuse("holds a character reference that is no character")
        return text
    return html.unescape(text)


def _tag(text: str, begins: int, flattener: Flattener) -> int:
    """Take the tag or comment that begins here; return where to go on."""
    if text.startswith("<!--", begins):
        ends = text.find("-->", begins + 2)  # a browser takes <!--> for a whole one
        if ends < 0 or "--!>" in text[begins:ends]:
            flattener.refuse("holds a comment without a proper end")
        return ends + 3 if ends >= 0 else len(text)
    found = TAG.match(text, begins)
    if not found:
        flattener.refuse("holds a < that begins no tag; write it as &lt;")
        return len(text)
    closing, name, attributes = found.groups()
    if closing:
        flattener.end(name.lower())
    else:
        named = _attributes(attributes, flattener) if attributes else {}
        flattener.start(name.lower(), named)
    return found.end()


def _attributes(text: str, flattener: Flattener) -> dict[str, str]:
    return {
        name.lower(): _decoded(double or single or bare, flattener)
        # Of two equal names a browser takes the first.
        for name, double, single, bare in reversed(ATTRIBUTE.findall(text))
    }
