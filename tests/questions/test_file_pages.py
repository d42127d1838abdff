"""Bringing questions in and taking them out, as staff meet it on the pages."""

import base64
import io
import random
import re
import string
import tracemalloc
import zipfile
import zlib
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.questions.formats import Format, read
from ecs_training.questions.forms.files import FORMAT_NAMES
from ecs_training.questions.models import Item
from tests.browsing import Visitor
from tests.factories import make_person
from tests.questions.desk import BOOTS, GLOVES, Desk
from tests.questions.files import AIKEN, GIFT, found, import_all, picture

NEW, IMPORTS = "/staff/questions/imports/new", "/staff/questions/imports"
EXPORT, EXPORTS = "/staff/questions/exports/new", "/staff/questions/exports"


@pytest.fixture
def ann(app: Flask, desk: Desk) -> Visitor:
    """Ann, who is staff; the desk has its bank."""
    del desk
    visitor = Visitor(app)
    visitor.sign_in("ann@example.org")
    return visitor


def send(
    visitor: Visitor, data: str | bytes, name: str = "shop.gift", **fields: Any
) -> TestResponse:
    visitor.open(NEW)
    content = data.encode() if isinstance(data, str) else data
    page = visitor.send(to=NEW, file=(io.BytesIO(content), name), **fields)
    page.request.environ["wsgi.input"].close()  # of a large file: one on the disk
    return page


def count_items(desk: Desk) -> int:
    with desk.database.reading() as db:
        return db.scalars(select(func.count(Item.id))).one()


def rows(page: TestResponse) -> list[str]:
    """Return the text of each row under the header of the page's table."""
    body = page.text.partition("<tbody")[2].partition("</tbody>")[0]
    return [
        " ".join(re.sub(r"<[^>]*>", " ", f"<tr {row}").split())
        for row in body.split("<tr ")[1:]
    ]


def test_a_file_is_judged_item_by_item_before_anything_is_kept(
    ann: Visitor, desk: Desk
) -> None:
    page = send(ann, GIFT)
    assert page.status_code == 200
    first, second, third = rows(page)
    assert "4 The alarm rings. Where do you go? New Fire as fire-4" in first
    assert "New, changed" in second
    assert "lid" in second
    assert "Left out" in third
    assert "true/false" in third
    assert "Import 2 questions" in page.text
    assert count_items(desk) == 6


def test_what_was_shown_is_imported_as_drafts_and_listed(
    ann: Visitor, desk: Desk
) -> None:
    send(ann, GIFT)
    page = ann.send(to=IMPORTS, go="import", follow=False)
    assert (page.status_code, page.location) == (303, IMPORTS)

    assert count_items(desk) == 8
    assert desk.revision("fire-4").written_by_id == desk.ann
    (row,) = rows(ann.open(IMPORTS))
    assert row.startswith("shop.gift GIFT")
    assert "Ann" in row
    assert "0 duplicate, 1 left out fire-4 , fire-5" in row
    found_drafts = ann.open("/staff/questions?state=draft")
    assert "The alarm rings" in found_drafts.text


def test_the_same_file_again_finds_nothing_to_import(ann: Visitor, desk: Desk) -> None:
    send(ann, AIKEN, "shoes.txt", topic="fire")
    ann.send(to=IMPORTS, go="import")
    page = send(ann, AIKEN, "shoes.txt", topic="fire")
    assert "There is nothing to import" in page.text
    assert "The bank has it as fire-4" in page.text
    assert "Look again" not in page.text  # a topic would change nothing
    assert 'href="/staff/questions/fire-4"' in page.text
    assert 'value="import"' not in page.text
    assert count_items(desk) == 7


