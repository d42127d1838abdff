from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.rules import LinkPurpose, Role
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference, TokenHash

_LIVE = text("ended_at IS NULL")


class Person(Base):
    """Anyone with an account. `password_hash` is set once they have opened a link we sent."""

    __tablename__ = "people"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    full_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    email_confirmed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class RoleGrant(Base):
    """A role that a person holds, until it ends. Candidates need none."""

    __tablename__ = "role_grants"
    __table_args__ = (
        Index(
            "uq_role_grants_one_live",
            "person_id",
            "role",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[Role]
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Company(Base):
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    name: Mapped[str] = mapped_column(String(120))
    invoice_address: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CompanySite(Base):
    """A place of a company's, for which people are booked and which has its own calendar."""

    __tablename__ = "company_sites"
    __table_args__ = (
        Index(
            "uq_company_sites_one_live_name",
            "company_id",
            "name",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CompanyMember(Base):
    """Somebody who books for a company and sees the people it booked."""

    __tablename__ = "company_members"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    joined_at: Mapped[datetime]

    company: Mapped[Company] = relationship(lazy="raise")


class SignIn(Base):
    """One sign-in on one device. The cookie names it; ending the row ends the cookie."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[TokenHash]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class FailedSignIn(Base):
    """One wrong guess. Kept by e-mail, so that an unknown one looks like any other."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (
        Index(None, "email", "failed_at"),
        Index(None, "address", "failed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    failed_at: Mapped[datetime]


class OneTimeLink(Base):
    """The secret half of a link in an e-mail. Only its hash is kept; it opens once."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[TokenHash]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    purpose: Mapped[LinkPurpose]
    next_path: Mapped[str | None] = mapped_column(String(300))
    password_hash: Mapped[str | None]  # chosen when registering; counts once opened
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")
