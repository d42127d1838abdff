"""A hall in which many papers are written at once: rows, without the hours."""

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import (
    Attempt,
    Entry,
    JournalLine,
    Resit,
    Response,
    Sitting,
)
from ecs_training.assessment.rules.ending import Ending
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.booking.models import Booking
from ecs_training.booking.rules import Buyer
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.scheduling.models import CourseSession
from tests.assessment.exam import BLUEPRINT, make_bank, make_sign_in
from tests.factories import make_course_session, make_person
from tests.portal.making import make_sitting

Chooses = Callable[[ItemRevision], str | None]
SECONDS = 20.0  # that everybody takes for a question, where times are kept


@dataclass(kw_only=True)
class Hall:
    """One course day, its bank, and everybody who ever sat in it."""

    db: Session
    now: datetime
    trainer: Person
    course_session: CourseSession
    sitting: Sitting
    sign_in_id: int
    bank: Mapping[str, Sequence[ItemRevision]]  # topic -> wordings
    codes: Mapping[int, str] = field(default_factory=dict)  # revision id -> code

    def paper(self, seed: int = 0) -> list[ItemRevision]:
        """Draw a paper by the blueprint; 0 draws the first questions of every topic."""
        chance = random.Random(seed)
        drawn: list[ItemRevision] = []
        for topic, count in BLUEPRINT.topics.items():
            bank = list(self.bank[topic])
            drawn += chance.sample(bank, count) if seed else bank[:count]
        return drawn

    def item(self, code: str) -> ItemRevision:
        return next(
            row
            for rows in self.bank.values()
            for row in rows
            if self.codes[row.id] == code
        )

    def sit(
        self,
        chooses: Chooses,
        *,
        person: Person | None = None,
        at: datetime | None = None,
        paper: Sequence[ItemRevision] | None = None,
        resit_of: Attempt | None = None,
        journal: bool = False,
        practice: bool = False,
        open_still: bool = False,
        **facts: Any,
    ) -> Attempt:
        """Write a paper: for each question the letter of the bank that `chooses` says."""
        at = at or self.now - timedelta(hours=1)
        person = person or make_person(self.db, now=self.now)
        paper = self.paper() if paper is None else paper
        chosen = [chooses(revision) for revision in paper]
        score = sum(
            letter == revision.key
            for letter, revision in zip(chosen, paper, strict=True)
        )
        entry = None if practice else self._enter(person, at, resit_of)
        marks = {
            "finished_at": at,
            "closed_at": at,
            "score": score,
            "passed": score >= BLUEPRINT.pass_mark,
            "ending": Ending.SUBMITTED,
        }
        usual = {
            "blueprint": "hse",
            "pass_mark": BLUEPRINT.pass_mark,
            **({} if open_still else marks),
        }
        attempt = Attempt(
            person_id=person.id,
            entry_id=entry.id if entry else None,
            sitting_id=self.sitting.id if entry else None,
            card_role="labourer",
            blueprint_version=1,
            out_of=len(paper),
            seed="1",
            minutes=BLUEPRINT.minutes,
            started_at=at - timedelta(minutes=20),
            deadline=at + timedelta(minutes=10),
            lease="x",
            lease_sign_in_id=self.sign_in_id,
            **(usual | facts),
        )
        self.db.add(attempt)
        self.db.flush()
        self._answer(attempt, paper, chosen)
        if journal:
            self._journal(attempt, chosen)
        if resit_of and entry:
            self._grant(resit_of, entry, at)
        return attempt

    def _enter(self, person: Person, at: datetime, resit_of: Attempt | None) -> Entry:
        if resit_of:
            before = self.db.get_one(Entry, resit_of.entry_id)
            before.spent_at = at
            self.db.flush()
            marks = (
                before.booking_id,
                before.attendance_mark_id,
                before.identity_check_id,
            )
        else:
            marks = self._attend(person, at)
        entry = Entry(
            booking_id=marks[0],
            attendance_mark_id=marks[1],
            identity_check_id=marks[2],
            course_session_id=self.course_session.id,
            granted_at=at,
        )
        self.db.add(entry)
        self.db.flush()
        return entry

    def _attend(self, person: Person, at: datetime) -> tuple[int, int, int]:
        booking = Booking(
            course_session_id=self.course_session.id,
            candidate_id=person.id,
            booked_by_id=person.id,
            buyer=Buyer.SELF,
            booked_at=at,
            terms_version="2026-1",
            free_until=at,
            net_pence=14500,
            vat_pence=2900,
            vat_percent=20,
            calendar_uid=str(uuid.uuid4()),
            updated_at=at,
            # Who comes again has another seat; which date it was is of no matter here.
            cancelled_at=at,
            cancelled_by_id=person.id,
        )
        self.db.add(booking)
        self.db.flush()
        mark = AttendanceMark(
            booking_id=booking.id,
            presence=Presence.ATTENDED,
            marked_by_id=self.trainer.id,
            marked_at=at,
        )
        check = IdentityCheck(
            booking_id=booking.id,
            document=DocumentKind.PASSPORT,
            outcome=IdentityOutcome.MATCHED,
            checked_by_id=self.trainer.id,
            checked_at=at,
        )
        self.db.add_all([mark, check])
        self.db.flush()
        return booking.id, mark.id, check.id

    def _answer(
        self,
        attempt: Attempt,
        paper: Sequence[ItemRevision],
        chosen: Sequence[str | None],
    ) -> None:
        topics = {row.id: topic for topic, rows in self.bank.items() for row in rows}
        self.db.execute(
            insert(Response),
            [
                {
                    "attempt_id": attempt.id,
                    "n": n,
                    "revision_id": revision.id,
                    "topic": topics[revision.id],
                    "option_order": "abcd",
                    "key": revision.key,
                    "chosen": letter,
                    "flagged": False,
                    "seq": n,
                    "lease": "x",
                    "late": False,
                }
                for n, (revision, letter) in enumerate(
                    zip(paper, chosen, strict=True), start=1
                )
            ],
        )

    def _journal(self, attempt: Attempt, chosen: Sequence[str | None]) -> None:
        self.db.execute(
            insert(JournalLine),
            [
                {
                    "attempt_id": attempt.id,
                    "n": n,
                    "chosen": letter,
                    "flagged": False,
                    "seq": n,
                    "lease": "x",
                    "answered_at": attempt.started_at + timedelta(seconds=SECONDS * n),
                    "late": False,
                }
                for n, letter in enumerate(chosen, start=1)
            ],
        )

    def _grant(self, failed: Attempt, entry: Entry, at: datetime) -> None:
        self.db.add(
            Resit(
                attempt_id=failed.id,
                entry_id=entry.id,
                reason="failed",
                granted_at=at,
                granted_by_id=self.trainer.id,
                calendar_uid=f"hall-{failed.id}",
                updated_at=at,
            )
        )
        self.db.flush()


