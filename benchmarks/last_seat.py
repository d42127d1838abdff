"""Racing buyers for twenty seats: exactly twenty are sold, round after round.

`make test` runs five rounds a database, `make soak NAME=last-seat` fifty.
"""

import tempfile
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Barrier, Event

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from ecs_training.booking.models import Booking
from ecs_training.booking.rules import BookingRefusal
from ecs_training.booking.services import BookingRefused, book_seat
from ecs_training.foundation.clock import stopwatch
from ecs_training.foundation.database import Database
from ecs_training.foundation.migrations import upgrade
from ecs_training.foundation.settings import Settings
from ecs_training.payments.models import Invoice
from ecs_training.payments.rules import Series, word_number
from ecs_training.reactions import REACTIONS
from ecs_training.scheduling.models import CourseSession
from tests import postgresql
from tests.factories import make_course_session, make_person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEATS, BUYERS = 20, 60
SOAK_ROUNDS = 50
SEED = 20260302
LONGEST_HESITATION = 0.005  # seconds
MOST_TRIES = 50  # a buyer who meets a busy database tries again, as its page asks


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one round's buyers were told, and what the database holds afterwards."""

    seats: int
    sold: int
    full: int
    stopped: int  # by the constraint: the lock had not done its work
    live: int
    counted: int
    buyers: int

    def faults(self) -> list[str]:
        expected = {
            "sold": self.seats,
            "full": self.buyers - self.seats,
            "stopped": 0,
            "live": self.seats,
            "counted": self.seats,
        }
        return [
            f"{name} is {getattr(self, name)}, not {wanted}"
            for name, wanted in expected.items()
            if getattr(self, name) != wanted
        ]


def race(
    database: Database,
    *,
    seats: int = SEATS,
    buyers: int = BUYERS,
    random: Random | None = None,
) -> Outcome:
    """Let that many people want a seat on one new date at the same moment."""
    random = random or Random(SEED)
    with database.transaction() as db:
        course_session = make_course_session(db, now=NOW, capacity=seats)
        ref, course_session_id = course_session.ref, course_session.id
        people = [make_person(db, now=NOW).id for _ in range(buyers)]
    hesitations = [random.uniform(0, LONGEST_HESITATION) for _ in people]
    start = Barrier(buyers)

    def buy(person_id: int, hesitation: float) -> str:
        start.wait()
        Event().wait(hesitation)
        return _buy(database, ref, person_id)

    with ThreadPoolExecutor(buyers) as pool:
        answers = list(pool.map(buy, people, hesitations))
    live, counted = _held(database, course_session_id)
    return Outcome(
        seats=seats,
        sold=answers.count("sold"),
        full=answers.count(BookingRefusal.FULL.name),
        stopped=answers.count("stopped"),
        live=live,
        counted=counted,
        buyers=buyers,
    )


def _buy(database: Database, ref: str, person_id: int) -> str:
    for _ in range(MOST_TRIES):
        try:
            with database.transaction() as db:
                book_seat(
                    db,
                    course_session_ref=ref,
                    candidate_id=person_id,
                    booked_by_id=person_id,
                    company_id=None,
                    now=NOW,
                )
        except BookingRefused as refused:
            return refused.reason.name
        except IntegrityError:
            return "stopped"
        except OperationalError as error:
            if "deadlock" in str(error.orig).lower():
                raise
        else:
            return "sold"
    return "busy"


def _held(database: Database, course_session_id: int) -> tuple[int, int]:
    with database.reading() as db:
        live = db.scalars(
            select(func.count(Booking.id)).where(
                Booking.course_session_id == course_session_id,
                Booking.cancelled_at.is_(None),
            )
        ).one()
        counted = db.scalars(
            select(CourseSession.seats_taken).where(
                CourseSession.id == course_session_id
            )
        ).one()
    return live, counted


@dataclass
class Tally:
    """What went wrong, round by round."""

    n: int = 0
    faults: list[str] = field(default_factory=list)
    failures: int = 0

    def add(self, name: str, faults: list[str]) -> None:
        self.failures += bool(faults)
        self.faults += [f"{name}: {fault}" for fault in faults]


def rounds(database: Database, *, n: int, seed: int = SEED) -> Tally:
    """Race `n` times; every invoice number must have been given once, without a gap."""
    random, tally = Random(seed), Tally(n=n)
    for turn in range(n):
        tally.add(f"round {turn + 1}", race(database, random=random).faults())
    with database.reading() as db:
        numbers = sorted(db.scalars(select(Invoice.number)))
    wanted = [word_number(Series.INVOICE, each + 1) for each in range(len(numbers))]
    if numbers != wanted or not numbers:
        tally.add("afterwards", ["the invoice numbers have a gap or a double"])
    return tally


def soak() -> list[dict[str, object]]:
    """Run the full figure on both databases; one line of figures each."""
    return [_soak(name) for name in ("sqlite", "postgresql")]


def _soak(name: str) -> dict[str, object]:
    began = stopwatch()
    with new_database(name) as database:
        tally = rounds(database, n=SOAK_ROUNDS)
    for fault in tally.faults:
        print(f"{name}, {fault}")
    return {
        "name": "last-seat",
        "db": name,
        "seed": SEED,
        "n": tally.n,
        "failures": tally.failures,
        "minutes": round((stopwatch() - began) / 60, 2),
    }


@contextmanager
def new_database(name: str) -> Iterator[Database]:
    with _new_url(name) as url:
        database = Database(Settings(database_url=url), REACTIONS)
        upgrade(database.engine)
        yield database
        database.engine.dispose()


@contextmanager
def _new_url(name: str) -> Iterator[str]:
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'race.db'}"
        return
    server, own = postgresql.start(), f"race_{uuid.uuid4().hex[:8]}"
    postgresql.administer(server, f"CREATE DATABASE {own}")
    yield postgresql.database_url(server, own)
    postgresql.administer(server, f"DROP DATABASE {own} WITH (FORCE)")
