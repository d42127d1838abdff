"""Questions taken out, put back and recalled in the browser."""

from typing import Any

import pytest

from tests.browsing import Visitor
from tests.questions.desk import Desk
from tests.questions.pages import (
    BANK,
    alerts,
)
from tests.questions.test_recall import cite, recall
from tests.questions.test_suspending import take_out


def test_suspended_and_put_back(desk: Desk, ann: Visitor) -> None:
    ann.open(f"{BANK}/fire-001/suspension")
    page = ann.send(reason="Nobody finds the clause.")
    assert page.request.path == f"{BANK}/fire-001"
    assert "Suspended" in page.text
    assert "Nobody finds the clause." in page.text
    assert "fire-001" not in desk.live()

    ann.open(f"{BANK}/fire-001/return")
    page = ann.send(clause="", reason="")
    assert alerts(page) == [
        "Write the reason.",
        "Name the clause, regulation or page.",
        "Enter the day on which you looked the source up.",
    ]
    day: dict[str, Any] = {
        "checked_on-day": "2",
        "checked_on-month": "3",
        "checked_on-year": "2026",
    }
    page = ann.send(clause="reg 14", reason="Found it.", **day)
    assert page.request.path == f"{BANK}/fire-001"
    assert "reg 14" in page.text
    assert "fire-001" in desk.live()


@pytest.mark.parametrize("what", ["suspension", "retirement"])
def test_what_papers_need_stays_and_the_page_says_how_many_more(
    desk: Desk, ann: Visitor, what: str
) -> None:
    take_out(desk, "elec-001")
    ann.open(f"{BANK}/elec-002/{what}")
    page = ann.send(reason="Old.")
    assert page.status_code == 409
    assert 'data-refusal="too-few"' in page.text
    assert "Electrical needs 1 more live question first." in page.text
    assert ">Old.</textarea>" in page.text
    assert "elec-002" in desk.live()


def test_retired_for_good(desk: Desk, ann: Visitor) -> None:
    ann.open(f"{BANK}/fire-001/retirement")
    assert alerts(ann.send(reason="")) == ["Write the reason."]
    page = ann.send(reason="x" * 501)
    assert alerts(page) == ["Use 500 characters or fewer."]
    page = ann.send(reason="Asked too often.")
    assert "Retired" in page.text
    assert "Asked too often." in page.text
    assert f"{BANK}/fire-001/retirement" not in page.text
    assert "fire-001" not in desk.live()


@pytest.mark.parametrize(
    ("path", "slug"), [("return", "not-suspended"), ("suspension", "not-live")]
)
def test_what_cannot_be_is_refused(
    desk: Desk, ann: Visitor, path: str, slug: str
) -> None:
    if path == "suspension":
        take_out(desk, "fire-001")
    day = {
        "checked_on-day": "2",
        "checked_on-month": "3",
        "checked_on-year": "2026",
    }
    answer = ann.post(f"{BANK}/fire-001/{path}", reason="x", clause="y", **day)
    assert answer.status_code == 409
    assert f'data-refusal="{slug}"' in answer.text


def test_a_source_is_recalled_in_one_step(desk: Desk, ann: Visitor) -> None:
    assert "Nothing was recalled yet" in ann.open(f"{BANK}/recalls").text
    cite(desk, "fire-001", "elec-001", source="guide-2020")
    page = ann.open(f"{BANK}/recalls/new?source=guide-2020").text
    assert "2 live questions cite guide-2020" in page
    for told in ("elec-001", "fire-001", "reg 13", "Sunday 22 November 2026"):
        assert told in page
    assert "fire-002" not in page
    assert alerts(ann.send(reason="")) == ["Write the reason."]

    page2 = ann.send(reason="Replaced on 1 March.")

    assert "2 of 2 questions are still suspended." in page2.text
    assert "Replaced on 1 March." in page2.text
    assert desk.live() == {"elec-002", "elec-003", "fire-002", "fire-003"}
    assert page2.request.path in ann.open(f"{BANK}/recalls").text
    assert page2.request.path in ann.open(f"{BANK}/fire-001").text


def test_it_says_first_what_each_topic_would_lack(desk: Desk, ann: Visitor) -> None:
    page = ann.open(f"{BANK}/recalls/new?source=eawr-1989").text
    assert "Electrical needs 2 more live questions first." in page
    assert "Fire needs 1 more live question first." in page
    assert "Take all" not in page
    answer = ann.post(f"{BANK}/recalls/new?source=eawr-1989", reason="x", digest="")
    assert answer.status_code == 409
    assert len(desk.live()) == 6


def test_a_list_that_grew_meanwhile_must_be_seen(desk: Desk, ann: Visitor) -> None:
    cite(desk, "fire-001", source="guide-2020")
    ann.open(f"{BANK}/recalls/new?source=guide-2020")
    cite(desk, "fire-002", source="guide-2020")
    page = ann.send(reason="Replaced.")
    assert page.status_code == 409
    assert 'data-refusal="list-changed"' in page.text
    assert ">Replaced.</textarea>" in page.text
    assert "2 live questions cite" in page.text
    ann.send()
    assert {"fire-001", "fire-002"} & desk.live() == set()


@pytest.mark.parametrize("source", ["", "nothing", "%00", "x" * 500])
def test_a_source_that_nothing_cites(ann: Visitor, source: str) -> None:
    page = ann.open(f"{BANK}/recalls/new?source={source}")
    assert page.status_code == 200
    assert ("No live question cites it" in page.text) is (source not in {"", "%00"})
    answer = ann.post(f"{BANK}/recalls/new?source={source}", reason="x", digest="")
    assert answer.status_code == 409


def test_what_became_of_each_is_shown(desk: Desk, ann: Visitor) -> None:
    cite(desk, "fire-001", source="guide-2020")
    made = recall(desk)
    desk.reword("fire-001")
    desk.read("fire-001", 2)
    desk.clock.advance(hours=1)
    desk.approve("fire-001", 2)
    page = ann.open(f"{BANK}/recalls/{made.ref}").text
    assert "Rewritten and live" in page
    assert "Everything that was taken out has been looked at." in page
    assert ann.open(f"{BANK}/recalls/{'0' * 12}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "fire-001/suspension",
        "fire-001/return",
        "recalls/new?source=eawr-1989",
        "fire-4/revisions/1/reading",
        "fire-4/revisions/1/sending-back",
    ],
)
def test_what_no_database_takes_is_no_crash(
    desk: Desk, ben: Visitor, path: str
) -> None:
    desk.write()
    typed = {"picked": "a", "reason": "x", "clause": "x", "note": "", "digest": ""}
    for name in (*typed, "checked_on-day", "defensible"):
        answer = ben.post(f"{BANK}/{path}", **typed | {name: "\x00"})
        assert answer.status_code < 500, name
