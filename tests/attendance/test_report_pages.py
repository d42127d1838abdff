"""The page of a date's minutes, over HTTP: sending, matching, marking, signing."""

import io
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.attendance.models import (
    AttendanceMark,
    Countersignature,
    MeetingReport,
    MeetingStay,
    StayMatch,
)
from ecs_training.attendance.rules.reports import ReportRefusal, SigningRefusal
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession, Meeting
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session, make_person

HEAD = "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n"
ALICE = "Alice\t02/03/2026, 08:55:00\t02/03/2026, 16:40:00\t7h 45m\talice@example.org\tAttendee\n"
BOBBY = "Bobby\t02/03/2026, 09:30:00\t02/03/2026, 12:00:00\t2h 30m\t\tAttendee\n"
DAWN = "Dawn\t02/03/2026, 08:50:00\t02/03/2026, 16:45:00\t7h 55m\tdawn@example.org\tOrganizer\n"
REPORT = HEAD + ALICE + BOBBY + DAWN


@dataclass
class Day:
    """Dawn's course of today with Alice and Bob on it, and its addresses."""

    ref: str
    alice: str
    bob: str

    @property
    def register(self) -> str:
        return f"/trainer/course-sessions/{self.ref}"

    @property
    def page(self) -> str:
        return f"{self.register}/attendance-reports"


@pytest.fixture
def day(database: Database, clock: MovableClock) -> Day:
    """The course is over by half an hour; another of Dawn's had the same people."""
    now = clock()
    with database.transaction() as db:
        dawn = make_person(db, "dawn", now=now, role=Role.TRAINER)
        make_person(db, "eve", now=now, role=Role.TRAINER)
        make_person(db, "sam", now=now, role=Role.STAFF)
        alice, bob = (make_person(db, name, now=now) for name in ("alice", "bob"))
        today = make_course_session(db, now=now, trainer=dawn, on=now.date())
        other = make_course_session(db, now=now, trainer=dawn)
        make_booking(db, other, alice, now=now)
        booked = [make_booking(db, today, each, now=now).ref for each in (alice, bob)]
        found = Day(today.ref, *booked)
    clock.advance(hours=8)
    return found


def visit(app: Flask, name: str, page: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    visitor.open(page)
    return visitor


@pytest.fixture
def dawn(app: Flask, day: Day) -> Visitor:
    return visit(app, "dawn", day.page)


def upload(
    visitor: Visitor, day: Day, text: str = REPORT, **fields: Any
) -> TestResponse:
    content = b"\xff\xfe" + text.encode("utf-16-le")
    return send_bytes(visitor, day, content, **fields)


def send_bytes(
    visitor: Visitor, day: Day, content: bytes, **fields: Any
) -> TestResponse:
    visitor.open(day.page)
    file = (io.BytesIO(content), "attendance.csv")
    order = fields.pop("order", "find-out")
    visitor.page = visitor.client.post(
        day.page,
        data={"csrf_token": visitor.token(), "report": file, "order": order, **fields},
        headers={"Referer": "http://localhost/"},
    )
    return visitor.page


def say_who(visitor: Visitor, day: Day, identity: str, booking: str) -> TestResponse:
    """Say who somebody in the reports is, and return the page that one comes to."""
    visitor.open(day.page)
    answer = visitor.post(
        f"{day.register}/attendance-matches", identity=identity, booking=booking
    )
    return visitor.open(day.page) if answer.status_code == 303 else answer


def count(database: Database, what: Any, *where: Any) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(what).where(*where)) or 0


def test_a_report_becomes_minutes_and_the_doubtful_wait(
    dawn: Visitor, database: Database, day: Day
) -> None:
    assert "No report yet" in dawn.open(day.page).text
    answer = upload(dawn, day)
    assert (answer.status_code, answer.location) == (303, f"{day.page}#minutes")
    page = dawn.open(day.page).text
    assert "<strong>450</strong>" in page  # Alice: all of 9am to 4:30pm
    assert "Who is Bobby?" in page
    assert "The trainer" in page
    assert "Being in the meeting is not invigilation" in page
    assert "1 report, not signed" in dawn.open(day.register).text
    assert count(database, AttendanceMark) == 0  # nothing is marked by itself


