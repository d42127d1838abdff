"""The room: when it opened, who watches over it, and who has the right to sit there."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.scheduling.models import CourseSession

_LIVE = text("withdrawn_at IS NULL AND spent_at IS NULL")


class Sitting(Base):
    """The assessment of one course session, opened by a named invigilator's declaration.

    A sitting that is not there has not been opened. It lets people start from `opened_at`
    until `closes_at`, or until the invigilator closes it. From `gated_at` on nobody starts
    before the invigilator lets all in (`released_at`) or them alone (`Entry.released_at`).
    With a `room_code` whoever starts must type it.
    """

    __tablename__ = "sittings"
    __table_args__ = (
        CheckConstraint("closes_at > opened_at", name="closes_after_opening"),
        CheckConstraint(
            "(closed_at IS NULL) = (closing_declaration IS NULL)",
            name="closed_declared",
        ),
        CheckConstraint(
            "released_at IS NULL OR gated_at IS NOT NULL", name="released_from_gate"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    course_session_id: Mapped[int] = mapped_column(
        ForeignKey("course_sessions.id"), unique=True
    )
    blueprint: Mapped[str] = mapped_column(String(20))
    blueprint_version: Mapped[int]
    invigilator_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime]
    opening_declaration: Mapped[str] = mapped_column(String(1000))
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closing_declaration: Mapped[str | None] = mapped_column(String(1000))
    room_code: Mapped[str | None] = mapped_column(String(6))
    gated_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    course_session: Mapped[CourseSession] = relationship(lazy="raise")
    invigilator: Mapped[Person] = relationship(
        lazy="raise", foreign_keys=[invigilator_id]
    )


class Entry(Base):
    """The right to sit once, on one date: it stands on an attendance and an identity check.

    `course_session_id` is the date of its sitting: the booking's own, or for a resit a later
    one. An entry that was sat is `spent_at` when a resit takes its place.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index(
            "uq_entries_one_live_per_booking",
            "booking_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(None, "course_session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    attendance_mark_id: Mapped[int] = mapped_column(ForeignKey("attendance_marks.id"))
    identity_check_id: Mapped[int] = mapped_column(ForeignKey("identity_checks.id"))
    course_session_id: Mapped[int] = mapped_column(ForeignKey("course_sessions.id"))
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    spent_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    release_reason: Mapped[str | None] = mapped_column(String(40))

    booking: Mapped[Booking] = relationship(lazy="raise")
    course_session: Mapped[CourseSession] = relationship(lazy="raise")
