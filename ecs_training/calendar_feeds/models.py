from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.calendar_feeds.rules.feeds import FeedKind
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import TokenHash

_LIVE = text("revoked_at IS NULL")


class PrivateFeed(Base):
    """A calendar address that only its holder knows. Made anew, the old one is revoked."""

    __tablename__ = "private_feeds"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'company') = (company_id IS NOT NULL)"
            " AND (kind = 'company') = (person_id IS NULL)",
            name="of_a_person_or_a_company",
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
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[TokenHash]
    kind: Mapped[FeedKind]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
