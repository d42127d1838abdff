"""Letters about passes, exemptions and card applications: received, and decided."""

from typing import Any

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.assessment.events import ResultChanged
from ecs_training.assessment.models import Attempt
from ecs_training.card_applications.events import (
    ApplicationDecided,
    ApplicationSubmitted,
)
from ecs_training.card_applications.models import CardApplication
from ecs_training.catalogue.queries import card_role, scheme
from ecs_training.exemptions.events import ExemptionClaimed, ExemptionDecided
from ecs_training.exemptions.models import ExemptionClaim
from ecs_training.foundation.events import Event
from ecs_training.notifications.services.letters import queue_letter
from ecs_training.passes.events import PassAwarded, PassRevoked
from ecs_training.passes.models import Pass


def queue_pass_awarded(db: Session, event: PassAwarded) -> None:
    _about_pass(db, event, event.pass_id, "pass_awarded")


def queue_pass_revoked(db: Session, event: PassRevoked) -> None:
    _about_pass(db, event, event.pass_id, "pass_revoked")


def queue_result_changed(db: Session, event: ResultChanged) -> None:
    """Tell the person why there is another verdict. One that stands needs no letter."""
    if event.passed_before == event.passed_after:
        return
    attempt = db.get_one(Attempt, event.attempt_id)
    _queue(
        db,
        event,
        subject=f"attempt/{attempt.ref}",
        person_id=event.person_id,
        template="result_changed",
        attempt=attempt,
        role=card_role(attempt.card_role),
    )


def queue_exemption_receipt(db: Session, event: ExemptionClaimed) -> None:
    _about_claim(db, event, event.claim_id, "exemption_claimed")


def queue_exemption_decision(db: Session, event: ExemptionDecided) -> None:
    _about_claim(db, event, event.claim_id, f"exemption_{event.outcome}")


def queue_application_receipt(db: Session, event: ApplicationSubmitted) -> None:
    _about_application(db, event, event.application_id, "application_submitted")


def queue_application_decision(db: Session, event: ApplicationDecided) -> None:
    _about_application(db, event, event.application_id, f"application_{event.outcome}")


def _about_pass(db: Session, event: Event, pass_id: int, template: str) -> None:
    passed = db.get_one(Pass, pass_id)
    _queue(
        db,
        event,
        subject=f"pass/{passed.id}",
        person_id=passed.person_id,
        template=template,
        passed=passed,
        role=card_role(passed.card_role),
    )


def _about_claim(db: Session, event: Event, claim_id: int, template: str) -> None:
    claim = db.get_one(ExemptionClaim, claim_id)
    qualification = scheme().qualification(claim.qualification)
    _queue(
        db,
        event,
        subject=f"exemption/{claim.ref}",
        person_id=claim.person_id,
        template=template,
        claim=claim,
        certificate=qualification.name if qualification else claim.qualification,
    )


def _about_application(
    db: Session, event: Event, application_id: int, template: str
) -> None:
    application = db.get_one(CardApplication, application_id)
    _queue(
        db,
        event,
        subject=f"application/{application.ref}",
        person_id=application.person_id,
        template=template,
        application=application,
        role=card_role(application.card_role),
    )


def _queue(
    db: Session,
    event: Event,
    *,
    subject: str,
    person_id: int,
    template: str,
    **facts: Any,
) -> None:
    """Queue one letter for one occasion: the same may happen again, at another moment."""
    person = get_person(db, person_id=person_id)
    queue_letter(
        db,
        key=f"{subject}/{template}/{event.occurred_at.isoformat()}",
        to=person.email,
        person_id=person.id,
        template=template,
        now=event.occurred_at,
        person=person,
        **facts,
    )
