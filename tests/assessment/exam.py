"""A day with its sitting, a bank with planted keys, and somebody who sits over HTTP."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ecs_training.accounts.models import Person, SignIn
from ecs_training.accounts.rules import Role
from ecs_training.accounts.services.signing_in import start_sign_in
from ecs_training.assessment.models import Attempt, Response, Sitting
from ecs_training.assessment.rules.sittings import OPENING_DECLARATION
from ecs_training.assessment.rules.writing import to_shown_letter
from ecs_training.assessment.services.sittings import open_sitting
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.attendance.services import check_identity, mark_attendance
from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.foundation.references import hash_token
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.services import read_blueprint
from ecs_training.scheduling.models import CourseSession
from tests.browsing import Visitor
from tests.factories import make_booking, make_course_session, make_person

BLUEPRINT = read_blueprint(Path("question_bank"), "hse")
T = TypeVar("T")
PLANTED = "planted-beside-the-key"  # stands in every column that nobody may see


def make_bank(db: Session, *, now: datetime, times: int = 2) -> None:
    """Add `times` the live items that a paper needs; options say their bank letter."""
    numbers = [
        (topic, number)
        for topic, count in BLUEPRINT.topics.items()
        for number in range(count * times)
    ]
    items = [
        {
            "code": f"{topic}-{number:03}",
            "topic": topic,
            "origin": "files",
            "live_revision": 1,
            "updated_at": now,
        }
        for topic, number in numbers
    ]
    added = insert(Item).returning(Item.id, sort_by_parameter_order=True)
    ids = db.scalars(added, items).all()
    db.execute(
        insert(ItemRevision),
        [
            _word_item(item_id, f"{topic}-{number:03}", number, now)
            for item_id, (topic, number) in zip(ids, numbers, strict=True)
        ],
    )


def _word_item(item_id: int, code: str, number: int, now: datetime) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "revision": 1,
        "content_hash": PLANTED,
        "stem": f"Stem of {code}?",
        "options": {letter: f"{code} says {letter * 3}" for letter in "abcd"},
        "key": "abcd"[number % 4],
        "rationale": f"{PLANTED}: why",
        "source": PLANTED,
        "clause": PLANTED,
        "checked_on": now.date(),
        "difficulty": 0.8,
        "jurisdiction": "gb",
        "enemies": [],
        "added_at": now,
    }


@dataclass(frozen=True, kw_only=True)
class Day:
    """A course day whose sitting is open, and the people who may start."""

    trainer: Person
    course_session: CourseSession
    sitting: Sitting
    candidates: Sequence[Person]
    bookings: Sequence[Booking]


def make_day(db: Session, *, now: datetime, people: int = 1, bank: bool = True) -> Day:
    """Open a sitting today, with `people` who attended and were identified: sitter1, …"""
    if bank:
        make_bank(db, now=now)
    trainer = make_person(db, "trainer", now=now, role=Role.TRAINER)
    course_session = make_course_session(
        db, now=now, trainer=trainer, on=london_date(now), capacity=60
    )
    candidates = [make_person(db, f"sitter{n + 1}", now=now) for n in range(people)]
    bookings = [make_booking(db, course_session, one, now=now) for one in candidates]
    for booking in bookings:
        clear(db, booking, trainer, now=now)
    sitting = open_sitting(
        db,
        course_session_ref=course_session.ref,
        trainer_id=trainer.id,
        invigilator_id=trainer.id,
        declaration=OPENING_DECLARATION,
        blueprint=BLUEPRINT,
        now=now,
    )
    return Day(
        trainer=trainer,
        course_session=course_session,
        sitting=sitting,
        candidates=candidates,
        bookings=bookings,
    )


def clear(db: Session, booking: Booking, trainer: Person, *, now: datetime) -> None:
    """Mark somebody as there and identified, which grants the entry."""
    mark_attendance(
        db,
        booking_id=booking.id,
        presence=Presence.ATTENDED,
        marked_by_id=trainer.id,
        now=now,
    )
    check_identity(
        db,
        booking_id=booking.id,
        document=DocumentKind.PASSPORT,
        outcome=IdentityOutcome.MATCHED,
        checked_by_id=trainer.id,
        now=now,
    )


def make_sign_in(db: Session, person: Person, *, now: datetime) -> int:
    token = start_sign_in(db, person_id=person.id, now=now)
    db.flush()
    return db.scalars(
        select(SignIn.id).where(SignIn.token_hash == hash_token(token))
    ).one()


class Sitter(Visitor):
    """Somebody with an attempt, who knows its lease and counts their own numbers."""

    ref = ""
    lease = ""
    seq = 0

    def start(self, path: str) -> str:
        """Press Start for /sittings/<ref> or /practice/<role>; return the attempt's ref."""
        if not self.page:
            self.open(path)
        answer = self.post(f"{path}/attempts")
        assert answer.status_code == 303, answer.text
        found = re.fullmatch(
            r"/attempts/(\w{12})/questions/1", answer.headers["Location"]
        )
        assert found, answer.headers["Location"]
        self.ref = found[1]
        self.look()
        return self.ref

    def look(self, n: int = 1) -> TestResponse:
        """Open question `n` and read the lease and number from it."""
        page = self.open(f"/attempts/{self.ref}/questions/{n}")
        self.lease = read_data(page.text, "lease")
        self.seq = int(read_data(page.text, "seq"))
        return page

    def put(self, n: int, option: str | None = "a", **changes: Any) -> TestResponse:
        """Send one answer with the next number, unless `changes` say another."""
        self.seq += 1
        body = {
            "option": option,
            "flagged": False,
            "seq": self.seq,
            "lease": self.lease,
            "age_ms": 0,
        }
        return self.put_body(n, body | changes)

    def put_body(self, n: int, body: Any) -> TestResponse:
        return self.client.put(
            f"/attempts/{self.ref}/responses/{n}",
            json=body,
            headers={"X-CSRFToken": self.token()},
        )

    def get(self, what: str) -> TestResponse:
        return self.client.get(f"/attempts/{self.ref}/{what}")

    def report(self, **changes: Any) -> TestResponse:
        """Give a sign of life, as the page of the test does every 15 seconds."""
        sign = {"lease": self.lease, "unsaved": 0, "hidden": False, "n": 1}
        return self.client.post(
            f"/attempts/{self.ref}/presence",
            json=sign | changes,
            headers={"X-CSRFToken": self.token()},
        )

    def take_over(self) -> TestResponse:
        return self.client.post(
            f"/attempts/{self.ref}/lease",
            json={},
            headers={"X-CSRFToken": self.token()},
        )

    def finish(self) -> TestResponse:
        return self.post(f"/attempts/{self.ref}/completion")


