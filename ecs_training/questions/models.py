from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference


class Recall(Base):
    """A law or guide has changed: every item that cites it was taken out at once."""

    __tablename__ = "recalls"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    source: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(500))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))

    made_by: Mapped[Person] = relationship(lazy="raise")


class Item(Base):
    """One question of the bank, whatever its wording was at any time.

    It can be drawn while it has a live revision and is not suspended. Suspended: taken out
    until somebody has looked at it. Retired: taken out for good.
    """

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("origin IN ('files','staff')", name="origin_known"),
        CheckConstraint(
            "retired_at IS NULL OR live_revision IS NULL", name="retired_not_live"
        ),
        CheckConstraint(
            "(suspended_at IS NULL) = (suspend_reason IS NULL)"
            " AND (suspended_at IS NULL) = (suspended_by_id IS NULL)",
            name="suspended_with_reason",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)  # elec-017, never reused
    topic: Mapped[str] = mapped_column(String(40), index=True)
    origin: Mapped[str] = mapped_column(String(5))  # who wrote its first revision
    live_revision: Mapped[int | None]  # none: never approved, or retired
    suspended_at: Mapped[datetime | None]
    suspended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    suspend_reason: Mapped[str | None] = mapped_column(String(500))
    recall_id: Mapped[int | None] = mapped_column(ForeignKey("recalls.id"), index=True)
    retired_at: Mapped[datetime | None]
    retired_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    retire_reason: Mapped[str | None] = mapped_column(String(500))
    updated_at: Mapped[datetime]


class ItemRevision(Base):
    """An item as it was worded once. What `content_hash` covers never changes: old papers
    stand on it. The facts beside it (rationale, source, enemies, …) may be corrected.

    One that staff wrote becomes live when somebody who did not write it approves it; one
    of the bank's files was read before it came, and `reviews` says by what outcome.
    """

    __tablename__ = "item_revisions"
    __table_args__ = (
        UniqueConstraint("item_id", "revision"),
        CheckConstraint("approved_by_id <> written_by_id", name="approved_by_another"),
        CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved_by_one"
        ),
        CheckConstraint(
            "approved_at IS NULL OR sent_back_at IS NULL", name="decided_one_way"
        ),
        CheckConstraint(
            "(sent_back_at IS NULL) = (sent_back_reason IS NULL)"
            " AND (sent_back_at IS NULL) = (sent_back_by_id IS NULL)",
            name="sent_back_with_reason",
        ),
        Index(None, "source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    revision: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    stem: Mapped[str] = mapped_column(String(600))
    options: Mapped[dict[str, str]] = mapped_column(JSON)  # letter of the bank -> text
    key: Mapped[str] = mapped_column(String(1))
    image: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # file, alt, sha256
    rationale: Mapped[str] = mapped_column(String(1200))
    source: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(String(200))
    checked_on: Mapped[date | None]
    difficulty: Mapped[float | None]
    jurisdiction: Mapped[str] = mapped_column(String(20))
    enemies: Mapped[list[str]] = mapped_column(JSON)  # codes that give this one away
    # Those that the files of the bank bring; staff readings are rows of their own.
    reviews: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    added_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    submitted_at: Mapped[datetime | None]  # its author asks for the second reading
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    sent_back_at: Mapped[datetime | None]
    sent_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    sent_back_reason: Mapped[str | None] = mapped_column(String(500))

    item: Mapped[Item] = relationship(lazy="raise")
    written_by: Mapped[Person | None] = relationship(
        lazy="raise", foreign_keys=[written_by_id]
    )
    approved_by: Mapped[Person | None] = relationship(
        lazy="raise", foreign_keys=[approved_by_id]
    )
    sent_back_by: Mapped[Person | None] = relationship(
        lazy="raise", foreign_keys=[sent_back_by_id]
    )


class ItemReading(Base):
    """What somebody picked who saw only the stem and the options. Kept, agreed or not."""

    __tablename__ = "item_readings"
    __table_args__ = (
        UniqueConstraint("revision_id", "reader_id"),
        CheckConstraint("picked IN ('a','b','c','d')", name="picked_letter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("item_revisions.id"))
    reader_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    read_at: Mapped[datetime]
    picked: Mapped[str] = mapped_column(String(1))  # a letter of the bank
    defensible: Mapped[list[str]] = mapped_column(
        JSON
    )  # other letters one could defend
    note: Mapped[str] = mapped_column(String(500))
    agreed: Mapped[bool]  # picked the key, and called no other option defensible

    reader: Mapped[Person] = relationship(lazy="raise")


class ItemPicture(Base):
    """The bytes of a picture that revisions name by digest."""

    __tablename__ = "item_pictures"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]


class ItemStatistics(Base):
    """How candidates fared with a revision, counted again by a job; practice is left out."""

    __tablename__ = "item_statistics"
    __table_args__ = (
        CheckConstraint("0 <= correct AND correct <= shown", name="no_more_than_shown"),
    )

    revision_id: Mapped[int] = mapped_column(
        ForeignKey("item_revisions.id"), primary_key=True
    )
    shown: Mapped[int]  # on how many finished papers it stood
    correct: Mapped[int]
    counted_at: Mapped[datetime]

    @property
    def facility(self) -> float:
        """Return the share of those shown it who got it right."""
        return self.correct / self.shown
