from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.card_applications.models import (
    CardApplication,
    LineConfirmation,
    LineEvidence,
)
from ecs_training.card_applications.queries import (
    Progress,
    get_own_evidence,
    get_progress,
    list_applications,
    list_applications_without_card,
    list_waiting_applications,
)
from ecs_training.card_applications.rules import (
    ApplicationRefusal,
    ApplicationState,
    Decision,
    application_state,
)
from ecs_training.card_applications.services.applying import (
    attach_evidence,
    confirm_line,
    open_application,
    submit_application,
    withdraw_application,
)
from ecs_training.card_applications.services.deciding import (
    decide_application,
    open_evidence,
    record_card,
)
from ecs_training.card_applications.services.locking import ApplicationRefused
from ecs_training.catalogue.queries import scheme
from ecs_training.catalogue.rules import Region
from ecs_training.exemptions.rules import Decision as ClaimDecision
from ecs_training.exemptions.services import claim_exemption, decide_claim
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.uploads import clean_upload
from ecs_training.passes.queries import list_passes
from ecs_training.passes.services import revoke_pass
from tests.exemptions.files import PDF, png
from tests.factories import make_pass, make_person

ROLES = [role.slug for role in scheme().roles]
SCAN = clean_upload(PDF, file_name="letter.pdf")
PHOTO = clean_upload(png(), file_name="me.png")


def begin(
    db: Session, person: Person, *, now: datetime, role: str = "labourer"
) -> CardApplication:
    return open_application(
        db,
        person_id=person.id,
        card_role=role,
        region=Region.ENGLAND_WALES_NI,
        now=now,
    )


def fill(db: Session, person: Person, *, now: datetime, role: str = "labourer") -> None:
    for line_id, file in (("photo", PHOTO), ("engagement", SCAN)):
        attach_evidence(
            db,
            person_id=person.id,
            card_role=role,
            line_id=line_id,
            file=file,
            now=now,
        )
    confirm_line(
        db, person_id=person.id, card_role=role, line_id="identity-name", now=now
    )


def hand_in(db: Session, person: Person, *, now: datetime) -> CardApplication:
    """Pass, open, fill and submit an application for the labourer's card."""
    make_pass(db, person, earned_at=now)
    begin(db, person, now=now)
    fill(db, person, now=now)
    return submit_application(db, person_id=person.id, card_role="labourer", now=now)


def decide(
    db: Session,
    application: CardApplication,
    decision: Decision,
    *,
    now: datetime,
    reason: str = "Seen.",
) -> Person:
    staff = make_person(db, now=now)
    decide_application(
        db,
        ref=application.ref,
        decision=decision,
        reason=reason,
        decided_by_id=staff.id,
        now=now,
    )
    return staff


def exempt(db: Session, person: Person, qualification: str, *, now: datetime) -> None:
    claim = claim_exemption(
        db,
        person_id=person.id,
        qualification=qualification,
        certificate_number="1",
        awarded_on=date(2026, 2, 1),
        expires_on=None,
        evidence=SCAN,
        now=now,
    )
    decide_claim(
        db,
        ref=claim.ref,
        decision=ClaimDecision.GRANT,
        reason="Seen.",
        decided_by_id=make_person(db, now=now).id,
        now=now,
    )


def progress_of(
    db: Session, person: Person, role: str = "labourer", on: date = date(2026, 3, 2)
) -> Progress:
    return get_progress(db, person_id=person.id, card_role=role, on=on)


@pytest.mark.parametrize("earned_on", ROLES)
def test_a_pass_of_any_course_opens_the_application_of_every_role(
    db: Session, now: datetime, earned_on: str
) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now, card_role=earned_on)

    for role in ROLES:
        begin(db, alice, now=now, role=role)

    assert len(list_applications(db, person_id=alice.id)) == 5


