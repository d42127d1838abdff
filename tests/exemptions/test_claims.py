from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.exemptions.models import ExemptionClaim, ExemptionEvidence
from ecs_training.exemptions.queries import (
    find_live_exemption,
    find_shared_numbers,
    get_claim,
    get_evidence,
    list_claims,
    list_claims_asked_more,
    list_same_number,
    list_waiting_claims,
)
from ecs_training.exemptions.rules import (
    ClaimRefusal,
    ClaimState,
    Decision,
    claim_state,
)
from ecs_training.exemptions.services import (
    ClaimRefused,
    add_evidence,
    claim_exemption,
    decide_claim,
    open_evidence,
    withdraw_claim,
)
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.uploads import clean_upload
from tests.exemptions.files import PDF
from tests.factories import make_person

SCAN = clean_upload(PDF, file_name="scan.pdf")


def claim_for(
    db: Session, person: Person, *, now: datetime, **said: Any
) -> ExemptionClaim:
    """Claim an SPA Core Day of a month ago, unless something else is said."""
    facts = {
        "qualification": "spa-core-day",
        "certificate_number": "SPA 1234",
        "awarded_on": date(2026, 2, 1),
        "expires_on": None,
        "evidence": SCAN,
        **said,
    }
    return claim_exemption(db, person_id=person.id, now=now, **facts)


def decide(
    db: Session, claim: ExemptionClaim, decision: Decision, *, now: datetime
) -> Person:
    staff = make_person(db, now=now)
    decide_claim(
        db,
        ref=claim.ref,
        decision=decision,
        reason="Seen.",
        decided_by_id=staff.id,
        now=now,
    )
    return staff


def refusal_of(refused: pytest.ExceptionInfo[ClaimRefused]) -> ClaimRefusal:
    return refused.value.reason


