"""What the applicant does: open, fill, submit, take back."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from ecs_training.card_applications.events import ApplicationSubmitted
from ecs_training.card_applications.models import (
    CardApplication,
    LineConfirmation,
    LineEvidence,
)
from ecs_training.card_applications.queries import get_progress, progress_of
from ecs_training.card_applications.rules import (
    ApplicationRefusal,
    application_state,
    why_not_edit,
    why_not_open,
    why_not_submit,
)
from ecs_training.card_applications.services.locking import (
    ApplicationRefused,
    lock_person,
    lock_standing_application,
)
from ecs_training.catalogue.queries import scheme
from ecs_training.catalogue.rules import LineKind, Region
from ecs_training.foundation.audit import record
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date
from ecs_training.foundation.uploads import CleanFile


def open_application(
    db: Session, *, person_id: int, card_role: str, region: Region, now: datetime
) -> CardApplication:
    """Open an application for one of our roles.

    Raises ApplicationRefused until the health and safety line is met, and while another
    application for the role stands; NotFound for any other role.
    """
    lock_person(db, person_id)
    progress = get_progress(
        db, person_id=person_id, card_role=card_role, on=london_date(now)
    )
    refusal = why_not_open(
        hse_met=progress.hse.met, another_stands=progress.application is not None
    )
    if refusal:
        raise ApplicationRefused(refusal)
    application = CardApplication(
        person_id=person_id,
        card_role=card_role,
        region=region.value,
        scheme_version=scheme().version,
        opened_at=now,
    )
    db.add(application)
    db.flush()
    _record(db, application, "opened card application", now, region=region.value)
    return application


def attach_evidence(
    db: Session,
    *,
    person_id: int,
    card_role: str,
    line_id: str,
    file: CleanFile,
    now: datetime,
) -> LineEvidence:
    """Add a file to a line; the one it replaces is withdrawn, not lost.

    Raises ApplicationRefused unless the application is open or was returned, NotFound for
    a line that takes no file.
    """
    application = _lock_editable(db, person_id, card_role, now)
    progress = progress_of(db, application, on=london_date(now))
    progress.line(line_id, LineKind.EVIDENCE)
    db.execute(
        update(LineEvidence)
        .where(
            LineEvidence.application_id == application.id,
            LineEvidence.line_id == line_id,
            LineEvidence.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    evidence = LineEvidence(
        application_id=application.id,
        line_id=line_id,
        file_name=file.file_name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=file.sha256,
        content=file.content,
        uploaded_at=now,
    )
    db.add(evidence)
    return evidence


def confirm_line(
    db: Session, *, person_id: int, card_role: str, line_id: str, now: datetime
) -> None:
    """Record that the applicant says a line is true; saying it twice changes nothing.

    Raises ApplicationRefused unless the application is open or was returned, NotFound for
    a line that asks for no confirmation.
    """
    application = _lock_editable(db, person_id, card_role, now)
    progress = progress_of(db, application, on=london_date(now))
    if progress.line(line_id, LineKind.CONFIRMATION).met:
        return
    db.add(
        LineConfirmation(
            application_id=application.id, line_id=line_id, confirmed_at=now
        )
    )


def submit_application(
    db: Session, *, person_id: int, card_role: str, now: datetime
) -> CardApplication:
    """Hand the application to staff. Raises ApplicationRefused, with what is missing, if a
    mandatory line lacks something or the pass or exemption has run out since."""
    application = _lock_editable(db, person_id, card_role, now)
    progress = progress_of(db, application, on=london_date(now))
    if refusal := why_not_submit(progress.lines):
        raise ApplicationRefused(refusal, progress.missing)
    application.submitted_at = now
    application.returned_at = application.decided_by_id = application.reason = None
    _record(db, application, "submitted card application", now)
    publish(db, ApplicationSubmitted(occurred_at=now, application_id=application.id))
    return application


def withdraw_application(
    db: Session, *, person_id: int, card_role: str, now: datetime
) -> None:
    """Close one's own application for good, before it is submitted or once it is returned."""
    application = _lock_editable(db, person_id, card_role, now)
    application.withdrawn_at = now
    _record(db, application, "withdrew card application", now)


def _lock_editable(
    db: Session, person_id: int, card_role: str, now: datetime
) -> CardApplication:
    application = lock_standing_application(
        db, person_id=person_id, card_role=card_role, on=london_date(now)
    )
    if application is None:
        raise ApplicationRefused(ApplicationRefusal.NOT_OPENED)
    if refusal := why_not_edit(application_state(application)):
        raise ApplicationRefused(refusal)
    return application


def _record(
    db: Session, application: CardApplication, action: str, now: datetime, **more: Any
) -> None:
    record(
        db,
        actor_id=application.person_id,
        action=action,
        subject=f"card-application/{application.ref}",
        now=now,
        card_role=application.card_role,
        **more,
    )