def test_a_topic_of_the_file_is_asked_for_and_the_choice_is_kept(
    ann: Visitor, desk: Desk
) -> None:
    text = GIFT.replace("top/fire", "top/Smoke & heat")
    page = send(ann, text)
    assert "Questions under “Smoke &amp; heat” are about" in page.text
    assert "Import" not in page.text.partition("</fieldset>")[2].partition("</form>")[0]
    assert "its topic “smoke &amp; heat” is none of ours" in page.text.lower()

    chosen: dict[str, Any] = {"go": "check", "topic-1": "electrical"}
    page = ann.send(to=IMPORTS, **chosen)
    assert page.status_code == 200
    assert '<option value="electrical" selected>' in page.text
    assert "as electrical-1" in rows(page)[0]
    ann.send(to=IMPORTS, go="import")
    assert desk.item("electrical-2").topic == "electrical"


def test_a_topic_that_is_none_of_the_banks_is_as_good_as_none(
    ann: Visitor, desk: Desk
) -> None:
    send(ann, GIFT.replace("top/fire", "top/Smoke"))
    chosen: dict[str, Any] = {"go": "check", "topic-1": "nonsense"}
    page = ann.send(to=IMPORTS, **chosen)
    assert page.status_code == 200
    assert "Left out" in rows(page)[0]
    page = ann.send(to=IMPORTS, go="import", topic="nonsense")
    assert page.status_code == 422
    assert count_items(desk) == 6


def test_a_choice_that_nobody_looked_at_is_shown_before_it_counts(
    ann: Visitor, desk: Desk
) -> None:
    send(ann, AIKEN, "shoes.txt")
    page = ann.send(to=IMPORTS, go="import", topic="fire")
    assert page.status_code == 409
    assert 'data-refusal="list-changed"' in page.text
    assert "as fire-4" in rows(page)[0]
    assert count_items(desk) == 6
    assert ann.send(to=IMPORTS, go="import").status_code == 200
    assert count_items(desk) == 7


def test_a_bank_that_changed_meanwhile_is_shown_before_it_counts(
    ann: Visitor, desk: Desk
) -> None:
    send(ann, GIFT)
    ours = read(GIFT.encode(), format=Format.GIFT, name="shop.gift")
    import_all(desk, ours[:1], by=desk.ben)
    page = ann.send(to=IMPORTS, go="import")
    assert page.status_code == 409
    assert "The bank has it as fire-4" in rows(page)[0]
    ann.send(to=IMPORTS, go="import")
    assert count_items(desk) == 8


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "empty.gift", "Choose a file."),
        (b"Plain words.", "words.doc", "The format cannot be told from the file."),
        (b"\xff\xfe\xfa{=", "odd.gift", "The file cannot be read. odd.gift"),
        (b'<!DOCTYPE q [<!ENTITY a "b">]><quiz>&a;</quiz>', "e.xml", "The file cannot"),
    ],
    ids=["empty", "unknown", "encoding", "entity"],
)
def test_a_file_that_cannot_be_read_is_one_message_and_keeps_the_choice(
    ann: Visitor, desk: Desk, data: bytes, name: str, said: str
) -> None:
    page = send(ann, data, name, topic="fire")
    assert page.status_code == 422
    assert said in page.text
    assert page.text.count('role="alert"') == 1
    assert "<title>Error: " in page.text
    assert '<option value="fire" selected>' in page.text
    assert count_items(desk) == 6


def test_a_format_that_was_chosen_counts_for_more_than_the_name(ann: Visitor) -> None:
    page = send(ann, AIKEN, "shoes.csv", format="aiken")
    assert "Aiken, 1 question" in page.text
    page = send(ann, AIKEN, "shoes.txt", format="gift")
    assert "Left out" in rows(page)[0]


@pytest.mark.parametrize("form", list(Format))
def test_every_format_is_told_by_the_file_itself(
    ann: Visitor, desk: Desk, form: Format
) -> None:
    ann.open(f"{EXPORT}?format={form.value}&which=live")
    sent = ann.send(to=EXPORTS).data
    page = send(ann, sent, "download")
    assert f"{FORMAT_NAMES[form]}, 6 questions" in page.text
    assert "There is nothing to import" in page.text
    assert count_items(desk) == 6


