"""Rescoring in the browser, without script: look, decide by name, confirm, undo."""

import re

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Attempt, Rescore
from ecs_training.foundation.database import Database
from ecs_training.passes.models import Pass
from ecs_training.questions.models import Item, ItemRevision
from tests.assessment.test_rescoring import Exam, make_exam
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_person

PATH = "/staff/questions/general-000/revisions/1/rescore"


@pytest.fixture
def sat(database: Database, clock: MovableClock) -> dict[str, str]:
    """Two people at the pass mark, with the old answer and with the new: name -> ref."""
    with database.transaction() as db:
        exam: Exam = make_exam(db, now=clock())
        return {
            "olga": exam.sit("olga", others=42, chose="a").ref,
            "nils": exam.sit("nils", others=42, chose="b").ref,
        }


@pytest.fixture
def staff(app: Flask, sat: dict[str, str]) -> Visitor:
    assert sat
    visitor = Visitor(app)
    visitor.sign_in("staff@example.org")
    return visitor


def read_digest(html: str) -> str:
    found = re.search(r'name="digest" value="(\w{64})"', html)
    assert found
    return found[1]


def verdicts(database: Database) -> dict[str, tuple[int | None, bool | None]]:
    with database.reading() as db:
        return {a.ref: (a.score, a.passed) for a in db.scalars(select(Attempt))}


def test_looking_shows_everybody_and_changes_nothing(
    staff: Visitor, sat: dict[str, str], database: Database
) -> None:
    before = verdicts(database)
    first = staff.open(PATH)
    assert "Rescore now" not in first.text
    page = staff.open(f"{PATH}?change=b")
    assert page.status_code == 200
    assert "Take the pass of Olga" in page.text
    assert f'value="{sat["olga"]}"' in page.text
    assert "From 43 to 42 of 50" in page.text
    assert "Nils" in page.text
    assert "Fail to pass" in page.text
    assert verdicts(database) == before


def test_confirming_does_what_was_shown_and_can_be_undone(
    staff: Visitor, sat: dict[str, str], database: Database
) -> None:
    page = staff.open(f"{PATH}?change=b")
    answer = staff.post(
        PATH,
        change="b",
        digest=read_digest(page.text),
        reason="Reg 14 says so",
        take_pass=sat["olga"],
    )
    assert answer.status_code == 303
    done = staff.open(answer.headers["Location"])
    assert "Pass taken" in done.text
    assert "Fail to pass" in done.text
    assert verdicts(database) == {sat["olga"]: (42, False), sat["nils"]: (43, True)}

    back = staff.open(f"{answer.headers['Location']}/reversal")
    undone = staff.post(
        f"{answer.headers['Location']}/reversal",
        digest=read_digest(back.text),
        reason="Reg 14 does not say so",
    )
    assert undone.status_code == 303
    assert verdicts(database) == {sat["olga"]: (43, True), sat["nils"]: (42, True)}
    assert "Results that changed back" in staff.open(undone.headers["Location"]).text
    with database.reading() as db:
        assert [p.revoked_at for p in db.scalars(select(Pass))] == [None, None]


def test_a_missing_reason_keeps_the_choices(
    staff: Visitor, sat: dict[str, str], database: Database
) -> None:
    page = staff.open(f"{PATH}?change=b&old_key_counts=yes")
    answer = staff.post(
        PATH,
        change="b",
        old_key_counts="yes",
        digest=read_digest(page.text),
        reason=" ",
        take_pass=sat["olga"],
    )
    assert answer.status_code == 422
    assert "Write what was found wrong" in answer.text
    assert 'name="change" value="b" checked' in answer.text
    assert 'name="old_key_counts" value="yes" checked' in answer.text
    with database.reading() as db:
        assert db.scalars(select(Rescore)).all() == []


def test_an_outdated_plan_is_shown_anew_with_the_ticks_kept(
    staff: Visitor, sat: dict[str, str], database: Database
) -> None:
    answer = staff.post(
        PATH,
        change="b",
        digest="0" * 64,
        reason="Reg 14 says so",
        take_pass=sat["olga"],
    )
    assert answer.status_code == 409
    assert 'data-refusal="world-changed"' in answer.text
    assert re.search(f'value="{sat["olga"]}" checked', answer.text)
    assert "Reg 14 says so" in answer.text
    with database.reading() as db:
        assert db.scalars(select(Rescore)).all() == []


