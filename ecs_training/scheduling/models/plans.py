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
from ecs_training.scheduling.rules.words import (
    HolidayPolicy,
    HolidaySource,
    Nation,
    QuestionKind,
)

_STANDS = text("removed_at IS NULL")


class WeeklyPlan(Base):
    """One course a week: same weekday, same London times, until it ends.

    The trainers of `rota` take turns, week by week from the week of `first_on`. What a bank
    holiday does to it is `holiday_policy`. `decide_days`: working days before a date on which
    somebody decides about it, if fewer than `minimum` are booked.
    """

    __tablename__ = "weekly_plans"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("capacity BETWEEN 1 AND 200", name="capacity"),
        CheckConstraint("ends > starts", name="ends_after_start"),
        CheckConstraint("minimum BETWEEN 1 AND capacity", name="minimum"),
        CheckConstraint("decide_days BETWEEN 0 AND 30", name="decide_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    card_role: Mapped[str] = mapped_column(String(40))
    weekday: Mapped[int]  # Monday is 0
    starts: Mapped[time]
    ends: Mapped[time]
    capacity: Mapped[int]
    minimum: Mapped[int] = mapped_column(default=1)
    decide_days: Mapped[int] = mapped_column(default=3)
    holiday_policy: Mapped[HolidayPolicy]
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    created_at: Mapped[datetime]

    rota: Mapped[list["PlanTrainer"]] = relationship(
        lazy="raise", order_by="PlanTrainer.turn"
    )


class PlanTrainer(Base):
    """Whose turn it is: `turn` counts from 0, and again from 0 after the last."""

    __tablename__ = "plan_trainers"

    plan_id: Mapped[int] = mapped_column(
        ForeignKey("weekly_plans.id"), primary_key=True
    )
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))

    trainer: Mapped[Person] = relationship(lazy="raise")


class PlanException(Base):
    """A day that one plan leaves out, and why."""

    __tablename__ = "plan_exceptions"
    __table_args__ = (UniqueConstraint("plan_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("weekly_plans.id"))
    day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class Closure(Base):
    """Days on which no plan runs, both included."""

    __tablename__ = "closures"
    __table_args__ = (CheckConstraint("last_on >= first_on", name="in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    removed_at: Mapped[datetime | None]


class Holiday(Base):
    """A weekday on which a nation is off work, from the library or proclaimed and typed in."""

    __tablename__ = "holidays"
    __table_args__ = (
        Index(
            "uq_holidays_one_stands",
            "nation",
            "day",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    nation: Mapped[Nation]
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(120))
    source: Mapped[HolidaySource]
    known_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    removed_at: Mapped[datetime | None]


class TimetableQuestion(Base):
    """Something about a date that a person has to decide; no date is touched meanwhile.

    About a course session, or about a day on which a plan has none yet.
    """

    __tablename__ = "timetable_questions"
    __table_args__ = (
        UniqueConstraint("kind", "course_session_id", "day"),
        UniqueConstraint("kind", "plan_id", "day"),
        CheckConstraint(
            "(course_session_id IS NULL) <> (plan_id IS NULL)", name="about_one"
        ),
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    kind: Mapped[QuestionKind]
    course_session_id: Mapped[int | None] = mapped_column(
        ForeignKey("course_sessions.id")
    )
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("weekly_plans.id"))
    day: Mapped[date]
    raised_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer: Mapped[str | None] = mapped_column(String(40))
