"""The test without script: one question a page, form posts alone, to the end."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from ecs_training.foundation.database import Database
from tests.assessment.exam import (
    Day,
    Sitter,
    make_day,
    read_attempt,
    read_response,
    shown_keys,
    sit,
    wrong,
)
from tests.conftest import MovableClock


class Reader(HTMLParser):
    """Collect what interfaces.md names on a question page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.h1: list[str] = []
        self.labels: dict[str, str] = {}
        self.options: list[dict[str, str | None]] = []
        self.around: list[bool] = []
        self._open: list[str] = []
        self._into = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "h1":
            self.h1.append("")
            self._into = "h1"
        if tag == "label":
            self._into = found["for"] or ""
            self.labels[self._into] = ""
        if tag == "input" and found.get("name") == "option":
            self.options.append(found)
            self.around.append("data-attempt" in self._open)
        if tag not in {"input", "meta", "link", "br", "img", "hr"}:
            marked = {"data-attempt", "data-lease", "data-seq"} <= set(found)
            self._open.append("data-attempt" if marked else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"h1", "label"}:
            self._into = ""
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._into == "h1":
            self.h1[-1] += data
        elif self._into:
            self.labels[self._into] += data


def test_a_question_page_is_as_published(sitter: Sitter) -> None:
    questions = sitter.get("paper").get_json()["questions"]
    for question in (questions[0], questions[49]):
        page = Reader(sitter.look(question["n"]).text)
        assert page.h1 == [question["stem"]]
        assert [option["value"] for option in page.options] == list("abcd")
        assert page.around == [True] * 4
        texts = {
            str(option["value"]): page.labels[str(option["id"])]
            for option in page.options
        }
        assert texts == question["options"]


def test_an_attempt_by_form_posts_alone_from_start_to_pass(
    sitter: Sitter, database: Database
) -> None:
    right = shown_keys(database, sitter.ref)
    page = sitter.look(1)
    for n in range(1, 51):
        assert page.request.path == f"/attempts/{sitter.ref}/questions/{n}"
        option = right[n] if n <= 43 else wrong(right[n])
        page = sitter.send(to=f"/responses/{n}", option=option, go="next")
    assert page.request.path == f"/attempts/{sitter.ref}/review"
    assert "Every question has an answer" in page.text

    page = sitter.send(to="/completion")

    assert page.request.path == f"/attempts/{sitter.ref}/result"
    assert "You passed" in page.text
    assert read_attempt(database, sitter.ref).score == 43