def together(*jobs: Callable[[], T]) -> list[T]:
    """Run them at the same moment; return what each returned, in order."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        start.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def read_data(html: str, name: str) -> str:
    found = re.search(f'data-{name}="([^"]*)"', html)
    assert found, f"no data-{name}"
    return found[1]


def sit(app: Flask, day: Day, who: int = 1) -> Sitter:
    """Sign in as sitter `who` and start."""
    sitter = Sitter(app)
    sitter.sign_in(f"sitter{who}@example.org")
    sitter.start(f"/sittings/{day.sitting.ref}")
    return sitter


def shown_keys(database: Database, ref: str) -> dict[int, str]:
    """Return the letter that is right, as shown, for each question of an attempt."""
    with database.reading() as db:
        rows = db.scalars(
            select(Response).join(Attempt).where(Attempt.ref == ref)
        ).all()
        return {row.n: str(to_shown_letter(row.key, row.option_order)) for row in rows}


def wrong(letter: str) -> str:
    return "b" if letter == "a" else "a"


def read_attempt(database: Database, ref: str) -> Attempt:
    with database.reading() as db:
        return db.scalars(select(Attempt).where(Attempt.ref == ref)).one()


def read_response(database: Database, ref: str, n: int) -> Response:
    with database.reading() as db:
        return db.scalars(
            select(Response).join(Attempt).where(Attempt.ref == ref, Response.n == n)
        ).one()
