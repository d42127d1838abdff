from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference


class CourseSession(Base):
    """One dated running of a course.

    The London date and times are what was promised; the UTC instants are what is compared.
    `sequence` counts material changes, for calendars. `seats_taken` is changed only under
    this row's lock, together with the booking it counts.

    `planned_on` is the day for which its plan made it, wherever it was moved since.
    `detached_at`: changed by hand, so that its plan leaves it alone. With fewer than
    `minimum` people on `decide_on`, somebody decides whether it runs. `trainer_free_at` is
    its end and the trainer's turn-round: until then nobody else may have them.
    """

    __tablename__ = "course_sessions"
    __table_args__ = (
        UniqueConstraint("plan_id", "planned_on"),
        CheckConstraint(
            "(plan_id IS NULL) = (planned_on IS NULL)", name="planned_by_a_plan"
        ),
        CheckConstraint("capacity BETWEEN 1 AND 200", name="capacity"),
        CheckConstraint(
            "seats_taken >= 0 AND seats_taken <= capacity", name="never_overbooked"
        ),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("trainer_free_at >= ends_at", name="free_after_end"),
        CheckConstraint("minimum BETWEEN 1 AND capacity", name="minimum"),
        Index(None, "card_role", "starts_at"),
        Index(None, "trainer_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("weekly_plans.id"))
    planned_on: Mapped[date | None]
    detached_at: Mapped[datetime | None]
    card_role: Mapped[str] = mapped_column(String(40))
    in_house: Mapped[bool]  # for one company; no public list or feed shows it
    local_date: Mapped[date]
    local_start: Mapped[time]
    local_end: Mapped[time]  # not after local_start: the next day
    zone: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    trainer_free_at: Mapped[datetime]
    capacity: Mapped[int]
    minimum: Mapped[int] = mapped_column(default=1)
    decide_on: Mapped[date | None]
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


# A trainer is never in two rooms at once, whoever schedules and however many at a time.
SQLITE_GUARD = [
    f"CREATE TRIGGER course_sessions_one_room_{verb.split()[0].lower()}"  # noqa: S608 - ours
    f" AFTER {verb} ON course_sessions"
    " WHEN NEW.cancelled_at IS NULL BEGIN"
    " SELECT RAISE(ABORT, 'course_sessions_one_room') FROM course_sessions AS other"
    " WHERE other.trainer_id = NEW.trainer_id AND other.id <> NEW.id"
    " AND other.cancelled_at IS NULL AND other.starts_at < NEW.trainer_free_at"
    " AND NEW.starts_at < other.trainer_free_at; END"
    for verb in (
        "INSERT",
        "UPDATE OF trainer_id, starts_at, trainer_free_at, cancelled_at",
    )
]
POSTGRESQL_GUARD = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "ALTER TABLE course_sessions ADD CONSTRAINT course_sessions_one_room EXCLUDE USING gist"
    " (trainer_id WITH =, tstzrange(starts_at, trainer_free_at) WITH &&)"
    " WHERE (cancelled_at IS NULL)",
]


def one_room_guard(dialect: str) -> list[str]:
    """Return the statements that a migration runs once the table is as above."""
    return SQLITE_GUARD if dialect == "sqlite" else POSTGRESQL_GUARD


def _create_guard(_target: object, connection: Connection, **_: object) -> None:
    for statement in one_room_guard(connection.dialect.name):
        connection.exec_driver_sql(statement)


event.listen(CourseSession.__table__, "after_create", _create_guard)
