import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ecs_training.accounts.rules import Role
from ecs_training.exemptions.models import ExemptionClaim, ExemptionEvidence
from ecs_training.exemptions.rules import ClaimRefusal
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.uploads import UploadRefusal
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.exemptions.files import (
    LARGEST,
    PDF,
    jpeg_with_place,
    pdf_of,
    png,
    png_of_claimed_size,
)
from tests.factories import make_company, make_person

CLAIM: dict[str, Any] = {
    "qualification": "iosh-managing-safely",
    "certificate_number": "4417-208-MS",
    "awarded_on-day": "3",
    "awarded_on-month": "may",
    "awarded_on-year": "2025",
}


@pytest.fixture(autouse=True)
def _people(database: Database, clock: MovableClock) -> None:
    now = clock()
    with database.transaction() as db:
        make_person(db, "alice", now=now)
        make_person(db, "bob", now=now)
        make_person(db, "trainer", now=now, role=Role.TRAINER)
        make_person(db, "staff", now=now, role=Role.STAFF)
        make_person(db, "other", now=now, role=Role.STAFF)
        make_company(db, make_person(db, "company", now=now), now=now)


def visit(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    return visitor


def send_claim(
    visitor: Visitor, content: bytes = PDF, name: str = "scan.pdf", **other: Any
) -> TestResponse:
    visitor.open("/exemptions/new")
    fields = {**CLAIM, "evidence": (io.BytesIO(content), name), **other}
    page = visitor.send(**fields)
    for sent in [page, *page.history]:
        # The test client leaves the file open in which it wrote a large upload.
        sent.request.environ["wsgi.input"].close()
    return page


def _awarded_in(year: str) -> dict[str, Any]:
    return {"awarded_on-year": year}


def only_claim(database: Database) -> ExemptionClaim:
    with database.reading() as db:
        return db.scalars(select(ExemptionClaim)).one()


def only_file(database: Database) -> ExemptionEvidence:
    with database.reading() as db:
        return db.scalars(select(ExemptionEvidence)).one()


def count_claims(database: Database) -> int:
    with database.reading() as db:
        return db.scalars(select(func.count(ExemptionClaim.id))).one()


def test_a_claim_is_sent_asked_about_completed_and_granted(
    app: Flask, database: Database
) -> None:
    alice, staff = visit(app, "alice"), visit(app, "staff")
    shown = send_claim(alice)
    ref = only_claim(database).ref
    assert shown.request.path == f"/exemptions/{ref}"
    assert "We are looking at it" in shown.text

    assert "Alice" in staff.open("/staff/exemptions").text
    page = staff.open(f"/staff/exemptions/{ref}")
    assert "4417-208-MS" in page.text
    assert "labourer and site support lists that we found do not name" in page.text
    assert 'href="https://www.ecscard.org.uk/' in page.text
    staff.send(decision="more", reason="Send the back of it too.")
    assert "Send the back of it too." in alice.open(f"/exemptions/{ref}").text

    alice.send(to="/evidence", evidence=(io.BytesIO(png()), "back.png"))
    assert "back.jpg" in staff.open(f"/staff/exemptions/{ref}").text
    staff.send(decision="grant", reason="All there.")

    shown = alice.open(f"/exemptions/{ref}")
    assert "Accepted until Tuesday 2 May 2028" in shown.text
    assert "All there." in shown.text
    assert "/card-applications/lv-jointer" in shown.text
    assert "No claim is waiting" in staff.open("/staff/exemptions").text


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (b"", "empty.jpg", UploadRefusal.EMPTY),
        (b"<html><script>alert(1)</script>", "nice.jpg", UploadRefusal.WRONG_KIND),
        (b"GIF89a" + b"\0" * 50, "moving.png", UploadRefusal.WRONG_KIND),
        (pdf_of(LARGEST + 1), "big.pdf", UploadRefusal.TOO_LARGE),
        (png()[:-30], "cut.png", UploadRefusal.DAMAGED),
        (PDF[:-8], "cut.pdf", UploadRefusal.DAMAGED),
        (png_of_claimed_size(8000, 8000), "wide.png", UploadRefusal.TOO_MANY_PIXELS),
        (png_of_claimed_size(60000, 60000), "w.png", UploadRefusal.TOO_MANY_PIXELS),
    ],
    ids=["empty", "html", "gif", "big", "cut-png", "cut-pdf", "wide", "enormous"],
)
def test_a_bad_file_is_refused_beside_its_field_and_the_rest_is_kept(
    app: Flask, database: Database, content: bytes, name: str, refusal: UploadRefusal
) -> None:
    page = send_claim(visit(app, "alice"), content, name)

    assert page.status_code == 422
    assert refusal in page.text
    assert 'id="evidence-error"' in page.text
    assert 'value="4417-208-MS"' in page.text
    assert 'value="may"' in page.text
    assert "<title>Error: " in page.text
    assert count_claims(database) == 0


