from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.foundation.database import Base

_STANDS = text("withdrawn_at IS NULL")


class AttendanceMark(Base):
    """Whether the person on a booking was there. Marked again, the old mark is withdrawn."""

    __tablename__ = "attendance_marks"
    __table_args__ = (
        Index(
            "uq_attendance_marks_one_stands",
            "booking_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    presence: Mapped[Presence]
    marked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    marked_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class IdentityCheck(Base):
    """One look at one document: its kind, the outcome, who looked. Never an image or number."""

    __tablename__ = "identity_checks"
    __table_args__ = (
        Index(
            "uq_identity_checks_one_stands",
            "booking_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    document: Mapped[DocumentKind]
    outcome: Mapped[IdentityOutcome]
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    checked_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    checked_by: Mapped[Person] = relationship(lazy="raise")
