"""Which items a format can carry as they are; the others are left out and named."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from html import escape

from ecs_training.questions.formats.drafts import collapse, text_faults
from ecs_training.questions.formats.found import ExportItem
from ecs_training.questions.rules.bank import LETTERS
from ecs_training.questions.rules.parsing import (
    LONGEST_OPTION,
    LONGEST_RATIONALE,
    LONGEST_STEM,
)

Reasons = Iterator[str]
LeftOut = tuple[tuple[str, str], ...]
NO_PICTURE = "it has a picture, which this format cannot hold"


def parted(
    items: Iterable[ExportItem], why_not: Callable[[ExportItem], Reasons]
) -> tuple[list[ExportItem], LeftOut]:
    """Return the items that can be written, and (code, reason) of each that cannot."""
    kept: list[ExportItem] = []
    left_out: list[tuple[str, str]] = []
    codes: set[str] = set()
    for item in map(_tidy, items):
        reason = next(_faults(item), None) or next(why_not(item), None)
        if item.code in codes:
            reason = "another item has the same code"
        codes.add(item.code)
        if reason:
            left_out.append((item.code, reason))
        else:
            kept.append(item)
    return kept, tuple(left_out)


def _tidy(item: ExportItem) -> ExportItem:
    """Collapse space, as every reader does; a line end would mean something else."""
    options = tuple(
        replace(option, text=collapse(option.text)) for option in item.options
    )
    stem, rationale = collapse(item.stem), collapse(item.rationale)
    return replace(item, stem=stem, options=options, rationale=rationale)


def _faults(item: ExportItem) -> Reasons:
    """Yield what no reader would take back, whatever the format."""
    if len(item.options) != len(LETTERS) or sum(o.correct for o in item.options) != 1:
        yield "it has not four options, one of them right"
    yield from text_faults("the question", item.stem, longest=LONGEST_STEM)
    for number, option in enumerate(item.options, 1):
        yield from text_faults(f"option {number}", option.text, longest=LONGEST_OPTION)
    if item.rationale:
        yield from text_faults(
            "the rationale", item.rationale, longest=LONGEST_RATIONALE
        )


def in_xml(text: str) -> str:
    """Write a text between the tags of XML or HTML."""
    return escape(text, quote=False)


def in_quotes(text: str) -> str:
    """Write a text as the value of an attribute, its quotes included."""
    return f'"{escape(text)}"'
