"""Things that happen to course sessions and bookings, in any order."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Company, Person
from ecs_training.booking.models import Booking
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import CourseSession
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session

Row = TypeVar("Row", Person, Company, CourseSession, Booking)


@dataclass
class Changes:
    """Needs two people and a company in the database; the first two train."""

    clock: MovableClock
    choose: random.Random
    _days: list[int] = field(default_factory=lambda: list(range(1, 200)))

    def begin(self, db: Session) -> None:
        for _ in range(4):
            self.add_date(db)
        for _ in range(12):
            self.book(db)

    def make_one(self, db: Session) -> None:
        kinds = [
            self.add_date,
            self.book,
            self.book,
            self.set_link,
            self.cancel_booking,
            self.cancel_date,
            self.rename,
            self.rename,
            self.wait,
        ]
        self.choose.choice(kinds)(db)

    def add_date(self, db: Session) -> None:
        # Each day once, so that the trainer is never in two rooms.
        day = self._days.pop(self.choose.randrange(len(self._days)))
        make_course_session(
            db,
            now=self.clock(),
            on=london_date(self.clock()) + timedelta(days=day),
            trainer=db.get(Person, self.choose.choice([1, 2])),
            card_role=["labourer", "site-support"][len(self._days) % 2],
            in_house=self.choose.random() < 0.2,
        )

    def book(self, db: Session) -> None:
        date, person = self._one(db, CourseSession), self._one(db, Person)
        if date is None or person is None or self._is_booked(db, date, person):
            return
        company = self._one(db, Company) if self.choose.random() < 0.7 else None
        make_booking(db, date, person, now=self.clock(), company=company)

    def set_link(self, db: Session) -> None:
        if date := self._one(db, CourseSession):
            date.joining_url = f"https://teams.example/{self.choose.random()}"
            self._revise(date)
            for booking in db.scalars(
                select(Booking).where(Booking.course_session_id == date.id)
            ):
                self._revise(booking)

    def cancel_booking(self, db: Session) -> None:
        booking = self._one(db, Booking)
        if booking and booking.cancelled_at is None:
            booking.cancelled_at, booking.cancelled_by_id = self.clock(), 1
            self._revise(booking)

    def cancel_date(self, db: Session) -> None:
        date = self._one(db, CourseSession)
        if date and date.cancelled_at is None:
            date.cancelled_at, date.cancelled_by_id = self.clock(), 1
            self._revise(date)

    def rename(self, db: Session) -> None:
        if person := self._one(db, Person):
            names = ["Ann Bow", "Cy Dee", "Ed Fry", "Gil Hay", "Ira Joy"]
            person.full_name = self.choose.choice(names)

    def wait(self, _db: Session) -> None:
        self.clock.advance(hours=self.choose.choice([0.01, 1, 30]))

    def _one(self, db: Session, kind: type[Row]) -> Row | None:
        rows = db.scalars(select(kind).order_by(kind.id)).all()
        return self.choose.choice(rows) if rows else None

    def _is_booked(self, db: Session, date: CourseSession, person: Person) -> bool:
        booked = select(Booking.id).where(
            Booking.course_session_id == date.id, Booking.candidate_id == person.id
        )
        return db.scalars(booked).first() is not None

    def _revise(self, row: CourseSession | Booking) -> None:
        row.sequence += 1
        row.updated_at = self.clock()
