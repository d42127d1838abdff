from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.questions.models import ItemRevision


class Rescore(Base):
    """A question found wrong after it was asked: everybody who had it is marked again.

    Withdrawn (`new_key` is null): all who had it get the mark. Re-keyed: the new key earns
    the mark, and the old one keeps it where `old_key_counts`. Reversed: no longer applied.
    """

    __tablename__ = "rescores"
    __table_args__ = (
        CheckConstraint("new_key IN ('a','b','c','d')", name="new_key_letter"),
        CheckConstraint(
            "(reversed_at IS NULL) = (reversed_by_id IS NULL)"
            " AND (reversed_at IS NULL) = (reverse_reason IS NULL)",
            name="reversed_with_reason",
        ),
        Index(
            "uq_rescores_one_standing_per_revision",
            "revision_id",
            unique=True,
            sqlite_where=text("reversed_at IS NULL"),
            postgresql_where=text("reversed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    revision_id: Mapped[int] = mapped_column(ForeignKey("item_revisions.id"))
    new_key: Mapped[str | None] = mapped_column(String(1))
    old_key_counts: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500))
    applied_at: Mapped[datetime]
    applied_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reversed_at: Mapped[datetime | None]
    reversed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reverse_reason: Mapped[str | None] = mapped_column(String(500))

    revision: Mapped[ItemRevision] = relationship(lazy="raise")
    applied_by: Mapped[Person] = relationship(
        lazy="raise", foreign_keys=[applied_by_id]
    )
    reversed_by: Mapped[Person | None] = relationship(
        lazy="raise", foreign_keys=[reversed_by_id]
    )


class RescoredResult(Base):
    """One result that a rescore, or its reversal, changed: as it was and as it is.

    `kept_pass`: the score fell below the pass mark and the pass was left standing.
    """

    __tablename__ = "rescored_results"
    __table_args__ = (
        UniqueConstraint("rescore_id", "attempt_id", "reversal"),
        Index(None, "attempt_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rescore_id: Mapped[int] = mapped_column(ForeignKey("rescores.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    reversal: Mapped[bool]  # made by undoing the rescore
    score_before: Mapped[int]
    score_after: Mapped[int]
    passed_before: Mapped[bool]
    passed_after: Mapped[bool]
    kept_pass: Mapped[bool]
    changed_at: Mapped[datetime]
