"""Another go after a paper that was failed, or that could not count."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.assessment.models.attempts import Attempt
from ecs_training.assessment.models.sittings import Entry
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference


class Resit(Base):
    """The right to sit again, by the entry of the date on which it is sat.

    `sequence` numbers every version of it that a calendar was told, the date's own included.
    """

    __tablename__ = "resits"
    __table_args__ = (CheckConstraint("sequence >= 0", name="sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(40))
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    calendar_uid: Mapped[str] = mapped_column(String(40), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]

    attempt: Mapped[Attempt] = relationship(lazy="raise")
    entry: Mapped[Entry] = relationship(lazy="raise")

    @property
    def is_at_once(self) -> bool:
        """Whether it is sat on the date of the failure: whoever sits it is there already."""
        sitting = self.attempt.sitting
        return (
            sitting is not None
            and sitting.course_session_id == self.entry.course_session_id
        )
