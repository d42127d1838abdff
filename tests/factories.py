"""Rows for tests, with only what the test is about to be said."""

import uuid
from datetime import date, datetime, time, timedelta
from itertools import count

from sqlalchemy.orm import Session

from ecs_training.accounts.models import Company, CompanyMember, Person, RoleGrant
from ecs_training.accounts.rules import Role
from ecs_training.accounts.services.hashing import hash_password
from ecs_training.booking.models import Booking
from ecs_training.booking.rules import Buyer
from ecs_training.foundation.london import london_date, to_utc
from ecs_training.scheduling.models import CourseSession

PASSWORD = "correct horse battery staple"
_HASH = hash_password(PASSWORD)  # once: hashing is slow on purpose
_numbers = count(1)


def make_person(
    db: Session, name: str = "", *, now: datetime, role: Role | None = None
) -> Person:
    """Add somebody with a confirmed address `<name>@example.org` and PASSWORD."""
    name = name or f"person{next(_numbers)}"
    person = Person(
        email=f"{name.lower()}@example.org",
        full_name=name.title(),
        password_hash=_HASH,
        created_at=now,
        updated_at=now,
        email_confirmed_at=now,
    )
    db.add(person)
    db.flush()
    if role:
        db.add(RoleGrant(person_id=person.id, role=role, granted_at=now))
        db.flush()
    return person


def make_company(db: Session, member: Person, *, now: datetime) -> Company:
    company = Company(
        name="Northgate Power Ltd",
        invoice_address="1 Cable Street\nLeeds",
        created_at=now,
        updated_at=now,
    )
    db.add(company)
    db.flush()
    db.add(CompanyMember(company_id=company.id, person_id=member.id, joined_at=now))
    db.flush()
    return company


def make_course_session(
    db: Session,
    *,
    now: datetime,
    trainer: Person | None = None,
    capacity: int = 12,
    on: date | None = None,
    card_role: str = "labourer",
    in_house: bool = False,
) -> CourseSession:
    """Add a session from 9am to 4:30pm in London, a week from now unless `on` is said."""
    trainer = trainer or make_person(db, now=now, role=Role.TRAINER)
    on = on or london_date(now) + timedelta(days=7)
    course_session = CourseSession(
        card_role=card_role,
        in_house=in_house,
        local_date=on,
        local_start=time(9),
        local_end=time(16, 30),
        zone="Europe/London",
        starts_at=to_utc(on, time(9)),
        ends_at=to_utc(on, time(16, 30)),
        capacity=capacity,
        trainer_id=trainer.id,
        calendar_uid=str(uuid.uuid4()),
        created_at=now,
        updated_at=now,
    )
    db.add(course_session)
    db.flush()
    return course_session


def make_booking(
    db: Session,
    course_session: CourseSession,
    candidate: Person,
    *,
    now: datetime,
    company: Company | None = None,
) -> Booking:
    """Add a live booking, as the booking service would, without what follows from it."""
    booking = Booking(
        course_session_id=course_session.id,
        candidate_id=candidate.id,
        booked_by_id=candidate.id,
        buyer=Buyer.COMPANY if company else Buyer.SELF,
        company_id=company.id if company else None,
        booked_at=now,
        terms_version="2026-1",
        free_until=now,
        net_pence=14500,
        vat_pence=2900,
        vat_percent=20,
        calendar_uid=str(uuid.uuid4()),
        updated_at=now,
    )
    course_session.seats_taken += 1
    db.add(booking)
    db.flush()
    return booking