def test_a_claim_waits_for_staff_with_its_evidence(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    claim = claim_for(db, alice, now=now)

    stored = db.scalars(select(ExemptionEvidence)).one()

    assert claim_state(claim) is ClaimState.WAITING
    assert list_waiting_claims(db) == [claim]
    assert stored.claim_id == claim.id
    assert get_evidence(db, claim_id=claim.id, ref=stored.ref).content == PDF
    assert stored.size == len(PDF)


def test_a_certificate_of_today_may_be_sent_one_of_tomorrow_not(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    with pytest.raises(ClaimRefused) as refused:
        claim_for(db, alice, now=now, awarded_on=date(2026, 3, 3))
    assert refusal_of(refused) is ClaimRefusal.AWARDED_IN_FUTURE

    assert claim_for(db, alice, now=now, awarded_on=date(2026, 3, 2)).id


@pytest.mark.parametrize(
    ("awarded_on", "expires_on", "accepted"),
    [
        # The clock stands on 2 March 2026; an SPA Core Day counts for 36 months.
        (date(2023, 3, 3), None, True),
        (date(2023, 3, 2), None, False),
        (date(2025, 1, 1), date(2026, 3, 2), True),
        (date(2025, 1, 1), date(2026, 3, 1), False),
        (date(2023, 3, 2), date(2028, 1, 1), False),  # its own day is no extension
    ],
)
def test_a_certificate_counts_to_its_last_day(
    db: Session,
    now: datetime,
    awarded_on: date,
    expires_on: date | None,
    accepted: bool,
) -> None:
    alice = make_person(db, now=now)
    dates: dict[str, Any] = {"awarded_on": awarded_on, "expires_on": expires_on}
    if accepted:
        assert claim_for(db, alice, now=now, **dates).id
        return
    with pytest.raises(ClaimRefused) as refused:
        claim_for(db, alice, now=now, **dates)
    assert refusal_of(refused) is ClaimRefusal.OUT_OF_DATE


def test_one_open_claim_for_each_certificate_and_person(
    db: Session, now: datetime
) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    first = claim_for(db, alice, now=now)

    with pytest.raises(ClaimRefused) as refused:
        claim_for(db, alice, now=now)

    assert refusal_of(refused) is ClaimRefusal.OPEN_CLAIM
    assert claim_for(db, bob, now=now).id
    assert claim_for(db, alice, now=now, qualification="citb-hse-test").id
    decide(db, first, Decision.DECLINE, now=now)
    assert claim_for(db, alice, now=now).id


def test_the_database_too_refuses_a_second_open_claim(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    claim = claim_for(db, alice, now=now)
    twin = ExemptionClaim(
        person_id=alice.id,
        qualification=claim.qualification,
        certificate_number="x",
        certificate_awarded_on=date(2026, 1, 1),
        claimed_at=now,
    )
    savepoint = db.begin_nested()
    db.add(twin)
    with pytest.raises(IntegrityError):
        db.flush()
    savepoint.rollback()


def test_an_unknown_certificate_is_not_found(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    with pytest.raises(NotFound):
        claim_for(db, alice, now=now, qualification="driving-licence")


def test_a_grant_counts_to_the_last_day_for_the_roles_of_the_certificate(
    db: Session, now: datetime
) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    claim = claim_for(db, alice, now=now, awarded_on=date(2024, 2, 29))
    claim_for(db, bob, now=now)  # waits

    decide(db, claim, Decision.GRANT, now=now)

    last_day = date(2027, 2, 28)
    assert claim.valid_until == last_day

    def live(person: Person, role: str, on: date) -> ExemptionClaim | None:
        return find_live_exemption(db, person_id=person.id, card_role=role, on=on)

    assert live(alice, "labourer", last_day) is claim
    assert live(alice, "labourer", last_day + timedelta(days=1)) is None
    assert live(alice, "lv-jointer", last_day) is None
    assert live(bob, "labourer", last_day) is None


def test_of_two_exemptions_the_one_that_counts_longer_is_taken(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    longer = claim_for(db, alice, now=now)
    shorter = claim_for(db, alice, now=now, qualification="citb-hse-test")
    for claim in (longer, shorter):
        decide(db, claim, Decision.GRANT, now=now)
    on = date(2026, 3, 2)

    def live(role: str) -> ExemptionClaim | None:
        return find_live_exemption(db, person_id=alice.id, card_role=role, on=on)

    assert live("labourer") is longer
    assert live("lv-jointer") is shorter  # the other is not for that role


def test_a_certificate_that_ran_out_while_it_waited_cannot_be_granted(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    claim = claim_for(db, alice, now=now, awarded_on=date(2023, 3, 4))
    last = datetime(2026, 3, 3, 23, 59, tzinfo=UTC)

    with pytest.raises(ClaimRefused) as refused:
        decide(db, claim, Decision.GRANT, now=last + timedelta(minutes=1))
    assert refusal_of(refused) is ClaimRefusal.RUN_OUT

    decide(db, claim, Decision.GRANT, now=last)
    assert claim.valid_until == date(2026, 3, 3)


def test_nobody_decides_on_their_own_claim(db: Session, now: datetime) -> None:
    staff = make_person(db, now=now)
    claim = claim_for(db, staff, now=now)

    with pytest.raises(ClaimRefused) as refused:
        decide_claim(
            db,
            ref=claim.ref,
            decision=Decision.GRANT,
            reason="Mine.",
            decided_by_id=staff.id,
            now=now,
        )

    assert refusal_of(refused) is ClaimRefusal.OWN_CLAIM
    assert claim_state(claim) is ClaimState.WAITING


@pytest.mark.parametrize("first", [Decision.GRANT, Decision.DECLINE])
def test_a_decided_claim_is_not_decided_again(
    db: Session, now: datetime, first: Decision
) -> None:
    claim = claim_for(db, make_person(db, now=now), now=now)
    decide(db, claim, first, now=now)
    state = claim_state(claim)

    with pytest.raises(ClaimRefused) as refused:
        decide(db, claim, Decision.DECLINE, now=now)

    assert refusal_of(refused) is ClaimRefusal.DECIDED
    assert claim_state(claim) is state


def test_more_is_asked_sent_and_then_decided(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    claim = claim_for(db, alice, now=now)
    again: dict[str, Any] = {"ref": claim.ref, "person_id": alice.id, "evidence": SCAN}
    with pytest.raises(ClaimRefused) as refused:
        add_evidence(db, **again, now=now)
    assert refusal_of(refused) is ClaimRefusal.NOT_ASKED

    decide(db, claim, Decision.MORE, now=now)
    assert claim_state(claim) is ClaimState.MORE_ASKED
    assert claim.reason == "Seen."
    assert (list_waiting_claims(db), list_claims_asked_more(db)) == ([], [claim])

    add_evidence(db, **again, now=now)
    assert claim_state(claim) is ClaimState.WAITING
    assert list_waiting_claims(db) == [claim]
    assert len(db.scalars(select(ExemptionEvidence)).all()) == 2

    decide(db, claim, Decision.GRANT, now=now)
    assert claim_state(claim) is ClaimState.GRANTED
    with pytest.raises(ClaimRefused) as refused:
        add_evidence(db, **again, now=now)
    assert refusal_of(refused) is ClaimRefusal.DECIDED


def test_the_claimant_takes_a_claim_back_while_it_is_open(
    db: Session, now: datetime
) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    claim = claim_for(db, alice, now=now)
    with pytest.raises(NotFound):
        withdraw_claim(db, ref=claim.ref, person_id=bob.id, now=now)

    withdraw_claim(db, ref=claim.ref, person_id=alice.id, now=now)

    assert claim_state(claim) is ClaimState.WITHDRAWN
    assert list_waiting_claims(db) == []
    with pytest.raises(ClaimRefused):
        withdraw_claim(db, ref=claim.ref, person_id=alice.id, now=now)
    with pytest.raises(ClaimRefused):
        decide(db, claim, Decision.GRANT, now=now)


def test_every_decision_is_recorded_with_its_reason(db: Session, now: datetime) -> None:
    claim = claim_for(db, make_person(db, now=now), now=now)
    staff = decide(db, claim, Decision.GRANT, now=now)

    entry = db.scalars(
        select(AuditEntry).where(AuditEntry.subject == f"exemption/{claim.ref}")
    ).one()

    assert entry.action == "decided exemption: granted"
    assert entry.actor_id == staff.id
    assert entry.details == {"reason": "Seen.", "valid_until": "2029-01-31"}


def test_a_number_used_by_somebody_else_is_noticed_however_it_is_written(
    db: Session, now: datetime
) -> None:
    alice, bob, carol = (make_person(db, now=now) for _ in range(3))
    used = claim_for(db, alice, now=now, certificate_number="4417-208 ms")
    decide(db, used, Decision.DECLINE, now=now)
    same = claim_for(db, bob, now=now, certificate_number="4417.208/MS")
    other = claim_for(db, carol, now=now, certificate_number="4417-208 MT")
    own = claim_for(
        db,
        alice,
        now=now,
        certificate_number="4417 208 MS",
        qualification="citb-hse-test",
    )
    alone = claim_for(
        db, carol, now=now, certificate_number="9", qualification="citb-hse-test"
    )

    assert find_shared_numbers(db) == {same.id, own.id}
    assert list_same_number(db, claim=same) == [used, own]
    assert list_same_number(db, claim=other) == []
    assert list_same_number(db, claim=alone) == []


def test_waiting_claims_come_longest_waiting_first(db: Session, now: datetime) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    later = claim_for(db, alice, now=now)
    earlier = claim_for(db, bob, now=now - timedelta(days=1))

    assert list_waiting_claims(db) == [earlier, later]
    assert list_claims(db, person_id=alice.id) == [later]


def test_a_look_of_staff_at_the_papers_is_recorded(db: Session, now: datetime) -> None:
    alice, bob, staff = (make_person(db, now=now) for _ in range(3))
    claim = claim_for(db, alice, now=now)
    file = db.scalars(select(ExemptionEvidence)).one()
    other = claim_for(db, bob, now=now)
    look: dict[str, Any] = {"evidence_ref": file.ref, "viewer_id": staff.id, "now": now}

    opened = open_evidence(db, ref=claim.ref, **look)

    assert opened.content == PDF
    entry = db.scalars(select(AuditEntry)).one()
    assert entry.action == "viewed exemption evidence"
    assert entry.actor_id == staff.id
    assert entry.subject == f"exemption/{claim.ref}"
    with pytest.raises(NotFound):
        open_evidence(db, ref=other.ref, **look)


def test_a_file_is_found_only_under_its_own_claim(db: Session, now: datetime) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    claim = claim_for(db, alice, now=now)
    file = db.scalars(select(ExemptionEvidence)).one()
    other = claim_for(db, bob, now=now)

    assert get_evidence(db, claim_id=claim.id, ref=file.ref) is file
    with pytest.raises(NotFound):
        get_evidence(db, claim_id=other.id, ref=file.ref)


def test_a_claim_of_somebody_else_is_not_found(db: Session, now: datetime) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    claim = claim_for(db, alice, now=now)

    assert get_claim(db, ref=claim.ref, person_id=alice.id) is claim
    assert get_claim(db, ref=claim.ref, person_id=None) is claim
    with pytest.raises(NotFound):
        get_claim(db, ref=claim.ref, person_id=bob.id)


def test_of_two_claims_sent_at_once_one_is_kept_and_one_is_refused(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        alice = make_person(db, now=now)

    def send(start: Barrier) -> str:
        start.wait()
        try:
            with database.transaction() as db:
                claim_for(db, alice, now=now)
        except ClaimRefused as refused:
            return refused.slug
        return "kept"

    start = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(send, [start, start]))

    assert told == ["kept", "open-claim"]
