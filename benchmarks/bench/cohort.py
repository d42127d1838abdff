"""A cohort: everybody starts within a minute, answers every 36 s or so, and ends together.

The real test lasts 30 minutes; this one is cut short, because load and not length is what
it tries: when all have started, every attempt gets the same early deadline in the database.
At that deadline every page asks for its end and its result, while the recurring jobs finish
what is left. The web server runs as production does, its replaced workers included.
"""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from flask import Flask
from sqlalchemy import Row, select, update

from benchmarks.apart import run_apart
from benchmarks.bench.crowd import FINISHED_WITHIN, Crowd, Diary, Plan
from benchmarks.bench.lines import Line, make_line, spread
from benchmarks.bench.people import seat_people
from benchmarks.bench.serving import (
    OURS,
    Place,
    Server,
    as_environment,
    cpu_seconds,
    free_port,
    production_settings,
    run_beside,
    serve,
)
from benchmarks.bench.works import Sitter, has_route
from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.rules.writing import to_shown_letter
from ecs_training.foundation.clock import stopwatch, utc_now
from ecs_training.foundation.database import Database

Answer = Row[*tuple[Any, ...]]
PRESENCE_ROUTE = "/attempts/<ref>/presence"


def run_cohort(place: Place, app: Flask, plan: Plan) -> Line:
    """Let the cohort sit; return its line. `n` counts acknowledged answers.

    `lost`: answers that were acknowledged and are not there or not in the score, and those
    made in time that nobody acknowledged. Lengths are of single requests, tries included;
    `ours_cpu_ms` is for a request of any kind.
    """
    seats = seat_people(app, people=plan.people, now=utc_now())
    sitters = [Sitter(seat) for seat in seats]
    with ExitStack() as stack:
        settings = production_settings(place, port=free_port())
        log = place.folder / "cohort.log"
        server = stack.enter_context(serve(OURS, settings, log=log, as_production=True))
        mail = {"MAIL_URL": f"folder:{place.folder / 'mail'}"}
        command = [sys.executable, "-m", "benchmarks.bench.jobs"]
        environment = {**as_environment(settings), **mail}
        jobs = stack.enter_context(
            run_beside(command, environment, log=place.folder / "jobs.log")
        )
        began = Used.now(server, jobs.pid, place)
        crowd, deadline = run_apart(lambda: _sit_together(server, app, plan, sitters))
        used = Used.now(server, jobs.pid, place).since(began)
        _wait_until_finished(app, sitters)
    marked = find_marks(app, sitters, deadline)
    line = _word(place, plan, crowd.diary, used, marked, presence=crowd.presence)
    return {**line, "workers_started": log.read_text().count("Booting worker")}


@dataclass(frozen=True, kw_only=True)
class Used:
    """Processor seconds of everybody, and the stopwatch."""

    web: float
    jobs: float
    db: float
    clients: float
    at: float

    @classmethod
    def now(cls, server: Server, jobs: int, place: Place) -> "Used":
        times = os.times()
        return cls(
            web=server.cpu_seconds(),
            jobs=cpu_seconds(jobs),
            db=cpu_seconds(place.postmaster) if place.postmaster else 0.0,
            clients=times.user + times.system,
            at=stopwatch(),
        )

    def since(self, before: "Used") -> "Used":
        return Used(
            web=self.web - before.web,
            jobs=self.jobs - before.jobs,
            db=self.db - before.db,
            clients=self.clients - before.clients,
            at=self.at - before.at,
        )


async def _sit_together(
    server: Server, app: Flask, plan: Plan, sitters: Sequence[Sitter]
) -> tuple[Crowd, datetime]:
    crowd = Crowd(server.port, plan, presence=has_route(app, PRESENCE_ROUTE))
    deadline = utc_now() + timedelta(seconds=crowd.left())
    people = [asyncio.create_task(crowd.be_there(sitter)) for sitter in sitters]
    # Once when all should have started, and again for those who were kept waiting.
    for left in (plan.answering * 0.9, plan.answering * 0.1):
        await asyncio.sleep(max(0, crowd.left() - left))
        await asyncio.to_thread(_set_deadline, app, sitters, deadline)
    await asyncio.gather(*people)
    return crowd, deadline