def test_a_large_file_is_carried_to_the_confirmation(ann: Visitor, desk: Desk) -> None:
    chance = random.Random(1)
    letters = string.ascii_letters + string.digits
    lines = ("".join(chance.choices(letters, k=80)) for _ in range(20_000))
    noise = "\n".join(f"// {line}" for line in lines)
    page = send(ann, f"{GIFT}\n{noise}\n", "large.gift")
    carried = page.text.partition('name="carried" value="')[2].partition('"')[0]
    assert len(carried) > 1_000_000
    ann.send(to=IMPORTS, go="import")
    assert count_items(desk) == 8


def test_a_file_that_is_too_large_to_be_carried_is_refused(
    ann: Visitor, desk: Desk
) -> None:
    ann.open(f"{EXPORT}?format=qti&which=live")
    package = io.BytesIO(ann.send(to=EXPORTS).data)
    with zipfile.ZipFile(package, "a") as archive:
        for n in range(5):
            archive.writestr(f"noise{n}", random.Random(n).randbytes(900_000))
    page = send(ann, package.getvalue(), "large.zip")
    assert page.status_code == 422
    assert "too large for this page" in page.text
    page = send(ann, package.getvalue() * 2, "huge.zip")
    assert page.status_code == 413
    assert "A file may have 5 MB at most" in page.text
    assert count_items(desk) == 6


