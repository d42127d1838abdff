"""No key leaves the server before the result: asserted over every body of an attempt."""

import re

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ecs_training.assessment.models import Attempt, Response
from ecs_training.foundation.database import Database
from tests.assessment.exam import PLANTED, Day, Sitter, shown_keys, sit

NAMES = re.compile(
    r"option_order|rationale|clause|content_hash|\bseed\b|\bkey\b|correct|is-right"
)


def every_body(app: Flask, day: Day) -> list[TestResponse]:
    """Open and send everything that an attempt has, before its end."""
    sitter = sit(app, day)
    visitor = Sitter(app)
    visitor.sign_in("sitter1@example.org")
    visitor.ref = sitter.ref
    bodies = [sitter.open(f"/sittings/{day.sitting.ref}"), visitor.look()]
    bodies += [sitter.look(n) for n in range(1, 51)]
    bodies += [sitter.put(n, "abcd"[n % 4], flagged=n % 5 == 0) for n in range(1, 51)]
    bodies += [sitter.put_body(1, {}), sitter.put(1, seq=1), sitter.put(1, lease="x")]
    bodies += [sitter.get(what) for what in ("paper", "responses", "result.json")]
    bodies += [sitter.look(4), sitter.open(f"/attempts/{sitter.ref}/review")]
    sitter.look(4)
    stale = sitter.send(to="/responses/4", option="b", seq="1", follow=False)
    bodies += [stale, sitter.take_over(), sitter.put(9)]
    bodies += [visitor.open("/practice/labourer")]
    return bodies


def test_nothing_beside_the_key_is_in_any_body(app: Flask, day: Day) -> None:
    bodies = every_body(app, day)
    assert {body.status_code for body in bodies} == {200, 400, 404, 409}
    for body in bodies:
        where = f"{body.request.method} {body.request.path}"
        assert PLANTED not in body.text, where
        assert not NAMES.search(body.text), where


def test_the_bodies_of_two_papers_that_differ_in_the_key_alone_are_equal(
    sitter: Sitter, database: Database
) -> None:
    """The strongest form: with every key turned round, nothing that is served changes."""

    def serve() -> list[str]:
        pages = [sitter.look(n).text for n in (1, 7, 50)]
        pages.append(sitter.open(f"/attempts/{sitter.ref}/review").text)
        pages += [sitter.get(what).text for what in ("paper", "responses")]
        return [re.sub(r'(value|content)="[^"]*\.[^"]*"', "token", p) for p in pages]

    before = serve()
    turned = dict(zip("abcd", "bcda", strict=True))
    with database.transaction() as db:
        for response in db.scalars(select(Response).join(Attempt)):
            response.key = turned[response.key]
    assert serve() == before


def test_letters_are_those_shown_and_say_nothing_about_the_key(
    app: Flask, day: Day, database: Database
) -> None:
    """The bank's letter must not shine through: over a paper, the right letters vary."""
    sitter = sit(app, day)
    assert len(set(shown_keys(database, sitter.ref).values())) == 4
    paper = sitter.get("paper").get_json()["questions"]
    shown = {question["n"]: question["options"] for question in paper}
    texts = [options["a"] for options in shown.values()]
    assert {text[-1] for text in texts} == set("abcd")  # A is not always the bank's a


def test_the_result_has_no_item_text(sitter: Sitter) -> None:
    stems = [q["stem"] for q in sitter.get("paper").get_json()["questions"]]
    sitter.finish()
    for body in (sitter.get("result"), sitter.get("result.json")):
        assert body.status_code == 200
        assert PLANTED not in body.text
        assert not any(stem in body.text for stem in stems)


def test_every_page_of_an_attempt_is_kept_by_no_cache(sitter: Sitter) -> None:
    for what in ("paper", "responses", "questions/1", "review"):
        assert sitter.get(what).headers["Cache-Control"] == "no-store"
    assert sitter.put(1).headers["Cache-Control"] == "no-store"
