"""Teams meetings made through Microsoft Graph, against a double that behaves as documented."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.scheduling.jobs import make_meetings
from ecs_training.scheduling.models import CourseSession, Meeting
from ecs_training.scheduling.outside.graph_access import NO_POLICY
from ecs_training.scheduling.services import (
    add_course_session,
    cancel_course_session,
    move_course_session,
    restaff_course_session,
    restore_course_session,
    set_joining_link,
)
from ecs_training.scheduling.services.meetings import try_meeting_again
from tests.conftest import MovableClock
from tests.factories import make_booking, make_person
from tests.scheduling.graph_double import POLICY, Fault, GraphDouble, running_double


@pytest.fixture
def graph() -> Iterator[GraphDouble]:
    with running_double() as double:
        yield double


@pytest.fixture
def settings(settings: Settings, graph: GraphDouble) -> Settings:
    return settings.model_copy(update=graph.settings)


@dataclass
class Teams:
    """Everything that a test of meetings needs, and the few things that it does."""

    database: Database
    clock: MovableClock
    settings: Settings
    graph: GraphDouble
    dawn: Person

    def run(self) -> int:
        return make_meetings(self.database, self.clock, self.settings)

    def publish(self, on: int = 10, **change: Any) -> str:
        """Publish a date of March 2026 and return its reference."""
        facts: dict[str, Any] = {"card_role": "labourer", "capacity": 12}
        with self.database.transaction() as db:
            return add_course_session(
                db,
                **facts | change,
                local_date=date(2026, 3, on),
                local_start=time(9),
                local_end=time(16),
                trainer_id=self.dawn.id,
                added_by_id=self.dawn.id,
                now=self.clock(),
            ).ref

    def find(self, ref: str) -> tuple[Meeting, CourseSession]:
        with self.database.reading() as db:
            found = db.execute(
                select(Meeting, CourseSession)
                .join(CourseSession, CourseSession.id == Meeting.course_session_id)
                .where(CourseSession.ref == ref)
            ).one()
        return found[0], found[1]

    def move(self, ref: str) -> None:
        with self.database.transaction() as db:
            move_course_session(
                db,
                ref=ref,
                local_date=date(2026, 4, 14),  # in summer time
                local_start=time(10),
                local_end=time(15),
                moved_by_id=self.dawn.id,
                now=self.clock(),
            )

    def cancel(self, ref: str) -> None:
        with self.database.transaction() as db:
            cancel_course_session(
                db,
                ref=ref,
                trainer_id=None,
                reason="Nobody came.",
                cancelled_by_id=self.dawn.id,
                now=self.clock(),
            )


@pytest.fixture
def teams(
    database: Database, clock: MovableClock, settings: Settings, graph: GraphDouble
) -> Teams:
    with database.transaction() as db:
        dawn = make_person(db, "dawn", now=clock(), role=Role.TRAINER)
    return Teams(database, clock, settings, graph, dawn)


@pytest.fixture
def ref(teams: Teams) -> str:
    """A date a week from now that has just been published."""
    return teams.publish()


def test_a_published_date_gets_its_meeting_and_whoever_is_booked_its_link(
    teams: Teams, ref: str
) -> None:
    with teams.database.transaction() as db:
        course_session = db.scalars(select(CourseSession)).one()
        alice = make_person(db, "alice", now=teams.clock())
        make_booking(db, course_session, alice, now=teams.clock())
    assert teams.find(ref)[1].joining_url is None

    assert teams.run() == 1
    meeting, course_session = teams.find(ref)
    assert course_session.joining_url == teams.graph.only_meeting["joinWebUrl"]
    assert course_session.sequence == 1
    assert (meeting.wanted, meeting.made, meeting.tries) == (1, 1, 0)
    assert teams.graph.only_meeting["startDateTime"] == "2026-03-10T09:00:00.0000000Z"
    assert teams.graph.only_meeting["endDateTime"] == "2026-03-10T16:00:00.0000000Z"
    assert teams.graph.only_meeting["subject"] == "Labourer, Tuesday 10 March 2026"
    with teams.database.reading() as db:
        assert db.scalars(select(Booking.sequence)).all() == [1]
        told = OutgoingEmail.to == "alice@example.org"
        (letter,) = db.scalars(select(OutgoingEmail).where(told))
        assert f"{course_session.joining_url}" in letter.text

    assert teams.run() == 0  # nothing is due any more
    assert teams.graph.count("onlineMeetings") == 1


def test_where_people_type_the_links_nobody_is_asked_until_that_changes(
    teams: Teams,
) -> None:
    by_hand = teams.settings.model_copy(update={"teams_meetings": "manual"})
    typing = Teams(Database(by_hand, {}), teams.clock, by_hand, teams.graph, teams.dawn)
    ref = typing.publish()
    assert typing.run() == 0
    with typing.database.reading() as db:
        assert db.scalars(select(Meeting)).all() == []
    typing.database.engine.dispose()

    assert teams.graph.asked == []
    assert teams.run() == 1  # switched on: a date to come without a link gets one
    assert teams.find(ref)[1].joining_url == teams.graph.only_meeting["joinWebUrl"]


def test_a_date_published_with_a_link_gets_no_meeting(teams: Teams) -> None:
    teams.publish(joining_url="https://teams.example.org/l/1")
    assert teams.run() == 0
    assert teams.graph.asked == []


def test_a_moved_date_keeps_its_link_and_only_times_and_subject_are_sent(
    teams: Teams, ref: str
) -> None:
    teams.run()
    link = teams.graph.only_meeting["joinWebUrl"]
    teams.move(ref)
    assert teams.run() == 1
    assert teams.graph.bodies[-1] == {
        "subject": "Labourer, Tuesday 14 April 2026",
        "startDateTime": "2026-04-14T09:00:00Z",  # ten in London
        "endDateTime": "2026-04-14T14:00:00Z",
    }
    assert teams.graph.only_meeting["joinWebUrl"] == link
    meeting, course_session = teams.find(ref)
    assert course_session.joining_url == link
    assert (meeting.wanted, meeting.made) == (2, 2)
    assert teams.graph.count("createOrGet") == 1


def test_another_trainer_is_nothing_to_microsoft(teams: Teams, ref: str) -> None:
    teams.run()
    asked = len(teams.graph.asked)
    with teams.database.transaction() as db:
        eve = make_person(db, "eve", now=teams.clock(), role=Role.TRAINER)
        restaff_course_session(
            db,
            ref=ref,
            trainer_id=eve.id,
            restaffed_by_id=teams.dawn.id,
            now=teams.clock(),
        )
    assert teams.run() == 0
    assert len(teams.graph.asked) == asked


def test_a_cancelled_date_loses_its_meeting_and_a_restored_one_gets_another_link(
    teams: Teams, ref: str
) -> None:
    teams.run()
    before = teams.graph.only_meeting
    teams.cancel(ref)
    assert teams.run() == 1
    assert teams.graph.meetings == {}
    meeting, _ = teams.find(ref)
    assert (meeting.graph_id, meeting.reports_next_at) == (None, None)

    with teams.database.transaction() as db:
        restore_course_session(
            db, ref=ref, restored_by_id=teams.dawn.id, now=teams.clock()
        )
    assert teams.run() == 1
    assert teams.graph.only_meeting["externalId"] != before["externalId"]
    _, course_session = teams.find(ref)
    assert course_session.joining_url == teams.graph.only_meeting["joinWebUrl"]
    assert course_session.joining_url != before["joinWebUrl"]


def test_a_date_cancelled_before_anybody_was_asked_asks_nobody(
    teams: Teams, ref: str
) -> None:
    teams.cancel(ref)
    assert teams.run() == 1
    assert teams.graph.asked == []


@pytest.mark.parametrize(
    "fault", [Fault("createOrGet", lost=True), Fault("createOrGet", stall=3)]
)
def test_an_answer_that_is_lost_leaves_one_meeting(
    teams: Teams, ref: str, fault: Fault
) -> None:
    teams.graph.faults.append(fault)
    teams.settings = teams.settings.model_copy(update={"graph_seconds": 1})
    assert teams.run() == 0
    meeting, course_session = teams.find(ref)
    assert meeting.last_problem == "No answer came from Microsoft."
    assert course_session.joining_url is None
    teams.graph.waited.set()

    teams.clock.advance(minutes=2)
    assert teams.run() == 1
    assert len(teams.graph.meetings) == 1
    assert teams.graph.count("createOrGet") == 2
    meeting, course_session = teams.find(ref)
    assert course_session.joining_url == teams.graph.only_meeting["joinWebUrl"]
    assert (meeting.last_problem, meeting.problem_since) == (None, None)


def test_a_date_moved_after_a_lost_answer_ends_with_the_new_times(
    teams: Teams, ref: str
) -> None:
    teams.graph.faults.append(Fault("createOrGet", lost=True))
    teams.run()
    teams.move(ref)
    assert teams.run() == 1
    assert teams.graph.only_meeting["startDateTime"] == "2026-04-14T09:00:00.0000000Z"


def test_a_date_cancelled_after_a_lost_answer_leaves_no_meeting(
    teams: Teams, ref: str
) -> None:
    teams.graph.faults.append(Fault("createOrGet", lost=True))
    teams.run()
    assert len(teams.graph.meetings) == 1
    teams.cancel(ref)
    assert teams.run() == 1
    assert teams.graph.meetings == {}


@pytest.mark.parametrize(
    ("status", "retry_after", "too_soon", "then"),
    [
        (429, "90", 89, 24),
        (503, "Mon, 02 Mar 2026 09:02:00 GMT", 119, 31),
        (429, "", 59, 16),  # one minute and a quarter at most
        (504, "", 59, 16),
        (503, "soon", 59, 16),
    ],
)
def test_microsoft_is_left_alone_as_long_as_it_asks_by_all_of_us(
    teams: Teams, status: int, retry_after: str, too_soon: int, then: int
) -> None:
    ref = teams.publish()
    teams.publish(on=11)
    headers = {"Retry-After": retry_after} if retry_after else {}
    teams.graph.faults.append(Fault("createOrGet", status=status, headers=headers))
    assert teams.run() == 0
    assert teams.graph.count("createOrGet") == 1  # the second date waits too
    assert teams.find(ref)[0].problem_since == teams.clock()

    teams.clock.advance(seconds=too_soon)
    assert teams.run() == 0
    assert teams.graph.count("createOrGet") == 1
    teams.clock.advance(seconds=then)
    assert teams.run() == 2


def test_one_that_fails_stops_no_other_and_waits_longer_each_time(
    teams: Teams, ref: str
) -> None:
    teams.publish(on=11)
    broken = {"error": {"code": "BadRequest", "message": "Something about it."}}
    teams.graph.faults.append(Fault("createOrGet", status=400, body=broken))
    assert teams.run() == 1
    meeting, _ = teams.find(ref)
    assert (
        meeting.last_problem
        == "Microsoft says no (400 BadRequest): Something about it."
    )
    since = meeting.problem_since
    teams.graph.faults.append(Fault("createOrGet", status=400, body=broken))
    teams.clock.advance(seconds=76)
    teams.run()
    meeting, _ = teams.find(ref)
    assert (meeting.tries, meeting.problem_since) == (2, since)
    assert meeting.next_try_at
    wait = meeting.next_try_at - teams.clock()
    assert timedelta(minutes=2) <= wait <= timedelta(minutes=2.5)


def test_a_missing_policy_is_named_and_staff_can_try_again_at_once(
    teams: Teams, ref: str
) -> None:
    words = POLICY.format(app="app-1", user="organiser-1")
    body = {"error": {"code": "Forbidden", "message": words}}
    teams.graph.faults.append(Fault("createOrGet", status=403, body=body))
    teams.run()
    assert teams.find(ref)[0].last_problem == NO_POLICY
    assert teams.run() == 0
    with teams.database.transaction() as db:
        try_meeting_again(
            db, ref=ref, trainer_id=None, asked_by_id=teams.dawn.id, now=teams.clock()
        )
    assert teams.run() == 1


def test_a_token_is_kept_until_five_minutes_before_its_end(
    teams: Teams,
) -> None:
    teams.publish()
    teams.run()
    teams.clock.advance(minutes=54, seconds=59)
    teams.publish(on=11)
    teams.run()
    assert teams.graph.count("token") == 1
    teams.clock.advance(seconds=1)
    teams.publish(on=12)
    teams.run()
    assert teams.graph.count("token") == 2
    assert len(teams.graph.meetings) == 3


def test_a_token_that_is_no_longer_taken_is_renewed_once(
    teams: Teams,
) -> None:
    teams.publish()
    teams.run()
    teams.graph.tokens.clear()
    teams.publish(on=11)
    assert teams.run() == 1
    assert (teams.graph.count("token"), teams.graph.count("createOrGet")) == (2, 3)


def test_a_refused_sign_in_is_a_problem_that_names_no_secret(
    teams: Teams, ref: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = teams.settings.model_copy(update={"graph_client_secret": "wr0ng-secret"})
    with caplog.at_level(logging.DEBUG):
        assert make_meetings(teams.database, teams.clock, wrong) == 0
    problem = teams.find(ref)[0].last_problem
    assert problem == "Microsoft refused to sign the app in (invalid_client)."
    assert "wr0ng-secret" not in caplog.text + repr(wrong)


def test_the_day_before_a_changed_link_is_noticed_and_sent(
    teams: Teams, ref: str
) -> None:
    teams.run()
    teams.graph.only_meeting["joinWebUrl"] = (
        "https://teams.example.com/l/meetup-join/new"
    )
    teams.clock.at = teams.find(ref)[1].starts_at - timedelta(days=1, seconds=1)
    assert teams.run() == 0
    teams.clock.advance(seconds=1)
    assert teams.run() == 1
    _, course_session = teams.find(ref)
    assert course_session.joining_url == "https://teams.example.com/l/meetup-join/new"
    assert course_session.sequence == 2
    assert teams.run() == 0  # once


def test_a_link_that_somebody_typed_is_left_alone(teams: Teams, ref: str) -> None:
    teams.run()
    typed = "https://meet.example.org/ours"
    with teams.database.transaction() as db:
        set_joining_link(
            db,
            ref=ref,
            trainer_id=teams.dawn.id,
            joining_url=typed,
            set_by_id=teams.dawn.id,
            now=teams.clock(),
        )
    teams.graph.only_meeting["joinWebUrl"] = (
        "https://teams.example.com/l/meetup-join/new"
    )
    teams.clock.at = teams.find(ref)[1].starts_at - timedelta(hours=23)
    assert teams.run() == 1
    assert teams.find(ref)[1].joining_url == typed


def test_a_meeting_that_somebody_removed_in_teams_is_made_anew(
    teams: Teams, ref: str
) -> None:
    teams.run()
    before = teams.find(ref)[1].joining_url
    teams.graph.meetings.clear()
    teams.clock.at = teams.find(ref)[1].starts_at - timedelta(days=1)
    assert teams.run() == 0
    assert teams.run() == 1
    after = teams.find(ref)[1].joining_url
    assert after == teams.graph.only_meeting["joinWebUrl"] != before


def test_a_change_while_microsoft_is_asked_is_told_too(teams: Teams, ref: str) -> None:
    teams.graph.faults.append(Fault("createOrGet", stall=1.5))
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(make_meetings, teams.database, teams.clock, teams.settings)
        while not teams.graph.count("createOrGet"):
            teams.graph.waited.wait(0.01)
        teams.move(ref)  # no transaction is open: nobody waits for it
        teams.graph.waited.set()
        assert made.result() == 1
    assert teams.run() == 1
    assert teams.graph.only_meeting["startDateTime"] == "2026-04-14T09:00:00.0000000Z"
    meeting, _ = teams.find(ref)
    assert (meeting.wanted, meeting.made) == (2, 2)


def test_two_jobs_at_once_make_each_meeting_once(teams: Teams) -> None:
    for day in range(10, 16):
        teams.publish(on=day)
    start = Barrier(2)

    def run(_: int) -> int:
        start.wait()
        return teams.run()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, range(2)))
    assert sum(done) == 6
    assert teams.graph.count("createOrGet") == 6
    assert len(teams.graph.meetings) == 6


def test_whoever_dies_with_a_meeting_in_their_hands_loses_it(
    teams: Teams,
) -> None:
    teams.publish()
    with teams.database.transaction() as db:
        meeting = db.scalars(select(Meeting)).one()
        meeting.claimed_until = teams.clock() + timedelta(minutes=1)
    assert teams.run() == 0
    teams.clock.advance(minutes=1)
    assert teams.run() == 1


def test_a_job_whose_claim_ran_out_changes_nothing_and_there_is_one_meeting(
    teams: Teams, ref: str
) -> None:
    teams.graph.faults.append(Fault("createOrGet", stall=1.5))
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(teams.run)
        while not teams.graph.count("createOrGet"):
            teams.graph.waited.wait(0.01)
        teams.clock.advance(minutes=5)  # nobody holds a meeting for so long
        assert teams.run() == 1
        made, _ = teams.find(ref)
        teams.graph.waited.set()
        late.result()
    after, course_session = teams.find(ref)
    assert (after.made, after.next_try_at) == (made.made, made.next_try_at)
    assert len(teams.graph.meetings) == 1
    assert course_session.sequence == 1
