from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.services import make_feed
from ecs_training.foundation.database import Database
from tests.conftest import MovableClock

Fetch = Callable[..., TestResponse]


@pytest.fixture
def fetch(app: Flask) -> Fetch:
    """Fetch an address as a calendar program does: without a cookie jar."""

    def get(path: str, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return app.test_client(use_cookies=False).open(
            path, method=method, headers=named
        )

    return get


@pytest.fixture
def subscribe(database: Database, clock: MovableClock) -> Callable[..., str]:
    """Make a private feed and return its path."""

    def make(kind: FeedKind, **owner: int) -> str:
        with database.transaction() as db:
            token = make_feed(db, kind=kind, now=clock(), **owner)
        return f"/calendars/{token}.ics"

    return make
