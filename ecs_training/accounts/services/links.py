"""One-time links: asked for here, sent by e-mail, used once."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ecs_training.accounts.events import LinkRequested
from ecs_training.accounts.models import OneTimeLink, Person
from ecs_training.accounts.queries import count_links_since, lock_live_link
from ecs_training.accounts.rules import (
    LINK_LASTS,
    MOST_LINKS_AN_HOUR,
    LinkPurpose,
    LinkRefusal,
)
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.references import hash_token, new_token


class LinkSpent(Refused):
    reason: LinkRefusal


def send_link(
    db: Session,
    person: Person,
    *,
    purpose: LinkPurpose,
    now: datetime,
    next_path: str | None = None,
    password_hash: str | None = None,
) -> None:
    """Ask for a one-time link to be sent, unless this address has had enough for an hour."""
    if not may_have_another_link(db, person, now):
        return
    token = new_token()
    db.add(
        OneTimeLink(
            token_hash=hash_token(token),
            person_id=person.id,
            purpose=purpose,
            next_path=next_path,
            password_hash=password_hash,
            created_at=now,
            expires_at=now + LINK_LASTS[purpose],
        )
    )
    publish(
        db,
        LinkRequested(
            occurred_at=now, person_id=person.id, purpose=purpose, token=token
        ),
    )


def may_have_another_link(db: Session, person: Person, now: datetime) -> bool:
    since = now - timedelta(hours=1)
    sent = count_links_since(db, person_id=person.id, since=since)
    return sent < MOST_LINKS_AN_HOUR


def use_link(
    db: Session, token: str, purposes: list[LinkPurpose], now: datetime
) -> OneTimeLink:
    link = lock_live_link(db, token=token, purposes=purposes, now=now)
    if link is None:
        raise LinkSpent(LinkRefusal.SPENT)
    link.used_at = now
    return link
