"""Time and breaks that were agreed: before the test, during it, and taken back."""

from datetime import datetime, timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Attempt, TimeChange
from ecs_training.assessment.rules.adjusting import (
    AskRefusal,
    moved_deadline,
    why_not_ask,
)
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.rules.timing import word_length
from ecs_training.assessment.services.adjusting import AskRefused
from ecs_training.assessment.services.attempts import start_attempt
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.holding import hold_attempt
from ecs_training.booking.models import Adjustment
from ecs_training.booking.services import ask_adjustment, decide_adjustment
from ecs_training.foundation.database import Database
from tests.assessment.exam import (
    BLUEPRINT,
    Day,
    Sitter,
    make_day,
    make_sign_in,
    together,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_person
from tests.racing import take_locks_away

HALF_HOUR = timedelta(minutes=30)


class Room:
    """A day with two people: `first` is who it is about, the other is noise."""

    def __init__(self, db: Session, day: Day, now: datetime) -> None:
        self.db, self.day, self.began = db, day, now
        self.staff = make_person(db, "staff", now=now, role=Role.STAFF)
        self.booking = day.bookings[0]

    def start(self, who: int = 0) -> Attempt:
        person = self.day.candidates[who]
        return start_attempt(
            self.db,
            sitting_ref=self.day.sitting.ref,
            person_id=person.id,
            sign_in_id=make_sign_in(self.db, person, now=self.began),
            blueprint=BLUEPRINT,
            now=self.began,
        )

    def ask(self, now: datetime | None = None) -> Adjustment:
        return ask_adjustment(
            self.db,
            booking_ref=self.booking.ref,
            person_id=self.booking.candidate_id,
            needs="More time",
            now=now or self.began,
        )

    def decide(
        self,
        asked: Adjustment,
        percent: int,
        *,
        rest: int = 0,
        agreed: bool = True,
        after: timedelta = timedelta(0),
    ) -> None:
        decide_adjustment(
            self.db,
            ref=asked.ref,
            agreed=agreed,
            time_percent=percent,
            rest_minutes=rest,
            reply="",
            decided_by_id=self.staff.id,
            expects_decided_at=asked.decided_at,
            now=self.began + after,
        )

    def changes(self, attempt: Attempt) -> list[int]:
        return list(
            self.db.scalars(
                select(TimeChange.seconds)
                .where(
                    TimeChange.attempt_id == attempt.id,
                    TimeChange.kind == TimeChangeKind.ADJUSTMENT,
                )
                .order_by(TimeChange.id)
            )
        )


@pytest.fixture
def room(db: Session, now: datetime) -> Room:
    return Room(db, make_day(db, now=now, people=2), now)


@pytest.mark.parametrize("percent", [100, 125, 200, 300])
def test_what_was_agreed_before_is_what_somebody_starts_with(
    room: Room, percent: int
) -> None:
    room.decide(room.ask(), percent, rest=10)
    attempt = room.start()
    assert attempt.deadline - attempt.started_at == HALF_HOUR * percent / 100
    assert (attempt.time_percent, attempt.rest_seconds) == (percent, 600)
    other = room.start(1)
    assert other.deadline - other.started_at == HALF_HOUR
    assert other.rest_seconds == 0


def test_what_is_agreed_during_the_test_moves_that_deadline_and_no_other(
    room: Room,
) -> None:
    asked = room.ask()
    attempt, other = room.start(), room.start(1)
    room.decide(asked, 150, rest=5, after=timedelta(minutes=20))
    assert attempt.deadline == room.began + timedelta(minutes=45)
    assert (attempt.time_percent, attempt.rest_seconds) == (150, 300)
    assert room.changes(attempt) == [15 * 60]
    assert other.deadline == room.began + HALF_HOUR
    assert room.changes(other) == []


def test_less_time_ends_nothing_before_this_moment(room: Room) -> None:
    asked = room.ask()
    room.decide(asked, 200)
    attempt = room.start()
    at = timedelta(minutes=50)
    room.decide(asked, 100, after=at)
    assert attempt.deadline == room.began + at
    assert room.changes(attempt) == [-10 * 60]


def test_less_time_than_is_left_is_taken_in_full(room: Room) -> None:
    asked = room.ask()
    room.decide(asked, 200)
    attempt = room.start()
    room.decide(asked, 150, after=timedelta(minutes=10))
    assert attempt.deadline == room.began + timedelta(minutes=45)


def test_an_agreement_taken_back_leaves_the_usual_time(room: Room) -> None:
    asked = room.ask()
    room.decide(asked, 150, rest=10)
    attempt = room.start()
    room.decide(asked, 150, rest=10, agreed=False, after=timedelta(minutes=1))
    assert attempt.deadline == room.began + HALF_HOUR
    assert (attempt.time_percent, attempt.rest_seconds) == (100, 0)


def test_a_break_that_was_had_stays_had(room: Room) -> None:
    asked = room.ask()
    room.decide(asked, 100, rest=10)
    attempt = room.start()
    attempt.rest_used_seconds = 240
    room.db.flush()
    room.decide(asked, 100, rest=2, after=timedelta(minutes=9))
    assert attempt.rest_seconds == 240
    assert room.changes(attempt) == []


def test_a_clock_that_stands_still_loses_nothing_by_less_time(room: Room) -> None:
    asked = room.ask()
    room.decide(asked, 200)
    attempt = room.start()
    at = room.began + timedelta(minutes=40)
    hold_attempt(room.db, attempt_id=attempt.id, reason="noise", held_by_id=1, now=at)
    later = at + timedelta(minutes=20)
    room.decide(asked, 100, after=later - room.began)
    # It had 40 minutes when it was held; the 20 that it has stood do not count.
    assert attempt.deadline_at(later) == later


def test_a_finished_test_is_left_alone(room: Room) -> None:
    asked = room.ask()
    attempt = room.start()
    finish_attempt(
        room.db, attempt_id=attempt.id, now=room.began + timedelta(minutes=3)
    )
    room.decide(asked, 300, after=timedelta(minutes=4))
    assert attempt.deadline == room.began + HALF_HOUR
    assert attempt.time_percent == 100


def test_asking_is_refused_while_the_test_runs_and_nothing_is_withdrawn(
    database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        room = Room(db, make_day(db, now=clock(), people=2), clock())
        asked = room.ask()
        room.decide(asked, 150)
        room.start()
    with database.transaction() as db:
        room.db = db
        with pytest.raises(AskRefused) as refused:
            room.ask()
        db.rollback()
    assert refused.value.reason is AskRefusal.RUNNING
    with database.reading() as db:
        assert db.scalars(select(Adjustment.withdrawn_at)).all() == [None]


def test_asking_ends_with_the_london_day_unless_something_is_left_to_sit(
    db: Session, room: Room
) -> None:
    cleared = room.booking
    uncleared = make_booking(
        db,
        room.day.course_session,
        make_person(db, "ben", now=room.began),
        now=room.began,
    )
    last = room.began.replace(hour=23, minute=59)
    room.booking = uncleared
    room.ask(last)
    with pytest.raises(AskRefused) as refused:
        room.ask(last + timedelta(minutes=1))
    assert refused.value.reason is AskRefusal.OVER
    room.booking = cleared  # has an entry that nobody has sat
    room.ask(last + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("working", "can_sit", "day_over", "reason"),
    [
        (False, False, False, None),
        (False, True, True, None),
        (True, False, False, AskRefusal.RUNNING),
        (False, False, True, AskRefusal.OVER),
    ],
)
def test_until_when_one_may_ask(
    working: bool, can_sit: bool, day_over: bool, reason: AskRefusal | None
) -> None:
    assert why_not_ask(working=working, can_sit=can_sit, day_over=day_over) is reason


def test_a_test_that_was_over_is_not_opened_by_less_time(now: datetime) -> None:
    over = now - timedelta(seconds=5)
    assert (
        moved_deadline(
            deadline=over,
            before=timedelta(minutes=60),
            after=HALF_HOUR,
            stood=timedelta(0),
            now=now,
        )
        == over
    )


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=45), "45 minutes"),
        (timedelta(minutes=37, seconds=30), "37 minutes 30 seconds"),
        (timedelta(minutes=1), "1 minute"),
    ],
)
def test_a_length_is_worded_to_the_second(length: timedelta, words: str) -> None:
    assert word_length(length) == words


