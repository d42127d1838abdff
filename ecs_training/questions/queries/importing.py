"""What the bank has already, and what was imported into it before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.foundation.audit import AuditEntry
from ecs_training.questions.models import Item, ItemPicture, ItemRevision
from ecs_training.questions.rules.importing import same_question

IMPORTED = "imported questions"  # the action of the audit row that names the items
MOST_SHOWN = 50


def list_questions(db: Session) -> Mapping[str, str]:
    """Return the code of every question that any revision ever asked, by what it asks.

    The names are those that `same_question` gives. Of two items that once asked the same,
    the one that came first.
    """
    rows = db.execute(
        select(
            Item.code,
            ItemRevision.stem,
            ItemRevision.options,
            ItemRevision.key,
            ItemRevision.image,
        )
        .join(Item, Item.id == ItemRevision.item_id)
        .order_by(Item.id, ItemRevision.revision)
    )
    known: dict[str, str] = {}
    for code, stem, options, key, image in rows:
        texts = [(text, letter == key) for letter, text in options.items()]
        picture = image["sha256"] if image else None
        known.setdefault(same_question(stem, texts, picture=picture), code)
    return known


def list_picture_digests(db: Session) -> frozenset[str]:
    return frozenset(db.scalars(select(ItemPicture.sha256)))


@dataclass(frozen=True, kw_only=True)
class PastImport:
    """One import, as the audit remembers it. `counts` are by verdict."""

    at: datetime
    by: str
    file_name: str
    format: str
    counts: Mapping[str, int]
    codes: Sequence[str]


def list_imports(db: Session) -> list[PastImport]:
    """Return the last 50 imports, the newest first."""
    rows = db.execute(
        select(AuditEntry.recorded_at, Person.full_name, AuditEntry.details)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.action == IMPORTED)
        .order_by(AuditEntry.recorded_at.desc(), AuditEntry.id.desc())
        .limit(MOST_SHOWN)
    )
    return [_past(at, name, details) for at, name, details in rows]


def _past(at: datetime, name: str | None, details: dict[str, Any]) -> PastImport:
    return PastImport(
        at=at,
        by=name or "Somebody who is not here any more",
        file_name=details["file_name"],
        format=details["format"],
        counts=details["counts"],
        codes=details["codes"],
    )