def test_an_spa_core_day_opens_every_application_but_the_jointers(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    exempt(db, alice, "spa-core-day", now=now)

    opened = [role for role in ROLES if progress_of(db, alice, role).hse.met]

    assert opened == [role for role in ROLES if role != "lv-jointer"]
    with pytest.raises(ApplicationRefused) as refused:
        begin(db, alice, now=now, role="lv-jointer")
    assert refused.value.reason is ApplicationRefusal.HSE_NOT_MET


def test_somebody_elses_pass_opens_nothing(db: Session, now: datetime) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    make_pass(db, bob, earned_at=now)

    with pytest.raises(ApplicationRefused) as refused:
        begin(db, alice, now=now)

    assert refused.value.reason is ApplicationRefusal.HSE_NOT_MET
    assert refused.value.slug == "hse-not-met"


def test_a_revoked_pass_opens_nothing(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    passed = make_pass(db, alice, earned_at=now)
    revoke_pass(db, token=passed.token, reason="x", revoked_by_id=alice.id, now=now)
    with pytest.raises(ApplicationRefused):
        begin(db, alice, now=now)


def test_whichever_counts_longer_meets_the_line(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    exempt(db, alice, "spa-core-day", now=now)
    hse = progress_of(db, alice).hse
    assert (hse.by, hse.until) == ("Exemption: SPA Core Day", date(2029, 1, 31))
    assert progress_of(db, alice).hse_caution

    make_pass(db, alice, earned_at=now)  # to 1 March 2028: sooner
    assert progress_of(db, alice).hse.until == date(2029, 1, 31)

    make_pass(db, alice, earned_at=datetime(2027, 3, 1, tzinfo=UTC))
    hse = progress_of(db, alice).hse
    assert (hse.by, hse.until) == ("Pass of Monday 1 March 2027", date(2029, 2, 28))
    assert progress_of(db, alice).hse_caution is None


def test_one_application_for_each_person_and_role(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    application = begin(db, alice, now=now)

    with pytest.raises(ApplicationRefused) as refused:
        begin(db, alice, now=now)
    assert refused.value.reason is ApplicationRefusal.ALREADY_OPEN

    savepoint = db.begin_nested()
    db.add(
        CardApplication(
            person_id=alice.id,
            card_role="labourer",
            region="scotland",
            scheme_version="x",
            opened_at=now,
        )
    )
    with pytest.raises(IntegrityError):
        db.flush()
    savepoint.rollback()

    withdraw_application(db, person_id=alice.id, card_role="labourer", now=now)
    assert begin(db, alice, now=now).id != application.id


def test_an_application_remembers_the_rules_it_was_opened_under(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    application = begin(db, alice, now=now)
    assert application.scheme_version == scheme().version
    assert application.region == "england-wales-ni"


def test_it_is_ready_once_every_mandatory_line_has_its_evidence(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    begin(db, alice, now=now)
    with pytest.raises(ApplicationRefused) as refused:
        submit_application(db, person_id=alice.id, card_role="labourer", now=now)
    assert refused.value.reason is ApplicationRefusal.INCOMPLETE
    assert len(refused.value.missing) == 3

    fill(db, alice, now=now)
    assert progress_of(db, alice).missing == ()
    application = submit_application(
        db, person_id=alice.id, card_role="labourer", now=now
    )

    assert application_state(application) is ApplicationState.SUBMITTED
    assert list_waiting_applications(db) == [application]


@pytest.mark.parametrize("days_late", [0, 1])
def test_a_pass_that_has_run_out_since_holds_the_submission_up(
    db: Session, now: datetime, days_late: int
) -> None:
    alice = make_person(db, now=now)
    last_day = make_pass(db, alice, earned_at=now).valid_until
    begin(db, alice, now=now)
    fill(db, alice, now=now)
    noon = datetime(last_day.year, last_day.month, last_day.day, 12, tzinfo=UTC)
    submitting: dict[str, Any] = {
        "person_id": alice.id,
        "card_role": "labourer",
        "now": noon + timedelta(days=days_late),
    }
    if not days_late:
        assert submit_application(db, **submitting).submitted_at
        return
    with pytest.raises(ApplicationRefused) as refused:
        submit_application(db, **submitting)
    assert refused.value.reason is ApplicationRefusal.INCOMPLETE
    assert len(refused.value.missing) == 1


def test_a_replaced_file_is_withdrawn_not_lost(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    begin(db, alice, now=now)
    fill(db, alice, now=now)
    first = progress_of(db, alice).evidence["photo"]

    attach_evidence(
        db,
        person_id=alice.id,
        card_role="labourer",
        line_id="photo",
        file=PHOTO,
        now=now,
    )

    db.refresh(first)
    evidence = progress_of(db, alice).evidence
    assert first.withdrawn_at == now
    assert evidence["photo"].id != first.id
    assert set(evidence) == {"photo", "engagement"}
    assert len(db.scalars(select(LineEvidence)).all()) == 3


@pytest.mark.parametrize("line_id", ["hse", "identity-name", "competence", "nothing"])
def test_only_a_line_that_asks_for_a_file_takes_one(
    db: Session, now: datetime, line_id: str
) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    begin(db, alice, now=now)
    with pytest.raises(NotFound):
        attach_evidence(
            db,
            person_id=alice.id,
            card_role="labourer",
            line_id=line_id,
            file=SCAN,
            now=now,
        )
    with pytest.raises(NotFound):
        confirm_line(
            db, person_id=alice.id, card_role="labourer", line_id="photo", now=now
        )


def test_confirming_twice_changes_nothing(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    begin(db, alice, now=now)
    for _ in range(2):
        confirm_line(
            db,
            person_id=alice.id,
            card_role="labourer",
            line_id="identity-name",
            now=now,
        )
    assert db.scalars(select(LineConfirmation)).one().confirmed_at == now


def test_a_submitted_application_cannot_be_changed(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    hand_in(db, alice, now=now)
    own: dict[str, Any] = {"person_id": alice.id, "card_role": "labourer", "now": now}
    for change in (
        lambda: attach_evidence(db, **own, line_id="photo", file=PHOTO),
        lambda: confirm_line(db, **own, line_id="identity-name"),
        lambda: submit_application(db, **own),
        lambda: withdraw_application(db, **own),
    ):
        with pytest.raises(ApplicationRefused) as refused:
            change()
        assert refused.value.reason is ApplicationRefusal.NOT_EDITABLE


def test_before_it_is_opened_there_is_nothing_to_fill(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    with pytest.raises(ApplicationRefused) as refused:
        submit_application(db, person_id=alice.id, card_role="labourer", now=now)
    assert refused.value.reason is ApplicationRefusal.NOT_OPENED


def test_returned_with_reasons_it_is_mended_and_submitted_again(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    application = hand_in(db, alice, now=now)

    decide(db, application, Decision.RETURN, now=now, reason="The photo is dark.")
    assert application_state(application) is ApplicationState.RETURNED
    assert application.reason == "The photo is dark."
    assert list_waiting_applications(db) == []

    fill(db, alice, now=now)
    mended = submit_application(db, person_id=alice.id, card_role="labourer", now=now)
    assert application_state(mended) is ApplicationState.SUBMITTED
    assert mended.reason is None

    staff = decide(db, application, Decision.ACCEPT, now=now)
    assert application_state(application) is ApplicationState.ACCEPTED
    assert application.decided_by_id == staff.id
    assert list_applications_without_card(db) == [application]


def test_what_came_apart_since_cannot_be_accepted_but_can_be_returned(
    db: Session, now: datetime
) -> None:
    alice = make_person(db, now=now)
    application = hand_in(db, alice, now=now)
    token = list_passes(db, person_id=alice.id)[0].token
    revoke_pass(db, token=token, reason="x", revoked_by_id=alice.id, now=now)

    with pytest.raises(ApplicationRefused) as refused:
        decide(db, application, Decision.ACCEPT, now=now)
    assert refused.value.reason is ApplicationRefusal.INCOMPLETE

    decide(db, application, Decision.RETURN, now=now)
    assert application_state(application) is ApplicationState.RETURNED


def test_nobody_decides_on_their_own_application(db: Session, now: datetime) -> None:
    staff = make_person(db, now=now)
    application = hand_in(db, staff, now=now)
    own: dict[str, Any] = {"ref": application.ref, "now": now}

    with pytest.raises(ApplicationRefused) as refused:
        decide_application(
            db, **own, decision=Decision.ACCEPT, reason="Me.", decided_by_id=staff.id
        )
    assert refused.value.reason is ApplicationRefusal.OWN_APPLICATION

    decide(db, application, Decision.ACCEPT, now=now)
    with pytest.raises(ApplicationRefused) as refused:
        record_card(
            db,
            **own,
            card_number="1",
            expires_on=date(2029, 1, 1),
            recorded_by_id=staff.id,
        )
    assert refused.value.reason is ApplicationRefusal.OWN_APPLICATION


@pytest.mark.parametrize("decision", list(Decision))
def test_only_a_waiting_application_is_decided(
    db: Session, now: datetime, decision: Decision
) -> None:
    alice = make_person(db, now=now)
    application = hand_in(db, alice, now=now)
    decide(db, application, Decision.ACCEPT, now=now)

    with pytest.raises(ApplicationRefused) as refused:
        decide(db, application, decision, now=now)

    assert refused.value.reason is ApplicationRefusal.NOT_WAITING


def test_the_issued_card_is_recorded_after_acceptance_and_may_be_corrected(
    db: Session, now: datetime
) -> None:
    alice, staff = make_person(db, now=now), make_person(db, now=now)
    application = hand_in(db, alice, now=now)
    told: dict[str, Any] = {"ref": application.ref, "recorded_by_id": staff.id}
    today = date(2026, 3, 2)
    with pytest.raises(ApplicationRefused) as refused:
        record_card(db, **told, card_number="A", expires_on=today, now=now)
    assert refused.value.reason is ApplicationRefusal.NOT_ACCEPTED

    decide(db, application, Decision.ACCEPT, now=now)
    with pytest.raises(ApplicationRefused) as refused:
        record_card(
            db, **told, card_number="A", expires_on=today - timedelta(days=1), now=now
        )
    assert refused.value.reason is ApplicationRefusal.CARD_RUN_OUT

    record_card(db, **told, card_number="A", expires_on=today, now=now)
    record_card(db, **told, card_number="B", expires_on=date(2029, 3, 1), now=now)

    assert application_state(application) is ApplicationState.ISSUED
    assert (application.card_number, application.card_expires_on) == (
        "B",
        date(2029, 3, 1),
    )
    assert list_applications_without_card(db) == []
    recorded = db.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == "recorded issued card")
        .order_by(AuditEntry.id)
    ).all()
    assert [entry.details["before"] for entry in recorded] == [None, "A"]


def test_once_renewal_opens_another_application_may_be_opened(
    db: Session, now: datetime
) -> None:
    alice, staff = make_person(db, now=now), make_person(db, now=now)
    application = hand_in(db, alice, now=now)
    decide(db, application, Decision.ACCEPT, now=now)
    record_card(
        db,
        ref=application.ref,
        card_number="A",
        expires_on=date(2027, 6, 30),
        recorded_by_id=staff.id,
        now=now,
    )
    early = datetime(2027, 3, 29, 12, tzinfo=UTC)
    with pytest.raises(ApplicationRefused) as refused:
        begin(db, alice, now=early)
    assert refused.value.reason is ApplicationRefusal.ALREADY_OPEN

    renewed = begin(db, alice, now=early + timedelta(days=1))

    assert renewed.id != application.id
    found = progress_of(db, alice, on=date(2027, 3, 30))
    assert found.application is renewed
    assert found.evidence == {}


def test_waiting_applications_come_longest_waiting_first(
    db: Session, now: datetime
) -> None:
    later = hand_in(db, make_person(db, now=now), now=now)
    earlier = hand_in(db, make_person(db, now=now), now=now - timedelta(days=1))
    opened = make_person(db, now=now)
    make_pass(db, opened, earned_at=now)
    begin(db, opened, now=now)

    assert list_waiting_applications(db) == [earlier, later]


def test_staff_decisions_and_looks_are_recorded(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    application = hand_in(db, alice, now=now)
    file = progress_of(db, alice).evidence["engagement"]
    staff = decide(db, application, Decision.ACCEPT, now=now)

    opened = open_evidence(
        db,
        ref=application.ref,
        evidence_ref=file.ref,
        viewer_id=staff.id,
        now=now,
    )

    assert opened.content == PDF
    actions = db.scalars(
        select(AuditEntry.action)
        .where(
            AuditEntry.actor_id == staff.id,
            AuditEntry.subject == f"card-application/{application.ref}",
        )
        .order_by(AuditEntry.id)
    ).all()
    assert actions == [
        "decided card application: accepted",
        "viewed card application evidence",
    ]


def test_a_file_is_found_only_by_its_owner_under_its_role(
    db: Session, now: datetime
) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    application = hand_in(db, alice, now=now)
    other = hand_in(db, bob, now=now)
    ref = progress_of(db, alice).evidence["photo"].ref

    def own(person: Person, role: str) -> LineEvidence:
        return get_own_evidence(db, person_id=person.id, card_role=role, ref=ref)

    assert own(alice, "labourer").ref == ref
    for person, role in ((bob, "labourer"), (alice, "lv-jointer")):
        with pytest.raises(NotFound):
            own(person, role)
    look: dict[str, Any] = {"evidence_ref": ref, "viewer_id": bob.id, "now": now}
    assert open_evidence(db, ref=application.ref, **look).ref == ref
    with pytest.raises(NotFound):
        open_evidence(db, ref=other.ref, **look)


def test_a_role_we_do_not_teach_is_not_found(db: Session, now: datetime) -> None:
    alice = make_person(db, now=now)
    make_pass(db, alice, earned_at=now)
    with pytest.raises(NotFound):
        begin(db, alice, now=now, role="electricians")
