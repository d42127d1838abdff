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
from ecs_training.attendance.rules import (
    DocumentKind,
    IdentityOutcome,
    Presence,
    ReportSource,
)
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference

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


class MeetingReport(Base):
    """One account of who was in a meeting and when: from Microsoft, or a file of its making.

    A day may have several, one for each time that everybody left; all of them count.
    `source_id` is Microsoft's id of it, or the SHA-256 of the file. Never removed; one that
    belongs to another date is withdrawn.
    """

    __tablename__ = "meeting_reports"
    __table_args__ = (UniqueConstraint("course_session_id", "source_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    course_session_id: Mapped[int] = mapped_column(ForeignKey("course_sessions.id"))
    source: Mapped[ReportSource]
    source_id: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]


class MeetingStay(Base):
    """One stay of somebody in a meeting, under the name and address that the report gives."""

    __tablename__ = "meeting_stays"
    __table_args__ = (
        CheckConstraint("left_at >= joined_at", name="in_order"),
        Index(None, "report_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("meeting_reports.id"))
    shown_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))  # empty for most guests
    role: Mapped[str] = mapped_column(String(40))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime]


class StayMatch(Base):
    """A person's ruling on who a name in a report is: somebody's booking, or nobody's.

    `identity` is the address, or the bare name where there is none, in small letters.
    """

    __tablename__ = "stay_matches"
    __table_args__ = (
        Index(
            "uq_stay_matches_one_stands",
            "course_session_id",
            "identity",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_session_id: Mapped[int] = mapped_column(ForeignKey("course_sessions.id"))
    identity: Mapped[str] = mapped_column(String(254))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]


class Countersignature(Base):
    """The trainer says that the minutes in the reports are how the day was.

    `digest` is of what was signed; reports that come later make it out of date.
    """

    __tablename__ = "countersignatures"
    __table_args__ = (
        Index(
            "uq_countersignatures_one_stands",
            "course_session_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_session_id: Mapped[int] = mapped_column(ForeignKey("course_sessions.id"))
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]
