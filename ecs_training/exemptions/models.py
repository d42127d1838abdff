from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.foundation.uploads import StoredFile

_OPEN = text("granted_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL")


class ExemptionClaim(Base):
    """A person's claim that a qualification stands in for a pass, and what staff decided."""

    __tablename__ = "exemption_claims"
    __table_args__ = (
        CheckConstraint(
            "granted_at IS NULL OR declined_at IS NULL", name="decided_one_way"
        ),
        CheckConstraint(
            "(granted_at IS NULL) = (valid_until IS NULL)", name="granted_until"
        ),
        Index(
            "uq_exemption_claims_one_open",
            "person_id",
            "qualification",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    qualification: Mapped[str] = mapped_column(String(40))
    certificate_number: Mapped[str] = mapped_column(String(60))
    certificate_awarded_on: Mapped[date]
    certificate_expires_on: Mapped[date | None]
    claimed_at: Mapped[datetime]
    more_asked_at: Mapped[datetime | None]  # staff wait for something from the person
    granted_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]  # the last day on which the exemption counts
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str | None] = mapped_column(String(1000))  # the person reads this

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])


class ExemptionEvidence(StoredFile, Base):
    __tablename__ = "exemption_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    claim_id: Mapped[int] = mapped_column(ForeignKey("exemption_claims.id"), index=True)
    uploaded_at: Mapped[datetime]
