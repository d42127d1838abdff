"""One attempt, one paper, frozen: starting twice, editing underneath, leaving and coming back."""

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from ecs_training.accounts.services.signing_in import end_sign_in
from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.services.finish import end_attempt, void_attempt
from ecs_training.foundation.database import Database
from ecs_training.foundation.web import Cookies
from ecs_training.questions.models import Item, ItemRevision
from tests.assessment.exam import (
    Day,
    Sitter,
    read_attempt,
    read_data,
    shown_keys,
    sit,
    together,
)
from tests.conftest import MovableClock
from tests.faults.test_writes import options

STARTS = 50


@pytest.mark.heavy
def test_t16_start_pressed_fifty_times_is_one_attempt_and_fifty_equal_replies(
    app: Flask, day: Day, database: Database
) -> None:
    visitors = []
    for _ in range(5):
        visitor = Sitter(app)
        visitor.sign_in("sitter1@example.org")
        visitor.open(f"/sittings/{day.sitting.ref}")
        visitors.append(visitor)
    path = f"/sittings/{day.sitting.ref}/attempts"
    replies = []
    for _ in range(STARTS // len(visitors)):
        jobs = [lambda each=each: each.post(path) for each in visitors]
        replies += [
            (answer.status_code, answer.headers["Location"])
            for answer in together(*jobs)
        ]
    assert len(replies) == STARTS
    assert len(set(replies)) == 1
    with database.reading() as db:
        assert db.scalar(select(func.count(Attempt.id))) == 1


@pytest.mark.parametrize("void", [False, True])
def test_t17_ended_from_the_room_no_page_makes_a_new_attempt(
    sitter: Sitter, day: Day, database: Database, clock: MovableClock, void: bool
) -> None:
    attempt_id = read_attempt(database, sitter.ref).id
    with database.transaction() as db:
        if void:
            void_attempt(
                db,
                attempt_id=attempt_id,
                reason="wrong person",
                voided_by_id=day.trainer.id,
                now=clock(),
            )
        else:
            end_attempt(
                db,
                attempt_id=attempt_id,
                reason="misconduct",
                ended_by_id=day.trainer.id,
                now=clock(),
            )
    for path in ("questions/7", "review"):
        page = sitter.get(path)
        assert page.status_code == 303
        assert page.headers["Location"].endswith("/result")
    again = sitter.post(f"/sittings/{day.sitting.ref}/attempts")
    assert again.status_code == 409
    with database.reading() as db:
        assert db.scalar(select(func.count(Attempt.id))) == 1


MOST_STATEMENTS = 12  # a start asks as often for 652 items as for a hundred


def test_t18_a_start_asks_the_database_a_fixed_number_of_questions(
    app: Flask, day: Day, database: Database
) -> None:
    sit(app, day, 1)  # the bank is read and kept
    second = Sitter(app)
    second.sign_in("sitter2@example.org")
    second.open(f"/sittings/{day.sitting.ref}")
    asked: list[str] = []

    def note(_c: object, _u: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    answer = second.post(f"/sittings/{day.sitting.ref}/attempts")
    event.remove(database.engine, "before_cursor_execute", note)
    assert answer.status_code == 303
    questions = [sql for sql in asked if not sql.startswith(("BEGIN", "PRAGMA"))]
    assert len(questions) <= MOST_STATEMENTS, questions


def test_t21_no_question_leaves_before_the_start(
    app: Flask, day: Day, database: Database
) -> None:
    visitor = Sitter(app)
    visitor.sign_in("sitter1@example.org")
    with database.reading() as db:
        stems = db.scalars(select(ItemRevision.stem)).all()
    page = visitor.open(f"/sittings/{day.sitting.ref}").text
    assert not any(stem in page for stem in stems)
    # Nor is there a paper to ask for: it is drawn when the clock starts.
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Response)) == 0


