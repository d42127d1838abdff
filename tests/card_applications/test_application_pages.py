import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.card_applications.models import CardApplication, LineEvidence
from ecs_training.card_applications.rules import ApplicationRefusal
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.uploads import UploadRefusal
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.exemptions.files import PDF, png
from tests.factories import make_company, make_pass, make_person

PATH = "/card-applications/labourer"
ENGAGEMENT = f"{PATH}/lines/engagement/evidence"
PHOTO = f"{PATH}/lines/photo/evidence"
NAME = f"{PATH}/lines/identity-name/confirmation"


@pytest.fixture(autouse=True)
def _people(database: Database, clock: MovableClock) -> None:
    now = clock()
    with database.transaction() as db:
        make_pass(db, make_person(db, "alice", now=now), earned_at=now)
        make_person(db, "bob", now=now)
        make_person(db, "trainer", now=now, role=Role.TRAINER)
        staff = make_person(db, "staff", now=now, role=Role.STAFF)
        make_pass(db, staff, earned_at=now)
        make_company(db, make_person(db, "company", now=now), now=now)


def visit(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    return visitor


def open_it(visitor: Visitor, region: str = "england-wales-ni") -> None:
    visitor.open(PATH)
    visitor.send(region=region)


def fill(visitor: Visitor) -> None:
    for path, content, name in (
        (PHOTO, png(), "me.png"),
        (ENGAGEMENT, PDF, "letter.pdf"),
    ):
        visitor.open(path)
        visitor.send(evidence=(io.BytesIO(content), name))
    visitor.open(NAME)
    visitor.send(confirmed="yes")


def submit(visitor: Visitor) -> None:
    open_it(visitor)
    fill(visitor)
    visitor.send(to="/submission")


def only_application(database: Database) -> CardApplication:
    with database.reading() as db:
        return db.scalars(select(CardApplication)).one()


def file_of(database: Database, line_id: str) -> LineEvidence:
    with database.reading() as db:
        return db.scalars(
            select(LineEvidence).where(
                LineEvidence.line_id == line_id, LineEvidence.withdrawn_at.is_(None)
            )
        ).one()


def count(database: Database, what: Any) -> int:
    with database.reading() as db:
        return db.scalars(select(func.count(what))).one()


def test_from_a_pass_to_a_recorded_card(app: Flask, database: Database) -> None:
    alice, staff = visit(app, "alice"), visit(app, "staff")
    page = alice.open(PATH)
    assert "You can open your application now." in page.text
    assert "good until Wednesday 1 March 2028" in page.text

    submit(alice)
    assert "We have it and are looking at it." in alice.open(PATH).text
    ref = only_application(database).ref

    assert "Alice" in staff.open("/staff/card-applications").text
    page = staff.open(f"/staff/card-applications/{ref}")
    assert "SJIB says that its HS&amp;E assessment alone" in page.text
    assert "ECS: the Labourer card" in page.text
    assert "22 November 2026" in page.text
    staff.send(decision="return", reason="The letter is not signed.")

    page = alice.open(PATH)
    assert "The letter is not signed." in page.text
    alice.open(ENGAGEMENT)
    page = alice.send(evidence=(io.BytesIO(PDF), "signed.pdf"))
    assert "signed.pdf" in page.text
    assert "letter.pdf" not in page.text
    alice.send(to="/submission")

    staff.open(f"/staff/card-applications/{ref}")
    page = staff.send(decision="accept", reason="")
    assert "Record the card" in page.text
    assert "Now apply to the ECS with it." in alice.open(PATH).text
    card: dict[str, Any] = {
        "card_number": "12345",
        "expires_on-day": "1",
        "expires_on-month": "3",
        "expires_on-year": "2029",
    }
    page = staff.send(**card)
    assert 'value="12345"' in page.text
    page = alice.open(PATH)
    assert "12345" in page.text
    assert "Thursday 1 March 2029" in page.text


def test_before_the_first_line_is_met_the_page_says_what_opens_it(
    app: Flask, database: Database
) -> None:
    bob = visit(app, "bob")
    page = bob.open(PATH)
    assert "You cannot open this application yet." in page.text
    assert 'href="/courses/labourer"' in page.text
    assert 'href="/exemptions/new"' in page.text
    assert "SPA Core Day" in page.text
    assert "SPA Core Day" not in bob.open("/card-applications/lv-jointer").text

    refused = bob.post(PATH, region="scotland")

    assert refused.status_code == 409
    assert 'data-refusal="hse-not-met"' in refused.text
    assert count(database, CardApplication.id) == 0


@pytest.mark.parametrize("region", ["", "france"])
def test_where_somebody_works_must_be_chosen(
    app: Flask, database: Database, region: str
) -> None:
    alice = visit(app, "alice")
    alice.open(PATH)
    page = alice.send(region=region)
    assert page.status_code == 422
    assert 'id="region-error"' in page.text
    assert count(database, CardApplication.id) == 0


def test_opening_twice_is_refused_on_the_page_of_the_first(app: Flask) -> None:
    alice = visit(app, "alice")
    open_it(alice)
    page = alice.post(PATH, region="scotland")
    assert page.status_code == 409
    assert 'data-refusal="already-open"' in page.text
    assert "England, Wales or Northern Ireland" in page.text


def test_an_incomplete_application_is_refused_with_what_is_missing(
    app: Flask, database: Database
) -> None:
    alice = visit(app, "alice")
    open_it(alice)
    assert "Not ready yet" in alice.open(PATH).text

    page = alice.post(f"{PATH}/submission")

    assert page.status_code == 409
    assert 'data-refusal="incomplete"' in page.text
    summary = page.text.partition('role="alert"')[2].partition("</div>")[0]
    assert "A file: A photo of you" in summary
    assert "A file: Proof that you work" in summary
    assert "Your confirmation: Your name" in summary
    assert only_application(database).submitted_at is None


def test_a_pass_that_has_run_out_holds_the_submission_up(
    app: Flask, clock: MovableClock
) -> None:
    alice = visit(app, "alice")
    open_it(alice)
    fill(alice)
    assert "Ready to submit" in alice.open(PATH).text

    clock.advance(days=731)
    alice = visit(app, "alice")
    page = alice.post(f"{PATH}/submission")

    assert page.status_code == 409
    assert "A pass in our assessment, or an exemption" in page.text


def test_before_opening_nothing_can_be_filled(app: Flask, database: Database) -> None:
    alice = visit(app, "alice")
    page = alice.post(PHOTO, evidence=(io.BytesIO(png()), "me.png"))
    assert page.status_code == 409
    assert 'data-refusal="not-opened"' in page.text
    assert alice.post(NAME, confirmed="yes").status_code == 409
    assert alice.post(f"{PATH}/submission").status_code == 409
    assert count(database, LineEvidence.id) == 0


def test_after_submitting_nothing_can_be_changed(
    app: Flask, database: Database
) -> None:
    alice = visit(app, "alice")
    submit(alice)
    for path, fields in (
        (PHOTO, {"evidence": (io.BytesIO(png()), "me.png")}),
        (NAME, {"confirmed": "yes"}),
        (f"{PATH}/submission", {}),
        (f"{PATH}/withdrawal", {}),
    ):
        page = alice.post(path, **fields)
        assert page.status_code == 409
        assert ApplicationRefusal.NOT_EDITABLE in page.text
    assert count(database, LineEvidence.id) == 2
    assert (
        "You can add a file while your application is open." in alice.open(PHOTO).text
    )


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"<html>", UploadRefusal.WRONG_KIND),
        (b"", UploadRefusal.EMPTY),
        (png()[:-30], UploadRefusal.DAMAGED),
    ],
    ids=["html", "empty", "cut"],
)
def test_a_bad_file_is_refused_beside_its_field_and_the_old_one_stays(
    app: Flask, database: Database, content: bytes, refusal: UploadRefusal
) -> None:
    alice = visit(app, "alice")
    open_it(alice)
    fill(alice)
    before = file_of(database, "photo").ref
    alice.open(PHOTO)

    page = alice.send(evidence=(io.BytesIO(content), "me.jpg"))

    assert page.status_code == 422
    assert refusal in page.text
    assert 'id="evidence-error"' in page.text
    assert file_of(database, "photo").ref == before