def test_a_persons_word_counts_until_it_is_taken_back(
    dawn: Visitor, database: Database, day: Day
) -> None:
    upload(dawn, day)
    dawn.open(day.page)
    page = say_who(dawn, day, "bobby", day.bob)
    assert "<strong>150</strong>" in page.text
    assert "Came 30 minutes late" in page.text
    assert "Left 270 minutes early" in page.text
    assert "Who is Bobby?" not in page.text
    page = dawn.send(to="/attendance-matches/withdrawal")
    assert "Who is Bobby?" in page.text
    page = say_who(dawn, day, "bobby", "nobody")
    assert "Nobody on the register" in page.text
    assert count(database, StayMatch) == 2
    assert count(database, StayMatch, StayMatch.withdrawn_at.is_(None)) == 1
    with database.reading() as db:
        done = db.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert done[-4:] == [
        "took attendance report",
        "matched report",
        "withdrew match of report",
        "matched report",
    ]


def test_a_choice_that_is_none_is_asked_again(dawn: Visitor, day: Day) -> None:
    upload(dawn, day)
    dawn.open(day.page)
    page = say_who(dawn, day, "bobby", "")
    assert page.status_code == 422
    assert 'href="#booking"' in page.text
    assert 'id="booking"' in page.text


@pytest.mark.parametrize(("booking", "status"), [("0000000000", 404), ("nobody", 409)])
def test_nobody_is_matched_with_whom_they_cannot_be(
    dawn: Visitor, day: Day, booking: str, status: int
) -> None:
    upload(dawn, day)
    identity = "bobby" if status == 404 else "somebody else"
    answer = dawn.post(
        f"{day.register}/attendance-matches", identity=identity, booking=booking
    )
    assert answer.status_code == status


def test_the_same_file_counts_once_and_stands_again_after_withdrawal(
    dawn: Visitor, database: Database, day: Day
) -> None:
    for _ in range(2):
        assert upload(dawn, day).status_code == 303
    assert count(database, MeetingReport) == 1
    dawn.open(day.page)
    page = dawn.send(to="/withdrawal")
    assert "No report yet" in page.text
    assert "Withdrawn" in page.text
    upload(dawn, day)
    assert "<strong>450</strong>" in dawn.open(day.page).text
    assert (count(database, MeetingReport), count(database, MeetingStay)) == (1, 3)


def test_a_second_report_of_the_day_is_added_up(
    dawn: Visitor, database: Database, day: Day
) -> None:
    morning = HEAD + ALICE.replace("16:40:00", "12:00:00")
    afternoon = HEAD + ALICE.replace("08:55:00", "12:20:00")
    upload(dawn, day, morning)
    upload(dawn, day, afternoon)
    page = dawn.open(day.page).text
    assert "<strong>430</strong>" in page
    assert "Away from 12 noon to 12:20pm, 20 minutes" in page
    assert count(database, MeetingReport) == 2


def test_those_there_for_nine_tenths_are_marked_in_one_go_and_no_others(
    dawn: Visitor, database: Database, day: Day
) -> None:
    upload(dawn, day)
    dawn.open(day.page)
    answer = dawn.send(to="/attendance-marks", follow=False)
    assert (answer.status_code, answer.location) == (303, day.register)
    with database.reading() as db:
        assert db.scalars(select(AttendanceMark.presence)).all() == ["attended"]
    page = dawn.open(day.page).text
    assert "/attendance-marks" not in page  # nobody is left to propose


def test_marking_nobody_is_refused(dawn: Visitor, day: Day) -> None:
    answer = dawn.post(f"{day.register}/attendance-marks")
    assert answer.status_code == 409
    assert 'data-refusal="nobody-chosen"' in answer.text


def test_the_trainer_signs_and_a_later_report_makes_it_stale(
    dawn: Visitor, database: Database, day: Day
) -> None:
    upload(dawn, day)
    dawn.open(day.page)
    say_who(dawn, day, "bobby", day.bob)
    dawn.open(day.page)
    page = dawn.send(to="/countersignature")
    assert "Signed" in page.text
    assert "Sign again" not in page.text
    assert "Signed" in dawn.open(day.register).text

    upload(dawn, day, HEAD + BOBBY.replace("12:00:00", "15:00:00"))
    page = dawn.open(day.page)
    assert "Out of date" in page.text
    assert "Signed, but changed since" in dawn.open(day.register).text
    dawn.open(day.page)
    page = dawn.send(to="/countersignature")
    assert "Out of date" not in page.text
    assert count(database, Countersignature) == 2
    stands = Countersignature.withdrawn_at.is_(None)
    assert count(database, Countersignature, stands) == 1


def test_signing_what_has_changed_meanwhile_is_refused(
    dawn: Visitor, database: Database, day: Day
) -> None:
    upload(dawn, day, HEAD + ALICE)
    dawn.open(day.page)
    seen = dawn.page
    upload(dawn, day, HEAD + BOBBY.replace("Bobby", "Bob"))
    dawn.page = seen
    page = dawn.send(to="/countersignature")
    assert page.status_code == 409
    assert SigningRefusal.CHANGED.value in page.text
    assert count(database, Countersignature) == 0


