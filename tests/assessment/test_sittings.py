"""Opening and closing a sitting, and the trainer's page of the day."""

import re
from datetime import timedelta
from enum import StrEnum

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Attempt, Sitting
from ecs_training.assessment.rules.sittings import (
    CLOSING_DECLARATION,
    OPENING_DECLARATION,
    SittingRefusal,
)
from ecs_training.assessment.services.attempts import StartRefused, start_attempt
from ecs_training.assessment.services.sittings import SittingRefused, close_sitting
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import CourseSession
from tests.assessment.exam import (
    BLUEPRINT,
    Day,
    clear,
    make_bank,
    make_sign_in,
    shown_keys,
    sit,
    together,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session, make_person


@pytest.fixture
def course_session(database: Database, clock: MovableClock) -> CourseSession:
    """A course of today, of trainer@example.org, with somebody who may start."""
    with database.transaction() as db:
        make_bank(db, now=clock())
        trainer = make_person(db, "trainer", now=clock(), role=Role.TRAINER)
        course_session = make_course_session(
            db, now=clock(), trainer=trainer, on=london_date(clock())
        )
        ann = make_person(db, "ann", now=clock())
        booking = make_booking(db, course_session, ann, now=clock())
        clear(db, booking, trainer, now=clock())
        return course_session


@pytest.fixture
def trainer(app: Flask, course_session: CourseSession) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("trainer@example.org")
    visitor.open(f"/trainer/course-sessions/{course_session.ref}")
    return visitor


def read_sitting(database: Database) -> Sitting:
    with database.reading() as db:
        return db.scalars(select(Sitting)).one()


def test_a_sitting_is_opened_with_a_declaration_for_eight_hours(
    trainer: Visitor,
    course_session: CourseSession,
    database: Database,
    clock: MovableClock,
) -> None:
    assert OPENING_DECLARATION in trainer.open(trainer_page(course_session)).text
    page = trainer.send(to="/sitting", declaration="yes")

    assert page.request.path == trainer_page(course_session)
    assert "The assessment is open" in page.text
    sitting = read_sitting(database)
    assert sitting.invigilator_id == course_session.trainer_id
    assert sitting.opening_declaration == OPENING_DECLARATION
    assert (sitting.opened_at, sitting.closes_at) == (
        clock(),
        clock() + timedelta(hours=8),
    )
    with database.reading() as db:
        entry = db.scalars(
            select(AuditEntry).where(AuditEntry.action == "opened sitting")
        ).one()
    assert (entry.actor_id, entry.subject) == (
        course_session.trainer_id,
        f"sitting/{sitting.ref}",
    )


def trainer_page(course_session: CourseSession) -> str:
    return f"/trainer/course-sessions/{course_session.ref}"


def test_without_the_tick_nothing_opens(trainer: Visitor, database: Database) -> None:
    page = trainer.send(to="/sitting")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "Read the declaration and tick it." in page.text
    with database.reading() as db:
        assert db.scalar(select(func.count(Sitting.id))) == 0


def test_a_date_has_one_sitting(
    trainer: Visitor, course_session: CourseSession, database: Database
) -> None:
    path = f"{trainer_page(course_session)}/sitting"
    assert trainer.post(path, declaration="yes").status_code == 303
    again = trainer.post(path, declaration="yes")
    assert (again.status_code, 'data-refusal="opened-already"' in again.text) == (
        409,
        True,
    )
    with database.reading() as db:
        assert db.scalar(select(func.count(Sitting.id))) == 1


@pytest.mark.parametrize("hours", [-10, 15])
def test_only_on_its_london_day(
    app: Flask, course_session: CourseSession, clock: MovableClock, hours: int
) -> None:
    clock.advance(hours=hours)  # 11pm the day before, midnight at its end
    trainer = Visitor(app)
    trainer.sign_in("trainer@example.org")
    answer = trainer.post(f"{trainer_page(course_session)}/sitting", declaration="yes")
    assert (answer.status_code, 'data-refusal="not-today"' in answer.text) == (
        409,
        True,
    )


def test_the_london_day_ends_at_midnight_there(
    app: Flask, course_session: CourseSession, clock: MovableClock
) -> None:
    clock.advance(hours=15, microseconds=-1)
    trainer = Visitor(app)
    trainer.sign_in("trainer@example.org")
    answer = trainer.post(f"{trainer_page(course_session)}/sitting", declaration="yes")
    assert answer.status_code == 303


def test_closing_waits_for_who_is_working_and_says_how_many(
    app: Flask, day: Day, database: Database, clock: MovableClock
) -> None:
    for who in (1, 2):
        sit(app, day, who)
    trainer = Visitor(app)
    trainer.sign_in(day.trainer.email)
    trainer.open(trainer_page(day.course_session))
    refused = trainer.send(to="/closing", declaration="yes")
    assert refused.status_code == 409
    assert 'data-refusal="still-working"' in refused.text
    assert "2 people are still working." in refused.text

    clock.advance(minutes=30)  # at the deadline itself they are still in time
    assert trainer.send(to="/closing", declaration="yes").status_code == 409
    clock.at += timedelta(milliseconds=1)
    page = trainer.send(to="/closing", declaration="yes")
    assert "The assessment is closed" in page.text
    sitting = read_sitting(database)
    assert (sitting.closed_at, sitting.closed_by_id) == (clock(), day.trainer.id)
    assert sitting.closing_declaration == CLOSING_DECLARATION

    again = trainer.post(
        f"{trainer_page(day.course_session)}/sitting/closing", declaration="yes"
    )
    assert 'data-refusal="closed-already"' in again.text


def test_what_was_never_opened_cannot_be_closed(
    trainer: Visitor, course_session: CourseSession
) -> None:
    path = f"{trainer_page(course_session)}/sitting/closing"
    assert 'data-refusal="not-opened"' in trainer.post(path, declaration="yes").text


def test_nobody_starts_while_it_closes(
    day: Day, database: Database, clock: MovableClock
) -> None:
    """Raced: either the start is first and closing waits, or closing is and nobody starts."""
    (candidate, _) = day.candidates
    with database.transaction() as db:
        sign_in_id = make_sign_in(db, candidate, now=clock())
    reasons: list[StrEnum] = []

    def begin() -> bool:
        try:
            with database.transaction() as db:
                start_attempt(
                    db,
                    sitting_ref=day.sitting.ref,
                    person_id=candidate.id,
                    sign_in_id=sign_in_id,
                    blueprint=BLUEPRINT,
                    now=clock(),
                )
        except StartRefused:
            return False
        return True

    def close() -> bool:
        try:
            with database.transaction() as db:
                close_sitting(
                    db,
                    course_session_ref=day.course_session.ref,
                    trainer_id=None,
                    closed_by_id=day.trainer.id,
                    declaration=CLOSING_DECLARATION,
                    now=clock(),
                )
        except SittingRefused as refused:
            reasons.append(refused.reason)
            return False
        return True

    started, closed = together(begin, close)
    assert started is not closed
    assert reasons == [SittingRefusal.STILL_WORKING] * int(started)
    with database.reading() as db:
        assert db.scalar(select(func.count(Attempt.id))) == int(started)


def test_another_trainers_day_is_404_and_staff_see_any(
    app: Flask, course_session: CourseSession, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_person(db, "other", now=clock(), role=Role.TRAINER)
        make_person(db, "desk", now=clock(), role=Role.STAFF)
    page = trainer_page(course_session)
    for email in ("other@example.org", "ann@example.org"):
        visitor = Visitor(app)
        visitor.sign_in(email)
        assert visitor.open(page).status_code == 404
        for action in ("sitting", "sitting/closing"):
            assert (
                visitor.post(f"{page}/{action}", declaration="yes").status_code == 404
            )
    desk = Visitor(app)
    desk.sign_in("desk@example.org")
    assert desk.open(page).status_code == 200
    assert desk.post(f"{page}/sitting", declaration="yes").status_code == 303
    assert read_sitting(database).invigilator_id != course_session.trainer_id


def test_the_register_tells_outcomes_and_never_a_score_or_an_answer(
    app: Flask, day: Day, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        unchecked = make_person(db, "unchecked", now=clock())
        make_booking(db, day.course_session, unchecked, now=clock())
    first, second = sit(app, day, 1), sit(app, day, 2)
    keys = shown_keys(database, first.ref)
    for n, key in keys.items():
        first.put(n, key)
    first.finish()

    trainer = Visitor(app)
    trainer.sign_in(day.trainer.email)
    text = trainer.open(trainer_page(day.course_session)).text
    rows = re.findall(r"person-\w{12}.*?</tr>", text, re.DOTALL)
    words = ("Passed", "Working", "Cannot start yet")
    assert [[word for word in words if word in row] for row in rows] == [
        ["Passed"],
        ["Working"],
        ["Cannot start yet"],
    ]
    assert "50 of 50" not in text
    assert second.ref not in text


def test_a_day_without_bookings_says_so(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        trainer = make_person(db, "trainer", now=clock(), role=Role.TRAINER)
        empty = make_course_session(db, now=clock(), trainer=trainer)
    visitor = Visitor(app)
    visitor.sign_in("trainer@example.org")
    page = visitor.open(trainer_page(empty))
    assert "Nobody has booked" in page.text


def test_the_register_asks_as_many_questions_for_forty_people_as_for_two(
    app: Flask, database: Database, day: Day, clock: MovableClock
) -> None:
    trainer = Visitor(app)
    trainer.sign_in(day.trainer.email)
    counts = []
    said: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _c, _cu, sql, *_: said.append(sql),
    )
    for more in (38, 0):
        said.clear()
        trainer.open(trainer_page(day.course_session))
        counts.append(len([sql for sql in said if sql.startswith("SELECT")]))
        with database.transaction() as db:
            session = db.merge(day.course_session)
            for _ in range(more):
                person = make_person(db, now=clock())
                booking = make_booking(db, session, person, now=clock())
                clear(db, booking, day.trainer, now=clock())
    assert counts[0] == counts[1] <= 10
