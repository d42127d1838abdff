"""Adding people: registering, inviting, roles and companies."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.events import PersonRenamed, RegisteredAgain
from ecs_training.accounts.models import (
    Company,
    CompanyMember,
    OneTimeLink,
    Person,
    RoleGrant,
)
from ecs_training.accounts.queries import find_person, get_person
from ecs_training.accounts.rules import LinkPurpose, Role
from ecs_training.accounts.services.links import (
    may_have_another_link,
    send_link,
    use_link,
)
from ecs_training.foundation.audit import record
from ecs_training.foundation.events import publish


def register(
    db: Session,
    *,
    full_name: str,
    email: str,
    password_hash: str,
    next_path: str | None,
    now: datetime,
) -> None:
    """Add a person and ask for the link that confirms their address.

    Whether the address was known already is told to its owner by e-mail, never to whoever
    typed it. The password waits on the link: it counts once the owner of the mailbox opens
    that link, so nobody can choose one for somebody else's address.
    """
    person = find_person(db, email=email)
    if person and person.email_confirmed_at:
        if may_have_another_link(db, person, now):
            publish(db, RegisteredAgain(occurred_at=now, person_id=person.id))
        return
    if person is None:
        person = _add_person(db, full_name=full_name, email=email, now=now)
    send_link(
        db,
        person,
        purpose=LinkPurpose.CONFIRM_EMAIL,
        next_path=next_path,
        password_hash=password_hash,
        now=now,
    )


def invite(db: Session, *, full_name: str, email: str, now: datetime) -> Person:
    """Return the person with this address; a new one is asked to choose a password."""
    person = find_person(db, email=email)
    if person is None:
        person = _add_person(db, full_name=full_name, email=email, now=now)
        send_link(
            db, person, purpose=LinkPurpose.INVITATION, next_path="/account", now=now
        )
    return person


def _add_person(db: Session, *, full_name: str, email: str, now: datetime) -> Person:
    person = Person(full_name=full_name, email=email, created_at=now, updated_at=now)
    db.add(person)
    db.flush()
    return person


def add_person(
    db: Session, *, full_name: str, email: str, password_hash: str, now: datetime
) -> Person:
    """Add somebody whose address is known to be theirs, with a password they know."""
    person = _add_person(db, full_name=full_name, email=email, now=now)
    person.email_confirmed_at = now
    person.password_hash = password_hash
    return person


def confirm_email(db: Session, *, token: str, now: datetime) -> OneTimeLink:
    """Use a confirmation link, or raise LinkSpent."""
    link = use_link(db, token, [LinkPurpose.CONFIRM_EMAIL], now)
    if link.person.email_confirmed_at is None:
        link.person.email_confirmed_at = now
        link.person.password_hash = link.password_hash
    return link


def rename(db: Session, *, person_id: int, full_name: str, now: datetime) -> None:
    """Change the name shown from now on; a pass keeps the name that was checked."""
    person = get_person(db, person_id=person_id)
    if person.full_name == full_name:
        return
    record(
        db,
        actor_id=person_id,
        action="changed name",
        subject=f"person/{person.ref}",
        now=now,
        before=person.full_name,
        after=full_name,
    )
    person.full_name, person.updated_at = full_name, now
    publish(db, PersonRenamed(occurred_at=now, person_id=person_id))


def grant_role(
    db: Session,
    *,
    email: str,
    full_name: str,
    role: Role,
    granted_by_id: int | None,
    now: datetime,
) -> Person:
    """Give a role, inviting whoever has no account yet. Granting twice changes nothing."""
    person = invite(db, full_name=full_name, email=email, now=now)
    held = db.scalars(
        select(RoleGrant.role).where(
            RoleGrant.person_id == person.id, RoleGrant.ended_at.is_(None)
        )
    ).all()
    if role not in held:
        db.add(RoleGrant(person_id=person.id, role=role, granted_at=now))
        record(
            db,
            actor_id=granted_by_id,
            action="granted role",
            subject=f"person/{person.ref}",
            now=now,
            role=role,
        )
    return person


def set_up_company(
    db: Session, *, person_id: int, name: str, invoice_address: str, now: datetime
) -> Company:
    """Add a company with this person as its first member."""
    company = Company(
        name=name, invoice_address=invoice_address, created_at=now, updated_at=now
    )
    db.add(company)
    db.flush()
    db.add(CompanyMember(company_id=company.id, person_id=person_id, joined_at=now))
    record(
        db,
        actor_id=person_id,
        action="set up company",
        subject=f"company/{company.ref}",
        now=now,
    )
    return company
