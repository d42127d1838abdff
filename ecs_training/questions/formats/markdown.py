"""From Markdown to plain text: emphasis is taken out, any other markup is refused."""

import re

from ecs_training.questions.formats.markup import LONGEST_MARKUP, Flat, flatten

BLOCK = re.compile(
    r"^[ \t]{0,9}(?:#{1,6}\s|>|[-*+]\s|\d{1,9}[.)]\s|\||```|~~~|={3,}\s*$|-{3,}\s*$)",
    re.MULTILINE,
)
INLINE = re.compile(r"(?<!\\)`|!\[|\]\(|\]\[|~~|<https?:", re.IGNORECASE)
EMPHASIS = re.compile(
    r"(?<![\\\w*_])(\*{1,3}|_{1,3})(?=[^\s*_])((?:[^*_\\]|\\.)+)(?<=\S)\1(?![\w*_])",
    re.DOTALL,
)
# A star or underscore that still touches a word on one side alone might be markup.
LEFT_OVER = re.compile(
    r"(?<![\\\w*_])[*_]++(?=\w)|(?<=[^\W_])[*_]++(?!\w)|(?<=\w)\*++(?=\w)"
)
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|<-])")


def flatten_markdown(text: str) -> Flat:
    """Refuse lists, headings, code, links and whatever might be markup but reads oddly."""
    if len(text) > LONGEST_MARKUP:
        return Flat(text="", fault=f"is longer than {LONGEST_MARKUP} characters")
    bare, emphasised = EMPHASIS.subn(r"\2", text)
    flat = flatten(bare)
    fault = flat.fault
    if BLOCK.search(text) or INLINE.search(text) or LEFT_OVER.search(bare):
        fault = fault or "holds Markdown that cannot be read as plain text"
    losses = flat.losses
    if emphasised and "emphasis was left out" not in losses:
        losses = (*losses, "emphasis was left out")
    return Flat(
        text=ESCAPED.sub(lambda found: found[1], flat.text),
        losses=losses,
        fault=fault,
        pictures=flat.pictures,
    )
