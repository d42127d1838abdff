from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Base


class InvoiceNumber(Base):
    """The last number given in a series. Its row lock keeps the numbering unbroken."""

    __tablename__ = "invoice_numbers"

    series: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int]


class Invoice(Base):
    """What was charged for a booking; never changed. A credit note takes it back whole."""

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("net_pence >= 0 AND vat_pence >= 0", name="not_negative"),
        UniqueConstraint("booking_id", "turn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    turn: Mapped[int] = mapped_column(default=0)  # 1 for a booking that came back, …
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]  # the London day, which is the tax point
    billed_to: Mapped[str] = mapped_column(String(600))
    net_pence: Mapped[int]
    vat_pence: Mapped[int]
    vat_percent: Mapped[int]

    booking: Mapped[Booking] = relationship(lazy="raise")

    @property
    def gross_pence(self) -> int:
        return self.net_pence + self.vat_pence


class CreditNote(Base):
    __tablename__ = "credit_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), unique=True)
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))

    invoice: Mapped[Invoice] = relationship(lazy="raise")
