"""The people of the demo. All are invented."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import CompanyMember, Person
from ecs_training.accounts.queries import find_person
from ecs_training.accounts.rules import Role
from ecs_training.accounts.services.hashing import hash_password
from ecs_training.accounts.services.people import (
    add_person,
    grant_role,
    set_up_company,
)
from ecs_training.foundation.audit import AuditEntry, record
from ecs_training.foundation.errors import Misconfigured

PASSWORD = "demo-only-password"  # noqa: S105 - printed in the README
MARK = "set up the demo"

CANDIDATE = "candidate@example.org"
TRAINER = "trainer@example.org"
COMPANY = "company@example.org"
STAFF = "staff@example.org"
REVIEWER = "reviewer@example.org"  # reads the questions that the other one writes
CANDIDATES = tuple(f"candidate{n:02}@example.org" for n in range(1, 41))
OTHERS = tuple(f"guest{n:02}@example.org" for n in range(1, 13))
HOLDERS = tuple(
    f"{state}.pass@example.org" for state in ("valid", "expired", "revoked")
)
OTHER_TRAINERS = ("dawn@example.org", "kofi@example.org", "nia@example.org")

NAMES = {
    CANDIDATE: "Marta Kowalczyk",
    TRAINER: "Owen Prosser",
    OTHER_TRAINERS[0]: "Dawn Pritchard",
    OTHER_TRAINERS[1]: "Kofi Mensah",
    OTHER_TRAINERS[2]: "Nia Bowen",
    COMPANY: "Helen Abara",
    STAFF: "Ruth Calder",
    REVIEWER: "Amir Haddad",
    HOLDERS[0]: "Priya Nair",
    HOLDERS[1]: "Callum Fraser",
    HOLDERS[2]: "Daniel Okonkwo-Reyes",
}
FIRST_NAMES = [
    "Aaron",
    "Bogdan",
    "Chidi",
    "Dilys",
    "Ewan",
    "Farida",
    "Gareth",
    "Hannah",
    "Ivan",
    "Jamal",
    "Karolina",
    "Liam",
    "Mehmet",
]
LAST_NAMES = [
    "Whitfield",
    "Ionescu",
    "Nwosu-Harrington",
    "Morgan",
    "MacAllister",
    "Rahmani",
    "Llewellyn",
    "Stokes",
    "Petrov",
]


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Person ids by e-mail address, and the company of the one who books for others."""

    ids: dict[str, int]
    company_id: int


def gather(db: Session, *, now: datetime) -> Cast:
    """Find everybody of the demo, adding who is missing; refuse a database of other people."""
    marked = db.scalars(select(AuditEntry.id).where(AuditEntry.action == MARK)).first()
    if marked is None:
        if db.scalars(select(Person.id).limit(1)).first() is not None:
            raise Misconfigured(
                "DATABASE_URL: this database holds real people; give the demo an empty one"
            )
        record(db, actor_id=None, action=MARK, subject="demo", now=now)
    password_hash = hash_password(PASSWORD)  # once: hashing is slow on purpose
    ids = {
        email: _find_or_add(db, email, password_hash, now)
        for email in (*NAMES, *CANDIDATES, *OTHERS)
    }
    roles = dict.fromkeys((TRAINER, *OTHER_TRAINERS), Role.TRAINER)
    staff = dict.fromkeys((STAFF, REVIEWER), Role.STAFF)
    for email, role in {**roles, **staff}.items():
        grant_role(
            db,
            email=email,
            full_name=NAMES[email],
            role=role,
            granted_by_id=None,
            now=now,
        )
    return Cast(ids=ids, company_id=_company(db, ids[COMPANY], now))


def _find_or_add(db: Session, email: str, password_hash: str, now: datetime) -> int:
    person = find_person(db, email=email)
    if person is None:
        person = add_person(
            db,
            full_name=NAMES.get(email) or _invent_name(email),
            email=email,
            password_hash=password_hash,
            now=now,
        )
    return person.id


def _invent_name(email: str) -> str:
    n = int("".join(character for character in email if character.isdecimal()))
    n += 20 if email in OTHERS else 0
    first, last = FIRST_NAMES[n % len(FIRST_NAMES)], LAST_NAMES[n % len(LAST_NAMES)]
    return f"{first} {last}"


def _company(db: Session, member_id: int, now: datetime) -> int:
    membership = db.scalars(
        select(CompanyMember).where(CompanyMember.person_id == member_id)
    ).one_or_none()
    if membership:
        return membership.company_id
    return set_up_company(
        db,
        person_id=member_id,
        name="Northgate Power Networks Ltd",
        invoice_address="Accounts payable\nNorthgate House\n12 Cable Street\nLeeds LS1 1AA",
        now=now,
    ).id