def test_a_field_that_would_unpack_for_ever_is_not_unpacked(ann: Visitor) -> None:
    packing = zlib.compressobj()
    packed = b"".join(packing.compress(bytes(1_000_000)) for _ in range(300))
    bomb = base64.urlsafe_b64encode(packed + packing.flush()).decode()
    send(ann, GIFT)
    tracemalloc.start()
    page = ann.send(to=IMPORTS, go="import", carried=bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert page.status_code == 422
    assert peak < 50_000_000  # bytes


CUT_SHORT = base64.urlsafe_b64encode(zlib.compress(GIFT.encode())[:-9]).decode()
MANY_TIMES = base64.urlsafe_b64encode(zlib.compress(b" " * 9_000_000)).decode()


@pytest.mark.parametrize(
    "carried",
    ["", "not base64!", "AAAA", "eJwDAAAAAAE=", CUT_SHORT, MANY_TIMES],
    ids=["nothing", "odd", "not packed", "empty", "cut short", "far too large"],
)
def test_a_file_that_did_not_come_back_is_asked_for_again(
    ann: Visitor, desk: Desk, carried: str
) -> None:
    send(ann, GIFT)
    page = ann.send(to=IMPORTS, go="import", carried=carried)
    assert page.status_code == 422
    assert 'id="file-error"' in page.text
    assert count_items(desk) == 6


def test_what_a_file_says_is_shown_and_never_run(ann: Visitor) -> None:
    text = "<b>Who?</b> {=<i>a</i> ~b ~c ~d}\n\n$CATEGORY: <script>x</script>\n"
    page = send(ann, text, "<script>alert(1)</script>.gift", format="gift")
    assert "<script>" not in page.text.replace("<script type", "")


def test_an_export_says_first_what_the_format_cannot_carry(
    ann: Visitor, desk: Desk
) -> None:
    page = ann.open(f"{EXPORT}?format=aiken&which=live")
    assert "6 questions" in page.text
    assert "Every question that you asked for can be in the file." in page.text

    import_all(desk, [found("What is it?", picture=picture())])
    page = ann.open(f"{EXPORT}?format=aiken&which=all")
    assert "6 questions, 1 left out" in page.text
    assert "1 question cannot be in the file" in page.text
    assert "<li>1: it has a picture, which this format cannot hold</li>" in page.text
    assert rows(page) == ["fire-4 It has a picture, which this format cannot hold"]
    page = ann.open(f"{EXPORT}?format=qti&which=all")
    assert "7 questions" in page.text


def test_a_download_holds_what_was_asked_for_and_is_recorded(
    ann: Visitor, desk: Desk
) -> None:
    ann.open(f"{EXPORT}?format=csv&which=live&topics=fire")
    answer = ann.send(to=EXPORTS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=questions-2026-03-02.csv"
    )
    items = read(answer.data, format=Format.CSV, name="x")
    assert [item.code for item in items] == ["fire-001", "fire-002", "fire-003"]
    (entry,) = desk.audit("question-bank")[1:]
    assert (entry.action, entry.actor_id) == ("exported questions", desk.ann)
    assert entry.details == {
        "format": "csv",
        "topics": ["fire"],
        "every": False,
        "count": 3,
        "left_out": 0,
    }


def test_looking_at_an_export_is_no_export(ann: Visitor, desk: Desk) -> None:
    before = len(desk.audit("question-bank"))
    page = ann.open(f"{EXPORT}?format=gift&which=all")
    assert "What comes first in" not in page.text
    assert len(desk.audit("question-bank")) == before


def test_nobody_takes_out_the_answer_to_what_they_may_still_read(
    app: Flask, ann: Visitor, desk: Desk
) -> None:
    code = desk.write(GLOVES)
    ben = Visitor(app)
    ben.sign_in("ben@example.org")
    page = ben.open(f"{EXPORT}?format=gift&which=all")
    assert "6 questions, 1 left out" in page.text
    assert "you could be its reader" in rows(page)[0]
    assert GLOVES.stem not in ben.send(to=EXPORTS).text

    ann.open(f"{EXPORT}?format=gift&which=all")
    assert GLOVES.stem in ann.send(to=EXPORTS).text
    desk.read(code, by=desk.ben)
    ben.open(f"{EXPORT}?format=gift&which=all")
    assert GLOVES.stem in ben.send(to=EXPORTS).text


@pytest.mark.parametrize(
    "asked",
    ["format=word&which=live", "which=live", "format=gift&which=live&topics=nonsense"],
)
def test_an_export_that_makes_no_sense_is_refused_on_the_form(
    ann: Visitor, asked: str
) -> None:
    page = ann.open(f"{EXPORT}?{asked}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    fields = dict(part.split("=") for part in asked.split("&"))
    assert ann.post(EXPORTS, **fields).status_code == 422


def test_where_there_is_nothing_to_export_nothing_is_offered(
    ann: Visitor, desk: Desk
) -> None:
    with desk.database.transaction() as db:
        for item in db.scalars(select(Item).where(Item.topic == "fire")):
            item.live_revision = None
    page = ann.open(f"{EXPORT}?format=gift&which=live&topics=fire")
    assert "no question that could be in the file" in page.text
    answer = ann.post(EXPORTS, format="gift", which="live", topics="fire")
    assert answer.status_code == 404


@pytest.mark.parametrize("role", [None, Role.TRAINER])
def test_for_everybody_else_these_pages_do_not_exist(
    app: Flask, desk: Desk, role: Role | None
) -> None:
    with desk.database.transaction() as db:
        make_person(db, "outsider", now=desk.now, role=role)
    outsider = Visitor(app)
    outsider.sign_in("outsider@example.org")
    for path in (NEW, IMPORTS, EXPORT):
        assert outsider.open(path).status_code == 404
    for path in (NEW, IMPORTS, EXPORTS):
        answer = outsider.post(path, format="gift", which="live", topics="fire")
        assert answer.status_code == 404
    stranger = Visitor(app)
    for path in (NEW, IMPORTS, EXPORT):
        assert "Sign in" in stranger.open(path).text


def test_the_bank_leads_to_its_files(ann: Visitor) -> None:
    page = ann.open("/staff/questions")
    for path in (NEW, EXPORT, IMPORTS):
        assert f'href="{path}"' in page.text
    assert "Nothing was imported yet" in ann.open(IMPORTS).text


def test_no_import_and_no_export_stands_in_the_audit_with_its_words(
    ann: Visitor, desk: Desk
) -> None:
    send(ann, AIKEN, "shoes.txt", topic="fire")
    ann.send(to=IMPORTS, go="import")
    ann.open(f"{EXPORT}?format=gift&which=all")
    ann.send(to=EXPORTS)
    with desk.database.reading() as db:
        kept = [str(entry.details) for entry in db.scalars(select(AuditEntry))]
    assert any("shoes.txt" in each for each in kept)
    for words in ("Safety boots", "What do you wear", "Lock the isolator", BOOTS.stem):
        assert not any(words in each for each in kept)
