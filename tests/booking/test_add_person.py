"""Staff put somebody on a date: the only way onto one that no public page shows."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.accounts.models import OneTimeLink, Person
from ecs_training.accounts.rules import LinkPurpose, Role
from ecs_training.booking.models import Booking
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_company, make_course_session, make_person


@pytest.fixture
def address(database: Database, clock: MovableClock) -> str:
    with database.transaction() as db:
        make_person(db, "staff", now=clock(), role=Role.STAFF)
        make_company(db, make_person(db, "buyer", now=clock()), now=clock())
        ref = make_course_session(db, now=clock(), capacity=1, in_house=True).ref
    return f"/staff/course-sessions/{ref}/bookings/new"


def add(app: Flask, address: str, **fields: Any) -> int:
    staff = Visitor(app)
    staff.sign_in("staff@example.org")
    staff.open(address)
    return staff.send(**fields).status_code


def test_a_new_person_is_invited_and_the_company_pays(
    app: Flask, database: Database, address: str
) -> None:
    status = add(
        app,
        address,
        full_name="Zofia Maj",
        email="Zofia@Example.org",
        company_id="1",
    )
    assert status == 200
    with database.reading() as db:
        booking = db.scalars(select(Booking)).one()
        person = db.get_one(Person, booking.candidate_id)
        link = db.scalars(select(OneTimeLink)).one()
    assert (person.email, booking.company_id) == ("zofia@example.org", 1)
    assert (link.person_id, link.purpose) == (person.id, LinkPurpose.INVITATION)


def test_a_full_date_keeps_what_was_typed_and_invites_nobody(
    app: Flask, database: Database, address: str
) -> None:
    assert add(app, address, full_name="Ann", email="ann@example.org") == 200
    assert add(app, address, full_name="Ben", email="ben@example.org") == 409
    assert add(app, address, full_name="", email="ben") == 422
    with database.reading() as db:
        emails = db.scalars(select(Person.email)).all()
    assert "ann@example.org" in emails
    assert "ben@example.org" not in emails


def test_a_trainer_has_no_such_page(
    app: Flask, database: Database, clock: MovableClock, address: str
) -> None:
    with database.transaction() as db:
        make_person(db, "trainer", now=clock(), role=Role.TRAINER)
    trainer = Visitor(app)
    trainer.sign_in("trainer@example.org")
    assert trainer.open(address).status_code == 404
