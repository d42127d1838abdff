from datetime import timedelta

import pytest
from flask import Flask

from ecs_training.card_applications.models import CardApplication
from ecs_training.exemptions.models import ExemptionClaim
from ecs_training.foundation.database import Database
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session
from tests.portal.conftest import Town
from tests.portal.counting import counted
from tests.portal.making import make_pass, make_result

pytestmark = pytest.mark.usefixtures("town")


def _open(app: Flask, name: str) -> str:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    page = visitor.open("/account")
    assert page.status_code == 200
    return page.text


def test_somebody_new_is_shown_the_way_on(app: Flask) -> None:
    page = _open(app, "olga")
    assert "Hello, Olga" in page
    assert "Nothing booked yet" in page
    assert 'href="/exemptions/new"' in page
    assert page.count("Needs a pass") == 5
    assert page.count('href="/practice/') == 5


def test_the_next_booking_comes_first_and_a_cancelled_one_last(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    today = clock().date()
    with database.transaction() as db:
        refs = {}
        for name, days in {"late": 20, "next": 5, "gone": 3, "past": -3}.items():
            on = today + timedelta(days=days)
            course_session = make_course_session(db, now=clock(), on=on)
            booking = make_booking(db, course_session, town.marta, now=clock())
            refs[name] = booking.ref
            if name == "gone":
                booking.cancelled_at = clock()
                booking.cancelled_by_id = town.marta.id
        other = make_course_session(db, now=clock(), on=today + timedelta(days=6))
        foreign = make_booking(db, other, town.olga, now=clock()).ref

    page = _open(app, "marta")

    places = [page.index(refs[name]) for name in ("next", "late", "past", "gone")]
    assert places == sorted(places)
    assert "Nothing booked yet" not in page
    assert foreign not in page


def test_results_show_the_score_and_only_a_pass_has_a_certificate(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        good, bad = (
            make_booking(
                db,
                make_course_session(
                    db, now=clock(), on=clock().date() - timedelta(days=days)
                ),
                town.marta,
                now=clock(),
            )
            for days in (20, 40)
        )
        token = make_pass(db, good, now=clock()).token
        failed = make_result(db, bad, now=clock(), score=39).ref
        another = make_course_session(db, now=clock())
        foreign = make_booking(db, another, town.olga, now=clock())
        foreign_token = make_pass(db, foreign, now=clock()).token

    page = _open(app, "marta")

    assert "46 of 50" in page
    assert "39 of 50" in page
    assert page.count("/certificates/") == 1
    assert f"/certificates/{token}" in page
    assert f"/attempts/{failed}/result" in page
    assert page.count("Ready to open") == 5
    assert foreign_token not in page


def test_a_revoked_pass_opens_no_card(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        booking = make_booking(
            db, make_course_session(db, now=clock()), town.marta, now=clock()
        )
        make_pass(db, booking, now=clock(), revoked_by=town.staff)

    page = _open(app, "marta")

    assert "Revoked" in page
    assert page.count("Needs a pass") == 5


def test_claims_and_applications_show_how_they_stand(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        for person, until in ((town.marta, 1), (town.olga, 300)):
            db.add(
                ExemptionClaim(
                    person_id=person.id,
                    qualification="spa-core-day",
                    certificate_number="A1",
                    certificate_awarded_on=clock().date(),
                    claimed_at=clock(),
                    granted_at=clock(),
                    valid_until=clock().date() + timedelta(days=until),
                )
            )
        db.add(
            CardApplication(
                person_id=town.marta.id,
                card_role="labourer",
                region="scotland",
                scheme_version="2026.1",
                opened_at=clock(),
                submitted_at=clock(),
            )
        )

    page = _open(app, "marta")
    assert "SPA Core Day" in page
    assert "Until Tuesday 3 March 2026" in page
    assert "We are looking at it" in page
    assert page.count("Ready to open") == 3  # not LV Jointer, not the one submitted
    assert page.count("Needs a pass") == 1

    clock.advance(days=2)
    page = _open(app, "marta")
    assert "Run out" in page
    assert "Ready to open" not in page


def test_the_page_asks_as_often_for_many_bookings_as_for_one(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("marta@example.org")

    def look(days: list[int]) -> int:
        with database.transaction() as db:
            for day in days:
                on = clock().date() + timedelta(days=day)
                date = make_course_session(db, now=clock(), on=on)
                booking = make_booking(db, date, town.marta, now=clock())
                if day < 0:
                    make_pass(db, booking, now=clock())
        with counted(database) as sent:
            visitor.open("/account")
        return len(sent)

    assert look([-1, 1]) == look([-5, -4, -3, 3, 4, 5])
