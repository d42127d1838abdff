"""Private feeds: by their secret, by their owner, and all that are live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Select, String, Table, bindparam, func, select
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import Company, CompanySite, Person
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.queries.marks import DOT, LINE, OF_ANY_FEED
from ecs_training.calendar_feeds.rules.feeds import FeedKind, FeedPrivacy, shown_since
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import hash_token

_feeds = cast(Table, PrivateFeed.__table__)
_companies = cast(Table, Company.__table__)
_sites = cast(Table, CompanySite.__table__)
_people = cast(Table, Person.__table__)


@dataclass(frozen=True, kw_only=True)
class KeptFeed:
    """A live private feed, whose it is, and what is known of who reads it."""

    id: int
    ref: str
    kind: FeedKind
    privacy: FeedPrivacy
    person_id: int | None
    company_id: int | None
    site_id: int | None
    site_name: str | None
    owner_ref: str | None  # of the site, else of the company
    last_used_at: datetime | None
    last_client: str | None
    last_etag: str | None
    changed_at: datetime | None
    created_at: datetime | None = None  # only where it is shown to people
    whose: str = ""  # likewise


_LIVE = (
    select(
        _feeds.c.id,
        _feeds.c.ref,
        _feeds.c.kind,
        _feeds.c.privacy,
        _feeds.c.person_id,
        _feeds.c.company_id,
        _feeds.c.site_id,
        _sites.c.name.label("site_name"),
        func.coalesce(_sites.c.ref, _companies.c.ref).label("owner_ref"),
        _feeds.c.last_used_at,
        _feeds.c.last_client,
        _feeds.c.last_etag,
        _feeds.c.changed_at,
    )
    .outerjoin(_companies, _companies.c.id == _feeds.c.company_id)
    .outerjoin(_sites, _sites.c.id == _feeds.c.site_id)
    .where(_feeds.c.revoked_at.is_(None))
)
_BY_TOKEN = _feeds.c.token_hash == bindparam("token_hash")
_FOR_PEOPLE = _LIVE.outerjoin(_people, _people.c.id == _feeds.c.person_id).add_columns(
    _feeds.c.created_at,
    func.coalesce(_people.c.full_name, _companies.c.name).label("whose"),
)
# Asked every few minutes by every program that subscribes, so it is put together once, and
# answered in as few pieces as can be.
_STATE = (
    select(
        cast_to(_feeds.c.kind, String)
        + DOT
        + cast_to(_feeds.c.privacy, String)
        + DOT
        + _feeds.c.ref
        + DOT
        + func.coalesce(_sites.c.name, "")
        + LINE
        + OF_ANY_FEED,
        _feeds.c.last_etag,
        _feeds.c.changed_at,
        _feeds.c.last_used_at,
    )
    .outerjoin(_sites, _sites.c.id == _feeds.c.site_id)
    .where(_feeds.c.revoked_at.is_(None), _BY_TOKEN)
)


@dataclass(frozen=True, kw_only=True)
class FeedState:
    """What tells whether a live private feed has changed, and who has its bytes."""

    kind: FeedKind
    privacy: FeedPrivacy
    ref: str
    site_name: str
    marks: str
    last_etag: str | None
    changed_at: datetime | None
    last_used_at: datetime | None


def find_feed_state(database: Database, *, token: str, today: date) -> FeedState | None:
    """Return the state of the feed that this secret opens; None if it opens none."""
    asked = {"token_hash": hash_token(token), "since": shown_since(today)}
    row = database.ask(_STATE, asked)
    if row is None:
        return None
    told, last_etag, changed_at, last_used_at = row
    head, _, marks = told.partition("\n")
    kind, privacy, ref, site_name = head.split(".", 3)
    return FeedState(
        kind=FeedKind(kind),
        privacy=FeedPrivacy(privacy),
        ref=ref,
        site_name=site_name,
        marks=marks,
        last_etag=last_etag,
        changed_at=changed_at,
        last_used_at=last_used_at,
    )


def find_feed_by_token(db: Session, *, token: str) -> KeptFeed | None:
    """Return the live feed that this secret opens; revoked and unknown ones are None.

    It is found by the secret's hash, so how long that takes tells nothing of the secret.
    """
    found = _LIVE.where(_BY_TOKEN)
    row = db.execute(found, {"token_hash": hash_token(token)}).one_or_none()
    return KeptFeed(**row._asdict()) if row else None


def list_live_feeds(
    db: Session, *, limit: int, offset: int = 0
) -> tuple[Sequence[KeptFeed], int]:
    """Return a page of all live feeds, oldest first, and how many there are altogether."""
    page = _FOR_PEOPLE.order_by(_feeds.c.id).limit(limit).offset(offset)
    counted = select(func.count()).where(_feeds.c.revoked_at.is_(None))
    return _all(db, page), db.scalars(counted).one()


def list_feeds_of_company(db: Session, *, company_id: int) -> Sequence[KeptFeed]:
    """Return a company's live feeds: the one of all its people first, then by site."""
    whole_first = _FOR_PEOPLE.order_by(_feeds.c.site_id.is_not(None), _sites.c.name)
    return _all(db, whole_first.where(_feeds.c.company_id == company_id))


def get_feed_of_company(db: Session, *, ref: str, company_id: int) -> PrivateFeed:
    """Return a company's own live feed with its site, or raise NotFound."""
    found = db.scalars(
        select(PrivateFeed)
        .where(
            PrivateFeed.ref == ref,
            PrivateFeed.company_id == company_id,
            PrivateFeed.revoked_at.is_(None),
        )
        .options(joinedload(PrivateFeed.site))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def find_feed_of(
    db: Session,
    *,
    kind: FeedKind,
    person_id: int | None = None,
    company_id: int | None = None,
    site_id: int | None = None,
) -> PrivateFeed | None:
    """Return the live feed of a person, company or site. Its address is not known any more."""
    return db.scalars(
        select(PrivateFeed).where(
            PrivateFeed.kind == kind,
            PrivateFeed.person_id == person_id,
            PrivateFeed.company_id == company_id,
            PrivateFeed.site_id == site_id,
            PrivateFeed.revoked_at.is_(None),
        )
    ).one_or_none()


def _all(db: Session, found: Select[*tuple[Any, ...]]) -> Sequence[KeptFeed]:
    return [KeptFeed(**row._asdict()) for row in db.execute(found)]
