"""A room with people in it, and what its invigilator does there through the services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Entry, Outage, Sitting
from ecs_training.assessment.services.finish import finish_overdue_attempt
from ecs_training.assessment.services.presence import Signs
from ecs_training.booking.models import Booking
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.invigilation.models import RoomRequest
from ecs_training.invigilation.queries.outages import Losses, read_losses
from ecs_training.invigilation.queries.room import get_any_room, read_board
from ecs_training.invigilation.rules.actions import Deed
from ecs_training.invigilation.rules.board import Line
from ecs_training.invigilation.services.acting import Order, Report, carry_out
from ecs_training.invigilation.services.crediting import Credited, credit_gaps
from ecs_training.invigilation.services.requests import Decided, decide_requests
from tests.assessment.exam import Day, Sitter, make_sign_in, sit
from tests.browsing import Visitor
from tests.conftest import MovableClock

REASONS = {Deed.END: "asked", Deed.VOID: "helped", Deed.ADMIT: "came-late"}


@dataclass
class Room:
    """`day` is open; staff is a second person, and `other` a trainer of other dates."""

    app: Flask
    database: Database
    clock: MovableClock
    day: Day
    staff: Person
    other: Person
    sitters: dict[int, Sitter] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/trainer/sittings/{self.day.sitting.ref}"

    def sit(self, *numbers: int) -> list[Sitter]:
        """Let the people of these numbers start, from 1."""
        for number in numbers:
            self.sitters[number] = sit(self.app, self.day, number)
        return [self.sitters[number] for number in numbers]

    def visit(self, name: str) -> Visitor:
        """Sign in as trainer, staff or other."""
        visitor = Visitor(self.app)
        visitor.sign_in(f"{name}@example.org")
        return visitor

    def refs(self, *numbers: int) -> list[str]:
        return [self.day.bookings[number - 1].ref for number in numbers]

    def act(self, deed: Deed, *numbers: int, minutes: int = 10, **more: Any) -> Report:
        """Do it as the trainer, with a reason of the list."""
        with self.database.transaction() as db:
            order = Order(
                deed=deed,
                by_id=self.day.trainer.id,
                sign_in_id=make_sign_in(db, self.day.trainer, now=self.clock()),
                reason=REASONS.get(deed, "device"),
                length=timedelta(minutes=minutes),
                **more,
            )
            return carry_out(
                db,
                sitting=self.sitting(),
                refs=self.refs(*numbers),
                order=order,
                now=self.clock(),
            )

    def sitting(self) -> Sitting:
        with self.database.reading() as db:
            return get_any_room(db, ref=self.day.sitting.ref)

    def board(self) -> dict[str, Line]:
        with self.database.reading() as db:
            lines = read_board(db, sitting=self.sitting(), now=self.clock())
        return {line.name: line for line in lines}

    def attempt(self, number: int) -> Attempt:
        with self.database.reading() as db:
            return (
                db.scalars(
                    select(Attempt)
                    .join(Entry, Entry.id == Attempt.entry_id)
                    .join(Booking, Booking.id == Entry.booking_id)
                    .where(Booking.ref == self.refs(number)[0])
                    .order_by(Attempt.id.desc())
                ).first()
                or Attempt()
            )

    def finish_overdue(self) -> None:
        """Do what the job does: finish whose time ran out."""
        with self.database.transaction() as db:
            open_ones = select(Attempt.id).where(Attempt.finished_at.is_(None))
            for attempt_id in db.scalars(open_ones).all():
                finish_overdue_attempt(
                    db, attempt_id=attempt_id, due=self.clock(), now=self.clock()
                )

    def requests(self) -> Sequence[RoomRequest]:
        with self.database.reading() as db:
            return db.scalars(select(RoomRequest).order_by(RoomRequest.id)).all()

    def decide(self, by: Person, *, confirm: bool = True, which: int = 0) -> Decided:
        """Let `by` decide the request of that place and all that were made with it."""
        requests = self.requests()
        first = requests[which]
        chosen = [one.ref for one in requests if one.asked_at == first.asked_at]
        with self.database.transaction() as db:
            return decide_requests(
                db,
                sitting_id=self.day.sitting.id,
                ref=first.ref,
                chosen=chosen,
                confirm=confirm,
                decided_by_id=by.id,
                now=self.clock(),
            )

    def losses(self) -> Losses:
        with self.database.reading() as db:
            return read_losses(db, sitting_id=self.day.sitting.id, now=self.clock())

    def give_back(self, *names: str) -> Credited:
        with self.database.transaction() as db:
            return credit_gaps(
                db,
                sitting_id=self.day.sitting.id,
                names=names,
                given_by_id=self.day.trainer.id,
                now=self.clock(),
            )

    def outages(self) -> Sequence[Outage]:
        with self.database.reading() as db:
            return db.scalars(select(Outage).order_by(Outage.id)).all()

    def audited(self, subject: str) -> list[AuditEntry]:
        with self.database.reading() as db:
            query = select(AuditEntry).where(AuditEntry.subject == subject)
            return list(db.scalars(query.order_by(AuditEntry.id)))


def report(sitter: Sitter, **changes: Any) -> TestResponse:
    """Give a sign of life, as the page of the test does every 15 seconds.

    Signs wait in the process for others to be written with; none does here.
    """
    sitter.client.application.extensions["signs_of_life"] = Signs()
    return sitter.report(**changes)
