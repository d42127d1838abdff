"""GIFT: plain text, with code, topic and rationale."""

from collections.abc import Iterable

from ecs_training.questions.formats.carrying import NO_PICTURE, Reasons, parted
from ecs_training.questions.formats.found import ExportItem, Written
from ecs_training.questions.formats.gift_tokens import escape


def write_gift(items: Iterable[ExportItem]) -> Written:
    """Leave out items with a picture."""
    kept, left_out = parted(items, _why_not)
    lines: list[str] = []
    topic = ""
    for item in kept:
        if item.topic != topic:
            topic = item.topic
            lines += [f"$CATEGORY: $course$/top/{topic}", ""]
        lines += [*_lines(item), ""]
    return Written(data="\n".join(lines).encode(), left_out=left_out)


def _why_not(item: ExportItem) -> Reasons:
    if item.picture:
        yield NO_PICTURE


def _lines(item: ExportItem) -> list[str]:
    return [
        f"// [id:{item.code}]",
        f"::{item.code}::[plain]{escape(item.stem)} {{",
        # Each option says [plain] again, lest it begin with what reads like %50%.
        *(
            f"{'=' if option.correct else '~'}[plain]{escape(option.text)}"
            for option in item.options
        ),
        *([f"####[plain]{escape(item.rationale)}"] if item.rationale else []),
        "}",
    ]
