from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Sitting
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.invigilation.rules import AppealOutcome, RoomAction


class RoomRequest(Base):
    """One person's request to end or void an attempt; it is done when another confirms it."""

    __tablename__ = "room_requests"
    __table_args__ = (
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)"
            " AND (decided_at IS NULL) = (confirmed IS NULL)",
            name="decided_by",
        ),
        Index(
            "uq_room_requests_one_waits",
            "attempt_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("decided_at IS NULL AND withdrawn_at IS NULL"),
        ),
        Index(None, "sitting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    action: Mapped[RoomAction]
    reason: Mapped[str] = mapped_column(String(40))  # a code of the list
    note: Mapped[str | None] = mapped_column(String(500))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    confirmed: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]

    sitting: Mapped[Sitting] = relationship(lazy="raise")
    attempt: Mapped[Attempt] = relationship(lazy="raise")
    asked_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[asked_by_id])


class Appeal(Base):
    """What somebody says was wrong with their sitting, and what a person decided about it."""

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)"
            " AND (decided_at IS NULL) = (outcome IS NULL)"
            " AND (decided_at IS NULL) = (reply IS NULL)",
            name="decided_with_reply",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), unique=True)
    words: Mapped[str] = mapped_column(String(2000))
    made_at: Mapped[datetime]
    outcome: Mapped[AppealOutcome | None]
    reply: Mapped[str | None] = mapped_column(String(1000))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    attempt: Mapped[Attempt] = relationship(lazy="raise")
