"""A date with people on it, and everything that may be done to it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import MetaData, select

from ecs_training.accounts.models import Company, Person
from ecs_training.accounts.rules import Role
from ecs_training.booking.services import book_for_delegate, book_seat
from ecs_training.changes.rules import ChangeKind, Plan
from ecs_training.changes.services import Wanted, execute_change, rehearse_change
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession
from tests.conftest import MovableClock
from tests.factories import make_company, make_course_session, make_person

THE_DAY = date(2026, 4, 1)  # a Wednesday, in summer time
FACTS: Mapping[ChangeKind, Mapping[str, Any]] = {
    ChangeKind.MOVE: {
        "local_date": date(2026, 4, 3),
        "local_start": time(10),
        "local_end": time(17),
    },
    ChangeKind.RESTAFF: {},  # the stage knows the other trainer
    ChangeKind.RESIZE: {"capacity": 20, "minimum": 2},
    ChangeKind.CANCEL: {"reason": "The trainer is ill."},
    ChangeKind.RESTORE: {},
}


@dataclass
class Stage:
    """Alice and Bob have booked themselves, Brenda has booked Craig for her company.

    Noise: another date with the same trainer and with Dora on it.
    """

    database: Database
    clock: MovableClock
    staff: Person
    trainer: Person
    other_trainer: Person
    alice: Person
    bob: Person
    brenda: Person
    dora: Person
    company: Company
    ref: str
    noise_ref: str

    def wanted(self, kind: ChangeKind, **changes: Any) -> Wanted:
        facts = dict(FACTS[kind])
        if kind is ChangeKind.RESTAFF:
            facts["trainer_id"] = self.other_trainer.id
        return Wanted(
            ref=changes.pop("ref", self.ref),
            kind=kind,
            by_id=changes.pop("by_id", self.staff.id),
            trainer_id=changes.pop("trainer_id", None),
            facts={**facts, **changes},
        )

    def rehearse(self, kind: ChangeKind, **changes: Any) -> Plan:
        with self.database.rehearsal() as db:
            return rehearse_change(db, self.wanted(kind, **changes), now=self.clock())

    def execute(self, kind: ChangeKind, digest: str = "", **changes: Any) -> Plan:
        """Do it; without a digest, whatever it does."""
        wanted = self.wanted(kind, **changes)
        with self.database.transaction() as db:
            if not digest:
                return rehearse_change(db, wanted, now=self.clock())
            return execute_change(db, wanted, digest=digest, now=self.clock())

    def book(self, person: Person, ref: str = "") -> None:
        with self.database.transaction() as db:
            book_seat(
                db,
                course_session_ref=ref or self.ref,
                candidate_id=person.id,
                booked_by_id=person.id,
                company_id=None,
                now=self.clock(),
            )

    def date(self) -> CourseSession:
        with self.database.reading() as db:
            return db.scalars(
                select(CourseSession).where(CourseSession.ref == self.ref)
            ).one()

    def until(self, kind: ChangeKind) -> None:
        """Bring the date to where that change is possible."""
        if kind is ChangeKind.RESTORE:
            self.execute(ChangeKind.CANCEL)
            self.clock.advance(minutes=5)


def set_stage(database: Database, clock: MovableClock) -> Stage:
    now = clock()
    with database.transaction() as db:
        staff = make_person(db, "stella", now=now, role=Role.STAFF)
        trainer = make_person(db, "theodora", now=now, role=Role.TRAINER)
        other = make_person(db, "tobias", now=now, role=Role.TRAINER)
        alice, bob = make_person(db, "alice", now=now), make_person(db, "bob", now=now)
        brenda, dora = (
            make_person(db, "brenda", now=now),
            make_person(db, "dora", now=now),
        )
        company = make_company(db, brenda, now=now)
        day = make_course_session(db, now=now, trainer=trainer, on=THE_DAY)
        noise = make_course_session(
            db, now=now, trainer=trainer, on=date(2026, 4, 8), capacity=2
        )
    stage = Stage(
        database=database,
        clock=clock,
        staff=staff,
        trainer=trainer,
        other_trainer=other,
        alice=alice,
        bob=bob,
        brenda=brenda,
        dora=dora,
        company=company,
        ref=day.ref,
        noise_ref=noise.ref,
    )
    stage.book(alice)
    stage.book(bob)
    stage.book(dora, noise.ref)
    with database.transaction() as db:
        book_for_delegate(
            db,
            course_session_ref=day.ref,
            delegate_name="Craig Bannister",
            delegate_email="craig@example.org",
            booked_by_id=brenda.id,
            company_id=company.id,
            now=now,
        )
    clock.advance(hours=1)
    return stage


def fingerprints(database: Database) -> dict[str, str]:
    """Name the contents of every table there is, ours or not."""
    found = MetaData()
    with database.engine.connect() as connection:
        found.reflect(connection)
        return {
            name: hashlib.sha256(
                repr(sorted(map(repr, connection.execute(select(table))))).encode()
            ).hexdigest()
            for name, table in found.tables.items()
        }