def _agree(
    database: Database, day: Day, *, percent: int, rest: int, now: datetime
) -> None:
    with database.transaction() as db:
        room = Room(db, day, now)
        room.decide(room.ask(), percent, rest=rest)


def test_the_sitting_page_says_the_persons_own_time(
    app: Flask, database: Database, day: Day, clock: MovableClock
) -> None:
    _agree(database, day, percent=150, rest=10, now=clock())
    sitter = Sitter(app)
    sitter.sign_in("sitter1@example.org")
    page = sitter.open(f"/sittings/{day.sitting.ref}").text
    assert "You have 45 minutes</strong>, as agreed with you" in page
    assert "You may take breaks of up to 10 minutes altogether." in page
    other = Sitter(app)
    other.sign_in("sitter2@example.org")
    page = other.open(f"/sittings/{day.sitting.ref}").text
    assert "You have 30 minutes from the moment" in page
    assert "You may take breaks" not in page


def test_the_trainer_sees_what_is_agreed_and_not_what_was_written(
    app: Flask, database: Database, day: Day, clock: MovableClock
) -> None:
    _agree(database, day, percent=150, rest=10, now=clock())
    trainer = Visitor(app)
    trainer.sign_in("trainer@example.org")
    page = trainer.open(f"/trainer/course-sessions/{day.course_session.ref}").text
    assert page.count("Time \N{MULTIPLICATION SIGN}1.5, breaks of 10 minutes") == 1
    assert "More time" not in page


