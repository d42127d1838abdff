"""A calendar that held the old state ends with exactly the new one, and nothing twice.

The letters go through a real mail server in the order in which it takes them; mailboxes may
be full in between. A client of our own making reads them, once with each of two libraries.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import count

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Entry, Resit
from ecs_training.assessment.services.resits import grant_resit
from ecs_training.booking.models import Booking
from ecs_training.booking.services import book_seat, cancel_booking
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.rules.entries import BE_THERE_BEFORE, RESIT_LASTS
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.settings import Settings
from ecs_training.notifications.jobs import send_mail
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import (
    cancel_course_session,
    move_course_session,
    restaff_course_session,
    restore_course_session,
    set_joining_link,
)
from tests.calendar_feeds.client import READERS, Client, Event
from tests.calendar_feeds.conftest import Fetch
from tests.conftest import MovableClock
from tests.factories import (
    make_course_session,
    make_finished_attempt,
    make_person,
)
from tests.notifications.conftest import Sink

_lives = count(1)
TRAINERS = 3
STEPS = st.one_of(
    st.tuples(st.just("move"), st.integers(2, 20)),
    st.tuples(
        st.sampled_from(["cancel", "restore", "link", "book", "give_back"]), st.just(0)
    ),
    st.tuples(st.just("give_to"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["fill_mailbox", "post", "fetch"]), st.integers(0, 4)),
)
Subscribe = Callable[..., str]
Shown = set[tuple[str, datetime, datetime, str]]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Sink(f"smtp://127.0.0.1:{port}")
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()


@dataclass(frozen=True)
class Parts:
    """What a life is made of: the product, and the world around it."""

    database: Database
    clock: MovableClock
    settings: Settings
    sink: Sink
    fetch: Fetch
    subscribe: Subscribe


@pytest.fixture
def parts(
    *,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    sink: Sink,
    fetch: Fetch,
    subscribe: Subscribe,
) -> Parts:
    settings = settings.model_copy(update={"mail_url": sink.url})
    return Parts(database, clock, settings, sink, fetch, subscribe)


@dataclass
class Life:
    """One date, its candidate, three trainers and somebody who only sits again there.

    Each has a calendar of mail and feed.
    """

    parts: Parts
    # The candidate, the trainers, and whoever failed on another date.
    people: list[Person] = field(default_factory=list)
    clients: dict[tuple[str, str], Client] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)
    ref: str = ""
    read: int = 0

    def __post_init__(self) -> None:
        name, at = f"life{next(_lives)}", self.parts.clock()
        self.parts.sink.refused = ""
        with self.parts.database.transaction() as db:
            self.people = [make_person(db, f"{name}-candidate", now=at)] + [
                make_person(db, f"{name}-trainer{n}", now=at, role=Role.TRAINER)
                for n in range(TRAINERS)
            ]
            sits_again = make_person(db, f"{name}-resit", now=at)
            failed = make_finished_attempt(db, sits_again, finished_at=at, score=30)
            self.people.append(sits_again)
            date_ = make_course_session(
                db, now=at, trainer=self.people[1], on=date(2026, 5, 1)
            )
            self.ref = date_.ref
            grant_resit(
                db,
                attempt_id=failed.id,
                course_session_ref=self.ref,
                reason="another-go",
                granted_by_id=self.people[1].id,
                outside_rule=True,
                now=at,
            )
        self.feeds = {
            person.email: self.parts.subscribe(
                FeedKind.TRAINER if 1 <= place <= TRAINERS else FeedKind.CANDIDATE,
                person_id=person.id,
            )
            for place, person in enumerate(self.people)
        }
        self.clients = {
            (person.email, name): Client(read)
            for person in self.people
            for name, read in READERS.items()
        }
        self.read = len(self.parts.sink.messages)

    def do(self, step: str, n: int) -> None:
        """Do something, if it may be done now."""
        self.parts.clock.advance(minutes=1)
        with suppress(Refused):
            getattr(self, step)(n)

    def move(self, day: int) -> None:
        with self.parts.database.transaction() as db:
            move_course_session(
                db,
                ref=self.ref,
                local_date=date(2026, 5, day),
                local_start=time(10),
                local_end=time(16),
                moved_by_id=self.people[1].id,
                now=self.parts.clock(),
            )

    def cancel(self, _: int = 0) -> None:
        with self.parts.database.transaction() as db:
            cancel_course_session(
                db,
                ref=self.ref,
                trainer_id=None,
                reason="A flood.",
                cancelled_by_id=self.people[1].id,
                now=self.parts.clock(),
            )

    def restore(self, _: int = 0) -> None:
        with self.parts.database.transaction() as db:
            restore_course_session(
                db,
                ref=self.ref,
                restored_by_id=self.people[1].id,
                now=self.parts.clock(),
            )

    def give_to(self, n: int) -> None:
        with self.parts.database.transaction() as db:
            restaff_course_session(
                db,
                ref=self.ref,
                trainer_id=self.people[1 + n].id,
                restaffed_by_id=self.people[1].id,
                now=self.parts.clock(),
            )

    def link(self, _: int = 0) -> None:
        with self.parts.database.transaction() as db:
            set_joining_link(
                db,
                ref=self.ref,
                trainer_id=None,
                joining_url=f"https://teams.example/{self.parts.clock():%d%H%M}",
                set_by_id=self.people[1].id,
                now=self.parts.clock(),
            )

    def book(self, _: int = 0) -> None:
        with self.parts.database.transaction() as db:
            book_seat(
                db,
                course_session_ref=self.ref,
                candidate_id=self.people[0].id,
                booked_by_id=self.people[0].id,
                company_id=None,
                now=self.parts.clock(),
            )

    def give_back(self, _: int = 0) -> None:
        with self.parts.database.transaction() as db:
            mine = select(Booking.ref).where(
                Booking.candidate_id == self.people[0].id,
                Booking.cancelled_at.is_(None),
            )
            for ref in db.scalars(mine).all():
                cancel_booking(
                    db,
                    ref=ref,
                    person_id=self.people[0].id,
                    company_id=None,
                    reason="",
                    now=self.parts.clock(),
                )

    def fill_mailbox(self, n: int) -> None:
        self.parts.sink.refused = self.people[n].email

    def post(self, _: int = 0) -> None:
        """Send what is due, and let everybody read their mail."""
        send_mail(self.parts.database, self.parts.clock, self.parts.settings)
        messages = self.parts.sink.messages
        for message in messages[self.read :]:
            for name in READERS:
                self.clients[str(message["To"]), name].receive(message)
        self.read = len(messages)

    def fetch(self, _: int = 0) -> None:
        for (email, _name), client in self.clients.items():
            client.fetch(self.parts.fetch(self.feeds[email]).data)

    def settle(self) -> None:
        """Every mailbox takes mail again, and whatever waited is delivered."""
        self.parts.sink.refused = ""
        self.parts.clock.advance(hours=2)
        self.post()

    def truth(self, person: Person) -> Shown:
        """Return what the database says that a person's calendar should hold."""
        with self.parts.database.reading() as db:
            if person is self.people[-1]:
                return self._resit(db, person)
            if person is self.people[0]:
                rows = db.execute(
                    select(CourseSession, Booking.calendar_uid)
                    .join(Booking, Booking.course_session_id == CourseSession.id)
                    .where(
                        Booking.candidate_id == person.id,
                        Booking.cancelled_at.is_(None),
                    )
                ).all()
                return {_told(row, f"booking-{uid}") for row, uid in rows}
            teaching = db.scalars(
                select(CourseSession).where(
                    CourseSession.trainer_id == person.id,
                    CourseSession.cancelled_at.is_(None),
                    # Who has never been written to has it in the feed alone.
                    CourseSession.sequence > 0,
                )
            ).all()
            return {_told(row, f"session-{row.calendar_uid}") for row in teaching}

    def _resit(self, db: Session, person: Person) -> Shown:
        course_session, uid = db.execute(
            select(CourseSession, Resit.calendar_uid)
            .join(Entry, Entry.course_session_id == CourseSession.id)
            .join(Resit, Resit.entry_id == Entry.id)
            .join(Booking, Booking.id == Entry.booking_id)
            .where(Booking.candidate_id == person.id)
        ).one()
        if course_session.cancelled_at:
            return set()
        uid, _, ends_at, link = _told(course_session, f"resit-{uid}")
        return {(uid, ends_at - BE_THERE_BEFORE, ends_at + RESIT_LASTS, link)}

    def faults(self, look: Callable[[Client], list[Event]]) -> list[str]:
        """Say for each calendar in which it differs from the truth, or shows one day twice."""
        found = []
        for person in self.people:
            truth = self.truth(person)
            for name in READERS:
                events = look(self.clients[person.email, name])
                if person is self.people[-1]:  # the day of the failure is another story
                    events = [each for each in events if each.uid.startswith("resit-")]
                if _shown(events) != truth or len(events) != len(truth):
                    found.append(f"{person.email} by {name}: {events} for {truth}")
        return found


