from datetime import date, datetime, time

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
from ecs_training.scheduling.models.course_sessions import CourseSession


class TrainerSkill(Base):
    """A card role that a trainer may teach. Who has none on record may teach every role."""

    __tablename__ = "trainer_skills"
    __table_args__ = (
        Index(
            "uq_trainer_skills_one_live",
            "trainer_id",
            "card_role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    card_role: Mapped[str] = mapped_column(String(40))
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]


class TrainerHours(Base):
    """London hours of a weekday in which a trainer works. Who has none works at any hour."""

    __tablename__ = "trainer_hours"
    __table_args__ = (
        UniqueConstraint("trainer_id", "weekday", "starts"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("ends > starts", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    weekday: Mapped[int]  # Monday is 0
    starts: Mapped[time]
    ends: Mapped[time]


class TrainerLeave(Base):
    """London days on which a trainer is away, both included."""

    __tablename__ = "trainer_leave"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="in_order"),
        Index(None, "trainer_id", "last_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    trainer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    cancelled_at: Mapped[datetime | None]


class BusyCalendar(Base):
    """A trainer's own calendar, of which only the busy times are kept.

    `address` is fetched again and again; a calendar that came as a file has none.
    """

    __tablename__ = "busy_calendars"
    __table_args__ = (Index(None, "trainer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    trainer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    label: Mapped[str] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(1000))
    added_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_problem: Mapped[str | None] = mapped_column(String(300))
    removed_at: Mapped[datetime | None]


class BusyTime(Base):
    """When a trainer's own calendar says that they are taken; nothing of what it says."""

    __tablename__ = "busy_times"
    __table_args__ = (Index(None, "calendar_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(
        ForeignKey("busy_calendars.id", ondelete="CASCADE")
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Swap(Base):
    """A trainer asks another to take a date over; it changes hands when that one accepts."""

    __tablename__ = "swaps"
    __table_args__ = (
        Index(
            "uq_swaps_one_open",
            "course_session_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("answered_at IS NULL AND withdrawn_at IS NULL"),
        ),
        CheckConstraint("(answered_at IS NULL) = (accepted IS NULL)", name="answered"),
        CheckConstraint("from_id <> to_id", name="somebody_else"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    course_session_id: Mapped[int] = mapped_column(ForeignKey("course_sessions.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    note: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    withdrawn_at: Mapped[datetime | None]

    course_session: Mapped[CourseSession] = relationship(lazy="raise")
    from_trainer: Mapped[Person] = relationship(lazy="raise", foreign_keys=[from_id])
    to_trainer: Mapped[Person] = relationship(lazy="raise", foreign_keys=[to_id])