def decide_while_somebody_starts(database: Database, now: datetime) -> Attempt:
    """Decide for double time at the moment at which their attempt stands and is not told."""
    with database.transaction() as db:
        room = Room(db, make_day(db, now=now), now)
        asked = room.ask()
    started, decided = Event(), Event()

    def dawdle(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith("INSERT INTO attempts"):
            started.set()
            decided.wait(1)  # in vain where the locks keep the decision back

    def start() -> None:
        with database.transaction() as db:
            _start(db, room.day, now)

    def decide() -> None:
        assert started.wait(10)
        with database.transaction() as db:
            _decide(db, asked, room.staff, now)
        decided.set()

    event.listen(database.engine, "after_cursor_execute", dawdle)
    together(start, decide)
    event.remove(database.engine, "after_cursor_execute", dawdle)
    with database.reading() as db:
        return db.scalars(select(Attempt)).one()


def test_whoever_starts_at_the_moment_of_the_decision_has_the_agreed_time(
    database: Database, clock: MovableClock
) -> None:
    attempt = decide_while_somebody_starts(database, clock())
    assert attempt.deadline - attempt.started_at == HALF_HOUR * 2
    assert attempt.time_percent == 200


def test_without_the_locks_that_time_is_lost(
    database: Database, clock: MovableClock
) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time, with or without the lock")
    take_locks_away(database)
    assert decide_while_somebody_starts(database, clock()).time_percent == 100


def _start(db: Session, day: Day, now: datetime) -> None:
    (person,) = day.candidates
    start_attempt(
        db,
        sitting_ref=day.sitting.ref,
        person_id=person.id,
        sign_in_id=make_sign_in(db, person, now=now),
        blueprint=BLUEPRINT,
        now=now,
    )


def _decide(db: Session, asked: Adjustment, staff: Person, now: datetime) -> None:
    decide_adjustment(
        db,
        ref=asked.ref,
        agreed=True,
        time_percent=200,
        rest_minutes=0,
        reply="",
        decided_by_id=staff.id,
        expects_decided_at=None,
        now=now,
    )
