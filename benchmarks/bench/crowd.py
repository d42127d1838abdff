"""The people of a cohort, as their pages behave: start, answer, be present, end.

What is sent and not answered is sent again, with the same number, as the outbox of the page
does. Each request has a connection of its own: between two of them a browser idles for
longer than the server keeps one open.
"""

import asyncio
from dataclasses import dataclass, field
from random import Random

from benchmarks.bench.clients import Reply, send_once
from benchmarks.bench.works import QUESTIONS, Sitter
from ecs_training.foundation.clock import stopwatch

SEED = 20260302
PRESENCE_EVERY = 15.0  # seconds
PAGE_CLOCK_ERROR = 1.0  # seconds by which a page's countdown ends late
TRANSPORT_GRACE = 10.0  # seconds; the setting's default
LAST_MOMENT = 1.0  # seconds; the way to the server is not in `age_ms`
MOST_WAIT = 4.0  # seconds between two tries, as the page's outbox waits
FINISHED_WITHIN = 30.0  # seconds after the deadline


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many people, and how long; seconds."""

    people: int
    starting: float = 60.0
    answering: float = 60.0  # from the last start to the common deadline
    every: float = 36.0  # between two answers of one person, on average


@dataclass(kw_only=True)
class Diary:
    """What the clients saw."""

    acknowledged: int = 0
    saves: list[float] = field(default_factory=list)  # seconds a request
    starts: list[float] = field(default_factory=list)
    endings: list[float] = field(default_factory=list)
    requests: int = 0
    errors_5xx: int = 0
    broken: int = 0  # connections that ended without a reply; tried again
    refused: int = 0  # answers refused for good, though made in time
    too_late: int = 0  # answers refused that were made in the last moment
    unheard: int = 0  # answers made in time that nobody acknowledged
    unseen: int = 0  # presence calls that came to nothing
    turned_away: int = 0  # people who could not start, or got no result


class Crowd:
    """All the clients of one cohort, in this one process. Lengths are by the stopwatch."""

    def __init__(self, port: int, plan: Plan, *, presence: bool) -> None:
        self.port, self.plan, self.presence = port, plan, presence
        self.diary, self.random = Diary(), Random(SEED)
        self.ends = stopwatch() + plan.starting + plan.answering

    def left(self) -> float:
        """Return the seconds until the common deadline."""
        return self.ends - stopwatch()

    async def be_there(self, sitter: Sitter) -> None:
        """Be one candidate from start to result."""
        await asyncio.sleep(self.random.uniform(0, self.plan.starting))
        if not await self._start(sitter):
            self.diary.turned_away += 1
            return
        watching = asyncio.create_task(self._be_present(sitter))
        await self._answer(sitter)
        watching.cancel()
        await self._end(sitter)

    async def _start(self, sitter: Sitter) -> bool:
        began = stopwatch()
        reply = await self._insist(sitter.start(), most=self.left())
        self.diary.starts.append(stopwatch() - began)
        if reply is None or reply.status != 303:
            return False
        sitter.led_to(reply.location)
        page = await self._insist(sitter.get("questions/1"), most=self.left())
        paper = await self._insist(sitter.get("paper"), most=self.left())
        if not page or not paper or (page.status, paper.status) != (200, 200):
            return False
        sitter.read(page.body.decode())
        return True

    async def _answer(self, sitter: Sitter) -> None:
        wait = self.random.uniform(0, self.plan.every)
        for count in range(QUESTIONS * 4):
            await asyncio.sleep(max(0, min(wait, self.left())))
            if self.left() <= 0:
                return
            await self._save(sitter, count % QUESTIONS + 1, self.random.choice("abcd"))
            wait = self.plan.every * self.random.uniform(0.8, 1.2)

    async def _save(self, sitter: Sitter, n: int, option: str) -> None:
        """Send an answer until somebody replies to it, as the page's outbox does."""
        clicked, wait = stopwatch(), 0.5
        sent, refused = sitter.put(n, option), False
        while not refused and self.left() > -TRANSPORT_GRACE:
            began = stopwatch()
            reply = await self._send(sent)
            self.diary.saves.append(stopwatch() - began)
            if reply and reply.status == 200:
                sitter.answers[n] = option
                self.diary.acknowledged += 1
                return
            refused = reply is not None and reply.status < 500
            if refused and clicked > self.ends - LAST_MOMENT:
                self.diary.too_late += 1
                return
            await asyncio.sleep(0 if refused else wait)
            wait = min(MOST_WAIT, wait * 2)
            age_ms = int((stopwatch() - clicked) * 1000)
            sent = sitter.word(n, option, age_ms=age_ms)
        self.diary.refused += refused
        self.diary.unheard += not refused

    async def _be_present(self, sitter: Sitter) -> None:
        while self.presence:
            await asyncio.sleep(PRESENCE_EVERY)
            reply = await self._send(sitter.presence(max(1, len(sitter.answers))))
            self.diary.unseen += reply is None or reply.status >= 400

    async def _end(self, sitter: Sitter) -> None:
        await asyncio.sleep(self.random.uniform(0, PAGE_CLOCK_ERROR))
        began = stopwatch()
        ended = await self._insist(sitter.finish(), most=FINISHED_WITHIN)
        result = await self._insist(sitter.get("result"), most=FINISHED_WITHIN)
        self.diary.endings.append(stopwatch() - began)
        right = ended and result and (ended.status, result.status) == (303, 200)
        self.diary.turned_away += not right

    async def _insist(self, sent: bytes, *, most: float) -> Reply | None:
        """Send until there is a reply that is no breakdown, for `most` seconds."""
        began, wait = stopwatch(), 0.5
        while stopwatch() - began < most:
            reply = await self._send(sent)
            if reply and reply.status < 500:
                return reply
            await asyncio.sleep(wait)
            wait = min(MOST_WAIT, wait * 2)
        return None

    async def _send(self, sent: bytes) -> Reply | None:
        self.diary.requests += 1
        try:
            reply = await send_once(self.port, sent)
        except (OSError, EOFError, TimeoutError):
            self.diary.broken += 1
            return None
        self.diary.errors_5xx += reply.status >= 500
        return reply
