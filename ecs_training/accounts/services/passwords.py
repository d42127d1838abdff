"""Choosing and changing a password."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ecs_training.accounts.events import PasswordChanged
from ecs_training.accounts.models import OneTimeLink, Person
from ecs_training.accounts.queries import find_person, get_person
from ecs_training.accounts.rules import LinkPurpose
from ecs_training.accounts.services.links import send_link, use_link
from ecs_training.accounts.services.signing_in import end_all_sign_ins
from ecs_training.foundation.audit import record
from ecs_training.foundation.events import publish


def request_password_reset(db: Session, *, email: str, now: datetime) -> None:
    """Send a reset link if the address is known; say nothing either way."""
    person = find_person(db, email=email)
    if person:
        send_link(
            db, person, purpose=LinkPurpose.RESET_PASSWORD, next_path=None, now=now
        )


def set_password(
    db: Session, *, token: str, password_hash: str, now: datetime
) -> OneTimeLink:
    """Use a reset or invitation link to choose a password, or raise LinkSpent.

    Whoever opened the link reads that mailbox, so the address is confirmed as well. Every
    sign-in and every other link of the person ends.
    """
    purposes = [LinkPurpose.RESET_PASSWORD, LinkPurpose.INVITATION]
    link = use_link(db, token, purposes, now)
    link.person.email_confirmed_at = link.person.email_confirmed_at or now
    _replace_password(db, link.person, password_hash, now)
    return link


def change_password(
    db: Session, *, person_id: int, password_hash: str, now: datetime
) -> None:
    """Replace a password whose owner has just proved that they know the old one."""
    _replace_password(db, get_person(db, person_id=person_id), password_hash, now)


def _replace_password(
    db: Session, person: Person, password_hash: str, now: datetime
) -> None:
    person.password_hash = password_hash
    end_all_sign_ins(db, person_id=person.id, now=now)
    db.execute(
        update(OneTimeLink)
        .where(OneTimeLink.person_id == person.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    record(
        db,
        actor_id=person.id,
        action="changed password",
        subject=f"person/{person.ref}",
        now=now,
    )
    publish(db, PasswordChanged(occurred_at=now, person_id=person.id))
