from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Company, CompanySite, Person
from ecs_training.booking.rules import Buyer
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.scheduling.models import CourseSession

_LIVE = text("cancelled_at IS NULL")


class Booking(Base):
    """One seat on one course session. Price and terms are as they were when it was booked.

    `candidate` sits on the seat; `booked_by` made the booking, for `company` or themselves.
    `cancelled_with_date`: our doing, so that it comes back if the date does.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        # The rule refuses a second live booking politely; this makes it impossible.
        Index(
            "uq_bookings_one_live_per_candidate",
            "course_session_id",
            "candidate_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        CheckConstraint(
            "(buyer = 'company') = (company_id IS NOT NULL)", name="company_buyer"
        ),
        CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_by_id IS NULL)", name="cancelled_by"
        ),
        CheckConstraint(
            "site_id IS NULL OR company_id IS NOT NULL", name="site_of_a_company"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    course_session_id: Mapped[int] = mapped_column(
        ForeignKey("course_sessions.id"), index=True
    )
    candidate_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    booked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    buyer: Mapped[Buyer]
    company_id: Mapped[int | None] = mapped_column(
        ForeignKey("companies.id"), index=True
    )
    site_id: Mapped[int | None] = mapped_column(ForeignKey("company_sites.id"))
    booked_at: Mapped[datetime]
    terms_version: Mapped[str] = mapped_column(String(20))
    free_until: Mapped[datetime]  # cancelling costs nothing before this instant
    net_pence: Mapped[int]
    vat_pence: Mapped[int]
    vat_percent: Mapped[int]
    calendar_uid: Mapped[str] = mapped_column(String(40), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(300))
    cancelled_with_date: Mapped[bool] = mapped_column(default=False)

    # A page that needs one says so in its query; nothing is loaded behind its back.
    course_session: Mapped[CourseSession] = relationship(lazy="raise")
    candidate: Mapped[Person] = relationship(lazy="raise", foreign_keys=[candidate_id])
    booked_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[booked_by_id])
    company: Mapped[Company | None] = relationship(lazy="raise")
    site: Mapped[CompanySite | None] = relationship(lazy="raise")

    @property
    def gross_pence(self) -> int:
        return self.net_pence + self.vat_pence


class Adjustment(Base):
    """What a candidate needs to sit on equal terms, and what was agreed. Asked anew, the
    old one is withdrawn.

    `time_percent` is of the blueprint's minutes (150 is half as long again); `rest_minutes`
    are breaks with the clock stopped. Neither counts before somebody has agreed.
    """

    __tablename__ = "adjustments"
    __table_args__ = (
        Index(
            "uq_adjustments_one_stands",
            "booking_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)"
            " AND (decided_at IS NULL) = (agreed IS NULL)",
            name="decided_by",
        ),
        CheckConstraint("time_percent BETWEEN 100 AND 300", name="time_percent"),
        CheckConstraint("rest_minutes BETWEEN 0 AND 60", name="rest_minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    needs: Mapped[str] = mapped_column(String(1000))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    agreed: Mapped[bool | None]
    time_percent: Mapped[int] = mapped_column(default=100)
    rest_minutes: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str | None] = mapped_column(String(500))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship(lazy="raise")
