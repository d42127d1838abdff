from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference


class WeeklyPlan(Base):
    """One course a week: same weekday, same London times, until it ends."""

    __tablename__ = "weekly_plans"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("capacity BETWEEN 1 AND 200", name="capacity"),
        CheckConstraint("ends > starts", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    card_role: Mapped[str] = mapped_column(String(40))
    weekday: Mapped[int]  # Monday is 0
    starts: Mapped[time]
    ends: Mapped[time]
    capacity: Mapped[int]
    trainer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    created_at: Mapped[datetime]

    trainer: Mapped[Person] = relationship(lazy="raise")


class CourseSession(Base):
    """One dated running of a course.

    The London date and times are what was promised; the UTC instants are what is compared.
    `sequence` counts material changes, for calendars. `seats_taken` is changed only under
    this row's lock, together with the booking it counts.
    """

    __tablename__ = "course_sessions"
    __table_args__ = (
        UniqueConstraint("plan_id", "local_date"),
        CheckConstraint("capacity BETWEEN 1 AND 200", name="capacity"),
        CheckConstraint(
            "seats_taken >= 0 AND seats_taken <= capacity", name="never_overbooked"
        ),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "card_role", "starts_at"),
        Index(None, "trainer_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("weekly_plans.id"))
    card_role: Mapped[str] = mapped_column(String(40))
    in_house: Mapped[bool]  # for one company; no public list or feed shows it
    local_date: Mapped[date]
    local_start: Mapped[time]
    local_end: Mapped[time]  # not after local_start: the next day
    zone: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(default=0)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    joining_url: Mapped[str | None] = mapped_column(String(1000))
    calendar_uid: Mapped[str] = mapped_column(String(40), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(300))

    trainer: Mapped[Person] = relationship(lazy="raise", foreign_keys=[trainer_id])

    @property
    def seats_left(self) -> int:
        return self.capacity - self.seats_taken