def test_a_confirmation_must_be_ticked(app: Flask) -> None:
    alice = visit(app, "alice")
    open_it(alice)
    alice.open(NAME)
    page = alice.send()
    assert page.status_code == 422
    assert "Tick the box if it is true." in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/card-applications/electricians",
        f"{PATH}/lines/nothing/evidence",
        f"{PATH}/lines/hse/evidence",
        f"{PATH}/lines/photo/confirmation",
        f"{PATH}/evidence/nothing",
        f"{PATH}/evidence/%00",
    ],
)
def test_what_is_not_there_is_not_found(app: Flask, path: str) -> None:
    alice = visit(app, "alice")
    open_it(alice)
    assert alice.open(path).status_code == 404


@pytest.mark.parametrize("name", ["bob", "trainer", "company"])
def test_an_application_and_its_files_do_not_exist_for_anybody_else(
    app: Flask, database: Database, name: str
) -> None:
    submit(visit(app, "alice"))
    ref, file = only_application(database).ref, file_of(database, "photo").ref
    visitor = visit(app, name)

    assert visitor.open(f"{PATH}/evidence/{file}").status_code == 404
    assert "Alice" not in visitor.open(PATH).text
    for path in (
        "/staff/card-applications",
        f"/staff/card-applications/{ref}",
        f"/staff/card-applications/{ref}/evidence/{file}",
    ):
        assert visitor.open(path).status_code == 404
    for path in ("", "/card"):
        sent = visitor.post(
            f"/staff/card-applications/{ref}{path}", decision="accept", reason="Yes."
        )
        assert sent.status_code == 404
    assert only_application(database).accepted_at is None


