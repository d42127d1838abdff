from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session, aliased, joinedload, undefer

from ecs_training.catalogue.queries import scheme
from ecs_training.catalogue.rules import Qualification, exemption_valid_until
from ecs_training.exemptions.models import ExemptionClaim, ExemptionEvidence
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import as_typed

IGNORED_IN_NUMBERS = " -./"
OPEN = (
    ExemptionClaim.granted_at.is_(None),
    ExemptionClaim.declined_at.is_(None),
    ExemptionClaim.withdrawn_at.is_(None),
)


@dataclass(frozen=True, kw_only=True)
class ClaimPapers:
    """A claim as its page shows it. `valid_until` is the last day that a grant has, or would."""

    claim: ExemptionClaim
    qualification: Qualification
    evidence: Sequence[ExemptionEvidence]
    valid_until: date


def get_claim(db: Session, *, ref: str, person_id: int | None) -> ExemptionClaim:
    """Return a claim of this person (None: anybody's, for staff) with its person loaded.

    Anybody else's is NotFound.
    """
    query = (
        select(ExemptionClaim)
        .where(ExemptionClaim.ref == as_typed(ref))
        .options(joinedload(ExemptionClaim.person))
    )
    if person_id is not None:
        query = query.where(ExemptionClaim.person_id == person_id)
    claim = db.scalars(query).one_or_none()
    if claim is None:
        raise NotFound
    return claim


def get_papers(db: Session, *, ref: str, person_id: int | None) -> ClaimPapers:
    """Return everything a claim's page shows, scoped as get_claim; files without contents."""
    claim = get_claim(db, ref=ref, person_id=person_id)
    qualification = qualification_of(claim)
    return ClaimPapers(
        claim=claim,
        qualification=qualification,
        evidence=list_evidence(db, claim_id=claim.id),
        valid_until=claim.valid_until or would_count_until(claim),
    )


def list_evidence(db: Session, *, claim_id: int) -> Sequence[ExemptionEvidence]:
    """Return the files of a claim in the order sent, without their contents."""
    return db.scalars(
        select(ExemptionEvidence)
        .where(ExemptionEvidence.claim_id == claim_id)
        .order_by(ExemptionEvidence.id)
    ).all()


def get_evidence(db: Session, *, claim_id: int, ref: str) -> ExemptionEvidence:
    """Return one file of this claim with its contents, or raise NotFound."""
    found = db.scalars(
        select(ExemptionEvidence)
        .where(
            ExemptionEvidence.ref == as_typed(ref),
            ExemptionEvidence.claim_id == claim_id,
        )
        .options(undefer(ExemptionEvidence.content))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def has_open_claim(db: Session, *, person_id: int, qualification: str) -> bool:
    found = db.scalars(
        select(ExemptionClaim.id).where(
            ExemptionClaim.person_id == person_id,
            ExemptionClaim.qualification == qualification,
            *OPEN,
        )
    ).first()
    return found is not None


def find_live_exemption(
    db: Session, *, person_id: int, card_role: str, on: date
) -> ExemptionClaim | None:
    """Return the granted claim that counts longest for this role on that day, or None."""
    accepted = [q.slug for q in scheme().qualifications_for(card_role)]
    return db.scalars(
        select(ExemptionClaim)
        .where(
            ExemptionClaim.person_id == person_id,
            ExemptionClaim.qualification.in_(accepted),
            ExemptionClaim.granted_at.is_not(None),
            ExemptionClaim.valid_until >= on,
        )
        .order_by(ExemptionClaim.valid_until.desc(), ExemptionClaim.id.desc())
        .limit(1)
    ).one_or_none()


def list_waiting_claims(db: Session) -> Sequence[ExemptionClaim]:
    """Return the claims that wait for staff, with their people, longest waiting first."""
    return _list_open(db, ExemptionClaim.more_asked_at.is_(None))


def list_claims_asked_more(db: Session) -> Sequence[ExemptionClaim]:
    """Return the claims that wait for the person to send more, with their people."""
    return _list_open(db, ExemptionClaim.more_asked_at.is_not(None))


def _list_open(db: Session, which: ColumnElement[bool]) -> Sequence[ExemptionClaim]:
    return db.scalars(
        select(ExemptionClaim)
        .where(*OPEN, which)
        .options(joinedload(ExemptionClaim.person))
        .order_by(ExemptionClaim.claimed_at, ExemptionClaim.id)
    ).all()


def list_claims(db: Session, *, person_id: int) -> Sequence[ExemptionClaim]:
    """Return every claim of a person, newest first."""
    return db.scalars(
        select(ExemptionClaim)
        .where(ExemptionClaim.person_id == person_id)
        .order_by(ExemptionClaim.claimed_at.desc(), ExemptionClaim.id.desc())
    ).all()


def list_same_number(db: Session, *, claim: ExemptionClaim) -> Sequence[ExemptionClaim]:
    """Return other people's claims with this certificate number, with their people.

    However it is spaced or hyphened, whatever became of them, and of whichever
    qualification: two people can hardly hold one certificate.
    """
    return db.scalars(
        select(ExemptionClaim)
        .where(
            ExemptionClaim.person_id != claim.person_id,
            _plain(ExemptionClaim.certificate_number)
            == _plain(literal(claim.certificate_number)),
        )
        .options(joinedload(ExemptionClaim.person))
        .order_by(ExemptionClaim.id)
    ).all()


def find_shared_numbers(db: Session) -> set[int]:
    """Return the ids of the open claims whose certificate number somebody else has used."""
    other = aliased(ExemptionClaim)
    return set(
        db.scalars(
            select(ExemptionClaim.id)
            .join(
                other,
                (other.person_id != ExemptionClaim.person_id)
                & (
                    _plain(other.certificate_number)
                    == _plain(ExemptionClaim.certificate_number)
                ),
            )
            .where(*OPEN)
        ).all()
    )


def _plain(number: SQLColumnExpression[str]) -> ColumnElement[str]:
    """Return a certificate number as it is compared: 4417-208 ms is 4417208MS."""
    plain: ColumnElement[str] = func.upper(number)
    for ignored in IGNORED_IN_NUMBERS:
        plain = func.replace(plain, ignored, "")
    return plain


def qualification_of(claim: ExemptionClaim) -> Qualification:
    """Return what was claimed. A qualification that the scheme drops must keep its entry,
    with no role, for as long as claims name it."""
    found = scheme().qualification(claim.qualification)
    if found is None:
        raise LookupError(f"the scheme no longer describes {claim.qualification}")
    return found


def would_count_until(claim: ExemptionClaim) -> date:
    """Return the last day on which the exemption counts if the claim is granted."""
    return exemption_valid_until(
        qualification_of(claim),
        awarded_on=claim.certificate_awarded_on,
        expires_on=claim.certificate_expires_on,
    )
