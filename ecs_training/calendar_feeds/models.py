from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.accounts.models import Company, CompanySite, Person
from ecs_training.calendar_feeds.rules.feeds import FeedKind, FeedPrivacy
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference, TokenHash

_LIVE = text("revoked_at IS NULL")
_LIVE_OF_COMPANY = text("revoked_at IS NULL AND site_id IS NULL")


class PrivateFeed(Base):
    """A calendar address that only its holder knows, since `created_at`.

    Given another address the row stays, with what was chosen for it. `privacy` is what a
    company's feed says of its people. `last_etag` names the bytes that were sent or confirmed
    at `last_used_at`, to the program `last_client`; they have been these since `changed_at`.
    """

    __tablename__ = "private_feeds"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'company') = (company_id IS NOT NULL)"
            " AND (kind = 'company') = (person_id IS NULL)",
            name="of_a_person_or_a_company",
        ),
        CheckConstraint(
            "site_id IS NULL OR company_id IS NOT NULL", name="site_of_a_company"
        ),
        Index(
            "uq_private_feeds_one_live_per_person",
            "kind",
            "person_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "uq_private_feeds_one_live_per_company",
            "company_id",
            unique=True,
            sqlite_where=_LIVE_OF_COMPANY,
            postgresql_where=_LIVE_OF_COMPANY,
        ),
        Index(
            "uq_private_feeds_one_live_per_site",
            "site_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    token_hash: Mapped[TokenHash]
    kind: Mapped[FeedKind]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("company_sites.id"))
    privacy: Mapped[FeedPrivacy] = mapped_column(default=FeedPrivacy.INITIALS)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_client: Mapped[str | None] = mapped_column(String(120))
    last_etag: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(lazy="raise")
    company: Mapped[Company | None] = relationship(lazy="raise")
    site: Mapped[CompanySite | None] = relationship(lazy="raise")