def test_a_claim_without_any_file_is_refused(app: Flask, database: Database) -> None:
    alice = visit(app, "alice")
    alice.open("/exemptions/new")
    page = alice.send(**CLAIM)
    assert page.status_code == 422
    assert UploadRefusal.EMPTY in page.text
    page = alice.send(**CLAIM, evidence="a text, not a file")
    assert page.status_code == 422
    assert count_claims(database) == 0


def test_a_file_of_exactly_5_mb_is_taken(app: Flask, database: Database) -> None:
    send_claim(visit(app, "alice"), pdf_of(LARGEST))
    assert only_file(database).size == LARGEST


def test_a_file_far_too_large_gets_a_page_that_says_so(app: Flask) -> None:
    page = send_claim(visit(app, "alice"), b"x" * (LARGEST + 100_000))
    assert page.status_code == 413


def test_a_photo_is_kept_without_its_place_and_camera(
    app: Flask, database: Database
) -> None:
    photo = jpeg_with_place()
    assert Image.open(io.BytesIO(photo)).getexif()
    alice = visit(app, "alice")
    send_claim(alice, photo, "../../etc/passwd .PHP.jpg")
    file = only_file(database)

    answer = alice.open(f"/exemptions/{only_claim(database).ref}/evidence/{file.ref}")

    assert answer.mimetype == "image/jpeg"
    assert not Image.open(io.BytesIO(answer.data)).getexif()
    assert b"Spyglass" not in answer.data
    assert "/" not in file.file_name


def test_evidence_is_only_ever_a_download_that_can_do_nothing(
    app: Flask, database: Database
) -> None:
    alice = visit(app, "alice")
    send_claim(alice)
    path = f"/exemptions/{only_claim(database).ref}/evidence/{only_file(database).ref}"

    answer = alice.open(path)

    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename=scan.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["bob", "trainer", "company"])
def test_a_claim_and_its_evidence_do_not_exist_for_anybody_else(
    app: Flask, database: Database, name: str
) -> None:
    send_claim(visit(app, "alice"))
    ref, file = only_claim(database).ref, only_file(database).ref
    visitor = visit(app, name)

    assert visitor.open(f"/exemptions/{ref}").status_code == 404
    assert visitor.open(f"/exemptions/{ref}/evidence/{file}").status_code == 404
    assert visitor.open("/staff/exemptions").status_code == 404
    assert visitor.open(f"/staff/exemptions/{ref}").status_code == 404
    assert visitor.open(f"/staff/exemptions/{ref}/evidence/{file}").status_code == 404
    assert visitor.post(f"/exemptions/{ref}/withdrawal").status_code == 404
    added = visitor.post(
        f"/exemptions/{ref}/evidence", evidence=(io.BytesIO(PDF), "x.pdf")
    )
    assert added.status_code == 404
    assert visitor.post(f"/exemptions/{ref}/evidence").status_code == 404
    decided = visitor.post(
        f"/staff/exemptions/{ref}", decision="grant", reason="Please."
    )
    assert decided.status_code == 404
    assert only_claim(database).granted_at is None


def test_staff_open_evidence_on_their_own_address_and_the_look_is_recorded(
    app: Flask, database: Database
) -> None:
    send_claim(visit(app, "alice"))
    path = f"/exemptions/{only_claim(database).ref}/evidence/{only_file(database).ref}"
    staff = visit(app, "staff")

    assert staff.open(path).status_code == 404
    answer = staff.open(f"/staff{path}")

    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    with database.reading() as db:
        looks = db.scalars(
            select(AuditEntry).where(AuditEntry.action == "viewed exemption evidence")
        ).all()
    assert len(looks) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"qualification": ""}, "Choose the certificate you have."),
        ({"qualification": "driving-licence"}, "Not a valid choice."),
        ({"certificate_number": "  "}, "Enter the number on the certificate."),
        ({"certificate_number": "\0"}, "Enter the number on the certificate."),
        ({"certificate_number": "9" * 61}, "Use 60 characters or fewer."),
        ({"awarded_on-day": "31", "awarded_on-month": "feb"}, "must be a real date"),
        (
            {"awarded_on-day": "", "awarded_on-month": "", "awarded_on-year": ""},
            "Enter the day on which the certificate was awarded.",
        ),
        (
            {
                "expires_on-day": "2",
                "expires_on-month": "5",
                "expires_on-year": "2025",
            },
            "The last day must be after the award date.",
        ),
    ],
)
def test_a_form_with_a_fault_says_which_and_stores_nothing(
    app: Flask, database: Database, wrong: dict[str, Any], told: str
) -> None:
    page = send_claim(visit(app, "alice"), **wrong)

    assert page.status_code == 422
    assert told in page.text
    assert 'role="alert"' in page.text
    assert "Choose the file again" in page.text
    assert count_claims(database) == 0


