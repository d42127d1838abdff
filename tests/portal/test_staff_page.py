from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.card_applications.models import CardApplication
from ecs_training.exemptions.models import ExemptionClaim
from ecs_training.foundation.database import Database
from ecs_training.foundation.references import new_reference
from ecs_training.invigilation.models import Appeal, RoomRequest
from ecs_training.invigilation.rules import AppealOutcome, RoomAction
from ecs_training.notifications.models import OutgoingEmail
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_course_session, make_pass, make_person
from tests.portal.conftest import Town
from tests.portal.counting import counted
from tests.portal.making import make_sitting

LINK = "https://teams.example.org/l/meetup-join/42"

pytestmark = pytest.mark.usefixtures("town")


def _open(app: Flask) -> str:
    visitor = Visitor(app)
    visitor.sign_in("staff@example.org")
    page = visitor.open("/staff")
    assert page.status_code == 200
    return page.text


def make_claim(db: Session, person: Person, *, now: datetime) -> ExemptionClaim:
    claim = ExemptionClaim(
        person_id=person.id,
        qualification="spa-core-day",
        certificate_number=new_reference(),
        certificate_awarded_on=now.date(),
        claimed_at=now,
    )
    db.add(claim)
    db.flush()
    return claim


def make_application(db: Session, person: Person, *, now: datetime) -> CardApplication:
    application = CardApplication(
        person_id=person.id,
        card_role="labourer",
        region="scotland",
        scheme_version="2026.1",
        opened_at=now,
        submitted_at=now,
    )
    db.add(application)
    db.flush()
    return application


def make_letter(db: Session, *, now: datetime, problem: str | None) -> OutgoingEmail:
    ref = new_reference()
    letter = OutgoingEmail(
        key=ref,
        to=f"{ref.lower()}@example.org",
        subject="Your seat",
        text="…",
        holds_one_time_link=False,
        message_id=ref,
        queued_at=now,
        next_try_at=now,
        last_problem=problem,
    )
    db.add(letter)
    db.flush()
    return letter


@pytest.mark.parametrize("name", ["marta", "trainer", "boss"])
def test_only_staff_have_this_page(app: Flask, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    assert visitor.open("/staff").status_code == 404


def test_where_nothing_waits_the_page_says_so_and_leads_on(app: Flask) -> None:
    page = _open(app)
    assert "Nothing waits" in page
    for path in ("timetable", "passes", "exemptions", "card-applications"):
        assert f'href="/staff/{path}"' in page


def test_claims_and_applications_wait_until_they_are_decided(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        claim = make_claim(db, town.marta, now=clock())
        decided = make_claim(db, town.olga, now=clock())
        decided.declined_at, decided.reason = clock(), "Another version"
        application = make_application(db, town.marta, now=clock())
        returned = make_application(db, town.olga, now=clock())
        returned.returned_at, returned.reason = clock(), "No photo"

    page = _open(app)

    assert "2 things wait" in page
    assert f"/staff/exemptions/{claim.ref}" in page
    assert f"/staff/card-applications/{application.ref}" in page
    assert decided.ref not in page
    assert returned.ref not in page


def test_requests_for_a_second_person_and_appeals_wait_for_an_answer(
    app: Flask, database: Database, clock: MovableClock, town: Town
) -> None:
    with database.transaction() as db:
        passes = [
            make_pass(db, person, earned_at=clock())
            for person in (town.marta, town.olga)
        ]
        waiting, decided = [
            RoomRequest(
                sitting_id=each.sitting_id,
                attempt_id=each.attempt_id,
                action=RoomAction.VOID,
                reason="helped",
                asked_at=clock(),
                asked_by_id=town.marta.id,
            )
            for each in passes
        ]
        decided.decided_at, decided.decided_by_id = clock(), town.olga.id
        decided.confirmed = False
        appeal, answered = [
            Appeal(
                attempt_id=each.attempt_id, words="There was noise.", made_at=clock()
            )
            for each in passes
        ]
        answered.decided_at, answered.decided_by_id = clock(), town.olga.id
        answered.outcome, answered.reply = AppealOutcome.STANDS, "It was quiet."
        db.add_all([waiting, decided, appeal, answered])
        db.flush()

    page = _open(app)

    assert f"/requests/{waiting.ref}" in page
    assert f"/staff/appeals/{appeal.ref}" in page
    assert decided.ref not in page
    assert answered.ref not in page


def test_a_date_waits_for_its_link_from_three_days_before(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        bare = make_course_session(db, now=clock())
        linked = make_course_session(db, now=clock())
        linked.joining_url = LINK
        gone = make_course_session(db, now=clock())
        gone.cancelled_at, gone.cancelled_by_id = clock(), gone.trainer_id

    clock.at = bare.starts_at - timedelta(days=3, seconds=1)
    assert bare.ref not in _open(app)
    clock.at = bare.starts_at - timedelta(days=3)
    page = _open(app)
    assert f"/trainer/course-sessions/{bare.ref}/joining-link" in page
    assert linked.ref not in page
    assert gone.ref not in page
    clock.at = bare.ends_at
    assert bare.ref not in _open(app)


def test_a_sitting_that_nobody_closed_is_shown_after_a_day(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        date = make_course_session(db, now=clock())
        date.joining_url = LINK
        make_sitting(db, date, opened_at=clock())
        closed = make_course_session(db, now=clock())
        closed.joining_url = LINK
        make_sitting(
            db, closed, opened_at=clock(), closed_at=clock() + timedelta(hours=1)
        )

    clock.advance(hours=23, minutes=59)
    assert date.ref not in _open(app)
    clock.advance(minutes=1)
    page = _open(app)
    assert f"/trainer/course-sessions/{date.ref}" in page
    assert closed.ref not in page


def test_a_letter_with_a_problem_is_shown_until_it_is_sent(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        stuck = make_letter(db, now=clock(), problem="550 no such user")
        waiting = make_letter(db, now=clock(), problem=None)
        sent = make_letter(db, now=clock(), problem="451 try again")
        sent.sent_at = clock()

    page = _open(app)
    assert stuck.to in page
    assert "550 no such user" in page
    assert waiting.to not in page
    assert sent.to not in page


def test_the_desk_asks_as_often_for_a_pile_as_for_one(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("staff@example.org")

    def look(rows: int) -> int:
        tomorrow = clock().date() + timedelta(days=1)
        with database.transaction() as db:
            for _ in range(rows):
                make_claim(db, make_person(db, now=clock()), now=clock())
                make_application(db, make_person(db, now=clock()), now=clock())
                make_letter(db, now=clock(), problem="no")
                date = make_course_session(db, now=clock(), on=tomorrow)
                make_sitting(db, date, opened_at=clock() - timedelta(days=2))
        with counted(database) as sent:
            visitor.open("/staff")
        return len(sent)

    assert look(1) == look(5)
