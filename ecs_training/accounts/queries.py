from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import (
    Company,
    CompanyMember,
    CompanySite,
    FailedSignIn,
    OneTimeLink,
    Person,
    RoleGrant,
    SignIn,
)
from ecs_training.accounts.rules import LinkPurpose, Role
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import hash_token

_sign_ins = cast(Table, SignIn.__table__)
_people = cast(Table, Person.__table__)
_members = cast(Table, CompanyMember.__table__)
_grants = cast(Table, RoleGrant.__table__)
# For statements that are put together once: give them `token_hash` and `now`.
IS_LIVE_SIGN_IN = (
    (_sign_ins.c.token_hash == bindparam("token_hash"))
    & _sign_ins.c.ended_at.is_(None)
    & (_sign_ins.c.expires_at > bindparam("now", type_=_sign_ins.c.expires_at.type))
)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who is behind a sign-in, and what they may do."""

    sign_in_id: int
    person_id: int
    full_name: str
    email: str
    roles: frozenset[Role]
    company_id: int | None


def find_person(db: Session, *, email: str) -> Person | None:
    return db.scalars(select(Person).where(Person.email == email)).one_or_none()


def get_person(db: Session, *, person_id: int) -> Person:
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


# Asked before almost every page, so it is put together once.
_IDENTITY = (
    select(
        _sign_ins.c.id,
        _people.c.id,
        _people.c.full_name,
        _people.c.email,
        _members.c.company_id,
        _grants.c.role,
    )
    .select_from(_sign_ins)
    .join(_people, _people.c.id == _sign_ins.c.person_id)
    .outerjoin(_members, _members.c.person_id == _people.c.id)
    .outerjoin(
        _grants, (_grants.c.person_id == _people.c.id) & _grants.c.ended_at.is_(None)
    )
    .where(IS_LIVE_SIGN_IN)
)


def find_identity(db: Session, *, token_hash: str, now: datetime) -> Identity | None:
    """Return who a live sign-in belongs to, in one query; None once it has ended."""
    asked = {"token_hash": token_hash, "now": now}
    rows = db.connection().execute(_IDENTITY, asked).all()
    if not rows:
        return None
    sign_in_id, person_id, full_name, email, company_id, _ = rows[0]
    return Identity(
        sign_in_id=sign_in_id,
        person_id=person_id,
        full_name=full_name,
        email=email,
        roles=frozenset(row[5] for row in rows if row[5]),
        company_id=company_id,
    )


def count_wrong_guesses(
    db: Session, *, email: str, address: str, since: datetime
) -> tuple[int, int]:
    """Return how many guesses failed for this account, and from this address."""
    recent = FailedSignIn.failed_at > since
    counted = select(func.count(FailedSignIn.id)).where(recent)
    return (
        db.scalars(counted.where(FailedSignIn.email == email)).one(),
        db.scalars(counted.where(FailedSignIn.address == address)).one(),
    )


def count_links_since(db: Session, *, person_id: int, since: datetime) -> int:
    return db.scalars(
        select(func.count(OneTimeLink.id)).where(
            OneTimeLink.person_id == person_id, OneTimeLink.created_at > since
        )
    ).one()


def _live_link(
    token: str, purposes: Sequence[LinkPurpose], now: datetime
) -> Select[OneTimeLink]:
    return (
        select(OneTimeLink)
        .where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .options(joinedload(OneTimeLink.person))
    )


def find_live_link(
    db: Session, *, token: str, purposes: Sequence[LinkPurpose], now: datetime
) -> OneTimeLink | None:
    """Return an unused, unexpired link with its person, or None."""
    return db.scalars(_live_link(token, purposes, now)).one_or_none()


def lock_live_link(
    db: Session, *, token: str, purposes: Sequence[LinkPurpose], now: datetime
) -> OneTimeLink | None:
    """Return it held until the transaction ends, so that it is used once."""
    link = _live_link(token, purposes, now).with_for_update(of=OneTimeLink)
    return db.scalars(link).one_or_none()


def get_company(db: Session, *, company_id: int) -> Company:
    company = db.get(Company, company_id)
    if company is None:
        raise NotFound
    return company


def list_companies(db: Session) -> Sequence[Company]:
    return db.scalars(select(Company).order_by(Company.name, Company.id)).all()


def list_people_with_role(db: Session, *, role: Role) -> Sequence[Person]:
    return db.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == role, RoleGrant.ended_at.is_(None))
        .order_by(Person.full_name, Person.id)
    ).all()


def list_company_members(db: Session, *, company_id: int) -> Sequence[Person]:
    """Return the people who book for a company, oldest member first."""
    return db.scalars(
        select(Person)
        .join(CompanyMember, CompanyMember.person_id == Person.id)
        .where(CompanyMember.company_id == company_id)
        .order_by(CompanyMember.id)
    ).all()


def lock_company(db: Session, *, company_id: int) -> Company:
    """Hold a company until the transaction ends; its sites change one after the other."""
    held = (
        select(Company).where(Company.id == company_id).with_for_update(key_share=True)
    )
    company = db.scalars(held).one_or_none()
    if company is None:
        raise NotFound
    return company


def list_open_sites(db: Session, *, company_id: int) -> Sequence[CompanySite]:
    return db.scalars(
        select(CompanySite)
        .where(CompanySite.company_id == company_id, CompanySite.closed_at.is_(None))
        .order_by(CompanySite.name, CompanySite.id)
    ).all()


def get_open_site(db: Session, *, ref: str, company_id: int) -> CompanySite:
    """Return a company's own site, or raise NotFound; a closed one is not there either."""
    site = db.scalars(
        select(CompanySite).where(
            CompanySite.ref == ref,
            CompanySite.company_id == company_id,
            CompanySite.closed_at.is_(None),
        )
    ).one_or_none()
    if site is None:
        raise NotFound
    return site
