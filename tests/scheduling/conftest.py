"""Who opens the pages of the timetable: alice books, dawn and kofi train, staff plan."""

from collections.abc import Callable

import pytest
from flask import Flask

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_person

SignIn = Callable[[str], Visitor]


@pytest.fixture
def dawn(database: Database, clock: MovableClock) -> Person:
    with database.transaction() as db:
        make_person(db, "alice", now=clock())
        make_person(db, "staff", now=clock(), role=Role.STAFF)
        make_person(db, "kofi", now=clock(), role=Role.TRAINER)
        return make_person(db, "dawn", now=clock(), role=Role.TRAINER)


@pytest.fixture
def sign_in(app: Flask, dawn: Person) -> SignIn:
    assert dawn.id

    def sign_in(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.sign_in(f"{name}@example.org")
        return visitor

    return sign_in


@pytest.fixture
def date_(database: Database, clock: MovableClock, dawn: Person) -> CourseSession:
    """A date that dawn gives."""
    with database.transaction() as db:
        return make_course_session(db, now=clock(), trainer=dawn)
