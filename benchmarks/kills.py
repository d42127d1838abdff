"""kill -9 of the serving processes while answers are saved: nothing acknowledged is lost.

`make test` runs 20 rounds a database, `make soak NAME=kills` 1,000. In each round every web
process is killed at a random moment; in every hundredth their master dies with them, and
the server is started anew.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from sqlalchemy import select

from benchmarks.apart import run_apart
from benchmarks.bench.clients import Reply, request, send_once
from benchmarks.bench.people import Seat, sign_in_people
from benchmarks.bench.serving import (
    OURS,
    as_environment,
    free_port,
    open_place,
    production_settings,
)
from benchmarks.bench.works import QUESTIONS, Sitter
from ecs_training.app import create_app
from ecs_training.assessment.models import Attempt, JournalLine, Response
from ecs_training.assessment.queries.attempts import list_answers
from ecs_training.assessment.rules.ending import Ending
from ecs_training.assessment.rules.marking import mark
from ecs_training.assessment.rules.writing import to_shown_letter
from ecs_training.cli import gunicorn_arguments
from ecs_training.foundation.clock import stopwatch, utc_now
from ecs_training.foundation.database import Database
from ecs_training.foundation.migrations import upgrade
from ecs_training.foundation.settings import Settings
from tests.assessment.exam import make_bank

SEED = 20261122
SOAK_ROUNDS = 1000
CLIENTS = 4
SAVES_PER_ATTEMPT = 60  # then it is handed in, and another begins
MASTER_DIES_EVERY = 100
LONGEST_WAIT = 0.06  # seconds between an answer and the kill
PATIENCE = 30.0  # seconds for everybody to be served again
ROOT = Path(__file__).parents[1]


@dataclass
class Paper:
    """One attempt as its page knows it: what was acknowledged, question by question."""

    ref: str
    acknowledged: dict[int, str] = field(default_factory=dict)
    saves: int = 0
    handed_in: bool = False


class Practiser(Sitter):
    def start(self) -> bytes:
        form = urlencode({"csrf_token": self.seat.csrf})
        return request(
            "POST", "/practice/labourer/attempts", headers=self.seat.headers, form=form
        )


@dataclass
class Client:
    """One page that saves without a pause, and sends again what nobody acknowledged."""

    seat: Seat
    random: Random
    send: Callable[[bytes], Awaitable[Reply | None]]
    papers: list[Paper] = field(default_factory=list)
    heard: int = 0

    async def work(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            await self._sit(stopped)

    async def _sit(self, stopped: asyncio.Event) -> None:
        sitter = Practiser(self.seat)
        sitter.led_to((await self._insist(sitter.start(), 303)).location)
        page = await self._insist(sitter.get("questions/1"), 200)
        sitter.read(page.body.decode())
        paper = Paper(sitter.ref)
        self.papers.append(paper)
        while paper.saves < SAVES_PER_ATTEMPT:
            n = self.random.randint(1, QUESTIONS)
            option = self.random.choice("abcd")
            await self._insist(sitter.put(n, option), 200)
            paper.acknowledged[n] = option
            paper.saves += 1
            if stopped.is_set():
                return
        await self._insist(sitter.finish(), 303)
        paper.handed_in = True

    async def _insist(self, sent: bytes, status: int) -> Reply:
        while True:
            reply = await self.send(sent)
            if reply and reply.status < 500:
                self.heard += 1
                return reply.must_be(status)
            await asyncio.sleep(0.01)


class Server:
    """gunicorn as production runs it, its workers forked from a master that has it loaded."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings, self.log = settings, log
        self.port = int(settings.bind.rpartition(":")[2])
        self._start()

    def _start(self) -> None:
        arguments = ["--preload", *gunicorn_arguments(self.settings)[:-1], OURS]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "gunicorn", *arguments],
                env={
                    **os.environ,
                    **as_environment(self.settings),
                    "PYTHONPATH": str(ROOT),
                },
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )

    def kill_workers(self) -> int:
        """Kill whatever serves at this moment; return how many processes that were."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        workers = [int(pid) for pid in children.read_text().split()]
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(workers)

    def kill_all_and_start_again(self) -> int:
        # The master first, or it would bury the workers and fork others.
        os.kill(self._process.pid, signal.SIGSTOP)
        killed = self.kill_workers()
        self._process.kill()
        self._process.wait()
        self._start()
        return killed + 1

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@dataclass
class Tally:
    rounds: int = 0
    killed: int = 0
    saves: int = 0
    attempts: int = 0
    faults: list[str] = field(default_factory=list)


def kill_rounds(backend: str, *, n: int, seed: int = SEED) -> Tally:
    """Kill `n` times under load, then compare what was acknowledged with what is there."""
    with open_place(backend) as place:
        settings = production_settings(place, port=free_port())
        seats, database = _prepare(settings)
        server = Server(settings, place.folder / "server.log")
        try:
            tally, papers = run_apart(lambda: _run(server, seats, n, Random(seed)))
        finally:
            server.stop()
        for paper in papers:
            tally.attempts += 1
            tally.saves += paper.saves
            tally.faults += _faults(database, paper)
        database.engine.dispose()
    return tally


def _prepare(settings: Settings) -> tuple[list[Seat], Database]:
    app = create_app(settings)
    database: Database = app.extensions["database"]
    upgrade(database.engine)
    now = utc_now()
    with database.transaction() as db:
        make_bank(db, now=now)
    return sign_in_people(app, people=CLIENTS, now=now), database


async def _run(
    server: Server, seats: list[Seat], n: int, random: Random
) -> tuple[Tally, list[Paper]]:
    async def send(sent: bytes) -> Reply | None:
        try:
            return await send_once(server.port, sent)
        except (OSError, EOFError, TimeoutError):
            return None

    clients = [Client(seat, Random(random.random()), send) for seat in seats]
    stopped, tally = asyncio.Event(), Tally()
    tasks = [asyncio.create_task(client.work(stopped)) for client in clients]
    for turn in range(1, n + 1):
        await _everybody_is_served(clients, tasks)
        await asyncio.sleep(random.uniform(0, LONGEST_WAIT))
        all_of_them = turn % MASTER_DIES_EVERY == 0
        kill = server.kill_all_and_start_again if all_of_them else server.kill_workers
        tally.killed += kill()
        tally.rounds += 1
    await _everybody_is_served(clients, tasks)
    stopped.set()
    await asyncio.gather(*tasks)
    return tally, [paper for client in clients for paper in client.papers]


async def _everybody_is_served(
    clients: list[Client], tasks: list[asyncio.Task[None]]
) -> None:
    before, began = [client.heard for client in clients], stopwatch()
    while any(
        client.heard == heard for client, heard in zip(clients, before, strict=True)
    ):
        for task in tasks:
            if task.done():
                task.result()  # a page that stopped says why
        if stopwatch() - began > PATIENCE:
            raise RuntimeError("the server did not come back")
        await asyncio.sleep(0.002)


def _faults(database: Database, paper: Paper) -> list[str]:
    """Say what the database holds of an attempt that its page was told otherwise."""
    with database.reading() as db:
        attempt = db.scalars(select(Attempt).where(Attempt.ref == paper.ref)).one()
        rows = db.scalars(
            select(Response).where(Response.attempt_id == attempt.id)
        ).all()
        journal = db.scalars(
            select(JournalLine).where(JournalLine.attempt_id == attempt.id)
        ).all()
        again = mark(list_answers(db, attempt_id=attempt.id), pass_mark=43)
    saved = {
        row.n: to_shown_letter(row.chosen, row.option_order)
        for row in rows
        if row.chosen
    }
    ended = attempt.ending is Ending.SUBMITTED
    wrong = {
        "an acknowledged answer is lost": saved != paper.acknowledged,
        f"{len(journal)} journal lines of {paper.saves}": len(journal) != paper.saves,
        "one number was written twice": len({line.seq for line in journal})
        != len(journal),
        "handed in, and not ended": ended != paper.handed_in,
        "marks differ": ended and attempt.score != again.score,
        "an answer after the end": attempt.closed_at is not None
        and any(line.answered_at > attempt.closed_at for line in journal),
    }
    return [f"{paper.ref}: {fault}" for fault, holds in wrong.items() if holds]


def soak() -> list[dict[str, object]]:
    """Run the full figure on both databases; one line of figures each."""
    return [_soak(name) for name in ("sqlite", "postgresql")]


def _soak(name: str) -> dict[str, object]:
    began = stopwatch()
    tally = kill_rounds(name, n=SOAK_ROUNDS)
    for fault in tally.faults:
        print(f"{name}, {fault}")
    return {
        "name": "kills",
        "db": name,
        "seed": SEED,
        "n": tally.rounds,
        "killed": tally.killed,
        "acknowledged": tally.saves,
        "attempts": tally.attempts,
        "failures": len(tally.faults),
        "minutes": round((stopwatch() - began) / 60, 2),
    }