def test_nobody_signs_for_the_trainer(
    app: Flask, dawn: Visitor, database: Database, day: Day
) -> None:
    upload(dawn, day, HEAD + ALICE)
    sam = visit(app, "sam", day.page)
    assert sam.page
    assert "Only Dawn can sign" in sam.page.text
    assert "/countersignature" not in sam.page.text
    answer = sam.post(f"{day.register}/countersignature", digest="0")
    assert answer.status_code == 409
    assert 'data-refusal="not-the-trainer"' in answer.text
    assert count(database, Countersignature) == 0


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", (422, ReportRefusal.EMPTY)),
        ("a\tb\n", (409, ReportRefusal.NOT_A_REPORT)),
        (REPORT.replace("02/03", "04/03"), (409, ReportRefusal.OTHER_DAY)),
    ],
)
def test_a_file_that_is_not_taken_leaves_nothing_behind(
    dawn: Visitor, database: Database, day: Day, text: str, refused: tuple[int, str]
) -> None:
    content = b"\xff\xfe" + text.encode("utf-16-le") if text else b""
    answer = send_bytes(dawn, day, content)
    status, words = refused
    assert answer.status_code == status
    assert words in unescape(answer.text)
    assert count(database, MeetingReport) == 0


def test_a_file_that_fits_another_course_of_the_trainer_asks_for_the_order(
    dawn: Visitor, database: Database, clock: MovableClock, day: Day
) -> None:
    with database.transaction() as db:
        trainer = db.scalars(
            select(Person).where(Person.email == "dawn@example.org")
        ).one()
        feb = clock().date().replace(month=2, day=3)
        make_course_session(db, now=clock(), trainer=trainer, on=feb)
    answer = upload(dawn, day)
    assert answer.status_code == 409
    assert 'data-refusal="ambiguous"' in answer.text
    assert upload(dawn, day, order="day-first").status_code == 303


def test_before_the_course_there_is_nothing_to_send(
    dawn: Visitor, clock: MovableClock, day: Day
) -> None:
    clock.advance(hours=-8, minutes=-1)
    answer = upload(dawn, day)
    assert answer.status_code == 409
    assert 'data-refusal="too-early"' in answer.text
    clock.advance(minutes=1)
    assert upload(dawn, day).status_code == 303


@pytest.mark.parametrize("name", ["eve", "alice"])
def test_another_trainers_or_a_candidates_eyes_find_nothing(
    app: Flask, dawn: Visitor, database: Database, day: Day, name: str
) -> None:
    upload(dawn, day)
    with database.reading() as db:
        report = db.scalars(select(MeetingReport.ref)).one()
    other = visit(app, name, "/account")
    assert other.open(day.page).status_code == 404
    for path in (
        day.page,
        f"{day.page}/{report}/withdrawal",
        f"{day.register}/attendance-matches",
        f"{day.register}/attendance-matches/withdrawal",
        f"{day.register}/attendance-marks",
        f"{day.register}/countersignature",
        f"{day.register}/teams-meeting/attempts",
    ):
        fields = {"identity": "bobby", "booking": day.bob, "digest": "0"}
        assert other.post(path, **fields).status_code == 404, path


def test_staff_see_which_meetings_have_a_problem_and_try_again(
    app: Flask, dawn: Visitor, database: Database, clock: MovableClock, day: Day
) -> None:
    words = "Microsoft is busy (503) and asks us to wait."
    with database.transaction() as db:
        other = db.scalars(
            select(CourseSession).where(CourseSession.ref != day.ref)
        ).one()
        db.add(
            Meeting(
                course_session_id=other.id,
                external_id="1",
                organiser="1",
                next_try_at=clock.advance(hours=1),
                last_problem=words,
                problem_since=clock.advance(hours=-1),
                created_at=clock(),
            )
        )
        page = f"/trainer/course-sessions/{other.ref}/attendance-reports"
    sam = visit(app, "sam", "/staff/teams-meetings")
    assert sam.page
    assert words in sam.page.text
    answer = sam.send(to="/teams-meeting/attempts")
    assert words in answer.text
    assert "A problem with Microsoft" in sam.open(page).text
    with database.reading() as db:
        assert db.scalars(select(Meeting.next_try_at)).one() == clock()
    assert dawn.open("/staff/teams-meetings").status_code == 404
