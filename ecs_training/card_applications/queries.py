from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, undefer

from ecs_training.card_applications.models import (
    CardApplication,
    LineConfirmation,
    LineEvidence,
)
from ecs_training.card_applications.rules import (
    EDITABLE,
    ApplicationState,
    ChecklistLine,
    Facts,
    Held,
    application_state,
    checklist,
    lines_for,
    stands,
    what_is_missing,
)
from ecs_training.catalogue.queries import card_role as get_card_role
from ecs_training.catalogue.rules import CardRole, Caution, LineKind
from ecs_training.exemptions.queries import find_live_exemption, qualification_of
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date, word_date
from ecs_training.foundation.references import as_typed
from ecs_training.passes.queries import find_best_pass


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far somebody is with a role's card, on a day.

    Without an application that stands, `application` and `state` are None and `lines` are
    those of every region.
    """

    role: CardRole
    application: CardApplication | None
    state: ApplicationState | None
    lines: tuple[ChecklistLine, ...]
    evidence: Mapping[str, LineEvidence]  # by line; without contents
    hse_caution: Caution | None  # about the certificate that meets the first line

    @property
    def hse(self) -> ChecklistLine:
        """The health and safety line: the scheme's reader keeps it the first."""
        return self.lines[0]

    @property
    def missing(self) -> tuple[str, ...]:
        return what_is_missing(self.lines)

    @property
    def editable(self) -> bool:
        return self.state in EDITABLE

    def line(self, line_id: str, kind: LineKind) -> ChecklistLine:
        """Return a line of this kind, or raise NotFound."""
        for found in self.lines:
            if found.line.id == line_id and found.line.kind is kind:
                return found
        raise NotFound


def get_progress(db: Session, *, person_id: int, card_role: str, on: date) -> Progress:
    """Return a person's progress with one of our roles; NotFound for any other role."""
    role = get_card_role(card_role)
    application = find_standing_application(
        db, person_id=person_id, card_role=card_role, on=on
    )
    return _progress(db, role, person_id, application, on)


def get_application(db: Session, *, ref: str) -> CardApplication:
    """Return any application with its person loaded, for staff, or raise NotFound."""
    application = db.scalars(
        select(CardApplication)
        .where(CardApplication.ref == as_typed(ref))
        .options(joinedload(CardApplication.person))
    ).one_or_none()
    if application is None:
        raise NotFound
    return application


def progress_of(db: Session, application: CardApplication, *, on: date) -> Progress:
    """Return how far an application is, whether it still stands or not."""
    role = get_card_role(application.card_role)
    return _progress(db, role, application.person_id, application, on)


def _progress(
    db: Session,
    role: CardRole,
    person_id: int,
    application: CardApplication | None,
    on: date,
) -> Progress:
    held, caution = _find_held(db, person_id=person_id, card_role=role.slug, on=on)
    evidence = _live_evidence(db, application)
    lines = lines_for(role.lines, application.region) if application else role.lines
    facts = Facts(
        on=on,
        hse=held,
        sent={line: london_date(e.uploaded_at) for line, e in evidence.items()},
        confirmed=_confirmed(db, application),
    )
    return Progress(
        role=role,
        application=application,
        state=application_state(application) if application else None,
        lines=checklist(lines, facts),
        evidence=evidence,
        hse_caution=caution,
    )


def _find_held(
    db: Session, *, person_id: int, card_role: str, on: date
) -> tuple[Held | None, Caution | None]:
    """Return whichever counts longer, pass or exemption, and the caution about the latter."""
    passed = find_best_pass(db, person_id=person_id, on=on)
    claim = find_live_exemption(db, person_id=person_id, card_role=card_role, on=on)
    pass_until = passed.valid_until if passed else date.min
    if claim and claim.valid_until and claim.valid_until > pass_until:
        qualification = qualification_of(claim)
        by = f"Exemption: {qualification.name}"
        return Held(by=by, until=claim.valid_until), qualification.caution
    if passed is None:
        return None, None
    return Held(by=f"Pass of {word_date(passed.awarded_on)}", until=pass_until), None


def _live_evidence(
    db: Session, application: CardApplication | None
) -> dict[str, LineEvidence]:
    if application is None:
        return {}
    rows = db.scalars(
        select(LineEvidence)
        .where(
            LineEvidence.application_id == application.id,
            LineEvidence.withdrawn_at.is_(None),
        )
        .order_by(LineEvidence.id)
    )
    return {row.line_id: row for row in rows}


def _confirmed(db: Session, application: CardApplication | None) -> dict[str, date]:
    if application is None:
        return {}
    rows = db.scalars(
        select(LineConfirmation).where(
            LineConfirmation.application_id == application.id
        )
    )
    return {row.line_id: london_date(row.confirmed_at) for row in rows}


def find_standing_application(
    db: Session, *, person_id: int, card_role: str, on: date
) -> CardApplication | None:
    """Return the application that is in force for a role: open, waiting, accepted or issued.

    None once it is withdrawn, or once the renewal of the issued card has opened.
    """
    newest = db.scalars(
        select(CardApplication)
        .where(
            CardApplication.person_id == person_id,
            CardApplication.card_role == card_role,
            CardApplication.withdrawn_at.is_(None),
        )
        .order_by(CardApplication.id.desc())
        .limit(1)
    ).one_or_none()
    return newest if newest and stands(newest, on=on) else None


def get_own_evidence(
    db: Session, *, person_id: int, card_role: str, ref: str
) -> LineEvidence:
    """Return a file of one's own application for this role, with contents, or NotFound."""
    return _get_evidence(
        db,
        ref,
        CardApplication.person_id == person_id,
        CardApplication.card_role == card_role,
    )


def get_evidence(db: Session, *, application_id: int, ref: str) -> LineEvidence:
    """Return a file of this application with its contents, or raise NotFound."""
    return _get_evidence(db, ref, CardApplication.id == application_id)


def _get_evidence(db: Session, ref: str, *scope: ColumnElement[bool]) -> LineEvidence:
    found = db.scalars(
        select(LineEvidence)
        .join(CardApplication, CardApplication.id == LineEvidence.application_id)
        .where(LineEvidence.ref == as_typed(ref), *scope)
        .options(undefer(LineEvidence.content))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_waiting_applications(db: Session) -> Sequence[CardApplication]:
    """Return the applications that wait for a decision, with people, longest waiting first."""
    return _list_for_staff(
        db,
        CardApplication.submitted_at.is_not(None),
        CardApplication.returned_at.is_(None),
        CardApplication.accepted_at.is_(None),
    )


def list_applications_without_card(db: Session) -> Sequence[CardApplication]:
    """Return the accepted applications whose card is not recorded yet, with people."""
    return _list_for_staff(
        db,
        CardApplication.accepted_at.is_not(None),
        CardApplication.card_number.is_(None),
    )


def _list_for_staff(
    db: Session, *which: ColumnElement[bool]
) -> Sequence[CardApplication]:
    return db.scalars(
        select(CardApplication)
        .where(CardApplication.withdrawn_at.is_(None), *which)
        .options(joinedload(CardApplication.person))
        .order_by(CardApplication.submitted_at, CardApplication.id)
    ).all()


def list_applications(db: Session, *, person_id: int) -> Sequence[CardApplication]:
    """Return every application of a person, newest first, withdrawn ones included."""
    return db.scalars(
        select(CardApplication)
        .where(CardApplication.person_id == person_id)
        .order_by(CardApplication.opened_at.desc(), CardApplication.id.desc())
    ).all()
