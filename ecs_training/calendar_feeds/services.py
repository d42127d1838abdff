"""Making, changing and revoking private feeds. Callers own the transaction."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Company, CompanySite, Person
from ecs_training.accounts.queries import get_open_site, lock_company
from ecs_training.accounts.services.sites import close_site as close
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.queries import find_feed_of, get_feed_of_company
from ecs_training.calendar_feeds.rules.feeds import FeedKind, FeedPrivacy
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import hash_token, new_token


def make_feed(
    db: Session,
    *,
    kind: FeedKind,
    person_id: int | None = None,
    company_id: int | None = None,
    site_id: int | None = None,
    made_by_id: int | None = None,
    now: datetime,
) -> str:
    """Return the secret of a feed's address, which is shown once and kept only as a hash.

    A company's feed belongs to the company or one of its sites, every other to a person. One
    that they have already gets a new address; the old one stops working at once, and what was
    chosen for the feed stays. Raise NotFound for an unknown owner.
    """
    _lock_owner(db, person_id=person_id, company_id=company_id)
    feed = find_feed_of(
        db, kind=kind, person_id=person_id, company_id=company_id, site_id=site_id
    )
    if feed:
        return renew_feed(db, feed, by_id=made_by_id or person_id, now=now)
    token = new_token()
    feed = PrivateFeed(
        token_hash=hash_token(token),
        kind=kind,
        person_id=person_id,
        company_id=company_id,
        site_id=site_id,
        created_at=now,
    )
    db.add(feed)
    db.flush()
    _audit(db, "made calendar feed", feed, made_by_id or person_id, now)
    return token


def make_site_feed(
    db: Session, *, ref: str, company_id: int, by_id: int, now: datetime
) -> tuple[CompanySite, str]:
    """Return a company's own open site and the secret of its feed, as make_feed does."""
    lock_company(db, company_id=company_id)  # so that the site is not closed meanwhile
    site = get_open_site(db, ref=ref, company_id=company_id)
    token = make_feed(
        db,
        kind=FeedKind.COMPANY,
        company_id=company_id,
        site_id=site.id,
        made_by_id=by_id,
        now=now,
    )
    return site, token


def renew_feed(
    db: Session, feed: PrivateFeed, *, by_id: int | None, now: datetime
) -> str:
    """Give a feed another address and return its secret. Nobody has read the new one yet."""
    token = new_token()
    feed.token_hash, feed.created_at = hash_token(token), now
    feed.last_used_at = feed.last_client = feed.last_etag = feed.changed_at = None
    db.flush()
    _audit(db, "renewed calendar feed", feed, by_id, now)
    return token


def revoke_feed(
    db: Session,
    *,
    kind: FeedKind,
    person_id: int | None = None,
    company_id: int | None = None,
    site_id: int | None = None,
    revoked_by_id: int | None = None,
    now: datetime,
) -> None:
    """Stop the live feed of this kind and owner; having none is as good."""
    feed = find_feed_of(
        db, kind=kind, person_id=person_id, company_id=company_id, site_id=site_id
    )
    if feed:
        _revoke(db, feed, revoked_by_id or person_id, now)


def revoke_any_feed(db: Session, *, ref: str, by_id: int, now: datetime) -> None:
    """Let staff stop whosever live feed; raise NotFound for one that is not there."""
    feed = db.scalars(
        select(PrivateFeed).where(
            PrivateFeed.ref == ref, PrivateFeed.revoked_at.is_(None)
        )
    ).one_or_none()
    if feed is None:
        raise NotFound
    _revoke(db, feed, by_id, now)


def choose_privacy(
    db: Session,
    *,
    ref: str,
    company_id: int,
    privacy: FeedPrivacy,
    by_id: int,
    now: datetime,
) -> None:
    """Let a company choose what one of its feeds says of its people; or raise NotFound."""
    feed = get_feed_of_company(db, ref=ref, company_id=company_id)
    before, feed.privacy = feed.privacy, privacy
    if before is not privacy:
        _audit(
            db,
            "chose privacy of calendar feed",
            feed,
            by_id,
            now,
            before=before.value,
            after=privacy.value,
        )


def close_site(
    db: Session, *, ref: str, company_id: int, by_id: int, now: datetime
) -> None:
    """Close a company's site and stop its feed; raise NotFound for one of another company."""
    site = close(db, ref=ref, company_id=company_id, by_id=by_id, now=now)
    revoke_feed(
        db,
        kind=FeedKind.COMPANY,
        company_id=company_id,
        site_id=site.id,
        revoked_by_id=by_id,
        now=now,
    )


def note_use(
    db: Session,
    *,
    ref: str,
    etag: str,
    client: str,
    changed_at: datetime,
    now: datetime,
) -> None:
    """Keep who fetched a feed last, and which bytes they have now. Not a decision: no audit."""
    db.execute(
        update(PrivateFeed)
        .where(PrivateFeed.ref == ref, PrivateFeed.revoked_at.is_(None))
        .values(
            last_used_at=now, last_client=client, last_etag=etag, changed_at=changed_at
        )
    )


def _revoke(db: Session, feed: PrivateFeed, by_id: int | None, now: datetime) -> None:
    feed.revoked_at = now
    db.flush()
    _audit(db, "revoked calendar feed", feed, by_id, now)


def _lock_owner(db: Session, *, person_id: int | None, company_id: int | None) -> None:
    """Hold the owner, so that two clicks at once leave one live feed and no error."""
    owner = (
        select(Person.id).where(Person.id == person_id)
        if company_id is None
        else select(Company.id).where(Company.id == company_id)
    )
    if db.scalars(owner.with_for_update(key_share=True)).one_or_none() is None:
        raise NotFound


def _audit(
    db: Session,
    action: str,
    feed: PrivateFeed,
    by_id: int | None,
    now: datetime,
    **details: str,
) -> None:
    subject = f"calendar-feed/{feed.ref}"
    kind = feed.kind.value
    record(
        db,
        actor_id=by_id,
        action=action,
        subject=subject,
        now=now,
        kind=kind,
        **details,
    )
