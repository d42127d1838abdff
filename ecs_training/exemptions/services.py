"""Claims, their evidence and what staff decide. Callers own the transaction.

Files arrive here already cleaned: that takes long, and no transaction waits for it.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.catalogue.queries import scheme
from ecs_training.exemptions.events import ExemptionClaimed, ExemptionDecided
from ecs_training.exemptions.models import ExemptionClaim, ExemptionEvidence
from ecs_training.exemptions.queries import (
    get_claim,
    get_evidence,
    has_open_claim,
    would_count_until,
)
from ecs_training.exemptions.rules import (
    ClaimRefusal,
    Decision,
    claim_state,
    why_not_add,
    why_not_claim,
    why_not_decide,
    why_not_withdraw,
)
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date
from ecs_training.foundation.references import as_typed
from ecs_training.foundation.uploads import CleanFile

OUTCOMES = {
    Decision.GRANT: "granted",
    Decision.MORE: "more",
    Decision.DECLINE: "declined",
}


class ClaimRefused(Refused):
    reason: ClaimRefusal


def claim_exemption(
    db: Session,
    *,
    person_id: int,
    qualification: str,
    certificate_number: str,
    awarded_on: date,
    expires_on: date | None,
    evidence: CleanFile,
    now: datetime,
) -> ExemptionClaim:
    """Add a claim for staff to look at, or raise ClaimRefused.

    Refused while another claim for the same qualification is open, for a certificate of the
    future, and for one that would not count today. NotFound for an unknown qualification.
    """
    claimed = scheme().qualification(qualification)
    if claimed is None:
        raise NotFound
    refusal = why_not_claim(
        claimed,
        awarded_on=awarded_on,
        expires_on=expires_on,
        has_open_claim=_holds_open_claim(db, person_id, qualification),
        on=london_date(now),
    )
    if refusal:
        raise ClaimRefused(refusal)
    claim = ExemptionClaim(
        person_id=person_id,
        qualification=qualification,
        certificate_number=certificate_number,
        certificate_awarded_on=awarded_on,
        certificate_expires_on=expires_on,
        claimed_at=now,
    )
    _store(db, claim, evidence, now)
    publish(db, ExemptionClaimed(occurred_at=now, claim_id=claim.id))
    return claim


def _holds_open_claim(db: Session, person_id: int, qualification: str) -> bool:
    # Two forms sent at once must not both find no open claim: they ask one by one.
    db.execute(
        select(Person.id)
        .where(Person.id == person_id)
        .with_for_update(key_share=True)  # leaves rows that refer to the person alone
    )
    return has_open_claim(db, person_id=person_id, qualification=qualification)


def _store(db: Session, claim: ExemptionClaim, file: CleanFile, now: datetime) -> None:
    db.add(claim)
    db.flush()  # numbers a new claim
    db.add(
        ExemptionEvidence(
            claim_id=claim.id,
            file_name=file.file_name,
            media_type=file.media_type,
            size=len(file.content),
            sha256=file.sha256,
            content=file.content,
            uploaded_at=now,
        )
    )


def add_evidence(
    db: Session, *, ref: str, person_id: int, evidence: CleanFile, now: datetime
) -> None:
    """Add the file that staff asked for; the claim waits for staff again.

    Raises ClaimRefused if they asked for none, NotFound for another person's claim.
    """
    claim = _lock_claim(db, ref=ref, person_id=person_id)
    if refusal := why_not_add(claim_state(claim)):
        raise ClaimRefused(refusal)
    _store(db, claim, evidence, now)
    claim.more_asked_at = claim.decided_by_id = claim.reason = None
    record(
        db,
        actor_id=person_id,
        action="added exemption evidence",
        subject=f"exemption/{claim.ref}",
        now=now,
        sha256=evidence.sha256,
    )


def withdraw_claim(db: Session, *, ref: str, person_id: int, now: datetime) -> None:
    """Close one's own open claim. Raises ClaimRefused once it is decided or withdrawn."""
    claim = _lock_claim(db, ref=ref, person_id=person_id)
    if refusal := why_not_withdraw(claim_state(claim)):
        raise ClaimRefused(refusal)
    claim.withdrawn_at = now
    record(
        db,
        actor_id=person_id,
        action="withdrew exemption claim",
        subject=f"exemption/{claim.ref}",
        now=now,
    )


def decide_claim(
    db: Session,
    *,
    ref: str,
    decision: Decision,
    reason: str,
    decided_by_id: int,
    now: datetime,
) -> ExemptionClaim:
    """Grant, decline, or ask for more; the person reads `reason`.

    Raises ClaimRefused for one's own claim, a closed one, and a grant that would have run
    out already.
    """
    claim = _lock_claim(db, ref=ref, person_id=None)
    valid_until = would_count_until(claim)
    refusal = why_not_decide(
        claim_state(claim),
        own=claim.person_id == decided_by_id,
        decision=decision,
        valid_until=valid_until,
        on=london_date(now),
    )
    if refusal:
        raise ClaimRefused(refusal)
    claim.decided_by_id, claim.reason = decided_by_id, reason
    claim.more_asked_at = now if decision is Decision.MORE else None
    if decision is Decision.GRANT:
        claim.granted_at, claim.valid_until = now, valid_until
    elif decision is Decision.DECLINE:
        claim.declined_at = now
    _state_decision(db, claim, OUTCOMES[decision], now)
    return claim


def _state_decision(
    db: Session, claim: ExemptionClaim, outcome: str, now: datetime
) -> None:
    record(
        db,
        actor_id=claim.decided_by_id,
        action=f"decided exemption: {outcome}",
        subject=f"exemption/{claim.ref}",
        now=now,
        reason=claim.reason,
        valid_until=claim.valid_until.isoformat() if claim.valid_until else None,
    )
    publish(db, ExemptionDecided(occurred_at=now, claim_id=claim.id, outcome=outcome))


def open_evidence(
    db: Session, *, ref: str, evidence_ref: str, viewer_id: int, now: datetime
) -> ExemptionEvidence:
    """Return a file of any claim with its contents, for staff; the look is recorded."""
    claim = get_claim(db, ref=ref, person_id=None)
    evidence = get_evidence(db, claim_id=claim.id, ref=evidence_ref)
    record(
        db,
        actor_id=viewer_id,
        action="viewed exemption evidence",
        subject=f"exemption/{claim.ref}",
        now=now,
        evidence=evidence.ref,
    )
    return evidence


def _lock_claim(db: Session, *, ref: str, person_id: int | None) -> ExemptionClaim:
    query = select(ExemptionClaim).where(ExemptionClaim.ref == as_typed(ref))
    if person_id is not None:
        query = query.where(ExemptionClaim.person_id == person_id)
    claim = db.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if claim is None:
        raise NotFound
    return claim