def _told(row: CourseSession, uid: str) -> tuple[str, datetime, datetime, str]:
    return uid, row.starts_at, row.ends_at, row.joining_url or "none yet"


def _shown(events: list[Event]) -> Shown:
    return {
        (
            event.uid.partition("@")[0],
            event.starts_at,
            event.ends_at,
            event.first_line if event.first_line.startswith("https") else "none yet",
        )
        for event in events
    }


LOOKS = {
    "mail": Client.by_mail,
    "feed": Client.by_feed,
    "both": Client.together,
}


def all_faults(life: Life) -> dict[str, list[str]]:
    return {name: found for name, look in LOOKS.items() if (found := life.faults(look))}


@pytest.mark.parametrize(
    "steps",
    [
        ["move"],
        ["cancel"],
        ["cancel", "restore"],
        ["give_to"],
        ["move", "give_to", "move", "cancel", "restore", "give_to"],
    ],
    ids="-".join,
)
def test_who_held_the_old_state_holds_the_new_one(
    parts: Parts, steps: list[str]
) -> None:
    """The old mail is read and the old feed fetched first; then mail comes, then the feed."""
    life = Life(parts)
    for before in ("book", "link", "post", "fetch"):
        life.do(before, 0)
    assert all_faults(life) == {}
    for n, step in enumerate(steps):
        life.do(step, 4 + n if step == "move" else 1 + n % 2)
    life.post()
    # Whoever has the mail and not yet the feed already sees the new state.
    assert life.faults(Client.by_mail) == []
    assert life.faults(Client.together) == []
    life.fetch()
    assert all_faults(life) == {}


