"""The bank in the browser: who sees it, the list, and one question with its history."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.accounts.rules import Role
from ecs_training.questions.models import ItemRevision
from ecs_training.questions.queries.wordings import draft_of
from tests.browsing import Visitor
from tests.factories import make_person
from tests.portal.counting import counted
from tests.questions.desk import BOOTS, GLOVES, Desk
from tests.questions.pages import (
    BANK,
    sign_in,
    type_into,
)
from tests.questions.test_bank_search import make_many


@pytest.mark.parametrize("role", [None, Role.TRAINER])
def test_to_everybody_else_these_pages_do_not_exist(
    app: Flask, desk: Desk, role: Role | None
) -> None:
    code = desk.write()
    with desk.database.transaction() as db:
        make_person(db, "other", now=desk.now, role=role)
    other = sign_in(app, "other")
    pages = ("", "/new", f"/{code}", f"/{code}/edit", f"/{code}/history", "/recalls")
    for path in (*pages, f"/{code}/revisions/1/reading", "/recalls/new"):
        assert other.open(f"{BANK}{path}").status_code == 404, path
    for path in ("preview", f"{code}/suspension", f"{code}/revisions/1/approval"):
        assert other.post(f"{BANK}/{path}", reason="x").status_code == 404, path


def test_the_staffs_first_page_says_how_many_wait(desk: Desk, ann: Visitor) -> None:
    assert "Write, read, recall" in ann.open("/staff").text
    desk.write()
    assert "1 question waits for a second reading" in ann.open("/staff").text
    desk.write(GLOVES)
    assert "2 questions wait for a second reading" in ann.open("/staff").text


def test_filters_stand_in_the_address(desk: Desk, ann: Visitor) -> None:
    desk.write()
    page = ann.open(f"{BANK}?q=boots&topic=fire&state=waiting&source=eawr-1989").text
    assert "Questions 1 to 1 of 1" in page
    assert 'value="boots"' in page
    assert '<option value="waiting" selected>' in page
    assert "Waiting for a reader" in page
    assert f'href="{BANK}/fire-4"' in page
    assert f'href="{BANK}/elec-001"' not in page


def test_nothing_found_is_said(ann: Visitor) -> None:
    assert "No question was found" in ann.open(f"{BANK}?q=unicorn").text


@pytest.mark.parametrize(
    "asked", ["state=no&figures=no", "page=x", "page=-3", "topic=%00", "q=%00%25"]
)
def test_what_nobody_offers_is_no_crash(ann: Visitor, asked: str) -> None:
    assert ann.open(f"{BANK}?{asked}").status_code == 200


def test_pages_lead_on_and_keep_the_filters(desk: Desk, ann: Visitor) -> None:
    make_many(desk, range(46))
    page = ann.open(BANK).text
    assert "Questions 1 to 50 of 52" in page
    assert f'href="{BANK}?page=2"' in page
    assert "Previous page" not in page
    last = ann.open(f"{BANK}?page=2&topic=fire").text
    assert "Page 2" not in last  # 49 are about fire
    last = ann.open(f"{BANK}?page=2&q=e").text
    assert "Questions 51 to 52 of 52" in last
    assert "Next page" not in last
    assert "q=e" in last


def test_the_page_asks_as_often_for_many_rows_as_for_few(
    desk: Desk, ann: Visitor
) -> None:
    def ask() -> int:
        with counted(desk.database) as sent:
            ann.open(BANK)
        return len(sent)

    before = ask()
    make_many(desk, range(10))
    assert ask() == before


def test_the_right_answer_is_told_in_words(ann: Visitor) -> None:
    page = ann.open(f"{BANK}/elec-001").text
    assert re.search(r"Find the right circuit</span>.{0,400}Right answer", page)
    assert page.count("Right answer<") == 1
    assert "Agreed" in page  # the reading that the files told of
    assert f"{BANK}/elec-001/suspension" in page


def test_a_draft_beside_the_live_wording_is_shown_apart(
    desk: Desk, ann: Visitor
) -> None:
    desk.reword("elec-001", submit=False)
    page = ann.open(f"{BANK}/elec-001").text
    assert "New wording: draft" in page
    assert page.index("What comes first in elec-001?") < page.index(GLOVES.stem)


def test_history_tells_every_change_by_whom_and_when(desk: Desk, ann: Visitor) -> None:
    desk.reword("elec-001", draft=BOOTS)
    desk.read("elec-001", 2)
    desk.approve("elec-001", 2)
    desk.clock.advance(hours=5)
    desk.reword("elec-001", draft=BOOTS, stem=BOOTS.stem.replace("hole", "crack"))
    desk.read("elec-001", 3, picked="a", by=desk.cy)
    page = ann.open(f"{BANK}/elec-001/history").text
    assert page.index("Revision 3") < page.index("Revision 2")
    assert re.search(r"<del><span class=\"vh\">removed: </span>hole<", page)
    assert re.search(r"<ins><span class=\"vh\">added: </span>crack<", page)
    for told in (
        "From the bank",
        "Written by Ann",
        "Put live by Ben",
        "Monday 2 March 2026, 9am",
        "Sent back by Cy",
        "Monday 2 March 2026, 2pm",
        "The second reader picked another answer.",
    ):
        assert told in page


def test_a_page_asks_as_often_for_many_wordings_as_for_few(
    desk: Desk, ann: Visitor
) -> None:
    def ask(path: str) -> int:
        with counted(desk.database) as sent:
            ann.open(f"{BANK}/{path}")
        return len(sent)

    paths = ("elec-001", "elec-001/history")
    before = [ask(path) for path in paths]
    for n in range(4):
        desk.reword("elec-001", stem=f"What is wording {n} about?")
        desk.read("elec-001", n + 2, picked="a")
    assert [ask(path) for path in paths] == before


@pytest.mark.parametrize("path", ["", "/edit", "/history", "/suspension", "/return"])
def test_an_unknown_question_is_not_found(ann: Visitor, path: str) -> None:
    assert ann.open(f"{BANK}/fire-99{path}").status_code == 404


def test_nothing_that_was_written_is_ever_changed(desk: Desk, ann: Visitor) -> None:
    def photograph() -> dict[tuple[int, int], tuple[Any, ...]]:
        with desk.database.reading() as db:
            return {
                (row.item_id, row.revision): (draft_of(row), row.content_hash)
                for row in db.scalars(select(ItemRevision))
            }

    before = photograph()
    type_into(ann, "elec-001/edit", "draft", stem="Another stem?")
    type_into(
        ann,
        "elec-001/edit",
        "submit",
        stem=BOOTS.stem,
        **{"checked_on-year": "2026", "checked_on-month": "1"},
    )
    desk.read("elec-001", 3)
    after = photograph()
    assert {place: after[place] for place in before} == before
    assert len(after) == len(before) + 2
