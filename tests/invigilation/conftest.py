import pytest
from flask import Flask

from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from tests.assessment.exam import make_day
from tests.conftest import MovableClock
from tests.factories import make_person
from tests.invigilation.rooms import Room


@pytest.fixture
def room(app: Flask, database: Database, clock: MovableClock) -> Room:
    """An open room with three people who may sit: Sitter1, Sitter2 and Sitter3."""
    with database.transaction() as db:
        day = make_day(db, now=clock(), people=3)
        staff = make_person(db, "staff", now=clock(), role=Role.STAFF)
        other = make_person(db, "other", now=clock(), role=Role.TRAINER)
    return Room(app, database, clock, day, staff, other)
