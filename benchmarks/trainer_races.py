"""Two schedulers want the same trainer at the same moment: one gets them, race after race.

One adds a date; the other adds, moves or re-staffs one that overlaps it or its turn-round.
`make test` runs two hundred races a database, `make soak NAME=trainer-races` five thousand.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from threading import Barrier, Event

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from benchmarks.last_seat import Tally, new_database
from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.clock import stopwatch
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import (
    TimetableRefused,
    add_course_session,
    move_course_session,
    restaff_course_session,
)
from tests.factories import make_person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOAK_RACES = 5000
SEED = 20260302
LONGEST_HESITATION = 0.003  # seconds
MOST_TRIES = 50  # who meets a busy database tries again, as the page asks
RACES_A_TRAINER = 100  # so that the time of nobody gets full
RIVALS = ("add", "move", "restaff")

Act = Callable[[Session], object]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What both were told, and how often the trainer stands in two rooms afterwards."""

    answers: tuple[str, ...]
    clashes: int

    def faults(self) -> list[str]:
        expected = ["TRAINER_BUSY", "done"]
        told = [] if sorted(self.answers) == expected else [f"told {self.answers}"]
        return told + [f"{self.clashes} clashes"] * bool(self.clashes)


def race(
    database: Database, *, rival: str, day: date, staff: tuple[int, int], random: Random
) -> Outcome:
    """Let one add a date of the first trainer while the rival wants them at that time too.

    `staff` are the ids of the wanted trainer and of another, who is free all day.
    """
    wanted, other = staff
    # 29 minutes after the end is still the trainer's turn-round
    starts = random.choice([time(9), time(12), time(15, 59), time(16, 29)])
    acts = [
        lambda db: _add(db, wanted, day, time(9)),
        _rival(database, rival, day, starts, (wanted, other)),
    ]
    waits = [random.uniform(0, LONGEST_HESITATION) for _ in acts]
    start = Barrier(len(acts))

    def run(act: Act, wait: float) -> str:
        start.wait()
        Event().wait(wait)
        return _try(database, act)

    with ThreadPoolExecutor(len(acts)) as pool:
        answers = tuple(pool.map(run, acts, waits))
    return Outcome(answers=answers, clashes=clashes(database, wanted, day))


def _rival(
    database: Database, rival: str, day: date, starts: time, staff: tuple[int, int]
) -> Act:
    wanted, other = staff
    if rival == "add":
        return lambda db: _add(db, wanted, day, starts)
    moves = rival == "move"
    with database.transaction() as db:
        # To be moved here from a night on which nobody else teaches, or to be handed over.
        first = time(22) if moves else starts
        ref = _add(db, wanted if moves else other, day, first).ref
    if moves:
        return lambda db: _move(db, ref, day, starts)
    return lambda db: restaff_course_session(
        db, ref=ref, trainer_id=wanted, restaffed_by_id=wanted, now=NOW
    )


def _add(db: Session, trainer_id: int, day: date, starts: time) -> CourseSession:
    return add_course_session(
        db,
        card_role="labourer",
        local_date=day,
        local_start=starts,
        local_end=_end(starts),
        capacity=12,
        trainer_id=trainer_id,
        added_by_id=None,
        now=NOW,
    )


def _move(db: Session, ref: str, day: date, starts: time) -> None:
    move_course_session(
        db,
        ref=ref,
        local_date=day,
        local_start=starts,
        local_end=_end(starts),
        moved_by_id=1,
        now=NOW,
    )


def _end(starts: time) -> time:
    if starts == time(9):
        return time(16)
    return (datetime.combine(NOW, starts) + timedelta(hours=1)).time()


def _try(database: Database, act: Act) -> str:
    for _ in range(MOST_TRIES):
        try:
            with database.transaction() as db:
                act(db)
        except TimetableRefused as refused:
            return refused.reason.name
        except IntegrityError:
            return "stopped"
        except OperationalError as error:
            if "deadlock" in str(error.orig).lower():
                return "stopped"  # each row waited to be judged against the other's
        else:
            return "done"
    return "busy"


def clashes(database: Database, trainer_id: int, day: date) -> int:
    """Count the pairs of a trainer's standing dates of a day that keep them in two rooms."""
    with database.reading() as db:
        dates = db.scalars(
            select(CourseSession).where(
                CourseSession.trainer_id == trainer_id,
                CourseSession.local_date == day,
                CourseSession.cancelled_at.is_(None),
            )
        ).all()
    return sum(
        first.id < then.id
        and first.starts_at < then.trainer_free_at
        and then.starts_at < first.trainer_free_at
        for first in dates
        for then in dates
    )


def make_staff(database: Database) -> tuple[int, int]:
    """Add two trainers with all their time; return their ids."""
    with database.transaction() as db:
        wanted, other = (_trainer(db) for _ in range(2))
        return wanted.id, other.id


def _trainer(db: Session) -> Person:
    return make_person(db, now=NOW, role=Role.TRAINER)


def races(database: Database, *, n: int, seed: int = SEED) -> Tally:
    """Race `n` times, the rivals taking turns; each race on a day of its own."""
    random, tally = Random(seed), Tally(n=n)
    staff = make_staff(database)
    for turn in range(n):
        if turn % RACES_A_TRAINER == 0:
            staff = make_staff(database)
        rival = RIVALS[turn % len(RIVALS)]
        day = NOW.date() + timedelta(days=1 + turn % RACES_A_TRAINER)
        outcome = race(database, rival=rival, day=day, staff=staff, random=random)
        tally.add(f"race {turn + 1}, {rival}", outcome.faults())
    return tally


def soak() -> list[dict[str, object]]:
    """Run the full figure on both databases; one line of figures each."""
    return [_soak(name) for name in ("sqlite", "postgresql")]


def _soak(name: str) -> dict[str, object]:
    began = stopwatch()
    with new_database(name) as database:
        tally = races(database, n=SOAK_RACES)
    for fault in tally.faults:
        print(f"{name}, {fault}")
    return {
        "name": "trainer-races",
        "db": name,
        "seed": SEED,
        "n": tally.n,
        "failures": tally.failures,
        "minutes": round((stopwatch() - began) / 60, 2),
    }