@pytest.mark.parametrize("query", ["?change=e", "?change="])
def test_an_unknown_choice_is_refused(staff: Visitor, query: str) -> None:
    answer = staff.open(PATH + query)
    assert answer.status_code == 422
    assert "digest" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/staff/questions/general-000/revisions/2/rescore",
        "/staff/questions/nothing-1/revisions/1/rescore",
        "/staff/rescores/NOTTHERE0000",
        "/staff/rescores/NOTTHERE0000/reversal",
    ],
)
def test_what_is_not_there_is_not_found(staff: Visitor, path: str) -> None:
    assert staff.open(path).status_code == 404


def test_the_person_reads_on_the_result_that_it_was_marked_again(
    staff: Visitor, app: Flask, sat: dict[str, str]
) -> None:
    page = staff.open(f"{PATH}?change=b")
    staff.post(PATH, change="b", digest=read_digest(page.text), reason="Reg 14")
    olga = Visitor(app)
    olga.sign_in("olga@example.org")
    result = olga.open(f"/attempts/{sat['olga']}/result")
    assert "Your score was 43 and became 42. You keep your pass." in result.text
    assert "You passed" in result.text
    again = olga.open(f"/attempts/{sat['olga']}/result.json").get_json()
    assert (again["score"], again["passed"]) == (42, True)


@pytest.mark.parametrize("role", [Role.TRAINER, None])
def test_nobody_but_staff_sees_a_rescore(
    app: Flask,
    sat: dict[str, str],
    database: Database,
    clock: MovableClock,
    role: Role | None,
) -> None:
    assert sat
    with database.transaction() as db:
        make_person(db, "curious", now=clock(), role=role)
    visitor = Visitor(app)
    visitor.sign_in("curious@example.org")
    assert visitor.open(PATH).status_code == 404
    assert visitor.open("/staff/rescores").status_code == 404
    assert visitor.post(PATH, change="b").status_code == 404


def test_the_list_says_what_counts_and_what_was_undone(
    staff: Visitor, database: Database
) -> None:
    assert "No question was rescored" in staff.open("/staff/rescores").text
    page = staff.open(f"{PATH}?change=withdrawn")
    staff.post(PATH, change="withdrawn", digest=read_digest(page.text), reason="Twice")
    listed = staff.open("/staff/rescores").text
    with database.reading() as db:
        stem = db.scalars(select(ItemRevision.stem)).first()
    assert stem
    assert stem in listed
    assert "Withdrawn" in listed
    assert "Counts" in listed


def apply(staff: Visitor, **typed: str) -> TestResponse:
    page = staff.open(f"{PATH}?change=withdrawn")
    assert "Take the question out of new papers" in page.text
    return staff.post(
        PATH,
        change="withdrawn",
        digest=read_digest(page.text),
        reason="No answer is right",
        **typed,
    )


@pytest.mark.parametrize("ticked", [True, False])
def test_the_question_leaves_new_papers_if_ticked(
    staff: Visitor, database: Database, ticked: bool
) -> None:
    answer = apply(staff, **({"suspend": "yes"} if ticked else {}))
    assert answer.status_code == 303
    with database.reading() as db:
        item = db.scalars(select(Item).where(Item.code == "general-000")).one()
    assert (item.suspend_reason == "No answer is right") is ticked


def test_a_question_that_papers_need_stays_and_nothing_is_rescored(
    staff: Visitor, database: Database, clock: MovableClock, sat: dict[str, str]
) -> None:
    with database.transaction() as db:
        spare = db.scalars(
            select(Item).where(Item.topic == "general").order_by(Item.code.desc())
        ).all()[:6]
        for item in spare:
            item.live_revision, item.retired_at = None, clock()
    before = verdicts(database)

    refused = apply(staff, suspend="yes")

    assert refused.status_code == 409
    assert 'data-refusal="too-few"' in refused.text
    assert verdicts(database) == before
    assert apply(staff).status_code == 303
    assert verdicts(database)[sat["nils"]] == (43, True)
