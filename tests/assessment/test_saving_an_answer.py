"""The numbered PUT: every status of it, and which goes before which."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from ecs_training.accounts.models import SignIn
from ecs_training.assessment.models import Attempt
from ecs_training.foundation.database import Database
from tests.assessment.exam import (
    Day,
    Sitter,
    read_attempt,
    read_response,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock

GRACE = timedelta(seconds=10)


def body(sitter: Sitter, **changes: Any) -> dict[str, Any]:
    return {
        "option": "a",
        "flagged": False,
        "seq": 1,
        "lease": sitter.lease,
        "age_ms": 0,
    } | changes


def test_an_answer_is_saved_and_acknowledged(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    clock.advance(minutes=4)
    answer = sitter.put(7, "c", flagged=True)

    assert answer.status_code == 200
    assert answer.json == {
        "seq": 1,
        "answered": 1,
        "remaining_ms": 26 * 60 * 1000,
        "deadline": "2026-03-02T09:30:00+00:00",
        "late": False,
    }
    row = read_response(database, sitter.ref, 7)
    assert row.chosen == row.option_order[2]  # the third that was shown, whatever it is
    assert (row.flagged, row.seq, row.lease) == (True, 1, sitter.lease)
    assert row.answered_at == clock()


def test_answered_counts_the_whole_paper_and_an_answer_can_be_taken_back(
    sitter: Sitter,
) -> None:
    counts = [
        sitter.put(n, option).get_json()["answered"]
        for n, option in [(1, "a"), (2, "b"), (2, "c"), (1, None), (3, "d")]
    ]
    assert counts == [1, 2, 2, 1, 2]


def test_one_select_and_one_update_save_an_answer(
    sitter: Sitter, database: Database
) -> None:
    said: list[str] = []

    def listen(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
        said.append(sql.split(maxsplit=1)[0])

    event.listen(database.engine, "before_cursor_execute", listen)
    assert sitter.put(1).status_code == 200

    assert [word for word in said if word not in {"BEGIN", "PRAGMA"}] == [
        "SELECT",
        "UPDATE",
    ]


def test_the_same_number_and_answer_again_is_the_same_reply(
    sitter: Sitter, database: Database
) -> None:
    first = sitter.put_body(1, body(sitter, seq=3))
    again = sitter.put_body(1, body(sitter, seq=3, age_ms=900))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json

    sitter.put_body(2, body(sitter, seq=4))
    late_copy = sitter.put_body(1, body(sitter, seq=3))  # a copy that the network kept
    assert late_copy.status_code == 200
    assert late_copy.get_json()["answered"] == 2
    assert read_response(database, sitter.ref, 1).seq == 3


@pytest.mark.parametrize(
    ("n", "changes"),
    [
        (1, {"seq": 5, "option": "b"}),  # the same number, another answer
        (1, {"seq": 5, "flagged": True}),
        (1, {"seq": 4}),  # a lower one
        (2, {"seq": 5}),  # numbers count for the whole attempt, not for one question
        (2, {"seq": 4}),
    ],
)
def test_a_used_or_lower_number_is_stale(
    sitter: Sitter, database: Database, n: int, changes: dict[str, Any]
) -> None:
    assert sitter.put_body(1, body(sitter, seq=5)).status_code == 200

    answer = sitter.put_body(n, body(sitter, **changes))

    assert (answer.status_code, answer.json) == (409, {"reason": "stale"})
    assert read_response(database, sitter.ref, 1).seq == 5
    assert read_response(database, sitter.ref, 2).seq == 0


def test_gaps_are_fine(sitter: Sitter) -> None:
    for seq in (2, 9, 10, 500):
        assert sitter.put_body(1, body(sitter, seq=seq)).status_code == 200
    assert sitter.look().status_code == 200
    assert sitter.seq == 500


def test_another_lease_has_moved(sitter: Sitter) -> None:
    answer = sitter.put_body(1, body(sitter, lease="not-the-lease-of-this-attempt"))
    assert (answer.status_code, answer.json) == (409, {"reason": "moved"})


def test_a_lease_belongs_to_one_sign_in(
    app: Flask, sitter: Sitter, database: Database
) -> None:
    elsewhere = Sitter(app)
    elsewhere.sign_in("sitter1@example.org")
    elsewhere.ref, own_lease = sitter.ref, sitter.lease
    page = elsewhere.look()
    assert elsewhere.lease == ""  # it is of no use there, so it is not shown there
    assert "Continue here" in page.text

    answer = elsewhere.put_body(1, body(sitter))
    assert (answer.status_code, answer.json) == (409, {"reason": "moved"})
    assert read_attempt(database, sitter.ref).lease == own_lease  # no GET changed it


def test_taking_over_gives_a_new_lease_and_refuses_the_old(
    app: Flask, sitter: Sitter
) -> None:
    sitter.put(1, "b")
    elsewhere = Sitter(app)
    elsewhere.sign_in("sitter1@example.org")
    elsewhere.ref = sitter.ref
    elsewhere.look()

    taken = elsewhere.take_over()
    assert taken.status_code == 200
    assert set(taken.get_json()) == {"lease", "seq"}
    assert taken.get_json()["seq"] == 0
    assert taken.get_json()["lease"] != sitter.lease

    assert sitter.put(2).get_json() == {"reason": "moved"}
    assert sitter.get("responses").get_json()["lease_held"] is False
    elsewhere.look()
    assert (elsewhere.lease, elsewhere.seq) == (taken.get_json()["lease"], 0)
    assert elsewhere.put(2, "d").status_code == 200  # numbers begin again
    saved = elsewhere.get("responses").get_json()
    assert (saved["lease_held"], saved["seq"]) == (True, 1)
    assert saved["responses"][:3] == [
        {"n": 1, "option": "b", "flagged": False},
        {"n": 2, "option": "d", "flagged": False},
        {"n": 3, "option": None, "flagged": False},
    ]


def test_a_second_tab_of_the_same_sign_in_takes_over_too(sitter: Sitter) -> None:
    old = sitter.lease
    new = sitter.take_over().get_json()["lease"]
    assert sitter.put_body(1, body(sitter, lease=old)).get_json() == {"reason": "moved"}
    assert sitter.put_body(1, body(sitter, lease=new)).status_code == 200


def test_a_form_takes_over_and_comes_back_to_its_question(
    app: Flask, sitter: Sitter
) -> None:
    elsewhere = Sitter(app)
    elsewhere.sign_in("sitter1@example.org")
    elsewhere.ref = sitter.ref
    elsewhere.look(7)
    elsewhere.send(to="/lease")
    assert elsewhere.page is not None
    assert elsewhere.page.request.path == f"/attempts/{sitter.ref}/questions/7"
    elsewhere.look(7)
    assert elsewhere.lease not in {"", sitter.lease}


def test_without_a_sign_in_it_is_401(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    with database.transaction() as db:
        db.execute(update(SignIn).values(ended_at=clock()))
    answer = sitter.put(1)
    assert (answer.status_code, answer.json) == (401, {"reason": "not_signed_in"})
    for what in ("paper", "responses"):
        assert sitter.get(what).status_code == 401
    assert sitter.take_over().status_code == 401


def test_a_stranger_without_any_cookie_gets_401_before_anything_else(
    app: Flask, sitter: Sitter
) -> None:
    stranger = app.test_client()
    for path in (sitter.ref, "000000000000"):
        answer = stranger.put(f"/attempts/{path}/responses/1", json={})
        assert (answer.status_code, answer.json) == (401, {"reason": "not_signed_in"})
        assert stranger.get(f"/attempts/{path}/paper").status_code == 401
        assert stranger.post(f"/attempts/{path}/lease", json={}).status_code == 401


def test_without_the_csrf_token_nothing_is_saved(
    sitter: Sitter, database: Database
) -> None:
    answer = sitter.client.put(f"/attempts/{sitter.ref}/responses/1", json=body(sitter))
    assert answer.status_code == 400
    assert read_response(database, sitter.ref, 1).chosen is None


def test_somebody_elses_attempt_is_404_whatever_is_asked(
    app: Flask, sitter: Sitter, database: Database
) -> None:
    other = Sitter(app)
    other.sign_in("sitter2@example.org")
    other.open("/sign-in")
    other.ref, other.lease = sitter.ref, sitter.lease

    assert other.put(1).status_code == 404
    assert other.put_body(1, {"option": 7}).status_code == 404  # before the bad body
    for what in ("paper", "responses", "questions/1", "review", "result"):
        assert other.get(what).status_code == 404
    assert other.get("result.json").status_code == 404
    assert other.take_over().status_code == 404
    assert other.finish().status_code == 404
    assert other.post(f"/attempts/{sitter.ref}/responses/1").status_code == 404
    assert read_attempt(database, sitter.ref).finished_at is None


def test_there_is_no_question_beyond_the_paper(sitter: Sitter) -> None:
    for n in (0, 51, 999, 10**30):
        assert sitter.put_body(n, body(sitter)).status_code == 404
    assert sitter.get("questions/51").status_code == 404
    assert sitter.put_body(50, body(sitter)).status_code == 200


def test_a_reference_that_none_can_be_is_404(sitter: Sitter) -> None:
    for ref in ("%00", "a%00b", "..", "é"):
        answer = sitter.client.put(
            f"/attempts/{ref}/responses/1",
            json=body(sitter),
            headers={"X-CSRFToken": sitter.token()},
        )
        assert answer.status_code == 404, ref


@pytest.mark.parametrize(
    "changes",
    [
        {"option": "e"},
        {"option": "A"},
        {"option": ""},
        {"option": "ab"},
        {"option": 1},
        {"option": ["a"]},
        {"option": {"a": 1}},
        {"flagged": 0},
        {"flagged": None},
        {"flagged": "yes"},
        {"seq": 0},
        {"seq": -1},
        {"seq": 1.0},
        {"seq": "1"},
        {"seq": True},
        {"seq": None},
        {"seq": 2**31},
        {"seq": 10**40},
        {"seq": float("nan")},
        {"seq": float("inf")},
        {"lease": None},
        {"lease": 7},
        {"lease": "x" * 101},
        {"age_ms": -1},
        {"age_ms": False},
        {"age_ms": 0.5},
        {"age_ms": None},
        {"age_ms": float("nan")},
    ],
)
def test_a_bad_field_is_400(
    sitter: Sitter, database: Database, changes: dict[str, Any]
) -> None:
    answer = sitter.put_body(1, body(sitter, **changes))
    assert (answer.status_code, answer.json) == (400, {"reason": "bad_body"})
    assert read_response(database, sitter.ref, 1).seq == 0


@pytest.mark.parametrize("name", ["option", "flagged", "seq", "lease", "age_ms"])
def test_a_missing_field_is_400(sitter: Sitter, name: str) -> None:
    sent = body(sitter)
    del sent[name]
    assert sitter.put_body(1, sent).status_code == 400


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"a"',
        b"7",
        b"\xff\xfe",
        b"[" * 3000,
        b'{"a":' * 700,
        b"1" * 4000,
        b" " * 5000,
        b"x" * 3_000_000,
    ],
)
def test_what_is_no_object_is_400(sitter: Sitter, sent: bytes) -> None:
    answer = sitter.client.put(
        f"/attempts/{sitter.ref}/responses/1",
        data=sent,
        content_type="application/json",
        headers={"X-CSRFToken": sitter.token()},
    )
    assert (answer.status_code, answer.json) == (400, {"reason": "bad_body"})


def test_an_enormous_age_is_no_error(sitter: Sitter, clock: MovableClock) -> None:
    clock.advance(minutes=30, seconds=5)
    answer = sitter.put(1, age_ms=10**30)
    assert answer.status_code == 200
    assert answer.get_json()["late"] is True


@pytest.mark.parametrize(
    ("after_deadline", "age", "said"),
    [
        (timedelta(microseconds=-1), 0, "in time"),
        (timedelta(0), 0, "in time"),  # received at the deadline
        (timedelta(milliseconds=1), 0, "time_up"),
        (timedelta(milliseconds=1), 1, "late"),
        (timedelta(seconds=7), 6_999, "time_up"),
        (timedelta(seconds=7), 7_000, "late"),
        (GRACE, 10_000, "late"),
        (GRACE + timedelta(microseconds=1), 10_001, "time_up"),
        (GRACE + timedelta(seconds=1), 60_000, "time_up"),
    ],
)
def test_the_transport_grace_is_for_answers_made_in_time(
    sitter: Sitter,
    clock: MovableClock,
    after_deadline: timedelta,
    age: int,
    said: str,
) -> None:
    clock.at += timedelta(minutes=30) + after_deadline
    answer = sitter.put(1, age_ms=age)

    if said == "time_up":
        assert (answer.status_code, answer.json) == (410, {"reason": "time_up"})
        return
    assert answer.status_code == 200
    assert answer.get_json()["late"] is (said == "late")
    assert answer.get_json()["remaining_ms"] == 0


def test_a_late_answer_stays_marked_as_late_when_it_is_sent_again(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    clock.advance(minutes=30, seconds=2)
    first = sitter.put_body(1, body(sitter, age_ms=3000))
    again = sitter.put_body(1, body(sitter, age_ms=3000))
    assert first.json == again.json
    assert first.get_json()["late"] is True
    assert read_response(database, sitter.ref, 1).late is True


def test_after_the_end_it_is_410_and_nothing_changes(
    sitter: Sitter, database: Database
) -> None:
    sitter.put(1, "a")
    assert sitter.finish().status_code == 303

    repeated = sitter.put_body(1, body(sitter))  # even what was acknowledged before
    fresh = sitter.put(2, "b")
    for answer in (repeated, fresh):
        assert (answer.status_code, answer.json) == (410, {"reason": "finished"})
    for what in ("paper", "responses"):
        assert sitter.get(what).get_json() == {"reason": "finished"}
    assert sitter.take_over().get_json() == {"reason": "finished"}
    assert read_response(database, sitter.ref, 2).chosen is None


def test_time_goes_before_lease_and_number(sitter: Sitter, clock: MovableClock) -> None:
    sitter.put_body(1, body(sitter, seq=5))
    stale_and_moved = body(sitter, seq=4, lease="another")
    assert sitter.put_body(1, stale_and_moved).get_json() == {"reason": "moved"}
    clock.advance(minutes=31)
    assert sitter.put_body(1, stale_and_moved).get_json() == {"reason": "time_up"}
    sitter.finish()
    assert sitter.put_body(1, stale_and_moved).get_json() == {"reason": "finished"}


def test_a_save_works_over_https_with_its_referrer(app: Flask, day: Day) -> None:
    sitter = Sitter(app, base_url="https://localhost")
    sitter.sign_in("sitter1@example.org")
    sitter.start(f"/sittings/{day.sitting.ref}")
    answer = sitter.client.put(
        f"/attempts/{sitter.ref}/responses/1",
        json=body(sitter),
        base_url=sitter.base_url,
        headers={"X-CSRFToken": sitter.token(), "Referer": "https://localhost/"},
    )
    assert answer.status_code == 200


def test_a_busy_database_says_when_to_try_again(
    sitter: Sitter, database: Database, backend: str
) -> None:
    lasting = "SET lock_timeout = '50ms'" if backend == "postgresql" else ""

    def hurry(connection: Any, *_: object) -> None:
        if lasting:
            connection.execute(lasting)
        else:
            connection.execute("PRAGMA busy_timeout = 50")

    event.listen(database.engine, "checkout", hurry)
    with database.transaction() as db:
        db.execute(
            update(Attempt)
            .where(Attempt.ref == sitter.ref)
            .values(seed="held by somebody slow")
        )
        answer = sitter.put(1)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert sitter.put(1).status_code == 200


def test_who_is_signed_out_is_led_to_sign_in_and_back(
    sitter: Sitter, app: Flask
) -> None:
    stranger = Visitor(app)
    page = stranger.open(f"/attempts/{sitter.ref}/questions/7")
    assert page.request.path == "/sign-in"
    assert page.request.args["next"] == f"/attempts/{sitter.ref}/questions/7"