@pytest.mark.parametrize(
    ("go", "leads_to"),
    [
        ("next", "questions/8"),
        ("previous", "questions/6"),
        ("review", "review"),
        ("23", "questions/23"),
    ],
)
def test_a_form_saves_and_goes_where_its_button_leads(
    sitter: Sitter, database: Database, go: str, leads_to: str
) -> None:
    sitter.look(7)
    answer = sitter.send(
        to="/responses/7", follow=False, option="d", flagged="yes", go=go
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/attempts/{sitter.ref}/{leads_to}"
    row = read_response(database, sitter.ref, 7)
    assert (row.chosen, row.flagged, row.seq) == (row.option_order[3], True, 1)


def test_what_was_saved_is_ticked_again(sitter: Sitter) -> None:
    sitter.put(7, "c", flagged=True)
    page = Reader(sitter.look(7).text)
    ticked = [option["value"] for option in page.options if "checked" in option]
    assert ticked == ["c"]
    assert re.search(r'id="flagged-yes"[^>]* checked', sitter.look(7).text)


def test_a_form_without_an_option_never_blanks_an_answer(
    sitter: Sitter, database: Database
) -> None:
    sitter.put(7, "c")
    sitter.look(7)
    sitter.post(
        f"/attempts/{sitter.ref}/responses/7",
        seq="2",
        lease=sitter.lease,
        flagged="yes",
    )
    row = read_response(database, sitter.ref, 7)
    assert (row.chosen, row.flagged, row.seq) == (row.option_order[2], True, 2)


def test_a_form_pressed_twice_is_saved_once(sitter: Sitter) -> None:
    sitter.look(7)
    form = {"seq": "1", "lease": sitter.lease, "option": "a", "go": "next"}
    for _ in range(2):
        answer = sitter.post(f"/attempts/{sitter.ref}/responses/7", **form)
        assert answer.status_code == 303


def test_an_old_page_is_refused_and_keeps_what_was_chosen_on_it(
    sitter: Sitter, database: Database
) -> None:
    sitter.look(7)
    old = {"seq": "1", "lease": sitter.lease, "go": "next"}
    sitter.put(7, "a")

    answer = sitter.post(f"/attempts/{sitter.ref}/responses/7", option="d", **old)

    assert answer.status_code == 409
    assert 'data-refusal="stale"' in answer.text
    assert 'role="alert"' in answer.text
    ticked = [o["value"] for o in Reader(answer.text).options if "checked" in o]
    assert ticked == ["d"]
    row = read_response(database, sitter.ref, 7)
    assert row.chosen == row.option_order[0]
    assert 'name="seq" value="2"' in answer.text  # so pressing Save again works


def test_a_form_from_elsewhere_is_told_to_take_over(
    app: Flask, sitter: Sitter, database: Database
) -> None:
    elsewhere = Sitter(app)
    elsewhere.sign_in("sitter1@example.org")
    elsewhere.ref = sitter.ref
    elsewhere.look(7)
    answer = elsewhere.post(
        f"/attempts/{sitter.ref}/responses/7",
        seq="1",
        lease=sitter.lease,
        option="a",
    )
    assert answer.status_code == 409
    assert 'data-refusal="moved"' in answer.text
    assert "Continue here" in answer.text
    assert read_response(database, sitter.ref, 7).seq == 0


@pytest.mark.parametrize(
    "change",
    [
        {"option": "e"},
        {"option": "A"},
        {"seq": "0"},
        {"seq": "x"},
        {"seq": ""},
        {"seq": str(2**31)},
        {"seq": "9" * 5000},
        {"lease": "x" * 101},
        {"go": "sideways"},
        {"go": "0"},
    ],
)
def test_a_bad_form_is_422_and_saves_nothing(
    sitter: Sitter, database: Database, change: dict[str, str]
) -> None:
    form = {"option": "a", "seq": "1", "lease": sitter.lease, "go": "next"}
    answer = sitter.post(f"/attempts/{sitter.ref}/responses/7", **form | change)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<title>Error: " in answer.text
    assert read_response(database, sitter.ref, 7).seq == 0


def test_a_form_beyond_the_paper_is_404(sitter: Sitter) -> None:
    form = {"option": "a", "seq": "1", "lease": sitter.lease, "go": "next"}
    answer = sitter.post(f"/attempts/{sitter.ref}/responses/51", **form)
    assert answer.status_code == 404


def test_a_form_after_the_deadline_leads_to_the_result_and_does_not_count(
    sitter: Sitter, database: Database, clock: MovableClock
) -> None:
    sitter.look(7)
    clock.advance(minutes=30, seconds=1)
    page = sitter.send(to="/responses/7", option="a", go="next")
    assert page.request.path == f"/attempts/{sitter.ref}/result"
    assert read_response(database, sitter.ref, 7).chosen is None


def test_the_review_names_what_is_missing_and_what_is_flagged(sitter: Sitter) -> None:
    for n in range(1, 49):
        sitter.put(n, "b", flagged=n == 4)
    page = sitter.open(f"/attempts/{sitter.ref}/review")
    assert "2 questions have no answer" in page.text
    assert "Finish with 2 unanswered" in page.text
    paper = {q["n"]: q for q in sitter.get("paper").get_json()["questions"]}
    for n in (49, 50):
        assert paper[n]["stem"] in page.text
    assert f"You answered: {paper[4]['options']['b']}" in page.text
    assert paper[5]["stem"] not in page.text


def test_the_page_counts_down_from_the_servers_figure(
    sitter: Sitter, clock: MovableClock
) -> None:
    clock.advance(minutes=8, seconds=12)
    page = sitter.look()
    assert f'data-remaining-ms="{(21 * 60 + 48) * 1000}"' in page.text
    assert ">21:48<" in page.text


def test_after_the_end_every_page_leads_to_the_result(sitter: Sitter, day: Day) -> None:
    sitter.finish()
    for what in ("questions/1", "questions/50", "review"):
        answer = sitter.get(what)
        assert answer.status_code == 303, what
        assert answer.headers["Location"] == f"/attempts/{sitter.ref}/result"
    sent = sitter.post(f"/attempts/{sitter.ref}/responses/1", option="a", seq="1")
    assert (sent.status_code, sent.headers["Location"][-7:]) == (303, "/result")
    again = sitter.finish()
    assert (again.status_code, again.headers["Location"][-7:]) == (303, "/result")
    assert "See my result" in sitter.open(f"/sittings/{day.sitting.ref}").text


def test_an_open_attempt_has_no_result_yet(sitter: Sitter) -> None:
    assert sitter.get("result").headers["Location"].endswith("/questions/1")
    assert sitter.get("result.json").status_code == 404


def test_nothing_of_the_first_reader_is_on_the_page_of_the_next(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    """The page is rendered once and filled in: whatever differs must be a mark in it."""
    with database.transaction() as db:
        day = make_day(db, now=clock(), people=2)
    first, second = sit(app, day, 1), sit(app, day, 2)
    first.put(7, "c", flagged=True)
    theirs = first.look(7).text
    page = second.look(7).text
    paper = first.get("paper").get_json()["questions"]
    for own in (first.ref, first.lease, first.token()):
        assert own in theirs
        assert own not in page
    assert "is-flagged" not in page.split('class="legend"')[0]
    assert " checked" not in page.split("<aside")[0]
    assert paper[6]["stem"] in theirs
    again = first.look(7).text
    assert again.count(" checked") == theirs.count(" checked")
