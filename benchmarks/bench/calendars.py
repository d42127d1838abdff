"""Calendars to subscribe to: one of a company, and ten that no process can remember at once."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import cycle

from flask import Flask
from sqlalchemy.orm import Session

from benchmarks.bench.clients import Connection, Unexpected, request
from benchmarks.bench.dates import word_sessions
from benchmarks.bench.works import Work
from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.services import make_feed
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from tests.factories import (
    make_booking,
    make_company,
    make_course_session,
    make_person,
)

PEOPLE, DATES = 60, 12  # of the company, and on how many dates they are booked
# Ten times 500 are more entries than a process remembers: each fetch words all of them anew.
CALENDARS = 10


def subscribe_company(app: Flask, *, now: datetime) -> str:
    """Return the path of the calendar of a company with 60 bookings."""
    database: Database = app.extensions["database"]
    with database.transaction() as db:
        company = make_company(db, _person(db, now), now=now)
        trainer = _person(db, now, role=Role.TRAINER)
        dates = [
            make_course_session(
                db,
                now=now,
                trainer=trainer,
                on=london_date(now) + timedelta(days=7 * (n + 1)),
            )
            for n in range(DATES)
        ]
        for n in range(PEOPLE):
            delegate = _person(db, now)
            make_booking(db, dates[n % DATES], delegate, now=now, company=company)
        token = make_feed(db, kind=FeedKind.COMPANY, company_id=company.id, now=now)
    return f"/calendars/{token}.ics"


def subscribe_trainers(
    app: Flask, *, now: datetime, calendars: int, sessions: int
) -> list[str]:
    """Return the paths of trainers' calendars with so many sessions each."""
    database: Database = app.extensions["database"]
    paths = []
    for _ in range(calendars):
        with database.transaction() as db:
            trainer = _person(db, now, role=Role.TRAINER)
            db.add_all(word_sessions(now, trainer_id=trainer.id, count=sessions))
            token = make_feed(db, kind=FeedKind.TRAINER, person_id=trainer.id, now=now)
        paths.append(f"/calendars/{token}.ics")
    return paths


def _person(db: Session, now: datetime, role: Role | None = None) -> Person:
    return make_person(db, f"c{uuid.uuid4().hex}", now=now, role=role)


def asking_again(path: str) -> Work:
    """Ask for a calendar that has not changed, as programs do every hour or minute."""
    etag = ""

    async def ask(connection: Connection) -> None:
        nonlocal etag
        if not etag:
            reply = (await connection.send(request("GET", path))).must_be(200)
            etag = _etag(reply.head)
        sent = request("GET", path, headers={"If-None-Match": etag})
        (await connection.send(sent)).must_be(304)

    return ask


def fetching(paths: Sequence[str]) -> Work:
    """Fetch one calendar after the other, whole."""
    asked = cycle([request("GET", path) for path in paths])

    async def fetch(connection: Connection) -> None:
        (await connection.send(next(asked))).must_be(200)

    return fetch


def _etag(head: bytes) -> str:
    for line in head.decode().split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "etag":
            return value.strip()
    raise Unexpected("a calendar without an ETag")
