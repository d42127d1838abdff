from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Person
from ecs_training.foundation.database import Base


class Pass(Base):
    """A passed assessment. The foreign keys are what it stands on; none may be missing.

    `token` is the public address /v/<token>, so whoever holds the certificate can check it.
    """

    __tablename__ = "passes"
    __table_args__ = (
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)"
            " AND (revoked_at IS NULL) = (revoke_reason IS NULL)",
            name="revoked_with_reason",
        ),
        CheckConstraint("valid_until > awarded_on", name="valid_after_award"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(26), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), unique=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    identity_check_id: Mapped[int] = mapped_column(ForeignKey("identity_checks.id"))
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"))
    card_role: Mapped[str] = mapped_column(String(40))
    holder: Mapped[str] = mapped_column(String(120))  # the name that was checked
    awarded_on: Mapped[date]
    valid_until: Mapped[date]  # the last valid day
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    revoke_reason: Mapped[str | None] = mapped_column(String(500))
    revoked_by_rescore_id: Mapped[int | None] = mapped_column(ForeignKey("rescores.id"))

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
