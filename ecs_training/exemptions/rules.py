"""How a claim stands, and who may do what to it. Pure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from ecs_training.catalogue.rules import (
    ExemptionRefusal,
    Qualification,
    why_not_exempt,
)


class ClaimState(StrEnum):
    WAITING = "waiting"  # for staff
    MORE_ASKED = "more-asked"  # for the person
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    GRANT = "grant"
    MORE = "more"
    DECLINE = "decline"


class ClaimRefusal(StrEnum):
    AWARDED_IN_FUTURE = ExemptionRefusal.AWARDED_IN_FUTURE.value
    OUT_OF_DATE = ExemptionRefusal.OUT_OF_DATE.value
    OPEN_CLAIM = (
        "You have already sent us this certificate, and we are still looking at it. Open that"
        " claim from your account."
    )
    NOT_ASKED = (
        "We have not asked for another file for this claim, so nothing was added."
    )
    DECIDED = "This claim is closed, so nothing was changed. Open it again to see what was decided."
    OWN_CLAIM = "You cannot decide on your own claim. Ask another member of staff."
    RUN_OUT = (
        "This certificate has run out since it was sent, so it cannot be granted any more."
        " Decline it, and say so."
    )


class ClaimFacts(Protocol):
    @property
    def more_asked_at(self) -> datetime | None: ...

    @property
    def granted_at(self) -> datetime | None: ...

    @property
    def declined_at(self) -> datetime | None: ...

    @property
    def withdrawn_at(self) -> datetime | None: ...


OPEN = (ClaimState.WAITING, ClaimState.MORE_ASKED)


def claim_state(facts: ClaimFacts) -> ClaimState:
    if facts.withdrawn_at:
        return ClaimState.WITHDRAWN
    if facts.granted_at:
        return ClaimState.GRANTED
    if facts.declined_at:
        return ClaimState.DECLINED
    return ClaimState.MORE_ASKED if facts.more_asked_at else ClaimState.WAITING


def why_not_claim(
    qualification: Qualification,
    *,
    awarded_on: date,
    expires_on: date | None,
    has_open_claim: bool,
    on: date,
) -> ClaimRefusal | None:
    """Refuse what is hopeless at once; what is doubtful is for the reviewer."""
    if has_open_claim:
        return ClaimRefusal.OPEN_CLAIM
    hopeless = why_not_exempt(
        qualification,
        role_slug=qualification.roles[0],  # the dates count alike for all its roles
        awarded_on=awarded_on,
        expires_on=expires_on,
        on=on,
    )
    return ClaimRefusal[hopeless.name] if hopeless else None


def why_not_add(state: ClaimState) -> ClaimRefusal | None:
    if state not in OPEN:
        return ClaimRefusal.DECIDED
    return None if state is ClaimState.MORE_ASKED else ClaimRefusal.NOT_ASKED


def why_not_withdraw(state: ClaimState) -> ClaimRefusal | None:
    return None if state in OPEN else ClaimRefusal.DECIDED


def why_not_decide(
    state: ClaimState, *, own: bool, decision: Decision, valid_until: date, on: date
) -> ClaimRefusal | None:
    """`valid_until` is the last day that a grant would have."""
    if own:
        return ClaimRefusal.OWN_CLAIM
    if state not in OPEN:
        return ClaimRefusal.DECIDED
    if decision is Decision.GRANT and valid_until < on:
        return ClaimRefusal.RUN_OUT
    return None
