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
from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.questions.models import ItemRevision
from ecs_training.scheduling.models import CourseSession


class Sitting(Base):
    """The assessment of one course session, opened by a named invigilator's declaration.

    A sitting that is not there has not been opened. It lets people start from `opened_at`
    until `closes_at`, or until the invigilator closes it.
    """

    __tablename__ = "sittings"
    __table_args__ = (
        CheckConstraint("closes_at > opened_at", name="closes_after_opening"),
        CheckConstraint(
            "(closed_at IS NULL) = (closing_declaration IS NULL)",
            name="closed_declared",
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

    course_session: Mapped[CourseSession] = relationship(lazy="raise")
    invigilator: Mapped[Person] = relationship(
        lazy="raise", foreign_keys=[invigilator_id]
    )


class Entry(Base):
    """The right to sit once: it stands on an attendance and an identity check."""

    __tablename__ = "entries"
    __table_args__ = (
        Index(
            "uq_entries_one_live_per_booking",
            "booking_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    attendance_mark_id: Mapped[int] = mapped_column(ForeignKey("attendance_marks.id"))
    identity_check_id: Mapped[int] = mapped_column(ForeignKey("identity_checks.id"))
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship(lazy="raise")


class Attempt(Base):
    """One person's go at one paper: an entry's at a sitting, or practice, which has neither.

    `lease` is the device that may write; it belongs to one sign-in and changes hands only
    by POST. Marks are there exactly when it is finished.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        CheckConstraint(
            "(finished_at IS NULL) = (score IS NULL)"
            " AND (finished_at IS NULL) = (passed IS NULL)",
            name="finished_means_marked",
        ),
        CheckConstraint("finished_at <= deadline", name="finished_by_deadline"),
        CheckConstraint(
            "(entry_id IS NULL) = (sitting_id IS NULL)", name="entry_and_sitting"
        ),
        Index(None, "person_id"),
        Index(
            "ix_attempts_unfinished",
            "deadline",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(
            "uq_attempts_one_open_practice",
            "person_id",
            "card_role",
            unique=True,
            sqlite_where=text("finished_at IS NULL AND entry_id IS NULL"),
            postgresql_where=text("finished_at IS NULL AND entry_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), unique=True)
    sitting_id: Mapped[int | None] = mapped_column(
        ForeignKey("sittings.id"), index=True
    )
    card_role: Mapped[str] = mapped_column(String(40))
    blueprint: Mapped[str] = mapped_column(String(20))
    blueprint_version: Mapped[int]
    pass_mark: Mapped[int]
    out_of: Mapped[int]
    seed: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    deadline: Mapped[datetime]
    lease: Mapped[str] = mapped_column(String(26))
    lease_sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_ins.id"))
    finished_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # when it was noticed; may be after finished_at
    score: Mapped[int | None]
    passed: Mapped[bool | None]

    sitting: Mapped[Sitting | None] = relationship(lazy="raise")

    @property
    def is_practice(self) -> bool:
        return self.entry_id is None


class Response(Base):
    """One item of an attempt's paper, frozen as drawn, and what was answered to it.

    `option_order` holds the bank's letters in the order shown: "cadb" shows c as A. `chosen`
    is a bank's letter too, so no shuffle can move an answer. `seq` and `lease` are those
    of the last accepted write.
    """

    __tablename__ = "responses"
    __table_args__ = (
        CheckConstraint("chosen IN ('a','b','c','d')", name="chosen_letter"),
    )

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("item_revisions.id"), index=True
    )
    topic: Mapped[str] = mapped_column(String(40))
    option_order: Mapped[str] = mapped_column(String(4))
    key: Mapped[str] = mapped_column(String(1))
    chosen: Mapped[str | None] = mapped_column(String(1))
    flagged: Mapped[bool] = mapped_column(default=False)
    seq: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(26))
    answered_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)

    revision: Mapped[ItemRevision] = relationship(lazy="raise")


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
