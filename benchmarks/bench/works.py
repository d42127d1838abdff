"""What is measured: our works as people do them, and the floor's three beside them.

A work is a function that does one operation over a connection. Each lane has its own, so
that an attempt's numbers rise in order. Style sheets and scripts are left out: a browser
fetches them once.
"""

import html
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Flask

from benchmarks.bench.clients import Connection, Unexpected, request
from benchmarks.bench.floor import ROWS
from benchmarks.bench.people import Seat

Work = Callable[[Connection], Awaitable[None]]
QUESTIONS = 50


@dataclass
class Sitter:
    """Somebody at work on an attempt: what their page knows."""

    seat: Seat
    ref: str = ""
    lease: str = ""
    seq: int = 0
    answers: dict[int, str] = field(default_factory=dict)  # acknowledged, by question

    def start(self) -> bytes:
        form = urlencode({"csrf_token": self.seat.csrf})
        path = f"/sittings/{self.seat.sitting}/attempts"
        return request("POST", path, headers=self.seat.headers, form=form)

    def get(self, what: str) -> bytes:
        return request("GET", f"/attempts/{self.ref}/{what}", headers=self.seat.headers)

    def put(self, n: int, option: str, *, age_ms: int = 0) -> bytes:
        """Word the answer with the next number."""
        self.seq += 1
        return self.word(n, option, age_ms=age_ms)

    def word(self, n: int, option: str, *, age_ms: int) -> bytes:
        body = {
            "option": option,
            "flagged": False,
            "seq": self.seq,
            "lease": self.lease,
            "age_ms": age_ms,
        }
        path = f"/attempts/{self.ref}/responses/{n}"
        return request("PUT", path, headers=self.seat.headers, json_body=body)

    def presence(self, n: int) -> bytes:
        body = {"lease": self.lease, "unsaved": 0, "hidden": False, "n": n}
        path = f"/attempts/{self.ref}/presence"
        return request("POST", path, headers=self.seat.headers, json_body=body)

    def finish(self) -> bytes:
        form = urlencode({"csrf_token": self.seat.csrf})
        path = f"/attempts/{self.ref}/completion"
        return request("POST", path, headers=self.seat.headers, form=form)

    def led_to(self, location: str) -> None:
        found = re.search(r"/attempts/(\w{12})/questions/1$", location)
        if found is None:
            raise Unexpected(f"led to {location!r}, not to question 1")
        self.ref = found[1]

    def read(self, page: str) -> None:
        """Take lease and number from a question's page, as its script does."""
        self.lease = html.unescape(_data(page, "lease"))
        self.seq = int(_data(page, "seq"))

    async def begin(self, connection: Connection) -> None:
        started = (await connection.send(self.start())).must_be(303)
        self.led_to(started.location)
        page = (await connection.send(self.get("questions/1"))).must_be(200)
        self.read(page.body.decode())


def _data(page: str, name: str) -> str:
    found = re.search(f'data-{name}="([^"]*)"', page)
    if found is None:
        raise Unexpected(f"no data-{name} on the page")
    return found[1]


def has_route(app: Flask, rule: str) -> bool:
    return any(known.rule == rule for known in app.url_map.iter_rules())


def saving(seat: Seat) -> Work:
    """Save one answer after the other, over all questions and round again."""
    sitter, count = Sitter(seat), 0

    async def save(connection: Connection) -> None:
        nonlocal count
        if not sitter.ref:
            await sitter.begin(connection)
        n, option = count % QUESTIONS + 1, "abcd"[count // QUESTIONS % 4]
        count += 1
        (await connection.send(sitter.put(n, option))).must_be(200)

    return save


def looking(seat: Seat) -> Work:
    """Open one question after the other of a paper that is half answered."""
    sitter, count = Sitter(seat), 0

    async def look(connection: Connection) -> None:
        nonlocal count
        if not sitter.ref:
            await sitter.begin(connection)
            for n in range(1, QUESTIONS, 2):
                (await connection.send(sitter.put(n, "b"))).must_be(200)
        n = count % QUESTIONS + 1
        count += 1
        (await connection.send(sitter.get(f"questions/{n}"))).must_be(200)

    return look


def starting(seats: Iterator[Seat]) -> Work:
    """Press Start, a new person each time."""

    async def start(connection: Connection) -> None:
        sitter = Sitter(next(seats))
        sitter.led_to((await connection.send(sitter.start())).must_be(303).location)

    return start


def sitting_through(seats: Iterator[Seat]) -> Work:
    """Start, the page with the lease, the paper, 50 saves, finish and the result page."""

    async def sit(connection: Connection) -> None:
        sitter = Sitter(next(seats))
        await sitter.begin(connection)
        (await connection.send(sitter.get("paper"))).must_be(200)
        for n in range(1, QUESTIONS + 1):
            (await connection.send(sitter.put(n, "abcd"[n % 4]))).must_be(200)
        (await connection.send(sitter.finish())).must_be(303)
        (await connection.send(sitter.get("result"))).must_be(200)

    return sit


def booking(seats: Iterator[Seat], dates: Iterator[str]) -> Work:
    """Book a seat on a public date, a new person each time."""

    async def book(connection: Connection) -> None:
        seat = next(seats)
        fields = {
            "buyer": "self",
            "payment": "invoice",
            "terms": "yes",
            "csrf_token": seat.csrf,
        }
        path = f"/course-sessions/{next(dates)}/bookings"
        sent = request("POST", path, headers=seat.headers, form=urlencode(fields))
        (await connection.send(sent)).must_be(303)

    return book


def verifying(token: str) -> Work:
    """Look a pass up, as whoever scans its code does: not signed in."""
    sent = request("GET", f"/v/{token}")

    async def verify(connection: Connection) -> None:
        (await connection.send(sent)).must_be(200)

    return verify


def floor_form(lane: int) -> Work:
    return _floor("GET", "/form/{n}", lane)


def floor_calendar(_lane: int) -> Work:
    """Let icalendar serialise 500 sessions that it holds already."""
    sent = request("GET", "/calendar")

    async def work(connection: Connection) -> None:
        (await connection.send(sent)).must_be(200)

    return work


def floor_save(lane: int) -> Work:
    return _floor("PUT", "/rows/{n}", lane)


def floor_insert(lane: int) -> Work:
    return _floor("POST", "/rows/{n}/seats", lane)


def _floor(method: str, path: str, lane: int) -> Work:
    count = lane

    async def work(connection: Connection) -> None:
        nonlocal count
        n = count % ROWS + 1
        count += 7
        body = None if method == "GET" else {"value": count}
        sent = request(method, path.format(n=n), json_body=body)
        (await connection.send(sent)).must_be(200)

    return work
