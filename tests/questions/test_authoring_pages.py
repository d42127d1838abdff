"""Writing a question in the browser: messages, preview, pictures, two authors at once."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from ecs_training.questions.models import ItemPicture
from ecs_training.questions.queries.wordings import draft_of
from tests.browsing import Visitor
from tests.questions.desk import BOOTS, GLOVES, Desk
from tests.questions.pages import (
    BANK,
    SVG,
    TYPED,
    alerts,
    type_into,
)


def test_a_question_is_written_and_waits(desk: Desk, ann: Visitor) -> None:
    page = type_into(ann, "new")
    assert page.request.path == f"{BANK}/fire-4"
    assert "Waiting for a reader" in page.text
    assert draft_of(desk.revision("fire-4")) == BOOTS
    assert desk.revision("fire-4").submitted_at


def test_a_draft_may_lack_every_fact(desk: Desk, ann: Visitor) -> None:
    facts = dict.fromkeys(("rationale", "source", "clause", "difficulty"), "")
    days = dict.fromkeys((f"checked_on-{p}" for p in ("day", "month", "year")), "")
    page = type_into(ann, "new", "draft", **facts, **days)
    assert "Draft" in page.text
    row = desk.revision("fire-4")
    assert (row.submitted_at, row.difficulty, row.checked_on) == (None,) * 3

    page = type_into(ann, "fire-4/edit", "submit")
    assert page.status_code == 422
    assert alerts(page) == [
        "Write why the key is right.",
        "Choose the source that the answer rests on.",
        "Name the clause, regulation or page.",
        "Enter the day on which you looked the source up.",
        "Say how many of 100 would get it right.",
    ]


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("topic", "", "Choose a topic."),
        ("topic", "unknown", "Choose a topic."),
        ("stem", " ", "Write the question."),
        ("stem", "x" * 601, "Use 600 characters or fewer."),
        ("option_c", "", "Write option C."),
        ("option_c", "x" * 301, "Use 300 characters or fewer."),
        (
            "option_c",
            "put  TAPE over the hole",
            "Option C says the same as option A.",
        ),
        ("key", "", "Choose which option is right."),
        ("key", "e", "Choose which option is right."),
        ("rationale", "x" * 1201, "Use 1200 characters or fewer."),
        ("source", "unknown", "Choose one of the list."),
        ("clause", "x" * 201, "Use 200 characters or fewer."),
        (
            "checked_on-day",
            "32",
            "The day on which you looked it up must be a real date, like 27 3 2026.",
        ),
        ("difficulty", "101", "Enter a number from 0 to 100, like 80."),
        ("difficulty", "many", "Enter a number from 0 to 100, like 80."),
        ("jurisdiction", "mars", "Choose one of the list."),
        ("enemies", "fire-001, elec-99", "There is no question elec-99."),
        ("picture", "0" * 64, "Choose one of the list."),
    ],
)
def test_each_fault_has_its_message_and_all_is_kept(
    desk: Desk, ann: Visitor, field: str, typed: str, message: str
) -> None:
    for go in ("draft", "submit"):
        page = type_into(ann, "new", go, **{field: typed})
        assert page.status_code == 422
        assert alerts(page)[:1] == [message]
        assert 'aria-invalid="true"' in page.text or field == "key"
        assert BOOTS.rationale in page.text or field == "rationale"
        assert "Error: " in page.text
    assert desk.numbers("fire-4") == []


@pytest.mark.parametrize("path", ["new", "elec-001/edit", "preview"])
def test_what_no_database_takes_is_no_crash(ann: Visitor, path: str) -> None:
    """Whatever a field holds, a NUL in it ends in a message at worst."""
    names = (*TYPED, "based_on", "enemies", "picture", "alt", "code", "go")
    for name in names:
        answer = ann.post(f"{BANK}/{path}", **TYPED | {"go": "submit", name: "\x00"})
        assert answer.status_code < 500, name


def test_a_key_that_was_never_chosen_is_asked_for(desk: Desk, ann: Visitor) -> None:
    typed = {name: value for name, value in TYPED.items() if name != "key"}
    answer = ann.post(f"{BANK}/new", **typed)
    assert answer.status_code == 422
    assert "Choose which option is right." in answer.text
    assert desk.numbers("fire-4") == []


def test_texts_are_kept_as_one_line_of_plain_characters(
    desk: Desk, ann: Visitor
) -> None:
    type_into(ann, "new", stem=" Your safety\r\nboots\x00\x07 leak.\tWhat now? ")
    assert desk.revision("fire-4").stem == "Your safety boots leak. What now?"


@pytest.mark.parametrize(
    ("typed", "share"), [("0", 0.0), ("100", 1.0), ("82.5%", 0.825), ("29", 0.29)]
)
def test_a_share_is_typed_as_so_many_of_a_hundred(
    desk: Desk, ann: Visitor, typed: str, share: float
) -> None:
    type_into(ann, "new", difficulty=typed)
    assert desk.revision("fire-4").difficulty == share


def test_enemies_are_typed_with_commas_or_spaces(desk: Desk, ann: Visitor) -> None:
    type_into(ann, "new", enemies="fire-001,  ELEC-002 fire-001")
    assert desk.revision("fire-4").enemies == ["fire-001", "elec-002"]
    page = type_into(ann, "fire-4/edit", enemies="fire-4")
    assert alerts(page) == ["A question may always stand beside itself."]


def test_an_edited_form_says_what_the_wording_says(desk: Desk, ann: Visitor) -> None:
    desk.write(replace(BOOTS, enemies=("fire-001",), difficulty=0.825))
    page = type_into(ann, "fire-4/edit", "draft")
    assert page.status_code == 409
    assert 'data-refusal="nothing-changed"' in page.text
    type_into(ann, "fire-4/edit", "draft", clause="reg 5")
    assert draft_of(desk.revision("fire-4", 2)) == replace(
        BOOTS, enemies=("fire-001",), difficulty=0.825, clause="reg 5"
    )


def test_what_is_typed_is_shown_never_run(desk: Desk, ann: Visitor) -> None:
    code = desk.write(replace(BOOTS, stem="<script>alert(1)</script> What now?"))
    for path in (code, f"{code}/edit", f"{code}/history", ""):
        page = ann.open(f"{BANK}/{path}".rstrip("/")).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_the_button_shows_it_and_saves_nothing(desk: Desk, ann: Visitor) -> None:
    page = type_into(ann, "new", "preview", clause="reg 99", **{"checked_on-day": ""})
    assert page.status_code == 200
    assert "There is a problem" not in page.text
    assert re.search(r"asked-stem\">Your safety boots", page.text)
    assert 'value="reg 99"' in page.text
    assert "The checks found nothing." in page.text
    assert desk.numbers("fire-4") == []


def test_the_script_gets_the_same_piece_of_page(desk: Desk, ann: Visitor) -> None:
    stem = "Your boots have a hole. What should you not do?"
    answer = ann.post(f"{BANK}/preview", **TYPED | {"stem": stem})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert stem in answer.text
    assert "NOT" in answer.text
    assert re.search(r'is-key"><span>Report it.*?Right answer', answer.text)
    assert desk.numbers("fire-4") == []


def test_an_empty_form_has_a_preview_too(ann: Visitor) -> None:
    answer = ann.post(f"{BANK}/preview")
    assert answer.status_code == 200
    assert "The checks begin once" in answer.text


def test_it_does_not_call_a_wording_the_double_of_its_own_item(
    desk: Desk, ann: Visitor
) -> None:
    code = desk.put_live()
    typed = TYPED | {"rationale": "Said in another way."}
    assert "nearly what" not in ann.post(f"{BANK}/preview", **typed, code=code).text
    page = ann.post(f"{BANK}/preview", **typed).text
    assert f"nearly what {code} asks:" in page
    assert "line 1" not in page


def upload(visitor: Visitor, content: bytes, **changes: Any) -> TestResponse:
    sent = (io.BytesIO(content), "boots.svg")
    return type_into(visitor, "new", upload=sent, **changes)


def shown(page: TestResponse) -> str:
    found = re.search(r"/staff/questions/pictures/([0-9a-f]{64})", page.text)
    assert found
    return found[1]


def test_a_drawing_is_kept_as_it_is(desk: Desk, ann: Visitor) -> None:
    page = upload(ann, SVG, alt="A boot with a hole in it")
    image = desk.revision("fire-4").image
    assert image
    assert image["alt"] == "A boot with a hole in it"
    assert image["file"] == f"picture-{image['sha256'][:12]}.svg"
    answer = ann.open(f"{BANK}/pictures/{shown(page)}")
    assert answer.data == SVG
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_photo_is_drawn_anew(desk: Desk, ann: Visitor) -> None:
    drawn = io.BytesIO()
    Image.new("RGBA", (3000, 1500), (9, 9, 9, 0)).save(drawn, "PNG")
    upload(ann, drawn.getvalue() + b"GIF89a hidden", alt="Nothing")
    with desk.database.reading() as db:
        kept = db.scalars(select(ItemPicture)).one()
    assert kept.media_type == "image/png"
    assert b"hidden" not in kept.content
    picture = Image.open(io.BytesIO(kept.content))
    assert picture.size == (1000, 500)
    assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_a_picture_with_too_much_in_it_is_made_smaller_or_refused(
    desk: Desk, ann: Visitor
) -> None:
    noise = Image.effect_noise((900, 900), 90).convert("RGB")
    drawn = io.BytesIO()
    noise.save(drawn, "JPEG", quality=95)
    upload(ann, drawn.getvalue(), alt="Noise")
    with desk.database.reading() as db:
        kept = db.scalars(select(ItemPicture)).one()
    assert len(kept.content) <= 256 * 1024


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GIF89a", "The picture must be an SVG drawing, or a PNG or JPEG."),
        (
            SVG.replace(b"<path", b"<script/><path"),
            "The SVG drawing holds &lt;script&gt;.",
        ),
        (
            b"\x89PNG\r\n\x1a\nrubbish",
            "The file could not be opened. Save it again and send it once more.",
        ),
    ],
)
def test_what_could_do_more_than_be_seen_is_refused(
    desk: Desk, ann: Visitor, content: bytes, message: str
) -> None:
    page = upload(ann, content, alt="A boot")
    assert page.status_code == 422
    assert alerts(page) == [message]
    assert BOOTS.rationale in page.text
    with desk.database.reading() as db:
        assert db.scalars(select(ItemPicture)).all() == []


def test_a_picture_outlives_a_form_that_was_refused(desk: Desk, ann: Visitor) -> None:
    page = upload(ann, SVG, stem="")
    assert alerts(page) == [
        "Write the question.",
        "Say in words what the picture shows, without giving the answer away.",
    ]
    sha256 = shown(page)
    assert f'<option value="{sha256}" selected>' in page.text
    ann.send(stem=BOOTS.stem, alt="A boot", go="submit", key="b")
    image = desk.revision("fire-4").image
    assert image
    assert image["sha256"] == sha256


def test_one_of_the_bank_can_be_chosen_again(desk: Desk, ann: Visitor) -> None:
    sha256 = shown(upload(ann, SVG, alt="A boot"))
    type_into(ann, "new", stem=GLOVES.stem, picture=sha256, alt="A boot again")
    assert desk.revision("fire-5").image == {
        "file": f"picture-{sha256[:12]}.svg",
        "alt": "A boot again",
        "sha256": sha256,
    }


@pytest.mark.parametrize("name", ["0" * 64, "x"])
def test_an_unknown_picture_is_not_found(ann: Visitor, name: str) -> None:
    assert ann.open(f"{BANK}/pictures/{name}").status_code == 404


def test_the_second_keeps_what_was_typed_and_sees_what_changed(
    desk: Desk, ann: Visitor, ben: Visitor
) -> None:
    ann.open(f"{BANK}/elec-001/edit")
    ben.open(f"{BANK}/elec-001/edit")
    ben.send(stem="What comes second in elec-001?", go="draft")

    page = ann.send(option_a="Ask Ann", go="draft")

    assert page.status_code == 409
    assert 'data-refusal="stale"' in page.text
    assert 'value="Ask Ann"' in page.text
    assert re.search(r"<del>.*?first.*?</del>\s*<ins>.*?second", page.text)
    assert desk.numbers("elec-001") == [1, 2]
    ann.send(go="draft")
    assert desk.numbers("elec-001") == [1, 2, 3]
    last = desk.revision("elec-001")
    assert (last.stem, last.options["a"]) == (
        "What comes first in elec-001?",
        "Ask Ann",
    )


@pytest.mark.parametrize("typed", ["", "x", "-1", "9" * 30, "7"])
def test_a_form_based_on_nothing_is_stale(desk: Desk, ann: Visitor, typed: str) -> None:
    page = type_into(ann, "elec-001/edit", "draft", based_on=typed, stem="Mine?")
    assert page.status_code == 409
    assert 'data-refusal="stale"' in page.text
    assert desk.numbers("elec-001") == [1]