def test_t26_an_item_changed_underneath_changes_nothing_on_an_open_paper(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    before = sitter.get("paper").get_json()["questions"]
    keys = shown_keys(database, sitter.ref)
    with database.transaction() as db:
        for item in db.scalars(select(Item)):
            item.topic, item.suspended_at = "general", clock()
            item.suspend_reason = "tried"
            item.suspended_by_id = read_attempt(database, sitter.ref).person_id
            item.live_revision = None
    assert sitter.get("paper").get_json()["questions"] == before
    for n, key in keys.items():
        sitter.put(n, key)
    sitter.finish()
    result = sitter.get("result.json").get_json()
    assert (result["score"], len(result["topics"])) == (50, 11)


def test_t33_reload_at_any_page_of_the_test_stays_in_the_test(sitter: Sitter) -> None:
    sitter.put(3, "d")
    for path in ("questions/1", "questions/3", "questions/50", "review"):
        for _ in range(2):
            assert sitter.open(f"/attempts/{sitter.ref}/{path}").status_code == 200
    assert options(sitter)[2] == "d"


def test_t35_a_restored_page_of_another_attempt_writes_to_its_own_or_not_at_all(
    app: Flask, sitter: Sitter
) -> None:
    sitter.put(1, "a")
    sitter.finish()
    newer = Sitter(app)
    newer.sign_in("sitter1@example.org")
    newer.start("/practice/labourer")
    # The tab that the browser restored knows the old attempt and the old lease.
    stale = sitter.put(1, "b")
    assert stale.status_code == 410
    sitter.ref = newer.ref
    mixed = sitter.put(1, "b")
    assert (mixed.status_code, mixed.get_json()["reason"]) == (409, "moved")
    assert options(newer)[0] is None


def test_t36_nothing_of_an_attempt_is_kept_by_a_cache_and_back_leads_to_the_result(
    sitter: Sitter,
) -> None:
    page = sitter.look(4)
    assert page.headers["Cache-Control"] == "no-store"
    sitter.finish()
    again = sitter.get("questions/4")
    assert (again.status_code, again.headers["Cache-Control"]) == (303, "no-store")


def test_t38_looking_at_an_attempt_that_is_out_of_time_closes_nothing(
    app: Flask, day: Day, sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    clock.advance(minutes=45)
    trainer = Sitter(app)
    trainer.sign_in(day.trainer.email)
    page = trainer.open(f"/trainer/course-sessions/{day.course_session.ref}")
    assert "Time is up" in page.text
    assert read_attempt(database, sitter.ref).finished_at is None


def test_t40_papers_share_the_items_of_the_bank(
    app: Flask, day: Day, database: Database
) -> None:
    def count() -> tuple[int | None, int | None]:
        with database.reading() as db:
            return (
                db.scalar(select(func.count(Item.id))),
                db.scalar(select(func.count(ItemRevision.id))),
            )

    before = count()
    for who in (1, 2, 3):
        sitter = sit(app, day, who)
        sitter.finish()
        sitter.start("/practice/labourer")
    assert count() == before


def test_t14_signed_out_in_the_middle_they_come_back_to_the_same_question(
    app: Flask, day: Day, database: Database, clock: MovableClock
) -> None:
    sitter = sit(app, day)
    sitter.put(7, "c")
    with database.transaction() as db:
        attempt = read_attempt(database, sitter.ref)
        end_sign_in(db, sign_in_id=attempt.lease_sign_in_id, now=clock())
    assert sitter.put(8, "c").status_code == 401
    led = sitter.get("questions/8")
    assert led.headers["Location"].endswith(f"next=/attempts/{sitter.ref}/questions/8")

    stranger = Sitter(app)
    stranger.sign_in("sitter2@example.org")
    stranger.ref = sitter.ref
    assert stranger.get("responses").status_code == 404

    back = Sitter(app)
    back.sign_in("sitter1@example.org")
    back.ref = sitter.ref
    page = back.open(f"/attempts/{back.ref}/questions/7")
    assert 'value="c" checked' in page.text
    assert read_data(page.text, "lease") == ""  # until they say: continue here
    taken = back.take_over().get_json()
    back.lease, back.seq = taken["lease"], taken["seq"]
    assert back.put(8, "d").status_code == 200
    assert options(back)[6:8] == ["c", "d"]


def test_t15_a_test_of_ninety_minutes_is_saved_to_its_end_by_one_form_token(
    app: Flask, day: Day, database: Database, clock: MovableClock
) -> None:
    sitter = sit(app, day)
    with database.transaction() as db:
        attempt = db.get_one(Attempt, read_attempt(database, sitter.ref).id)
        attempt.deadline = attempt.started_at + 3 * (
            attempt.deadline - attempt.started_at
        )
        attempt.time_percent = 300
    assert app.config["WTF_CSRF_TIME_LIMIT"] is None
    clock.advance(minutes=89)
    assert sitter.put(50, "a").status_code == 200


def test_t15_with_another_secret_key_they_sign_in_again_and_lose_nothing(
    app: Flask, sitter: Sitter
) -> None:
    sitter.put(1, "b")
    app.config["SECRET_KEY"] = "an-other-key-" * 4
    app.session_interface = Cookies(app)  # as a process that starts with it has
    assert sitter.put(2, "b").status_code == 401
    back = Sitter(app)
    back.sign_in("sitter1@example.org")
    back.ref = sitter.ref
    assert options(back)[0] == "b"
