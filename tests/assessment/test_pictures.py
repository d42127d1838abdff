"""Questions that show a picture: on the page, in the paper, and for nobody else."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from ecs_training.assessment.models import Attempt, Response
from ecs_training.foundation.database import Database
from ecs_training.questions.models import ItemPicture, ItemRevision
from tests.assessment.exam import Day, Sitter, sit
from tests.browsing import Visitor

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4"/></svg>'
DIGEST = "5f" * 32


@pytest.fixture
def pictured(sitter: Sitter, database: Database, now: datetime) -> Sitter:
    """Give question 3 of the paper a picture."""
    with database.transaction() as db:
        db.add(
            ItemPicture(
                sha256=DIGEST, media_type="image/svg+xml", content=DRAWING, added_at=now
            )
        )
        revision = db.scalars(
            select(ItemRevision)
            .join(Response)
            .join(Attempt)
            .where(Attempt.ref == sitter.ref, Response.n == 3)
        ).one()
        image = {"file": "x.svg", "alt": "A blue line", "sha256": DIGEST}
        revision.image = image
    return sitter


def test_the_picture_stands_between_the_stem_and_the_options(pictured: Sitter) -> None:
    page = pictured.look(3).text
    image = (
        f'<img src="/attempts/{pictured.ref}/questions/3/picture" alt="A blue line">'
    )
    assert page.index("<h1") < page.index(image) < page.index('name="option"')
    assert DIGEST not in page
    assert "<img" not in pictured.look(4).text


def test_the_paper_names_each_picture(pictured: Sitter) -> None:
    questions = pictured.get("paper").get_json()["questions"]
    assert questions[2]["picture"] == {
        "src": f"/attempts/{pictured.ref}/questions/3/picture",
        "alt": "A blue line",
    }
    assert questions[3]["picture"] is None


def test_the_picture_is_sent_as_it_is_and_can_do_nothing(pictured: Sitter) -> None:
    sent = pictured.open(f"/attempts/{pictured.ref}/questions/3/picture")
    assert (sent.status_code, sent.data) == (200, DRAWING)
    assert sent.mimetype == "image/svg+xml"
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_question_without_a_picture_has_none_to_send(pictured: Sitter) -> None:
    path = f"/attempts/{pictured.ref}/questions/4/picture"
    assert pictured.open(path).status_code == 404


@pytest.mark.parametrize("n", [3, 51])
def test_nobody_else_sees_a_picture(
    pictured: Sitter, app: Flask, day: Day, n: int
) -> None:
    path = f"/attempts/{pictured.ref}/questions/{n}/picture"
    assert sit(app, day, 2).open(path).status_code == 404
    assert Visitor(app).open(path).request.path == "/sign-in"
