"""What people are told about passes, certificates and card applications."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.card_applications.events import (
    ApplicationDecided,
    ApplicationSubmitted,
)
from ecs_training.card_applications.models import CardApplication
from ecs_training.exemptions.events import ExemptionClaimed, ExemptionDecided
from ecs_training.exemptions.models import ExemptionClaim
from ecs_training.foundation.events import publish
from ecs_training.passes.services import revoke_pass
from tests.factories import make_pass, make_person
from tests.notifications.conftest import Post

REASON = "The second page is missing.\nSend both pages."


def add_claim(db: Session, person: Person, post: Post) -> ExemptionClaim:
    claim = ExemptionClaim(
        person_id=person.id,
        qualification="iosh-managing-safely",
        certificate_number="MS-123",
        certificate_awarded_on=date(2025, 1, 1),
        claimed_at=post.clock(),
        reason=REASON,
    )
    db.add(claim)
    db.flush()
    return claim


def add_application(db: Session, person: Person, post: Post) -> CardApplication:
    application = CardApplication(
        person_id=person.id,
        card_role="lv-jointer",
        region="scotland",
        scheme_version="2026-1",
        opened_at=post.clock(),
        submitted_at=post.clock(),
        accepted_at=post.clock(),
        card_number="ECS 42",
        card_expires_on=date(2029, 3, 1),
        reason=REASON,
    )
    db.add(application)
    db.flush()
    return application


def test_a_pass_is_told_with_its_last_day_and_the_next_step(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        passed = make_pass(db, alice, earned_at=post.clock())
    (letter,) = post.letters()
    base = post.settings.base_url
    assert (letter.to, letter.person_id) == ("alice@example.org", alice.id)
    assert letter.subject == "You have passed: Labourer health and safety course"
    for told in (
        "counts until Wednesday 1 March 2028",
        f"{base}/certificates/{passed.token}",
        f"{base}/v/{passed.token}",
        f"{base}/card-applications/labourer",
        "The ECS decides on every card.",
        post.settings.provider_phone,
    ):
        assert told in letter.text
    assert "ECS test" not in letter.text


def test_a_revoked_pass_is_told_with_the_reason(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        staff = make_person(db, "sam", now=post.clock(), role=Role.STAFF)
        passed = make_pass(db, alice, earned_at=post.clock())
        revoke_pass(
            db,
            token=passed.token,
            reason="Somebody else sat it.",
            revoked_by_id=staff.id,
            now=post.clock(),
        )
    letter = post.letters()[-1]
    assert letter.to == "alice@example.org"
    assert letter.subject == "Your pass has been taken back"
    assert "The reason: Somebody else sat it." in letter.text
    assert "Labourer" in letter.text


def test_a_certificate_gets_a_receipt(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        claim = add_claim(db, alice, post)
        publish(db, ExemptionClaimed(occurred_at=post.clock(), claim_id=claim.id))
    (letter,) = post.letters()
    assert letter.to == "alice@example.org"
    assert "IOSH Managing Safely, number MS-123" in letter.text
    assert f"/exemptions/{claim.ref}" in letter.text


@pytest.mark.parametrize(
    ("outcome", "subject", "told"),
    [
        ("granted", "Your certificate is accepted", "until Monday 1 January 2029"),
        ("declined", "Your certificate is not accepted", f"The reason: {REASON}"),
        ("more", "We need something more about your certificate", REASON),
    ],
)
def test_a_decision_about_a_certificate(
    outcome: str, subject: str, told: str, post: Post
) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        claim = add_claim(db, alice, post)
        if outcome == "granted":
            claim.granted_at, claim.valid_until = post.clock(), date(2029, 1, 1)
        decided = ExemptionDecided(
            occurred_at=post.clock(), claim_id=claim.id, outcome=outcome
        )
        publish(db, decided)
    (letter,) = post.letters()
    assert (letter.to, letter.subject) == ("alice@example.org", subject)
    assert told in letter.text


def test_the_same_decision_at_another_moment_is_told_again(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        claim = add_claim(db, alice, post)
        for seconds in (0, 0, 1):
            decided = ExemptionDecided(
                occurred_at=post.clock() + timedelta(seconds=seconds),
                claim_id=claim.id,
                outcome="more",
            )
            publish(db, decided)
    assert len(post.letters()) == 2


def test_an_application_gets_a_receipt(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        application = add_application(db, alice, post)
        submitted = ApplicationSubmitted(
            occurred_at=post.clock(), application_id=application.id
        )
        publish(db, submitted)
    (letter,) = post.letters()
    assert letter.subject == "We have your card application"
    assert "LV Jointer" in letter.text
    assert "/card-applications/lv-jointer" in letter.text


@pytest.mark.parametrize(
    ("outcome", "subject", "told"),
    [
        ("returned", "Your card application needs a change", REASON),
        ("accepted", "Your card application is complete", "The ECS decides"),
        ("issued", "Your ECS card has been issued", "ECS 42. It expires on Thursday 1"),
    ],
)
def test_a_decision_about_an_application(
    outcome: str, subject: str, told: str, post: Post
) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        application = add_application(db, alice, post)
        decided = ApplicationDecided(
            occurred_at=post.clock(), application_id=application.id, outcome=outcome
        )
        publish(db, decided)
    (letter,) = post.letters()
    assert (letter.to, letter.subject) == ("alice@example.org", subject)
    assert told in letter.text
