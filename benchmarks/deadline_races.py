"""Save, finish and the job within two seconds of the deadline: one end, and marks that hold.

`make test` runs 100 races a database, `make soak NAME=deadline-races` 1,000.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from threading import Barrier, Event
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from benchmarks.last_seat import new_database
from ecs_training.accounts.models import SignIn
from ecs_training.assessment.models import Attempt, JournalLine, Response
from ecs_training.assessment.queries.attempts import list_answers
from ecs_training.assessment.rules.marking import mark
from ecs_training.assessment.rules.writing import Write, to_shown_letter
from ecs_training.assessment.services.attempts import start_practice
from ecs_training.assessment.services.finish import (
    finish_attempt,
    finish_overdue_attempt,
)
from ecs_training.assessment.services.responses import save_response
from ecs_training.foundation.clock import stopwatch
from ecs_training.foundation.database import Database
from tests.assessment.exam import BLUEPRINT, make_bank, make_sign_in
from tests.conftest import NOW
from tests.factories import make_person

T = TypeVar("T")
SEED = 20261122
SOAK_RACES = 1000
GRACE = timedelta(seconds=10)
AROUND = 2.0  # seconds on either side of the deadline
LONGEST_HESITATION = 0.004  # seconds
MOST_TRIES = 100


@dataclass
class Tally:
    """How many races went how, and what was wrong with any of them."""

    n: int = 0
    saved: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Racer:
    """One person with one open practice paper and its right answers."""

    id: int
    ref: str
    lease: str
    token_hash: str
    deadline: datetime
    keys: dict[int, str]


def races(database: Database, *, n: int, seed: int = SEED) -> Tally:
    """Run `n` races, each over a paper of its own."""
    random, tally = Random(seed), Tally(n=n)
    with database.transaction() as db:
        make_bank(db, now=NOW)
    for turn in range(n):
        _race(database, random, tally, f"race {turn + 1}")
    return tally


def _race(database: Database, random: Random, tally: Tally, name: str) -> None:
    racer = _start(database)
    answers = random.sample(range(1, 51), 3)
    jobs: list[Callable[[], bool | None]] = [
        *(
            _saver(database, racer, m, seq=seq, at=_moment(random, racer))
            for seq, m in enumerate(answers, start=1)
        ),
        _finisher(database, racer, _moment(random, racer)),
        # The job comes by when the grace is over by its clock.
        _job(database, racer, _moment(random, racer) + GRACE),
    ]
    waits = [random.uniform(0, LONGEST_HESITATION) for _ in jobs]
    acknowledged = _together(jobs, waits)[: len(answers)]
    tally.saved += sum(bool(each) for each in acknowledged)
    tally.refused += sum(not each for each in acknowledged)
    kept = {m for m, each in zip(answers, acknowledged, strict=True) if each}
    tally.faults += [f"{name}: {fault}" for fault in _faults(database, racer, kept)]


def _start(database: Database) -> Racer:
    with database.transaction() as db:
        person = make_person(db, now=NOW)
        sign_in_id = make_sign_in(db, person, now=NOW)
        attempt = start_practice(
            db,
            card_role="labourer",
            person_id=person.id,
            sign_in_id=sign_in_id,
            blueprint=BLUEPRINT,
            now=NOW,
        )
        rows = db.scalars(select(Response).where(Response.attempt_id == attempt.id))
        keys = {row.n: str(to_shown_letter(row.key, row.option_order)) for row in rows}
        token_hash = db.get_one(SignIn, sign_in_id).token_hash
    return Racer(
        id=attempt.id,
        ref=attempt.ref,
        lease=attempt.lease,
        token_hash=token_hash,
        deadline=attempt.deadline,
        keys=keys,
    )


def _moment(random: Random, racer: Racer) -> datetime:
    return racer.deadline + timedelta(seconds=random.uniform(-AROUND, AROUND))


def _saver(
    database: Database, racer: Racer, n: int, *, seq: int, at: datetime
) -> Callable[[], bool]:
    write = Write(
        option=racer.keys[n],
        flagged=False,
        seq=seq,
        lease=racer.lease,
        age=timedelta(seconds=1),
    )

    def save() -> bool:
        with database.transaction() as db:
            saving = save_response(
                db,
                token_hash=racer.token_hash,
                attempt_ref=racer.ref,
                n=n,
                write=write,
                received=at,
                grace=GRACE,
            )
        return saving.receipt is not None

    return _stubborn(save)


def _finisher(database: Database, racer: Racer, at: datetime) -> Callable[[], None]:
    def finish() -> None:
        with database.transaction() as db:
            finish_attempt(db, attempt_id=racer.id, now=at)

    return _stubborn(finish)


def _job(database: Database, racer: Racer, at: datetime) -> Callable[[], None]:
    def finish_overdue() -> None:
        with database.transaction() as db:
            finish_overdue_attempt(db, attempt_id=racer.id, due=at - GRACE, now=at)

    return _stubborn(finish_overdue)


def _stubborn(act: Callable[[], T]) -> Callable[[], T]:
    """Try again where the database is busy, as every page and job does."""

    def insist() -> T:
        for _ in range(MOST_TRIES):
            try:
                return act()
            except OperationalError:
                Event().wait(0.01)
        raise RuntimeError("the database stayed busy")

    return insist


def _together(
    jobs: list[Callable[[], bool | None]], waits: list[float]
) -> list[bool | None]:
    start = Barrier(len(jobs))

    def run(job: Callable[[], bool | None], wait: float) -> bool | None:
        start.wait()
        Event().wait(wait)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs, waits))


def _faults(database: Database, racer: Racer, kept: set[int]) -> list[str]:
    """Say what the database holds that it must not, after everybody has gone home."""
    with database.reading() as db:
        attempt = db.get_one(Attempt, racer.id)
        again = mark(list_answers(db, attempt_id=racer.id), pass_mark=43)
        answered = set(
            db.scalars(
                select(Response.n).where(
                    Response.attempt_id == racer.id, Response.chosen.is_not(None)
                )
            )
        )
        journal = set(
            db.scalars(select(JournalLine.n).where(JournalLine.attempt_id == racer.id))
        )
    if attempt.finished_at is None or attempt.closed_at is None:
        return ["nobody finished it"]
    wrong = {
        "finished after the deadline": attempt.finished_at > attempt.deadline,
        f"acknowledged {kept}, holds {answered}": answered != kept,
        "the journal differs": journal != kept,
        f"score {attempt.score}, marked again {again.score}": attempt.score
        != again.score,
        f"score {attempt.score} of {len(kept)} acknowledged": attempt.score
        != len(kept),
    }
    return [fault for fault, holds in wrong.items() if holds]


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
        "name": "deadline-races",
        "db": name,
        "seed": SEED,
        "n": tally.n,
        "saved": tally.saved,
        "refused": tally.refused,
        "failures": len(tally.faults),
        "minutes": round((stopwatch() - began) / 60, 2),
    }
