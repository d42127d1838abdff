import pytest
from flask import Flask

from ecs_training.foundation.database import Database
from tests.assessment.exam import Day, Sitter, make_day, sit
from tests.conftest import MovableClock


@pytest.fixture
def day(database: Database, clock: MovableClock) -> Day:
    """A sitting that is open, for three people."""
    with database.transaction() as db:
        return make_day(db, now=clock(), people=3)


@pytest.fixture
def sitter(app: Flask, day: Day) -> Sitter:
    return sit(app, day)
