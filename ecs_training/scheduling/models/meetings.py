from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.foundation.database import Base
from ecs_training.scheduling.models.course_sessions import CourseSession


class Meeting(Base):
    """The Teams meeting of a course session, as Microsoft knows it and as we want it.

    `external_id` is ours: asked for twice, Microsoft answers with the same meeting.
    `wanted` counts what we wanted changed, `made` what Microsoft has confirmed; they differ
    while something is still to be told. One row a course session; made when it is published,
    where meetings are made by machine. `joining_url` is the link that Microsoft gave last:
    where the date has another, somebody typed it, and it stays. `tries` counts from the last
    success; `problem_since` is when the first of them failed.
    """

    __tablename__ = "meetings"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_session_id: Mapped[int] = mapped_column(
        ForeignKey("course_sessions.id"), unique=True
    )
    external_id: Mapped[str] = mapped_column(String(40), unique=True)
    organiser: Mapped[str] = mapped_column(String(120))  # Microsoft's id of the mailbox
    graph_id: Mapped[str | None] = mapped_column(String(500))
    joining_url: Mapped[str | None] = mapped_column(String(1000))
    wanted: Mapped[int] = mapped_column(default=1)
    made: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_problem: Mapped[str | None] = mapped_column(String(300))
    problem_since: Mapped[datetime | None]
    reports_next_at: Mapped[datetime | None]
    reports_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    course_session: Mapped[CourseSession] = relationship(lazy="raise")
