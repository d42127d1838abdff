"""Ours and the floor in turn, block by block, in one run: the ratio of their processor time.

Both are warmed up first. A block of ours stands beside a block of the floor's within a few
seconds, so that whatever else the machine does meets both; the median block counts.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import cycle
from statistics import median

from flask import Flask

from benchmarks.apart import run_apart
from benchmarks.bench import calendars, works
from benchmarks.bench.clients import Connection
from benchmarks.bench.dates import SESSIONS
from benchmarks.bench.lines import Line, make_line, spread
from benchmarks.bench.people import Seat, open_dates, seat_people, sign_in_people
from benchmarks.bench.serving import (
    FLOOR,
    OURS,
    Place,
    Server,
    cpu_seconds,
    free_port,
    production_settings,
    serve,
)
from benchmarks.bench.works import Work
from ecs_training.foundation.clock import stopwatch, utc_now
from ecs_training.foundation.database import Database
from tests.factories import make_pass, make_person

LANES = 2  # connections that work at the same time
WARM_BLOCKS = 1  # thrown away
# Two times eight of these, the cohorts and the setting up stay within eight minutes. On a
# machine that is busy otherwise, fewer blocks are run, but never too few for a median.
SECONDS_EACH = 6.0
FEWEST_BLOCKS = 3


@dataclass(frozen=True, kw_only=True)
class Size:
    """How often: `ours` and `floor` operations a block, over all lanes; `blocks` count.

    Where an operation takes no person, both blocks last about as long: what a block costs to
    begin (connections, cold caches) then weighs the same in both.
    """

    ours: int
    floor: int
    blocks: int = 8

    @property
    def people(self) -> int:
        """How many people ours needs where each operation needs a new one."""
        return self.ours * (self.blocks + WARM_BLOCKS)

    def tiny(self) -> "Size":
        return Size(ours=LANES, floor=LANES, blocks=1)


Prepare = Callable[[Flask, Size, datetime], Callable[[int], Work]]
FloorWork = Callable[[int], Work]


@dataclass(frozen=True, kw_only=True)
class Figure:
    name: str
    size: Size
    prepare: Prepare  # ours, for one lane
    floor: FloorWork


def _save(app: Flask, _size: Size, now: datetime) -> Callable[[int], Work]:
    seats = seat_people(app, people=LANES, now=now)
    return lambda lane: works.saving(seats[lane])


def _look(app: Flask, _size: Size, now: datetime) -> Callable[[int], Work]:
    seats = seat_people(app, people=LANES, now=now)
    return lambda lane: works.looking(seats[lane])


def _start(app: Flask, size: Size, now: datetime) -> Callable[[int], Work]:
    seats = iter(seat_people(app, people=size.people, now=now))
    return lambda _: works.starting(seats)


def _sit(app: Flask, size: Size, now: datetime) -> Callable[[int], Work]:
    seats = iter(seat_people(app, people=size.people, now=now))
    return lambda _: works.sitting_through(seats)


def _book(app: Flask, size: Size, now: datetime) -> Callable[[int], Work]:
    seats: Iterator[Seat] = iter(sign_in_people(app, people=size.people, now=now))
    dates = cycle(open_dates(app, dates=size.people // 30 + 1, now=now))
    return lambda _: works.booking(seats, dates)


def _verify(app: Flask, _size: Size, now: datetime) -> Callable[[int], Work]:
    database: Database = app.extensions["database"]
    with database.transaction() as db:
        token = make_pass(db, make_person(db, now=now), earned_at=now).token
    return lambda _: works.verifying(token)


def _ask_again(app: Flask, _size: Size, now: datetime) -> Callable[[int], Work]:
    path = calendars.subscribe_company(app, now=now)
    return lambda _: calendars.asking_again(path)


def _build_feeds(app: Flask, size: Size, now: datetime) -> Callable[[int], Work]:
    tiny = size.blocks == 1
    paths = [
        calendars.subscribe_trainers(
            app,
            now=now,
            calendars=1 if tiny else calendars.CALENDARS,
            sessions=SESSIONS,
        )
        for _ in range(LANES)
    ]
    return lambda lane: calendars.fetching(paths[lane])


FIGURES = (
    Figure(
        name="question_page",
        size=Size(ours=360, floor=800),
        prepare=_look,
        floor=works.floor_form,
    ),
    Figure(
        name="answer_save",
        size=Size(ours=200, floor=400),
        prepare=_save,
        floor=works.floor_save,
    ),
    Figure(
        name="attempt_start",
        size=Size(ours=16, floor=240),
        prepare=_start,
        floor=works.floor_save,
    ),
    Figure(
        name="whole_attempt",
        size=Size(ours=2, floor=240),
        prepare=_sit,
        floor=works.floor_save,
    ),
    Figure(
        name="booking",
        size=Size(ours=40, floor=100, blocks=6),
        prepare=_book,
        floor=works.floor_insert,
    ),
    Figure(
        name="feed_unchanged",
        size=Size(ours=480, floor=800, blocks=6),
        prepare=_ask_again,
        floor=works.floor_form,
    ),
    Figure(
        name="feed_built",
        size=Size(ours=4, floor=4, blocks=6),
        prepare=_build_feeds,
        floor=works.floor_calendar,
    ),
    Figure(
        name="verify",
        size=Size(ours=180, floor=800, blocks=6),
        prepare=_verify,
        floor=works.floor_form,
    ),
)


@dataclass(kw_only=True)
class Tally:
    """What the counted blocks of one side used, a block each; seconds."""

    cpu: list[float] = field(default_factory=list)
    db_cpu: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    wall: float = 0.0


def measure(
    place: Place, app: Flask, figures: Sequence[Figure], *, tiny: bool = False
) -> Iterator[Line]:
    """Serve ours and the floor over one database; yield a line a figure."""
    with ExitStack() as stack:
        ours = stack.enter_context(_serve(OURS, place))
        floor = stack.enter_context(_serve(FLOOR, place))
        for figure in figures:
            size = figure.size.tiny() if tiny else figure.size
            lanes = figure.prepare(app, size, utc_now())
            sides = (
                Side(ours, [lanes(lane) for lane in range(LANES)], size.ours, place),
                Side(
                    floor,
                    [figure.floor(lane) for lane in range(LANES)],
                    size.floor,
                    place,
                ),
            )
            blocks = size.blocks
            run_apart(partial(_take_turns, *sides, blocks=blocks))
            yield _word(figure, place, *sides)


def _serve(app: str, place: Place) -> AbstractContextManager[Server]:
    settings = production_settings(place, port=free_port())
    return serve(app, settings, log=place.folder / f"{app[:4]}.log")


class Side:
    """One of the two: its server, a work a lane, and what was measured."""

    def __init__(
        self, server: Server, lanes: Sequence[Work], operations: int, place: Place
    ) -> None:
        self.server, self.lanes, self.place = server, lanes, place
        self.each = operations // len(lanes)
        self.tally = Tally()

    @property
    def operations(self) -> int:
        return self.each * len(self.lanes)

    async def run_block(self, *, counts: bool) -> None:
        cpu, db_cpu, began = self.server.cpu_seconds(), self._db_cpu(), stopwatch()
        lengths = await asyncio.gather(*map(self._run_lane, self.lanes))
        if not counts:
            return
        self.tally.wall += stopwatch() - began
        self.tally.cpu.append((self.server.cpu_seconds() - cpu) / self.operations)
        self.tally.db_cpu.append((self._db_cpu() - db_cpu) / self.operations)
        self.tally.took += [seconds for lane in lengths for seconds in lane]

    async def _run_lane(self, work: Work) -> list[float]:
        connection, lengths = Connection(self.server.port), []
        try:
            for _ in range(self.each):
                began = stopwatch()
                await work(connection)
                lengths.append(stopwatch() - began)
        finally:
            connection.close()
        return lengths

    def _db_cpu(self) -> float:
        return cpu_seconds(self.place.postmaster) if self.place.postmaster else 0.0


async def _take_turns(ours: Side, floor: Side, *, blocks: int) -> None:
    began = stopwatch()
    for block in range(-WARM_BLOCKS, blocks):
        if block >= FEWEST_BLOCKS and stopwatch() - began > SECONDS_EACH:
            return
        pair = (ours, floor) if block % 2 else (floor, ours)
        for side in pair:
            await side.run_block(counts=block >= 0)


def _word(figure: Figure, place: Place, ours: Side, floor: Side) -> Line:
    return make_line(
        figure.name,
        place.backend,
        n=len(ours.tally.took),
        ours_cpu_ms=_ms(ours.tally.cpu),
        floor_cpu_ms=_ms(floor.tally.cpu),
        db_cpu_ms=_ms(ours.tally.db_cpu) if place.postmaster else None,
        floor_db_cpu_ms=_ms(floor.tally.db_cpu) if place.postmaster else None,
        per_s=round(len(ours.tally.took) / ours.tally.wall, 1),
        **spread(ours.tally.took),
    )


def _ms(seconds: Sequence[float]) -> float:
    return round(median(seconds) * 1000, 3)
