"""The bank of the database as a folder of files: how what staff wrote gets back into them."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ecs_training.foundation.errors import Refused
from ecs_training.foundation.london import london_date
from ecs_training.questions.models import ItemRevision
from ecs_training.questions.queries.exporting import (
    BankEntry,
    list_entries,
    list_picture_bytes,
)
from ecs_training.questions.queries.wordings import draft_of
from ecs_training.questions.rules.bank import Bank, BankItem, Review
from ecs_training.questions.rules.bank_files import (
    BankExportRefusal,
    review_of_file,
    review_of_reading,
    status_in_files,
    why_not_in_files,
    without_strangers,
)
from ecs_training.questions.rules.drafting import as_bank_item
from ecs_training.questions.rules.recorded import FILE as RECORDED
from ecs_training.questions.rules.terms import FILE as TERMS
from ecs_training.questions.rules.topic_files import write_topic
from ecs_training.questions.services.loading import load_bank
from ecs_training.questions.services.reading import SOURCES, read_bank

COPIED = (SOURCES, TERMS, RECORDED, "README.md")  # where the folder has them


class BankExportRefused(Refused):
    reason: BankExportRefusal


@dataclass(frozen=True, kw_only=True)
class BankExport:
    """How many items the files hold, and what they could not take over.

    `left_out` are (code, reason), `strangers` (code, enemy) whose enemy was left out.
    """

    items: int
    live: int
    left_out: Sequence[tuple[str, str]]
    strangers: Sequence[tuple[str, str]]


def refuse_if_behind(db: Session, *, source: Path, now: datetime) -> None:
    """Raise BankExportRefused where a load of the folder would change what is live.

    Call it in a rehearsal: it loads. An export would undo what the files say and nobody
    loaded.
    """
    report = load_bank(db, folder=source, now=now)
    if report.added or report.revised or report.retired:
        raise BankExportRefused(BankExportRefusal.BEHIND)


def export_bank(db: Session, *, source: Path, folder: Path) -> BankExport:
    """Write the bank into a new folder that `load_bank` takes as what is there already.

    Sources, blueprints, terms and recorded revisions are those of the folder `source`, and
    so are its drafts, of which the database knows the code alone. Each item stands in the
    revision that is live, or was last. A suspended one is a draft in the files.
    BankExportRefused where `folder` holds something, and where it would not read back as
    meant; BankError where a load would refuse it. Then nothing is written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BankExportRefused(BankExportRefusal.FOLDER_TAKEN)
    before = read_bank(source)
    entries = list_entries(db)
    items, left_out = _list_items(entries, before)
    items, strangers = without_strangers(items)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".bank-") as place:
        made = Path(place) / "bank"
        _write(db, made, source, items)
        _refuse_other_bank(made, items)
        made.replace(folder)
    return BankExport(
        items=len(items),
        live=sum(item.is_live for item in items),
        left_out=left_out,
        strangers=strangers,
    )


def _list_items(
    entries: Iterable[BankEntry], before: Bank
) -> tuple[list[BankItem], list[tuple[str, str]]]:
    """Return all items in the order of the files before, new ones last."""
    items: list[BankItem] = []
    left_out: list[tuple[str, str]] = []
    known = set()
    for entry in entries:
        known.add(entry.item.code)
        if why := why_not_in_files(draft_of(entry.standing), sources=before.sources):
            left_out.append((entry.item.code, why))
        else:
            items.append(_as_bank_item(entry))
    items += [item for item in before.items if item.code not in known]
    place = {item.code: n for n, item in enumerate(before.items)}
    items.sort(key=lambda item: place.get(item.code, len(place)))
    return items, left_out


def _as_bank_item(entry: BankEntry) -> BankItem:
    row, item = entry.standing, entry.item
    found = as_bank_item(
        draft_of(row), code=item.code, topic=item.topic, revision=row.revision
    )
    status = status_in_files(live=entry.is_live, retired=item.retired_at is not None)
    return replace(found, status=status, reviews=tuple(_list_reviews(entry)))


def _list_reviews(entry: BankEntry) -> Iterable[Review]:
    """Yield the reviews that the files brought, then what staff read since."""
    read_before = 0
    wordings = [r for r in entry.wordings if r.revision <= entry.standing.revision]
    for row in wordings:
        if row.written_by_id is None:
            read_before = row.revision
    for row in wordings:
        if row.revision == read_before:
            yield from (review_of_file(stored) for stored in row.reviews)
        elif row.revision > read_before:
            yield from _readings_of(entry, row)


def _readings_of(entry: BankEntry, row: ItemRevision) -> Iterable[Review]:
    for reading in entry.readings.get(row.id, ()):
        yield review_of_reading(
            on=london_date(reading.read_at),
            agreed=reading.agreed,
            revision=row.revision,
            note=reading.note,
        )


def _write(db: Session, made: Path, source: Path, items: Iterable[BankItem]) -> None:
    for part in ("topics", "images"):
        (made / part).mkdir(parents=True)
    shutil.copytree(source / "blueprints", made / "blueprints")
    for name in COPIED:
        if (source / name).exists():
            shutil.copy(source / name, made / name)
    by_topic: dict[str, list[BankItem]] = defaultdict(list)
    for item in items:
        by_topic[item.topic].append(item)
    for topic, own in by_topic.items():
        path = made / f"topics/{topic}.yaml"
        path.write_text(write_topic(topic, own), encoding="utf-8")
    for name, content in _list_pictures(db, source, items).items():
        (made / "images" / name).write_bytes(content)


def _list_pictures(
    db: Session, source: Path, items: Iterable[BankItem]
) -> Mapping[str, bytes]:
    """Return the pictures that the items name; of a draft of the files, from its folder."""
    images = [item.image for item in items if item.image]
    kept = list_picture_bytes(db, digests={image.sha256 for image in images})
    return {
        image.file: kept[image.sha256]
        if image.sha256 in kept
        else (source / "images" / image.file).read_bytes()
        for image in images
    }


def _refuse_other_bank(made: Path, items: Iterable[BankItem]) -> None:
    read = {item.code: item for item in read_bank(made).items}
    if read != {item.code: item for item in items}:
        raise BankExportRefused(BankExportRefusal.NOT_THE_SAME)
