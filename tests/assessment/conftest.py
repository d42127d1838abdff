import pytest
from flask import Flask

from ecs_training.foundation.database import Database
from tests.assessment.exam import Day, Sitter, make_day, sit
from tests.conftest import MovableClock


@pytest.fixture
def day(database: Database, clock: MovableClock) -> Day:
    with database.transaction() as db:
        return make_day(db, now=clock(), people=2)


@pytest.fixture
def sitter(app: Flask, day: Day) -> Sitter:
    """Somebody on question 1 of a test that has just begun: 30 minutes to go."""
    return sit(app, day)
