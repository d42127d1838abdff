"""Marking people over HTTP, as their trainer, as staff, and as everybody else."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.attendance import forms
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.rules import (
    DocumentKind,
    IdentityOutcome,
    Presence,
    RegisterRefusal,
)
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session, make_person

ATTENDED: dict[str, Any] = {"presence": "attended"}
MATCHED: dict[str, Any] = {"document": "passport", "outcome": "matched"}


@dataclass
class Register:
    """The addresses of Dawn's course of today, with Alice booked on it."""

    page: str
    person: str
    ref: str

    @property
    def forms(self) -> dict[str, dict[str, Any]]:
        return {
            f"{self.person}/attendance": ATTENDED,
            f"{self.person}/identity": MATCHED,
            f"{self.person}/identity/withdrawal": {},
        }


@pytest.fixture
def register(database: Database, clock: MovableClock) -> Register:
    now = clock()
    with database.transaction() as db:
        dawn = make_person(db, "dawn", now=now, role=Role.TRAINER)
        make_person(db, "eve", now=now, role=Role.TRAINER)
        make_person(db, "sam", now=now, role=Role.STAFF)
        course_session = make_course_session(db, now=now, trainer=dawn, on=now.date())
        alice = make_person(db, "alice", now=now)
        booking = make_booking(db, course_session, alice, now=now)
        page = f"/trainer/course-sessions/{course_session.ref}"
        return Register(page, f"{page}/bookings/{booking.ref}", booking.ref)


@pytest.fixture
def dawn(app: Flask, register: Register) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("dawn@example.org")
    visitor.open(register.page)
    return visitor


def standing(database: Database) -> tuple[list[str], list[tuple[str, str]]]:
    with database.reading() as db:
        marks = db.scalars(
            select(AttendanceMark.presence).where(AttendanceMark.withdrawn_at.is_(None))
        )
        checks = db.execute(
            select(IdentityCheck.document, IdentityCheck.outcome).where(
                IdentityCheck.withdrawn_at.is_(None)
            )
        )
        return [*marks], [(document, outcome) for document, outcome in checks]


def test_the_trainer_marks_checks_and_corrects(
    dawn: Visitor, database: Database, register: Register
) -> None:
    answer = dawn.send(to=f"{register.ref}/attendance", follow=False, **ATTENDED)
    assert answer.status_code == 303
    assert answer.location == f"{register.page}#person-{register.ref}"
    assert f'id="person-{register.ref}"' in dawn.open(register.page).text

    page = dawn.send(to=f"{register.ref}/identity", **MATCHED)
    assert standing(database) == (["attended"], [("passport", "matched")])
    assert "Passport, Dawn," in page.text

    dawn.send(to=f"{register.ref}/attendance", presence="absent")
    page = dawn.send(
        to=f"{register.ref}/identity", document="ecs-card", outcome="name-differs"
    )
    assert standing(database) == (["absent"], [("ecs-card", "name-differs")])
    assert "Name differs" in page.text

    page = dawn.send(to=f"{register.ref}/identity/withdrawal")
    assert standing(database) == (["absent"], [])
    assert "Not checked" in page.text


def test_the_marks_name_the_person_who_pressed_the_button(
    app: Flask, database: Database, register: Register
) -> None:
    sam = Visitor(app)
    sam.sign_in("sam@example.org")
    for address, fields in register.forms.items():
        assert sam.post(address, **fields).status_code == 303
    with database.reading() as db:
        sams = db.scalars(
            select(Person.id).where(Person.email == "sam@example.org")
        ).one()
        assert db.scalars(select(AttendanceMark.marked_by_id)).all() == [sams]
        assert db.scalars(select(IdentityCheck.checked_by_id)).all() == [sams]


@pytest.mark.parametrize("name", ["eve", "alice"])
def test_to_everybody_else_the_register_does_not_exist(
    app: Flask, database: Database, register: Register, name: str
) -> None:
    stranger = Visitor(app)
    stranger.sign_in(f"{name}@example.org")
    for address, fields in register.forms.items():
        assert stranger.post(address, **fields).status_code == 404
        assert stranger.post(address, presence="").status_code == 404
    assert standing(database) == ([], [])


def test_who_is_not_signed_in_is_asked_to(app: Flask, register: Register) -> None:
    for address, fields in register.forms.items():
        answer = Visitor(app).post(address, **fields)
        assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_a_booking_of_another_date_is_not_found(
    dawn: Visitor, database: Database, clock: MovableClock, register: Register
) -> None:
    now = clock()
    with database.transaction() as db:
        other = make_course_session(db, now=now, on=now.date())
        booking = make_booking(db, other, make_person(db, now=now), now=now)
        refs = other.ref, booking.ref
    foreign = [
        f"{register.page}/bookings/{refs[1]}",  # another date's booking on mine
        f"/trainer/course-sessions/{refs[0]}/bookings/{refs[1]}",  # another trainer's
        f"/trainer/course-sessions/{refs[0]}/bookings/{register.ref}",
        f"{register.page}/bookings/{'0' * 12}",
    ]
    for address in foreign:
        assert dawn.post(f"{address}/attendance", **ATTENDED).status_code == 404
        assert dawn.post(f"{address}/identity", **MATCHED).status_code == 404
        assert dawn.post(f"{address}/identity/withdrawal").status_code == 404
    assert standing(database) == ([], [])


