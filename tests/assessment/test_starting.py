"""Who may start, and that Start leads to one attempt, however it is pressed."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from ecs_training.assessment.models import Attempt, Response, Sitting
from ecs_training.assessment.services.attempts import start_attempt, start_practice
from ecs_training.foundation.database import Database
from ecs_training.questions.models import Item
from tests.assessment.exam import (
    BLUEPRINT,
    Day,
    Sitter,
    clear,
    make_day,
    make_sign_in,
    read_attempt,
    sit,
    together,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_person


def test_an_attempt_freezes_a_whole_paper_by_the_blueprint(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    attempt = read_attempt(database, sitter.ref)
    assert attempt.deadline == attempt.started_at + timedelta(minutes=30)
    assert (attempt.started_at, attempt.pass_mark, attempt.out_of) == (clock(), 43, 50)
    with database.reading() as db:
        paper = db.scalars(select(Response).order_by(Response.n)).all()
    assert [response.n for response in paper] == list(range(1, 51))
    assert len({response.revision_id for response in paper}) == 50
    topics = [response.topic for response in paper]
    assert {topic: topics.count(topic) for topic in topics} == dict(BLUEPRINT.topics)
    assert all(sorted(response.option_order) == list("abcd") for response in paper)


def test_the_key_and_wording_are_those_of_the_start(
    sitter: Sitter, database: Database
) -> None:
    before = sitter.get("paper").get_json()["questions"]
    with database.transaction() as db:
        db.execute(update(Item).values(live_revision=None))  # the whole bank is retired
    assert sitter.get("paper").get_json()["questions"] == before
    assert sitter.put(1).status_code == 200


def test_two_people_get_different_papers(app: Flask, day: Day) -> None:
    papers = [sit(app, day, who).get("paper").get_json() for who in (1, 2)]
    assert papers[0]["questions"] != papers[1]["questions"]


def test_start_again_leads_to_the_same_attempt(
    sitter: Sitter, day: Day, database: Database, clock: MovableClock
) -> None:
    first = sitter.ref
    clock.advance(minutes=3)
    lease = sitter.lease
    assert sitter.start(f"/sittings/{day.sitting.ref}") == first
    assert sitter.lease == lease
    with database.reading() as db:
        assert db.scalar(select(func.count(Attempt.id))) == 1


def test_an_entry_is_sat_once(sitter: Sitter, day: Day, database: Database) -> None:
    sitter.finish()
    again = sitter.post(f"/sittings/{day.sitting.ref}/attempts")
    assert again.status_code == 409
    assert 'data-refusal="already-sat"' in again.text
    assert f"/attempts/{sitter.ref}/result" in again.text
    with database.reading() as db:
        assert db.scalar(select(func.count(Attempt.id))) == 1


def test_start_after_the_time_is_up_leads_to_the_result(
    sitter: Sitter, day: Day, clock: MovableClock
) -> None:
    clock.advance(minutes=31)
    sitter.open(f"/sittings/{day.sitting.ref}")
    page = sitter.client.post(
        f"/sittings/{day.sitting.ref}/attempts",
        data={"csrf_token": sitter.token()},
        follow_redirects=True,
    )
    assert page.request.path == f"/attempts/{sitter.ref}/result"


def test_without_an_entry_the_page_says_what_is_missing(
    app: Flask, database: Database, day: Day, clock: MovableClock
) -> None:
    with database.transaction() as db:
        late = make_person(db, "late", now=clock())
        booking = make_booking(db, day.course_session, late, now=clock())
    visitor = Visitor(app)
    visitor.sign_in("late@example.org")
    page = visitor.open(f"/sittings/{day.sitting.ref}")
    assert "You are not marked as present" in page.text
    assert "Your identity is not checked" in page.text
    assert f"/sittings/{day.sitting.ref}/attempts" not in page.text

    refused = visitor.post(f"/sittings/{day.sitting.ref}/attempts")
    assert refused.status_code == 409
    assert 'data-refusal="no-entry"' in refused.text

    with database.transaction() as db:
        clear(db, booking, day.trainer, now=clock())
    assert "Ready?" in visitor.open(f"/sittings/{day.sitting.ref}").text
    assert visitor.post(f"/sittings/{day.sitting.ref}/attempts").status_code == 303


def test_a_sitting_is_there_only_for_who_is_booked_on_it(
    app: Flask, database: Database, day: Day, clock: MovableClock
) -> None:
    with database.transaction() as db:
        make_person(db, "stranger", now=clock())
    for email in ("stranger@example.org", day.trainer.email):
        visitor = Visitor(app)
        visitor.sign_in(email)
        assert visitor.open(f"/sittings/{day.sitting.ref}").status_code == 404
        answer = visitor.post(f"/sittings/{day.sitting.ref}/attempts")
        assert answer.status_code == 404
        assert visitor.open("/sittings/000000000000").status_code == 404


def test_nobody_starts_once_it_is_closed_or_over(
    app: Flask, database: Database, day: Day, clock: MovableClock
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("sitter1@example.org")
    clock.advance(hours=8)
    refused = visitor.post(f"/sittings/{day.sitting.ref}/attempts")
    assert (refused.status_code, "closed" in refused.text) == (409, True)
    clock.advance(hours=-1)
    with database.transaction() as db:
        db.execute(
            update(Sitting).values(
                closed_at=clock(), closed_by_id=day.trainer.id, closing_declaration="x"
            )
        )
    refused = visitor.post(f"/sittings/{day.sitting.ref}/attempts")
    assert 'data-refusal="closed"' in refused.text


def test_a_bank_that_is_too_small_refuses_and_leaves_nothing(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        day = make_day(db, now=clock(), bank=False)
    visitor = Visitor(app)
    visitor.sign_in("sitter1@example.org")
    visitor.open(f"/sittings/{day.sitting.ref}")
    refused = visitor.post(f"/sittings/{day.sitting.ref}/attempts")
    assert refused.status_code == 409
    assert 'data-refusal="no-paper"' in refused.text
    with database.reading() as db:
        assert db.scalar(select(func.count(Attempt.id))) == 0


PRESSES = 6


def test_start_pressed_many_times_at_once_makes_one_attempt(
    database: Database, day: Day, clock: MovableClock
) -> None:
    person_id = day.candidates[0].id
    with database.transaction() as db:
        sign_in_id = make_sign_in(db, day.candidates[0], now=clock())

    def press() -> str:
        with database.transaction() as db:
            return start_attempt(
                db,
                sitting_ref=day.sitting.ref,
                person_id=person_id,
                sign_in_id=sign_in_id,
                blueprint=BLUEPRINT,
                now=clock(),
            ).ref

    refs = set(together(*[press] * PRESSES))
    assert len(refs) == 1
    with database.reading() as db:
        assert db.scalars(select(Attempt.ref)).all() == list(refs)
        assert db.scalar(select(func.count()).select_from(Response)) == 50


def test_practice_started_many_times_at_once_is_one_paper(
    database: Database, day: Day, clock: MovableClock
) -> None:
    person_id = day.candidates[0].id
    with database.transaction() as db:
        sign_in_id = make_sign_in(db, day.candidates[0], now=clock())

    def press() -> str:
        with database.transaction() as db:
            return start_practice(
                db,
                card_role="labourer",
                person_id=person_id,
                sign_in_id=sign_in_id,
                blueprint=BLUEPRINT,
                now=clock(),
            ).ref

    assert len(set(together(*[press] * PRESSES))) == 1