def _set_deadline(app: Flask, sitters: Sequence[Sitter], deadline: datetime) -> None:
    """Bring every end forward, a room at a time, so that nobody waits long for a row."""
    database: Database = app.extensions["database"]
    refs = [sitter.ref for sitter in sitters if sitter.ref]
    for first in range(0, len(refs), 100):
        with database.transaction() as db:
            db.execute(
                update(Attempt)
                .where(Attempt.ref.in_(refs[first : first + 100]))
                .values(deadline=deadline)
                .execution_options(synchronize_session=False)
            )


@dataclass(kw_only=True)
class Marked:
    """What the database holds of the cohort, once it is over."""

    unfinished: int = 0  # attempts not marked within FINISHED_WITHIN of the deadline
    missing: int = 0  # answers acknowledged, and not in the database as acknowledged
    mismarked: int = 0  # answers that a score should count and does not, or the reverse
    finished_after: float = 0.0  # seconds from the deadline to the last mark

    def judge(
        self, sitter: Sitter, paper: Sequence[Answer], deadline: datetime
    ) -> None:
        held = {row.n: to_shown_letter(row.chosen, row.option_order) for row in paper}
        self.missing += sum(held[n] != said for n, said in sitter.answers.items())
        score, closed_at = paper[0].score, paper[0].closed_at
        if score is None or closed_at is None:
            self.unfinished += 1
            return
        self.mismarked += abs(score - sum(row.chosen == row.key for row in paper))
        after = (closed_at - deadline).total_seconds()
        self.unfinished += after > FINISHED_WITHIN
        self.finished_after = max(self.finished_after, after)


def _wait_until_finished(app: Flask, sitters: Sequence[Sitter]) -> None:
    """Wait while the jobs finish what no page did; not for longer than they may take."""
    database: Database = app.extensions["database"]
    refs, began = {sitter.ref for sitter in sitters}, stopwatch()
    while stopwatch() - began < FINISHED_WITHIN:
        with database.reading() as db:
            open_ones = db.scalars(
                select(Attempt.ref).where(Attempt.finished_at.is_(None))
            ).all()
        if refs.isdisjoint(open_ones):
            return
        Event().wait(0.5)


def find_marks(app: Flask, sitters: Sequence[Sitter], deadline: datetime) -> Marked:
    """Hold what the clients were told against what the database says."""
    database: Database = app.extensions["database"]
    marked, papers = Marked(), defaultdict(list)
    columns = (
        Attempt.ref,
        Attempt.score,
        Attempt.closed_at,
        Response.n,
        Response.option_order,
        Response.chosen,
        Response.key,
    )
    joined = select(*columns).join(Response, Response.attempt_id == Attempt.id)
    with database.reading() as db:
        for row in db.execute(joined):
            papers[row.ref].append(row)
    for sitter in sitters:
        if sitter.ref:
            marked.judge(sitter, papers[sitter.ref], deadline)
    return marked


def _word(
    place: Place,
    plan: Plan,
    diary: Diary,
    used: Used,
    marked: Marked,
    *,
    presence: bool,
) -> Line:
    return make_line(
        "cohort",
        place.backend,
        n=diary.acknowledged,
        ours_cpu_ms=round(used.web / diary.requests * 1000, 3),
        db_cpu_ms=(
            round(used.db / diary.requests * 1000, 3) if place.postmaster else None
        ),
        per_s=round(diary.requests / used.at, 1),
        lost=marked.missing + marked.mismarked + diary.unheard + diary.refused,
        errors_5xx=diary.errors_5xx,
        **spread(diary.saves),
        people=plan.people,
        presence=presence,
        requests=diary.requests,
        broken=diary.broken,
        missing=marked.missing,
        mismarked=marked.mismarked,
        refused=diary.refused,
        too_late=diary.too_late,
        unheard=diary.unheard,
        unfinished=marked.unfinished,
        turned_away=diary.turned_away,
        unseen=diary.unseen,
        finished_after_s=round(marked.finished_after, 1),
        start_p95_ms=spread(diary.starts).get("p95_ms"),
        ending_p95_ms=spread(diary.endings).get("p95_ms"),
        seconds=round(used.at, 1),
        web_share=round(used.web / used.at, 2),  # of one core
        jobs_share=round(used.jobs / used.at, 2),
        db_share=round(used.db / used.at, 2),
        clients_share=round(used.clients / used.at, 2),
    )


def plan_for(place: Place, *, tiny: bool = False) -> Plan:
    if tiny:
        return Plan(people=3, starting=0.5, answering=2, every=0.5)
    if place.backend == "sqlite":
        return Plan(people=300, answering=30)
    return Plan(people=3000)
