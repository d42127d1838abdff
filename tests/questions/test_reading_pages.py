"""The second reading in the browser: blind, then a decision."""

import re
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ecs_training.questions.rules.reviewing import reading_order
from tests.browsing import Visitor
from tests.questions.desk import BOOTS, Desk
from tests.questions.pages import (
    BANK,
    PLANTED,
    alerts,
    decide_path,
)


@pytest.fixture
def code(desk: Desk) -> str:
    """A question whose options Ben sees at other letters than the bank's, all four."""
    draft = replace(BOOTS, rationale=f"{PLANTED} rationale", clause=PLANTED)
    while True:
        code = desk.write(draft)
        order = reading_order(desk.revision(code).id, desk.ben)
        if all(letter != shown for letter, shown in zip(order, "abcd", strict=True)):
            return code


def test_no_page_lets_the_key_out_to_whoever_may_read(
    desk: Desk, ben: Visitor, code: str
) -> None:
    """With another key and other facts, nothing that Ben is served changes."""

    def serve() -> list[str]:
        paths = [f"{BANK}/{code}", f"{BANK}/{code}/history", decide_path(code)]
        pages = [ben.open(path) for path in paths]
        assert [page.status_code for page in pages] == [200, 200, 200]
        pages.append(ben.open(f"{BANK}/{code}/edit"))
        assert pages[-1].status_code == 409
        pages.append(ben.open(BANK))
        pages.append(ben.post(decide_path(code)))  # nothing picked: 422
        assert pages[-1].status_code == 422
        return [
            re.sub(r'(value|content)="[^"]*\.[^"]*"', "token", page.text)
            for page in pages
        ]

    before = serve()
    assert not any(PLANTED in page for page in before)
    assert not any("Right answer" in page for page in before[:3])
    with desk.database.transaction() as db:
        row = db.merge(desk.revision(code))
        row.key, row.rationale, row.difficulty = "d", "Another", 0.1
    assert serve() == before


def test_the_reading_page_is_the_stem_and_shuffled_options(
    desk: Desk, ben: Visitor, code: str
) -> None:
    page = ben.open(decide_path(code)).text
    order = reading_order(desk.revision(code).id, desk.ben)
    offered = re.findall(r'name="picked" value="(\w)"[^>]*><label[^>]*>([^<]+)<', page)
    assert offered == [
        (shown, BOOTS.options[letter])
        for shown, letter in zip("abcd", order, strict=True)
    ]
    assert ben.open(decide_path(code)).text.count("Report it") == page.count(
        "Report it"
    )


def shown_letter(desk: Desk, code: str, letter: str, reader: int) -> str:
    return "abcd"[reading_order(desk.revision(code).id, reader).index(letter)]


def read(visitor: Visitor, desk: Desk, code: str, **picks: Any) -> TestResponse:
    """Let Ben read: `picked` and `defensible` are letters of the bank."""
    visitor.open(decide_path(code))
    shown: dict[str, Any] = {
        name: shown_letter(desk, code, letter, desk.ben)
        for name, letter in picks.items()
    }
    return visitor.send(to="", note="Said Ben", **shown)


def test_read_agreed_and_put_live(desk: Desk, ben: Visitor, code: str) -> None:
    page = read(ben, desk, code, picked="b")
    assert page.request.path == decide_path(code)
    assert "You agree with the author" in page.text
    assert PLANTED in page.text
    page = ben.send(to="/approval")
    assert page.request.path == f"{BANK}/{code}"
    assert "Ben agreed" in page.text
    assert code in desk.live()


def test_agreed_and_sent_back_with_a_reason(
    desk: Desk, ben: Visitor, code: str
) -> None:
    read(ben, desk, code, picked="b")
    page = ben.send(to="/sending-back", reason=" ")
    assert page.status_code == 422
    assert alerts(page) == ["Write the reason."]
    assert "Put it live" in page.text
    page = ben.send(to="/sending-back", reason="It is reg 5.")
    assert "It is reg 5." in page.text
    assert "Sent back" in page.text
    assert code not in desk.live()


@pytest.mark.parametrize("picks", [{"picked": "a"}, {"picked": "b", "defensible": "d"}])
def test_disagreed_it_goes_back_and_its_author_sees_why(
    desk: Desk, ann: Visitor, ben: Visitor, code: str, picks: dict[str, str]
) -> None:
    page = read(ben, desk, code, **picks)
    assert page.request.path == f"{BANK}/{code}"
    for told in (ann.open(f"{BANK}/{code}"), ann.open(f"{BANK}/{code}/edit")):
        assert "Ben disagreed" in told.text
        assert "Said Ben" in told.text
        assert f"Picked: {BOOTS.options[picks['picked']]}" in told.text
    assert desk.revision(code).sent_back_by_id == desk.ben


def test_nothing_picked_is_asked_for_and_the_rest_is_kept(
    desk: Desk, ben: Visitor, code: str
) -> None:
    ben.open(decide_path(code))
    page = ben.send(note="Hard to say", defensible="c")
    assert page.status_code == 422
    assert alerts(page) == ["Choose the answer that you think is right."]
    assert "Hard to say" in page.text
    assert re.search(r'name="defensible" value="c" checked', page.text)
    assert desk.revision(code).sent_back_at is None


def test_authors_are_turned_away(desk: Desk, ann: Visitor, code: str) -> None:
    for answer in (
        ann.open(decide_path(code)),
        ann.post(decide_path(code), picked="a"),
        ann.post(decide_path(code, "approval")),
        ann.post(decide_path(code, "sending-back"), reason="x"),
    ):
        assert answer.status_code == 409
        assert re.search('data-refusal="(own|not-read)"', answer.text)
    assert code not in desk.live()
    assert desk.revision(code).sent_back_at is None


def test_a_reader_who_agreed_before_a_newer_wording_came_is_told(
    desk: Desk, ben: Visitor, code: str
) -> None:
    read(ben, desk, code, picked="b")
    desk.reword(code)
    page = ben.send(to="/approval")
    assert page.status_code == 409
    assert 'data-refusal="not-waiting"' in page.text
    assert code not in desk.live()


def test_findings_keep_it_from_going_live(desk: Desk, ben: Visitor) -> None:
    code = desk.write(replace(BOOTS, stem="What should you not do with old boots?"))
    page = read(ben, desk, code, picked="b")
    assert "It cannot go live like this" in page.text
    assert "Put it live" not in page.text
    answer = ben.post(decide_path(code, "approval"))
    assert answer.status_code == 409
    assert 'data-refusal="findings"' in answer.text
    assert code not in desk.live()


def test_unknown_revisions_are_not_found(ben: Visitor, code: str) -> None:
    assert ben.open(decide_path(code, number=2)).status_code == 404
    assert ben.post(decide_path(code, "approval", 2)).status_code == 404
    assert ben.open(decide_path("fire-99")).status_code == 404