def test_a_second_claim_is_refused_with_everything_kept(
    app: Flask, database: Database
) -> None:
    alice = visit(app, "alice")
    send_claim(alice)

    page = send_claim(alice)

    assert page.status_code == 409
    assert 'data-refusal="open-claim"' in page.text
    assert ClaimRefusal.OPEN_CLAIM in page.text
    assert 'value="4417-208-MS"' in page.text
    assert 'value="iosh-managing-safely" checked' in page.text
    assert count_claims(database) == 1


def test_a_certificate_that_has_run_out_is_refused_at_once(app: Flask) -> None:
    page = send_claim(visit(app, "alice"), **_awarded_in("2022"))
    assert page.status_code == 409
    assert 'data-refusal="out-of-date"' in page.text


def test_a_decision_needs_a_choice_and_a_reason(app: Flask, database: Database) -> None:
    send_claim(visit(app, "alice"))
    ref = only_claim(database).ref
    staff = visit(app, "staff")

    page = staff.post(f"/staff/exemptions/{ref}", decision="grant", reason=" ")
    assert page.status_code == 422
    assert "Write the reason." in page.text
    assert 'value="grant" checked' in page.text

    page = staff.post(f"/staff/exemptions/{ref}", reason="Because it is fine.")
    assert page.status_code == 422
    assert "Because it is fine." in page.text
    assert only_claim(database).granted_at is None


def test_a_late_decision_is_refused_and_keeps_what_was_typed(
    app: Flask, database: Database
) -> None:
    alice = visit(app, "alice")
    send_claim(alice)
    ref = only_claim(database).ref
    alice.open(f"/exemptions/{ref}")
    assert "You took this claim back" in alice.send(to="/withdrawal").text

    page = visit(app, "staff").post(
        f"/staff/exemptions/{ref}", decision="grant", reason="A long explanation."
    )

    assert page.status_code == 409
    assert 'data-refusal="decided"' in page.text
    assert "A long explanation." in page.text


def test_staff_cannot_decide_their_own_claim_but_another_can(
    app: Flask, database: Database
) -> None:
    staff = visit(app, "staff")
    send_claim(staff)
    path = f"/staff/exemptions/{only_claim(database).ref}"
    assert "This is your own claim" in staff.open(path).text

    page = staff.post(path, decision="grant", reason="I know myself.")
    assert page.status_code == 409
    assert 'data-refusal="own-claim"' in page.text
    assert "I know myself." in page.text

    other = visit(app, "other")
    assert other.post(path, decision="grant", reason="Seen.").status_code == 303


def test_a_file_that_nobody_asked_for_is_refused(
    app: Flask, database: Database
) -> None:
    alice = visit(app, "alice")
    send_claim(alice)
    path = f"/exemptions/{only_claim(database).ref}/evidence"

    page = alice.post(path, evidence=(io.BytesIO(PDF), "more.pdf"))

    assert page.status_code == 409
    assert 'data-refusal="not-asked"' in page.text
    assert only_file(database).file_name == "scan.pdf"


def test_a_number_used_by_two_is_flagged_in_the_list_and_on_the_claim(
    app: Flask, database: Database
) -> None:
    send_claim(visit(app, "alice"))
    first = only_claim(database).ref
    staff = visit(app, "staff")
    assert "Number used by somebody else" not in staff.open("/staff/exemptions").text
    assert "Nobody else has used" in staff.open(f"/staff/exemptions/{first}").text

    send_claim(visit(app, "bob"), certificate_number="4417 208 ms")

    assert "Number used by somebody else" in staff.open("/staff/exemptions").text
    page = staff.open(f"/staff/exemptions/{first}")
    assert "Somebody else has used this certificate number" in page.text
    assert "Bob" in page.text


@pytest.mark.parametrize("ref", ["%00", "nothing-here", "é"])
def test_a_made_up_reference_is_not_found(app: Flask, ref: str) -> None:
    staff = visit(app, "staff")
    assert staff.open(f"/exemptions/{ref}").status_code == 404
    assert staff.open(f"/staff/exemptions/{ref}").status_code == 404
    assert staff.open(f"/exemptions/{ref}/evidence/{ref}").status_code == 404
    assert staff.open(f"/staff/exemptions/{ref}/evidence/{ref}").status_code == 404
