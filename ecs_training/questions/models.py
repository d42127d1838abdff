from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.foundation.database import Base


class Item(Base):
    """One question of the bank, whatever its wording was at any time."""

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)  # elec-017, never reused
    topic: Mapped[str] = mapped_column(String(40), index=True)
    live_revision: Mapped[int | None]  # none: a draft, or retired
    updated_at: Mapped[datetime]


class ItemRevision(Base):
    """An item as it was worded once. What `content_hash` covers never changes: old papers
    stand on it. The facts beside it (rationale, source, enemies, …) may be corrected.
    """

    __tablename__ = "item_revisions"
    __table_args__ = (UniqueConstraint("item_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    revision: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    stem: Mapped[str] = mapped_column(String(600))
    options: Mapped[dict[str, str]] = mapped_column(JSON)  # letter of the bank -> text
    key: Mapped[str] = mapped_column(String(1))
    rationale: Mapped[str] = mapped_column(String(1200))
    source: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(String(200))
    checked_on: Mapped[date]
    difficulty: Mapped[float]
    jurisdiction: Mapped[str] = mapped_column(String(20))
    enemies: Mapped[list[str]] = mapped_column(JSON)  # codes that give this one away
    image: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    added_at: Mapped[datetime]
