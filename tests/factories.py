"""Rows for tests, with only what the test is about to be said."""

import uuid
from datetime import date, datetime, time, timedelta
from itertools import count

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import (
    Company,
    CompanyMember,
    Person,
    RoleGrant,
    SignIn,
)
from ecs_training.accounts.rules import Role
from ecs_training.assessment.events import AttemptFinished
from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.assessment.rules.ending import Ending
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.booking.models import Booking
from ecs_training.booking.rules import Buyer
from ecs_training.foundation.london import london_date, to_utc
from ecs_training.foundation.references import hash_token, new_token
from ecs_training.passes.models import Pass
from ecs_training.passes.services import award_pass
from ecs_training.scheduling.models import CourseSession

PASSWORD = "correct horse battery staple"
# As weak as can be: to compare with a hash costs what it says it cost to make.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
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
        trainer_free_at=to_utc(on, time(16, 30)),
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


def make_finished_attempt(
    db: Session,
    candidate: Person,
    *,
    finished_at: datetime,
    score: int = 46,
    card_role: str = "labourer",
) -> Attempt:
    """Let somebody finish an assessment, and add the day it stands on. 43 is a pass."""
    course_session = make_course_session(
        db, now=finished_at, on=london_date(finished_at), card_role=card_role
    )
    booking = make_booking(db, course_session, candidate, now=finished_at)
    sitting = Sitting(
        course_session_id=course_session.id,
        blueprint="hse",
        blueprint_version=1,
        invigilator_id=course_session.trainer_id,
        opened_at=finished_at - timedelta(hours=1),
        opening_declaration="I watch everybody.",
        closes_at=finished_at + timedelta(hours=7),
    )
    sign_in = SignIn(
        token_hash=hash_token(new_token()),
        person_id=candidate.id,
        started_at=finished_at,
        expires_at=finished_at + timedelta(hours=12),
    )
    entry = _make_entry(db, booking, course_session.trainer_id, finished_at)
    db.add_all([sitting, sign_in])
    db.flush()
    attempt = Attempt(
        person_id=candidate.id,
        entry_id=entry.id,
        sitting_id=sitting.id,
        card_role=card_role,
        blueprint="hse",
        blueprint_version=1,
        pass_mark=43,
        out_of=50,
        seed="1",
        minutes=30,
        started_at=finished_at - timedelta(minutes=20),
        deadline=finished_at + timedelta(minutes=10),
        lease=new_token(),
        lease_sign_in_id=sign_in.id,
        finished_at=finished_at,
        closed_at=finished_at,
        score=score,
        passed=score >= 43,
        ending=Ending.SUBMITTED,
    )
    db.add(attempt)
    db.flush()
    return attempt


def _make_entry(db: Session, booking: Booking, trainer_id: int, at: datetime) -> Entry:
    mark = AttendanceMark(
        booking_id=booking.id,
        presence=Presence.ATTENDED,
        marked_by_id=trainer_id,
        marked_at=at,
    )
    check = IdentityCheck(
        booking_id=booking.id,
        document=DocumentKind.PASSPORT,
        outcome=IdentityOutcome.MATCHED,
        checked_by_id=trainer_id,
        checked_at=at,
    )
    db.add_all([mark, check])
    db.flush()
    entry = Entry(
        booking_id=booking.id,
        attendance_mark_id=mark.id,
        identity_check_id=check.id,
        course_session_id=booking.course_session_id,
        granted_at=at,
    )
    db.add(entry)
    db.flush()
    return entry


def make_pass(
    db: Session, candidate: Person, *, earned_at: datetime, card_role: str = "labourer"
) -> Pass:
    """Let somebody pass at that instant, and award the pass as the service does."""
    attempt = make_finished_attempt(
        db, candidate, finished_at=earned_at, card_role=card_role
    )
    award_pass(db, finished(attempt))
    return db.scalars(select(Pass).where(Pass.attempt_id == attempt.id)).one()


def finished(attempt: Attempt) -> AttemptFinished:
    """State what the assessment states of a finished attempt."""
    assert attempt.finished_at
    assert attempt.closed_at
    return AttemptFinished(
        occurred_at=attempt.closed_at,
        attempt_id=attempt.id,
        person_id=attempt.person_id,
        finished_at=attempt.finished_at,
        passed=bool(attempt.passed),
        practice=attempt.is_practice,
    )
