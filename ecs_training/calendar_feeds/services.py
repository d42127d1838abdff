"""Making and revoking private feeds. Callers own the transaction."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Company, Person
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.rules.feeds import FeedKind
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import hash_token, new_token


def make_feed(
    db: Session,
    *,
    kind: FeedKind,
    person_id: int | None = None,
    company_id: int | None = None,
    now: datetime,
) -> str:
    """Return the secret of a new feed, which is shown once and kept only as a hash.

    A company's feed belongs to the company, every other to a person. An older one of the
    same kind and owner stops working at once. Raise NotFound for an unknown owner.
    """
    _lock_owner(db, person_id=person_id, company_id=company_id)
    revoke_feed(db, kind=kind, person_id=person_id, company_id=company_id, now=now)
    token = new_token()
    db.add(
        PrivateFeed(
            token_hash=hash_token(token),
            kind=kind,
            person_id=person_id,
            company_id=company_id,
            created_at=now,
        )
    )
    db.flush()
    return token


def revoke_feed(
    db: Session,
    *,
    kind: FeedKind,
    person_id: int | None = None,
    company_id: int | None = None,
    now: datetime,
) -> None:
    """Stop the live feed of this kind and owner; having none is as good."""
    db.execute(
        update(PrivateFeed)
        .where(
            PrivateFeed.kind == kind,
            PrivateFeed.person_id == person_id,
            PrivateFeed.company_id == company_id,
            PrivateFeed.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def _lock_owner(db: Session, *, person_id: int | None, company_id: int | None) -> None:
    """Hold the owner, so that two clicks at once leave one live feed and no error."""
    owner = (
        select(Person.id).where(Person.id == person_id)
        if company_id is None
        else select(Company.id).where(Company.id == company_id)
    )
    if db.scalars(owner.with_for_update(key_share=True)).one_or_none() is None:
        raise NotFound