def test_evidence_is_a_download_and_the_look_of_staff_is_recorded(
    app: Flask, database: Database
) -> None:
    alice, staff = visit(app, "alice"), visit(app, "staff")
    submit(alice)
    ref, file = only_application(database).ref, file_of(database, "engagement").ref

    for visitor, path in (
        (alice, f"{PATH}/evidence/{file}"),
        (staff, f"/staff/card-applications/{ref}/evidence/{file}"),
    ):
        answer = visitor.open(path)
        assert answer.data == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"

    with database.reading() as db:
        looker = db.scalars(
            select(Person.email)
            .join(AuditEntry, AuditEntry.actor_id == Person.id)
            .where(AuditEntry.action == "viewed card application evidence")
        ).one()
    assert looker == "staff@example.org"


def test_sending_back_needs_a_reason_accepting_does_not(
    app: Flask, database: Database
) -> None:
    submit(visit(app, "alice"))
    staff = visit(app, "staff")
    path = f"/staff/card-applications/{only_application(database).ref}"

    page = staff.post(path, decision="return", reason="  ")
    assert page.status_code == 422
    assert "Write what must be put right." in page.text
    assert 'value="return" checked' in page.text
    page = staff.post(path, reason="Fine.")
    assert page.status_code == 422
    assert ">Fine.</textarea>" in page.text

    assert staff.post(path, decision="accept", reason="").status_code == 303


def test_a_second_decision_is_refused_and_keeps_what_was_typed(
    app: Flask, database: Database
) -> None:
    submit(visit(app, "alice"))
    staff = visit(app, "staff")
    path = f"/staff/card-applications/{only_application(database).ref}"
    staff.post(path, decision="accept", reason="")

    page = staff.post(path, decision="return", reason="A long explanation.")

    assert page.status_code == 409
    assert 'data-refusal="not-waiting"' in page.text
    assert "A long explanation." in page.text


def test_staff_cannot_decide_their_own_application(
    app: Flask, database: Database
) -> None:
    staff = visit(app, "staff")
    submit(staff)
    path = f"/staff/card-applications/{only_application(database).ref}"
    assert "This is your own application" in staff.open(path).text

    page = staff.post(path, decision="accept", reason="I am fine.")

    assert page.status_code == 409
    assert 'data-refusal="own-application"' in page.text
    assert only_application(database).accepted_at is None


def test_a_card_needs_a_number_and_a_last_day_to_come(
    app: Flask, database: Database
) -> None:
    submit(visit(app, "alice"))
    staff = visit(app, "staff")
    path = f"/staff/card-applications/{only_application(database).ref}"
    staff.post(path, decision="accept", reason="")

    page = staff.post(f"{path}/card", card_number="12345")
    assert page.status_code == 422
    assert 'value="12345"' in page.text
    assert "Enter the last day of the card." in page.text

    day = {"expires_on-day": "1", "expires_on-month": "3", "expires_on-year": "2026"}
    page = staff.post(f"{path}/card", card_number="12345", **day)
    assert page.status_code == 409
    assert 'data-refusal="card-run-out"' in page.text
    assert 'value="12345"' in page.text
    assert only_application(database).card_number is None


def test_an_application_is_taken_back_and_another_opened(
    app: Flask, database: Database
) -> None:
    alice = visit(app, "alice")
    open_it(alice)
    alice.open(PATH)

    page = alice.send(to="/withdrawal")

    assert "You can open your application now." in page.text
    open_it(alice, "scotland")
    assert "You work in Scotland." in alice.open(PATH).text
    assert count(database, CardApplication.id) == 2


def test_empty_lists_say_so(app: Flask) -> None:
    assert (
        "No application is waiting"
        in visit(app, "staff").open("/staff/card-applications").text
    )


@pytest.mark.parametrize("ref", ["%00", "nothing-here", "é"])
def test_a_made_up_reference_is_not_found(app: Flask, ref: str) -> None:
    staff = visit(app, "staff")
    assert staff.open(f"/staff/card-applications/{ref}").status_code == 404
    path = f"/staff/card-applications/{ref}/evidence/{ref}"
    assert staff.open(path).status_code == 404