@pytest.mark.parametrize("part", ["attendance", "identity", "identity/withdrawal"])
def test_before_the_day_the_page_says_why_not(
    dawn: Visitor,
    database: Database,
    clock: MovableClock,
    register: Register,
    part: str,
) -> None:
    clock.advance(hours=-9, seconds=-1)  # the second before midnight in London
    address = f"{register.person}/{part}"
    answer = dawn.post(address, **register.forms[address])

    assert answer.status_code == 409
    assert RegisterRefusal.TOO_EARLY in answer.text
    assert 'data-refusal="too-early"' in answer.text
    assert "<title>Error: Alice, Labourer, Monday 2 March 2026" in answer.text
    assert f'href="{register.page}#person-{register.ref}"' in answer.text
    assert standing(database) == ([], [])


def test_a_refusal_keeps_what_was_chosen(
    dawn: Visitor, clock: MovableClock, register: Register
) -> None:
    clock.advance(days=-1)
    marked = dawn.post(f"{register.person}/attendance", presence="absent")
    assert 'value="absent" checked' in marked.text
    checked = dawn.post(f"{register.person}/identity", **MATCHED)
    assert '<option value="passport" selected>' in checked.text
    assert '<option value="matched" selected>' in checked.text


def test_before_the_day_the_register_offers_no_buttons(
    dawn: Visitor, clock: MovableClock, register: Register
) -> None:
    assert f"{register.ref}/attendance" in dawn.open(register.page).text
    clock.advance(days=-1)
    page = dawn.open(register.page).text
    assert "Alice" in page
    assert f"{register.ref}/attendance" not in page
    assert f"{register.ref}/identity" not in page


@pytest.mark.parametrize("typed", [{}, {"presence": ""}, {"presence": "late"}])
def test_neither_attended_nor_absent_is_asked_again(
    dawn: Visitor, database: Database, register: Register, typed: dict[str, str]
) -> None:
    page = dawn.post(f"{register.person}/attendance", **typed)
    assert page.status_code == 422
    assert page.text.count("Choose attended or absent.") == 2  # summary and field
    assert 'role="alert"' in page.text
    assert standing(database) == ([], [])


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"document": "", "outcome": "matched"}, "Choose the document you looked at."),
        ({"outcome": "matched"}, "Choose the document you looked at."),
        ({"document": "selfie", "outcome": "matched"}, "Choose the document you"),
        ({"document": "passport", "outcome": ""}, "Choose what you saw."),
        ({"document": "passport", "outcome": "fine"}, "Choose what you saw."),
    ],
)
def test_half_a_check_is_asked_again_and_keeps_the_other_half(
    dawn: Visitor,
    database: Database,
    register: Register,
    typed: dict[str, str],
    complaint: str,
) -> None:
    page = dawn.post(f"{register.person}/identity", **typed)
    assert page.status_code == 422
    assert complaint in page.text
    assert "<title>Error: " in page.text
    kept = [value for value in typed.values() if value in {"passport", "matched"}]
    assert f'<option value="{kept[0]}" selected>' in page.text
    assert standing(database) == ([], [])

    dawn.page = page
    dawn.send(to="/identity", **MATCHED)
    assert standing(database) == ([], [("passport", "matched")])


def test_a_form_from_elsewhere_is_refused(
    dawn: Visitor, database: Database, register: Register
) -> None:
    for address, fields in register.forms.items():
        answer = dawn.post(address, **fields, csrf_token="forged")
        assert answer.status_code == 400
    assert standing(database) == ([], [])


def test_the_register_offers_every_choice_and_no_other(
    app: Flask, dawn: Visitor, register: Register
) -> None:
    page = dawn.open(register.page).text
    with app.test_request_context():
        words = app.jinja_env.get_template("attendance/_register_rows.html").module
    assert vars(words)["PRESENCES"] == forms.PRESENCES
    assert vars(words)["DOCUMENTS"] == forms.DOCUMENTS
    assert vars(words)["OUTCOMES"] == forms.OUTCOMES
    for value in Presence:
        assert f'name="presence" value="{value}"' in page
    for value in (*DocumentKind, *IdentityOutcome):
        assert f'<option value="{value}">' in page


def test_every_control_of_a_person_says_whose_it_is(
    dawn: Visitor, register: Register
) -> None:
    dawn.send(to=f"{register.ref}/identity", **MATCHED)
    page = dawn.open(register.page).text
    row = page.partition(f'id="person-{register.ref}"')[2].partition("</tr>")[0]
    whose = '<span class="vh">: Alice</span></button>'
    assert row.count("<button") == row.count(whose) == 4
    assert '<span class="vh">: Alice</span></span></summary>' in row
