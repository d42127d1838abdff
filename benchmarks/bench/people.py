"""Everybody that a measurement needs: there, identified, let in and signed in.

Rows are added many at a time, and cookies are made by the app's own session and CSRF code,
around sign-ins of the accounts service: argon2 alone would take minutes for 3,000 people.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from ecs_training.accounts.access import start_signed_in
from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.accounts.services.signing_in import start_sign_in
from ecs_training.assessment.models import Entry
from ecs_training.assessment.rules.sittings import OPENING_DECLARATION
from ecs_training.assessment.services.papers import current_blueprint
from ecs_training.assessment.services.sittings import open_sitting
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.booking.models import Booking
from ecs_training.booking.rules import Buyer
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import CourseSession
from tests.factories import make_course_session, make_person

ROOM = 30  # people a sitting


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One signed-in person and, if they have a place, their sitting."""

    sitting: str
    cookie: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-CSRFToken": self.csrf}


def seat_people(app: Flask, *, people: int, now: datetime) -> list[Seat]:
    """Open as many sittings as `people` need, and let everybody in but not yet start."""
    database: Database = app.extensions["database"]
    seats = []
    for first in range(0, people, ROOM):
        with database.transaction() as db:
            candidates = _add_people(db, min(ROOM, people - first), now)
            sitting = _open_room(app, db, candidates, now)
            tokens = _sign_in(db, candidates, now)
        seats += [_seat(app, token, sitting) for token in tokens]
    return seats


def sign_in_people(app: Flask, *, people: int, now: datetime) -> list[Seat]:
    """Let somebody sign in who has no booking."""
    database: Database = app.extensions["database"]
    with database.transaction() as db:
        tokens = _sign_in(db, _add_people(db, people, now), now)
    return [_seat(app, token, "") for token in tokens]


def _add_people(db: Session, count: int, now: datetime) -> list[Person]:
    added = [
        Person(
            email=f"{uuid.uuid4().hex}@example.org",
            full_name=f"Bench Person {n}",
            password_hash=None,
            created_at=now,
            updated_at=now,
            email_confirmed_at=now,
        )
        for n in range(count)
    ]
    db.add_all(added)
    db.flush()
    return added


def _open_room(
    app: Flask, db: Session, candidates: Sequence[Person], now: datetime
) -> str:
    trainer = make_person(db, f"t{uuid.uuid4().hex}", now=now, role=Role.TRAINER)
    course_session = make_course_session(
        db, now=now, trainer=trainer, on=london_date(now), capacity=ROOM
    )
    _let_in(db, course_session, candidates, trainer.id, now)
    sitting = open_sitting(
        db,
        course_session_ref=course_session.ref,
        trainer_id=trainer.id,
        invigilator_id=trainer.id,
        declaration=OPENING_DECLARATION,
        blueprint=current_blueprint(app.extensions["settings"].question_bank),
        now=now,
    )
    return sitting.ref


def _let_in(
    db: Session,
    course_session: CourseSession,
    candidates: Sequence[Person],
    trainer_id: int,
    now: datetime,
) -> None:
    bookings = [_booking(course_session, person, now) for person in candidates]
    course_session.seats_taken = len(bookings)
    db.add_all(bookings)
    db.flush()
    marks = [
        AttendanceMark(
            booking_id=booking.id,
            presence=Presence.ATTENDED,
            marked_by_id=trainer_id,
            marked_at=now,
        )
        for booking in bookings
    ]
    checks = [
        IdentityCheck(
            booking_id=booking.id,
            document=DocumentKind.PASSPORT,
            outcome=IdentityOutcome.MATCHED,
            checked_by_id=trainer_id,
            checked_at=now,
        )
        for booking in bookings
    ]
    db.add_all([*marks, *checks])
    db.flush()
    db.add_all(
        Entry(
            booking_id=mark.booking_id,
            course_session_id=course_session.id,
            attendance_mark_id=mark.id,
            identity_check_id=check.id,
            granted_at=now,
        )
        for mark, check in zip(marks, checks, strict=True)
    )
    db.flush()


def _booking(course_session: CourseSession, person: Person, now: datetime) -> Booking:
    return Booking(
        course_session_id=course_session.id,
        candidate_id=person.id,
        booked_by_id=person.id,
        buyer=Buyer.SELF,
        booked_at=now,
        terms_version="2026-1",
        free_until=now,
        net_pence=14500,
        vat_pence=2900,
        vat_percent=20,
        calendar_uid=str(uuid.uuid4()),
        updated_at=now,
    )


def _sign_in(db: Session, people: Sequence[Person], now: datetime) -> list[str]:
    return [start_sign_in(db, person_id=person.id, now=now) for person in people]


def _seat(app: Flask, token: str, sitting: str) -> Seat:
    with app.test_request_context():
        start_signed_in(token)
        csrf = generate_csrf()
        answer = app.process_response(app.response_class())
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Seat(sitting=sitting, cookie=cookie, csrf=csrf)


def open_dates(app: Flask, *, dates: int, now: datetime) -> list[str]:
    """Add course sessions that anybody may book, with 60 seats each; return their refs."""
    database: Database = app.extensions["database"]
    on = london_date(now) + timedelta(days=14)
    with database.transaction() as db:
        return [
            make_course_session(
                db,
                now=now,
                trainer=make_person(
                    db, f"t{uuid.uuid4().hex}", now=now, role=Role.TRAINER
                ),
                on=on,
                capacity=60,
            ).ref
            for _ in range(dates)
        ]
