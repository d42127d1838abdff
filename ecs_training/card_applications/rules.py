"""What a role still needs, and when its application may move on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from ecs_training.catalogue.rules import (
    Line,
    LineKind,
    Region,
    anniversary_minus_one_day,
)

# The ECS renews a card only when less than three months are left on it.
# https://www.ecscard.org.uk/Renew, as read for the scheme's version 2026.1
RENEWAL_OPENS_MONTHS_BEFORE = 3


class ApplicationState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"  # open again, with reasons
    ACCEPTED = "accepted"
    ISSUED = "issued"  # the card's number is recorded
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    ACCEPT = "accept"
    RETURN = "return"


class ApplicationRefusal(StrEnum):
    HSE_NOT_MET = (
        "You cannot open this application yet. You need a pass in our assessment, or an"
        " exemption that we granted."
    )
    ALREADY_OPEN = "You have an application for this card already. It is below."
    NOT_OPENED = "Open the application first."
    NOT_EDITABLE = (
        "We have your application now, so nothing can be changed. If we send it back, you can"
        " change it again."
    )
    INCOMPLETE = "Something that this application needs is missing or has run out:"
    NOT_WAITING = (
        "This application is not waiting for a decision, so nothing was changed."
    )
    OWN_APPLICATION = (
        "You cannot decide on your own application. Ask another member of staff."
    )
    NOT_ACCEPTED = "Accept the application first, then record the card."
    CARD_RUN_OUT = (
        "The last day of the card is in the past. Check the date on the card."
    )


class ApplicationFacts(Protocol):
    @property
    def submitted_at(self) -> datetime | None: ...

    @property
    def returned_at(self) -> datetime | None: ...

    @property
    def accepted_at(self) -> datetime | None: ...

    @property
    def withdrawn_at(self) -> datetime | None: ...

    @property
    def card_expires_on(self) -> date | None: ...


@dataclass(frozen=True, kw_only=True)
class Held:
    """The health and safety line's best evidence: a pass or an exemption, already worded."""

    by: str
    until: date


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What somebody has on a day. `sent` maps a line to the London day its file came in."""

    on: date
    hse: Held | None
    sent: Mapping[str, date] = field(default_factory=dict)
    confirmed: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChecklistLine:
    """One line: met or not, by what and until when, or what is missing."""

    line: Line
    met: bool
    by: str = ""
    until: date | None = None
    missing: str = ""


EDITABLE = (ApplicationState.OPEN, ApplicationState.RETURNED)


def application_state(facts: ApplicationFacts) -> ApplicationState:
    if facts.withdrawn_at:
        return ApplicationState.WITHDRAWN
    if facts.accepted_at:
        return (
            ApplicationState.ISSUED
            if facts.card_expires_on
            else ApplicationState.ACCEPTED
        )
    if facts.returned_at:
        return ApplicationState.RETURNED
    return ApplicationState.SUBMITTED if facts.submitted_at else ApplicationState.OPEN


def stands(facts: ApplicationFacts, *, on: date) -> bool:
    """Say whether this application is the one for its role, so that no other may be opened.

    A card that was issued makes room for the next application when its renewal opens.
    """
    if facts.withdrawn_at:
        return False
    if facts.card_expires_on is None:
        return True
    last_day_before = anniversary_minus_one_day(
        facts.card_expires_on, months=-RENEWAL_OPENS_MONTHS_BEFORE
    )
    return on <= last_day_before


def lines_for(lines: Sequence[Line], region: str) -> tuple[Line, ...]:
    """Return the lines that apply in a region."""
    return tuple(line for line in lines if Region(region) in line.regions)


def checklist(role_lines: Sequence[Line], facts: Facts) -> tuple[ChecklistLine, ...]:
    """Hold each line of a role against what somebody has, in the scheme's order."""
    judge = {
        LineKind.HSE: _hse_line,
        LineKind.EVIDENCE: _evidence_line,
        LineKind.CONFIRMATION: _confirmation_line,
    }
    return tuple(judge[line.kind](line, facts) for line in role_lines)


def _hse_line(line: Line, facts: Facts) -> ChecklistLine:
    if facts.hse is None or facts.hse.until < facts.on:
        missing = "A pass in our assessment, or an exemption that we granted"
        return ChecklistLine(line=line, met=False, missing=missing)
    return ChecklistLine(line=line, met=True, by=facts.hse.by, until=facts.hse.until)


def _evidence_line(line: Line, facts: Facts) -> ChecklistLine:
    sent_on = facts.sent.get(line.id)
    if sent_on is None:
        return ChecklistLine(line=line, met=False, missing=f"A file: {line.title}")
    until = None
    if line.valid_months is not None:
        until = anniversary_minus_one_day(sent_on, months=line.valid_months)
    if until is not None and until < facts.on:
        return ChecklistLine(
            line=line, met=False, until=until, missing=f"A newer file: {line.title}"
        )
    return ChecklistLine(line=line, met=True, by="File sent", until=until)


def _confirmation_line(line: Line, facts: Facts) -> ChecklistLine:
    if line.id not in facts.confirmed:
        missing = f"Your confirmation: {line.title}"
        return ChecklistLine(line=line, met=False, missing=missing)
    return ChecklistLine(line=line, met=True, by="Confirmed")


def what_is_missing(lines: Sequence[ChecklistLine]) -> tuple[str, ...]:
    """Return what each unmet mandatory line lacks; none: the application is ready to submit."""
    return tuple(
        found.missing for found in lines if found.line.mandatory and not found.met
    )


def why_not_open(*, hse_met: bool, another_stands: bool) -> ApplicationRefusal | None:
    if another_stands:
        return ApplicationRefusal.ALREADY_OPEN
    return None if hse_met else ApplicationRefusal.HSE_NOT_MET


def why_not_edit(state: ApplicationState) -> ApplicationRefusal | None:
    return None if state in EDITABLE else ApplicationRefusal.NOT_EDITABLE


def why_not_submit(lines: Sequence[ChecklistLine]) -> ApplicationRefusal | None:
    return ApplicationRefusal.INCOMPLETE if what_is_missing(lines) else None


def why_not_decide(
    state: ApplicationState,
    *,
    own: bool,
    decision: Decision,
    lines: Sequence[ChecklistLine],
) -> ApplicationRefusal | None:
    """Refuse to accept what has come apart since it was submitted: a revoked pass, say."""
    if own:
        return ApplicationRefusal.OWN_APPLICATION
    if state is not ApplicationState.SUBMITTED:
        return ApplicationRefusal.NOT_WAITING
    if decision is Decision.ACCEPT and what_is_missing(lines):
        return ApplicationRefusal.INCOMPLETE
    return None


def why_not_record_card(
    state: ApplicationState, *, own: bool, expires_on: date, on: date
) -> ApplicationRefusal | None:
    """A card recorded before may be corrected."""
    if own:
        return ApplicationRefusal.OWN_APPLICATION
    if state not in {ApplicationState.ACCEPTED, ApplicationState.ISSUED}:
        return ApplicationRefusal.NOT_ACCEPTED
    return ApplicationRefusal.CARD_RUN_OUT if expires_on < on else None