def make_hall(db: Session, *, now: datetime, times: int = 1) -> Hall:
    """Open the hall with a bank of `times` the questions that a paper needs."""
    make_bank(db, now=now, times=times)
    trainer = make_person(db, "hall-trainer", now=now, role=Role.TRAINER)
    course_session = make_course_session(db, now=now, trainer=trainer, capacity=200)
    bank: dict[str, list[ItemRevision]] = {}
    codes: dict[int, str] = {}
    for revision, item in db.execute(
        select(ItemRevision, Item)
        .join(Item, Item.id == ItemRevision.item_id)
        .order_by(Item.code)
    ):
        bank.setdefault(item.topic, []).append(revision)
        codes[revision.id] = item.code
    return Hall(
        db=db,
        now=now,
        trainer=trainer,
        course_session=course_session,
        sitting=make_sitting(db, course_session, opened_at=now),
        sign_in_id=make_sign_in(db, trainer, now=now),
        bank=bank,
        codes=codes,
    )


def right(revision: ItemRevision) -> str:
    return revision.key


def wrong(revision: ItemRevision) -> str:
    return "b" if revision.key == "a" else "a"


def right_of_first(count: int) -> Chooses:
    """Get the first `count` questions right and the others wrong."""
    asked = iter(range(1000))
    return lambda revision: right(revision) if next(asked) < count else wrong(revision)
