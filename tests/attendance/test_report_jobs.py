"""Attendance reports fetched from Microsoft Graph, against the double of the meetings."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ecs_training.attendance.jobs import read_meeting_reports
from ecs_training.attendance.models import MeetingReport, MeetingStay
from ecs_training.attendance.queries.timelines import DayMinutes, read_minutes
from ecs_training.scheduling.models import CourseSession
from tests.factories import make_booking, make_person
from tests.scheduling.graph_double import Fault, record
from tests.scheduling.test_meetings import Teams, graph, ref, settings, teams

__all__ = ["graph", "ref", "settings", "teams"]

ENDS = datetime(2026, 3, 10, 16, tzinfo=UTC)
MORNING = ("2026-03-10T08:55:00.1234567Z", "2026-03-10T12:00:00Z")
AFTERNOON = ("2026-03-10T12:30:00Z", "2026-03-10T16:05:00Z")


@pytest.fixture
def held(teams: Teams, ref: str) -> str:
    """The date with its meeting and Alice on it, a quarter of an hour after its end."""
    with teams.database.transaction() as db:
        course_session = db.scalars(select(CourseSession)).one()
        alice = make_person(db, "alice", now=teams.clock())
        make_booking(db, course_session, alice, now=teams.clock())
    teams.run()
    teams.clock.at = ENDS + timedelta(minutes=15)
    return ref


def fetch(teams: Teams) -> int:
    return read_meeting_reports(teams.database, teams.clock, teams.settings)


def minutes(teams: Teams, ref: str) -> DayMinutes:
    with teams.database.reading() as db:
        return read_minutes(db, ref=ref, trainer_id=None)


def count_reports(teams: Teams) -> int:
    with teams.database.reading() as db:
        return len(db.scalars(select(MeetingReport.id)).all())


def test_every_run_of_the_meeting_counts(teams: Teams, held: str) -> None:
    teams.graph.add_report(record("Alice", "Alice@Example.org", MORNING))
    teams.graph.add_report(
        record("Alice", "Alice@Example.org", AFTERNOON),
        record("Stranger (Guest)", None, AFTERNOON),
        record("Dawn", "dawn@example.org", MORNING, AFTERNOON, role="Organizer"),
    )
    assert fetch(teams) == 1
    found = minutes(teams, held)
    (alice,) = found.people
    assert alice.there.total == 390
    assert [(gap[1] - gap[0]).seconds for gap in alice.there.gaps] == [1800]
    assert [each.shown_name for each in found.undecided] == ["Stranger (Guest)"]
    assert found.standing == 2


def test_reports_are_asked_for_four_times_and_each_is_kept_once(
    teams: Teams, held: str
) -> None:
    teams.graph.add_report(record("Alice", "alice@example.org", MORNING))
    asked = []
    for after in (15, 120, 24 * 60, 72 * 60):
        teams.clock.at = ENDS + timedelta(minutes=after, seconds=-1)
        assert fetch(teams) == 0
        teams.clock.advance(seconds=1)
        assert fetch(teams) == 1
        asked.append(count_reports(teams))
        if after == 120:  # a run that Microsoft tells of a day late
            teams.graph.add_report(record("Alice", "alice@example.org", AFTERNOON))
    assert asked == [1, 1, 2, 2]
    teams.clock.advance(days=3)
    assert fetch(teams) == 0
    assert teams.graph.count("attendanceRecords") == 2
    assert minutes(teams, held).people[0].there.total == 390


@pytest.mark.usefixtures("held")
def test_long_lists_are_read_page_by_page(teams: Teams) -> None:
    for _ in range(5):
        people = [record(f"P{n}", f"p{n}@example.org", MORNING) for n in range(5)]
        teams.graph.add_report(*people)
    assert fetch(teams) == 1
    with teams.database.reading() as db:
        assert len(db.scalars(select(MeetingStay.id)).all()) == 25


def test_a_report_that_fails_loses_none_before_it_and_is_asked_for_again(
    teams: Teams, held: str
) -> None:
    for _ in range(2):
        teams.graph.add_report(record("Alice", "alice@example.org", MORNING))
    records = "GET .*attendanceRecords"
    teams.graph.faults += [Fault(records), Fault(records, status=503)]
    assert fetch(teams) == 0
    assert count_reports(teams) == 1
    problem = minutes(teams, held).meeting
    assert problem
    assert problem.last_problem == "Microsoft is busy (503) and asks us to wait."
    teams.clock.advance(seconds=76)
    assert fetch(teams) == 1
    assert count_reports(teams) == 2
    assert teams.graph.count("attendanceRecords") == 3


def test_what_microsoft_never_tells_is_given_up_after_a_week(
    teams: Teams, held: str
) -> None:
    teams.graph.meetings.clear()  # somebody removed it in Teams
    for _ in range(200):
        fetch(teams)
        teams.clock.advance(hours=1, minutes=15)
    asked = len(teams.graph.asked)
    teams.clock.advance(days=1)
    assert fetch(teams) == 0
    assert len(teams.graph.asked) == asked
    meeting = minutes(teams, held).meeting
    assert meeting
    assert meeting.last_problem == "Microsoft knows no such meeting."


def test_a_report_that_was_withdrawn_does_not_come_back(
    teams: Teams, held: str
) -> None:
    teams.graph.add_report(record("Alice", "alice@example.org", MORNING))
    fetch(teams)
    with teams.database.transaction() as db:
        db.scalars(select(MeetingReport)).one().withdrawn_at = teams.clock()
    teams.clock.advance(hours=2)
    assert fetch(teams) == 1
    assert minutes(teams, held).standing == 0


@pytest.mark.usefixtures("held")
def test_where_people_send_the_reports_nobody_is_asked(teams: Teams) -> None:
    asked = len(teams.graph.asked)
    by_hand = teams.settings.model_copy(update={"teams_meetings": "manual"})
    assert read_meeting_reports(teams.database, teams.clock, by_hand) == 0
    assert len(teams.graph.asked) == asked
