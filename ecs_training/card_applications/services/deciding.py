"""What staff do: return, accept, record the card that was issued."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from ecs_training.card_applications.events import ApplicationDecided
from ecs_training.card_applications.models import CardApplication, LineEvidence
from ecs_training.card_applications.queries import (
    get_application,
    get_evidence,
    progress_of,
)
from ecs_training.card_applications.rules import (
    Decision,
    application_state,
    why_not_decide,
    why_not_record_card,
)
from ecs_training.card_applications.services.locking import (
    ApplicationRefused,
    lock_application,
)
from ecs_training.foundation.audit import record
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date

OUTCOMES = {Decision.ACCEPT: "accepted", Decision.RETURN: "returned"}


def decide_application(
    db: Session,
    *,
    ref: str,
    decision: Decision,
    reason: str,
    decided_by_id: int,
    now: datetime,
) -> CardApplication:
    """Accept a submitted application, or return it; the person reads `reason`.

    Raises ApplicationRefused for one's own, for one that is not waiting, and for accepting
    what is no longer complete; NotFound for an unknown reference.
    """
    application = lock_application(db, ref=ref)
    progress = progress_of(db, application, on=london_date(now))
    refusal = why_not_decide(
        application_state(application),
        own=application.person_id == decided_by_id,
        decision=decision,
        lines=progress.lines,
    )
    if refusal:
        raise ApplicationRefused(refusal, progress.missing)
    application.decided_by_id, application.reason = decided_by_id, reason or None
    if decision is Decision.ACCEPT:
        application.accepted_at = now
    else:
        application.returned_at = now
    outcome = OUTCOMES[decision]
    record(
        db,
        actor_id=decided_by_id,
        action=f"decided card application: {outcome}",
        subject=f"card-application/{application.ref}",
        now=now,
        reason=reason,
    )
    _publish(db, application, outcome, now)
    return application


def record_card(
    db: Session,
    *,
    ref: str,
    card_number: str,
    expires_on: date,
    recorded_by_id: int,
    now: datetime,
) -> CardApplication:
    """Record the card that the ECS issued on an accepted application, or correct it.

    Raises ApplicationRefused for one's own application, one that is not accepted, and a
    card that has run out. Only the first record is news to the person.
    """
    application = lock_application(db, ref=ref)
    refusal = why_not_record_card(
        application_state(application),
        own=application.person_id == recorded_by_id,
        expires_on=expires_on,
        on=london_date(now),
    )
    if refusal:
        raise ApplicationRefused(refusal)
    first = application.card_number is None
    record(
        db,
        actor_id=recorded_by_id,
        action="recorded issued card",
        subject=f"card-application/{application.ref}",
        now=now,
        before=application.card_number,
        card_number=card_number,
        expires_on=expires_on.isoformat(),
    )
    application.card_number, application.card_expires_on = card_number, expires_on
    application.card_recorded_at = now
    if first:
        _publish(db, application, "issued", now)
    return application


def _publish(
    db: Session, application: CardApplication, outcome: str, now: datetime
) -> None:
    publish(
        db,
        ApplicationDecided(
            occurred_at=now, application_id=application.id, outcome=outcome
        ),
    )


def open_evidence(
    db: Session, *, ref: str, evidence_ref: str, viewer_id: int, now: datetime
) -> LineEvidence:
    """Return a file of any application with its contents, for staff; the look is recorded."""
    application = get_application(db, ref=ref)
    evidence = get_evidence(db, application_id=application.id, ref=evidence_ref)
    record(
        db,
        actor_id=viewer_id,
        action="viewed card application evidence",
        subject=f"card-application/{application.ref}",
        now=now,
        evidence=evidence.ref,
    )
    return evidence
