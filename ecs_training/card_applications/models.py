from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.foundation.uploads import StoredFile

_OPEN = text("accepted_at IS NULL AND withdrawn_at IS NULL")


class CardApplication(Base):
    """One person's application for one role: opened, submitted, returned or accepted.

    Submitted again after a return, `returned_at` is emptied; the audit rows keep the story.
    """

    __tablename__ = "card_applications"
    __table_args__ = (
        Index(
            "uq_card_applications_one_open",
            "person_id",
            "card_role",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        CheckConstraint(
            "accepted_at IS NULL OR submitted_at IS NOT NULL", name="accepted_submitted"
        ),
        CheckConstraint(
            "(card_number IS NULL) = (card_expires_on IS NULL)", name="card_whole"
        ),
        CheckConstraint(
            "card_number IS NULL OR accepted_at IS NOT NULL",
            name="card_after_acceptance",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    card_role: Mapped[str] = mapped_column(String(40))
    region: Mapped[str] = mapped_column(String(20))  # england-wales-ni | scotland
    scheme_version: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str | None] = mapped_column(String(1000))  # the person reads this
    card_number: Mapped[str | None] = mapped_column(String(40))
    card_expires_on: Mapped[date | None]
    card_recorded_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])


class LineEvidence(StoredFile, Base):
    """A file for one line of an application. Replaced, the old one is withdrawn, not lost."""

    __tablename__ = "line_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    application_id: Mapped[int] = mapped_column(
        ForeignKey("card_applications.id"), index=True
    )
    line_id: Mapped[str] = mapped_column(String(40))
    uploaded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class LineConfirmation(Base):
    """The applicant said that a line of the application is true, and when."""

    __tablename__ = "line_confirmations"
    __table_args__ = (Index(None, "application_id", "line_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("card_applications.id"))
    line_id: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime]
