"""What one wording says differently from another, word by word. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from ecs_training.questions.rules.bank import LETTERS
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.wording import JURISDICTIONS, word_share


class Edit(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class Piece:
    edit: Edit
    text: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that changed, as a run of pieces: those kept, added and removed."""

    field: str
    pieces: tuple[Piece, ...]


def list_differences(before: ItemDraft, after: ItemDraft) -> list[Difference]:
    """Return what changed, a field each, in the order in which an author writes them."""
    said = dict(_fields(after))
    return [
        Difference(field=name, pieces=tuple(compare_words(text, said[name])))
        for name, text in _fields(before)
        if text != said[name]
    ]


def _fields(draft: ItemDraft) -> Iterator[tuple[str, str]]:
    image, day, share = draft.image, draft.checked_on, draft.difficulty
    yield "Question", draft.stem
    for letter in LETTERS:
        yield f"Option {letter.upper()}", draft.options[letter]
    yield "Right answer", draft.key.upper()
    yield "Picture", image.file if image else ""
    yield "Contents of the picture", image.sha256[:8] if image else ""
    yield "Picture in words", image.alt if image else ""
    yield "Why it is right", draft.rationale
    yield "Source", draft.source
    yield "Clause", draft.clause
    yield "Looked up on", f"{day.day} {day:%B %Y}" if day else ""
    yield "Right answers expected", "" if share is None else word_share(share)
    yield "Applies in", JURISDICTIONS[draft.jurisdiction]
    yield "Never on one paper with", ", ".join(draft.enemies)


def compare_words(before: str, after: str) -> Iterator[Piece]:
    """Yield the words of both texts in runs: what was removed stands before what was added.

    The words of a piece, and pieces among themselves, are parted by one space.
    """
    old, new = before.split(), after.split()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(edit=Edit.SAME, text=" ".join(old[start:end]))
            continue
        if end > start:
            yield Piece(edit=Edit.REMOVED, text=" ".join(old[start:end]))
        if other_end > other_start:
            yield Piece(edit=Edit.ADDED, text=" ".join(new[other_start:other_end]))
