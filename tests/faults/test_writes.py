"""Two tabs, copies, wrong orders: T1 to T7. What is acknowledged stays; nothing is blanked."""

import pytest
from flask import Flask

from ecs_training.assessment.rules.writing import Outcome
from ecs_training.foundation.database import Database
from tests.assessment.exam import (
    Day,
    Sitter,
    read_response,
    shown_keys,
    sit,
    together,
    wrong,
)
from tests.assessment.test_races import Saver
from tests.conftest import MovableClock

COPIES = 100


def options(sitter: Sitter) -> list[str | None]:
    saved = sitter.get("responses").get_json()["responses"]
    return [response["option"] for response in saved]


def test_t1_a_forgotten_tab_cannot_overwrite_what_another_tab_answered(
    sitter: Sitter,
) -> None:
    assert sitter.put(1, "a").status_code == 200
    old_lease, old_seq = sitter.lease, sitter.seq
    taken = sitter.take_over().get_json()
    sitter.lease, sitter.seq = taken["lease"], taken["seq"]
    assert sitter.put(1, "b").status_code == 200

    flushed = sitter.put(1, "a", lease=old_lease, seq=old_seq + 1)

    assert (flushed.status_code, flushed.get_json()) == (409, {"reason": "moved"})
    assert options(sitter)[0] == "b"


@pytest.mark.heavy
def test_t2_of_a_hundred_answers_under_one_number_one_wins_and_all_are_told(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    saver = Saver(database, sitter, clock)
    jobs = [lambda n=n: saver.save(n % 50 + 1, "abcd"[n % 4], 7) for n in range(COPIES)]
    outcomes = []
    for start in range(0, COPIES, 10):  # ten at a time: no machine has a hundred doors
        outcomes += [saving.outcome for saving in together(*jobs[start : start + 10])]
    assert outcomes.count(Outcome.OK) == 1
    assert outcomes.count(Outcome.STALE) + outcomes.count(Outcome.REPEAT) == COPIES - 1
    assert sum(option is not None for option in options(sitter)) == 1


def test_t3_a_stale_answer_to_one_question_costs_no_other(sitter: Sitter) -> None:
    for n in range(1, 7):
        assert sitter.put(n, "c").status_code == 200
    assert sitter.put(7, "c", seq=3).get_json() == {"reason": "stale"}
    assert options(sitter)[:7] == ["c"] * 6 + [None]
    assert sitter.put(7, "c", seq=20).status_code == 200


def test_t4_after_the_hand_in_every_write_is_refused_and_every_poll_says_so(
    app: Flask, day: Day, database: Database
) -> None:
    first = sit(app, day)
    first.put(1, "a")
    second = Sitter(app)
    second.sign_in("sitter1@example.org")
    second.ref = first.ref
    second.open(f"/sittings/{day.sitting.ref}")
    taken = second.take_over().get_json()
    second.lease, second.seq = taken["lease"], taken["seq"]
    first.finish()

    for answer in (
        second.put(1, "b"),
        second.take_over(),
        second.get("paper"),
        second.get("responses"),
        second.report(),
    ):
        assert (answer.status_code, answer.get_json()) == (410, {"reason": "finished"})
    kept = read_response(database, first.ref, 1)
    assert kept.option_order.index(kept.chosen or "") == 0


def test_t5_every_click_is_there_after_a_reload(sitter: Sitter) -> None:
    wanted: list[str | None] = [None] * 50
    for n in range(1, 51):
        wanted[n - 1] = "abcd"[n % 4]
        assert sitter.put(n, wanted[n - 1]).get_json()["answered"] == n
        page = sitter.look(n)  # anew, as a reload asks for it
        assert f'value="{wanted[n - 1]}" checked' in page.text
    assert options(sitter) == wanted


def test_t7_the_end_counts_what_was_acknowledged_before_it(
    sitter: Sitter, database: Database
) -> None:
    keys = shown_keys(database, sitter.ref)
    for n in range(1, 44):
        sitter.put(n, keys[n])
    sitter.put(43, wrong(keys[43]))
    sitter.put(43, keys[43])  # the last one, the moment before
    sitter.finish()
    assert sitter.get("result.json").get_json()["score"] == 43


def test_t32_an_answer_that_is_refused_leads_to_no_other_question(
    sitter: Sitter,
) -> None:
    sitter.look(5)
    old = sitter.lease
    sitter.take_over()
    answer = sitter.client.post(
        f"/attempts/{sitter.ref}/responses/5",
        data={
            "option": "b",
            "seq": "9",
            "lease": old,
            "go": "next",
            "csrf_token": sitter.token(),
        },
    )
    assert answer.status_code == 409
    assert "Question 5 of 50" in answer.text
    assert options(sitter)[4] is None