@pytest.mark.parametrize("step", ["move", "cancel", "give_to"])
def test_the_feed_alone_is_enough_for_whoever_reads_no_mail(
    parts: Parts, step: str
) -> None:
    life = Life(parts)
    for before in ("book", "link", "fetch"):
        life.do(before, 0)
    life.do(step, 5 if step == "move" else 1)
    stale = life.faults(Client.by_feed)
    assert stale  # it can fail: the old state is held
    life.fetch()
    assert life.faults(Client.by_feed) == []


def test_a_cancelled_day_is_marked_in_the_feed_and_gone_from_the_mail(
    parts: Parts,
) -> None:
    life = Life(parts)
    for step in ("book", "link", "post", "cancel", "post", "fetch"):
        life.do(step, 0)
    client = life.clients[life.people[0].email, "icalendar"]
    (marked,) = client.subscribed
    assert marked.cancelled
    assert marked.summary.startswith("CANCELLED: ")
    assert client.invited == {marked.uid: None}


def test_a_client_that_heeds_no_sequence_would_be_led_astray_by_old_mail(
    parts: Parts,
) -> None:
    """The model tells right from wrong: the same mails backwards, without their numbers."""
    life = Life(parts)
    for step in ("book", "link", "cancel", "post"):
        life.do(step, 0)
    email = life.people[0].email
    mine = [each for each in parts.sink.messages if str(each["To"]) == email]
    assert len(mine) == 3
    backwards = Client(READERS["icalendar"])
    for message in reversed(mine):
        backwards.receive(message)
    assert backwards.by_mail() == []  # the numbers say that the CANCEL is the newest
    naive = Client(READERS["icalendar"])
    for message in reversed(mine):
        naive.known.clear()
        naive.receive(message)
    assert naive.by_mail()


@given(steps=st.lists(STEPS, min_size=3, max_size=14))
@bounded(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_in_whatever_order_all_calendars_agree_in_the_end(
    parts: Parts, steps: list[tuple[str, int]]
) -> None:
    life = Life(parts)
    life.do("book", 0)
    life.do("link", 0)
    for step, n in steps:
        life.do(step, n)
    life.settle()
    assert life.faults(Client.by_mail) == []
    life.fetch()
    assert all_faults(life) == {}
    assert parts.clock() < datetime(2026, 5, 1, tzinfo=UTC)
