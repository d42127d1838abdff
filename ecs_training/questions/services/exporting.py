"""Questions out of the bank, into a file of another system."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound
from ecs_training.questions.formats import (
    ExportItem,
    Format,
    FoundOption,
    FoundPicture,
    write,
)
from ecs_training.questions.queries.exporting import (
    BankEntry,
    list_entries,
    list_picture_bytes,
)
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.bank import LETTERS, Image
from ecs_training.questions.rules.drafting import ItemDraft

EXPORTED = "exported questions"
STILL_TO_READ = "it waits for its second reading, and you could be its reader: you may not see the answer"


@dataclass(frozen=True, kw_only=True)
class ExportWish:
    """Which questions: no topic means every topic; `every` takes in what is not live."""

    format: Format
    topics: tuple[str, ...] = ()
    every: bool = False


@dataclass(frozen=True, kw_only=True)
class ExportFile:
    """The bytes of a file, how many questions it holds, and (code, reason) of the others."""

    data: bytes
    count: int
    left_out: tuple[tuple[str, str], ...]

    @property
    def reasons(self) -> Mapping[str, int]:
        """Return why questions were left out, the commonest reason first."""
        return dict(Counter(reason for _, reason in self.left_out).most_common())


def rehearse_export(
    db: Session, *, wish: ExportWish, viewer_id: int | None
) -> ExportFile:
    """Make the file. Left out is what the format cannot carry, and what waits for a second
    reading that the viewer could give; a viewer of None is nobody's reader.
    """
    entries = list_entries(db, topics=wish.topics, live_only=not wish.every)
    kept, withheld = _part(entries, viewer_id)
    written = write(_list_items(db, kept), format=wish.format)
    left_out = (*withheld, *written.left_out)
    return ExportFile(
        data=written.data, count=len(entries) - len(left_out), left_out=left_out
    )


def export_questions(
    db: Session, *, wish: ExportWish, by_id: int | None, now: datetime
) -> ExportFile:
    """Make the file and record who took it: it holds the right answers.

    NotFound where no question would be in it.
    """
    made = rehearse_export(db, wish=wish, viewer_id=by_id)
    if not made.count:
        raise NotFound
    record(
        db,
        actor_id=by_id,
        action=EXPORTED,
        subject="question-bank",
        now=now,
        format=wish.format.value,
        topics=list(wish.topics),
        every=wish.every,
        count=made.count,
        left_out=len(made.left_out),
    )
    return made


def _part(
    entries: Iterable[BankEntry], viewer_id: int | None
) -> tuple[list[BankEntry], list[tuple[str, str]]]:
    kept: list[BankEntry] = []
    withheld: list[tuple[str, str]] = []
    for entry in entries:
        if viewer_id is None or entry.may_see_key(viewer_id):
            kept.append(entry)
        else:
            withheld.append((entry.item.code, STILL_TO_READ))
    return kept, withheld


def _list_items(db: Session, entries: Collection[BankEntry]) -> list[ExportItem]:
    """Return the standing wordings, topic by topic, as a file of ours would hold them."""
    drafts = [(entry, draft_of(entry.standing)) for entry in entries]
    digests = {draft.image.sha256 for _, draft in drafts if draft.image}
    pictures = list_picture_bytes(db, digests=digests)
    items = [_as_item(entry, draft, pictures) for entry, draft in drafts]
    return sorted(items, key=lambda item: item.topic)


def _as_item(
    entry: BankEntry, draft: ItemDraft, pictures: Mapping[str, bytes]
) -> ExportItem:
    return ExportItem(
        code=entry.item.code,
        topic=entry.item.topic,
        stem=draft.stem,
        options=tuple(
            FoundOption(text=draft.options[letter], correct=letter == draft.key)
            for letter in LETTERS
        ),
        rationale=draft.rationale,
        source=draft.source or None,
        clause=draft.clause or None,
        checked_on=draft.checked_on,
        difficulty=draft.difficulty,
        jurisdiction=draft.jurisdiction,
        enemies=draft.enemies,
        picture=_as_picture(draft.image, pictures) if draft.image else None,
    )


def _as_picture(image: Image, pictures: Mapping[str, bytes]) -> FoundPicture:
    return FoundPicture(name=image.file, alt=image.alt, data=pictures[image.sha256])
