"""GIFT, after the public description of Moodle's format.

A blank line ends an item; `//` begins a comment line, in which `[id:…]` gives the code; a
line `$CATEGORY: a/b` gives the topic b to the items below it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ecs_training.questions.formats.allowance import Allowance
from ecs_training.questions.formats.drafts import Draft, judge, other_type
from ecs_training.questions.formats.found import FoundItem
from ecs_training.questions.formats.gift_answers import NO_PICTURE, read_answers
from ecs_training.questions.formats.gift_tokens import (
    Token,
    joined,
    position,
    split_style,
    tokenize,
)
from ecs_training.questions.formats.plain_text import decode, numbered_lines
from ecs_training.questions.formats.wordings import Style, wording_of

CATEGORY = "$CATEGORY:"
LONGEST_ITEM = 60_000  # characters
LONGEST_COMMENT = 1_000
GAP = "_____"  # where the answers stood in a sentence
ID = re.compile(r"\[id:((?:\\\]|[^\]\[])++)\]")
TITLE = re.compile(r"::(?:\\.|[^\\:]|:(?!:))*+::", re.DOTALL)
SLASH = re.compile(r"(?<!/)/(?!/)")


@dataclass(kw_only=True)
class _Paragraph:
    """Lines between blank ones."""

    line: int = 0  # of the first that is no comment
    code: str | None = None
    lines: list[str] = field(default_factory=list)
    length: int = 0
    crowded: bool = False  # by a category that should stand apart

    def add(self, number: int, text: str) -> None:
        self.line = self.line or number
        self.length += len(text) + 1
        if self.length <= LONGEST_ITEM:
            self.lines.append(text)


def read_gift(data: bytes, *, name: str) -> list[FoundItem]:
    """Raise FileRefused for a file that is not UTF-8 text or holds no item."""
    Allowance().spend(data, name=name)
    return judge(_drafts(decode(data, name=name)), name=name)


def _drafts(text: str) -> Iterator[Draft]:
    topic: str | None = None
    paragraph = _Paragraph()
    for number, line in numbered_lines(text):
        bare = line.strip()
        if bare.startswith("//"):
            found = ID.search(bare[:LONGEST_COMMENT])
            paragraph.code = found[1].replace("\\]", "]") if found else paragraph.code
        elif bare.startswith(CATEGORY):
            if paragraph.line:
                paragraph.crowded = True
                yield from _draft(paragraph, topic)
                paragraph = _Paragraph()
            topic = last_part(bare.removeprefix(CATEGORY))
        elif bare:
            paragraph.add(number, line)
        else:
            yield from _draft(paragraph, topic)
            paragraph = _Paragraph()
    yield from _draft(paragraph, topic)


def last_part(path: str) -> str | None:
    """Return the last name of a category's path; inside a name a / is doubled."""
    return SLASH.split(path)[-1].replace("//", "/").strip() or None


def _draft(paragraph: _Paragraph, topic: str | None) -> Iterator[Draft]:
    if not paragraph.line:
        return
    draft = Draft(line=paragraph.line, code=paragraph.code, topic=topic)
    text = "\n".join(paragraph.lines).strip()
    title = TITLE.match(text)
    tokens = tokenize(text[title.end() :] if title else text)
    if paragraph.length > LONGEST_ITEM or tokens is None:
        draft.refuse("is too long, or holds too many of the signs ~ = # { }")
    else:
        _read(tokens, draft)
    if paragraph.crowded:
        draft.refuse("has a line $CATEGORY: right below it; put a blank line between")
    yield draft


def _read(tokens: Sequence[Token], draft: Draft) -> None:
    opening = position(tokens, "{")
    closing = position(tokens, "}")
    draft.stem = joined(tokens[:opening])
    if opening is None:
        draft.refuse(other_type("a text without answers in braces"))
        return
    if closing is None:
        draft.refuse("has no closing brace; no blank line may stand inside an item")
        return
    after = tokens[closing + 1 :]
    if closing < opening or any(each.sign and each.text in "{}" for each in after):
        draft.refuse("has braces too many; write \\{ and \\} where a text holds one")
    style, before = split_style(draft.stem, Style.MOODLE)
    _read_stem(before, joined(after), style, draft)
    answers = read_answers(tokens[opening + 1 : closing], style)
    draft.refuse(*answers.faults)
    draft.lose(*answers.losses)
    for text, correct in answers.options:
        draft.add_option(text, correct=correct)
    draft.facts = replace(draft.facts, rationale=answers.rationale)


def _read_stem(before: str, after: str, style: Style, draft: Draft) -> None:
    stem = wording_of(f"{before}{GAP}{after}" if after.strip() else before, style)
    draft.stem = stem.text
    draft.lose(*stem.losses)
    draft.refuse(stem.fault, NO_PICTURE if stem.pictures else None)
