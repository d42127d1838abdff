"""Holding an application still while something is decided about it."""

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.card_applications.models import CardApplication
from ecs_training.card_applications.queries import find_standing_application
from ecs_training.card_applications.rules import ApplicationRefusal
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.references import as_typed


class ApplicationRefused(Refused):
    """`missing` names what an incomplete application lacks."""

    reason: ApplicationRefusal

    def __init__(
        self, reason: ApplicationRefusal, missing: tuple[str, ...] = ()
    ) -> None:
        super().__init__(reason)
        self.missing = missing if reason is ApplicationRefusal.INCOMPLETE else ()


def lock_person(db: Session, person_id: int) -> None:
    """Let one request at a time open applications for a person."""
    db.execute(
        select(Person.id)
        .where(Person.id == person_id)
        .with_for_update(key_share=True)  # leaves rows that refer to the person alone
    )


def lock_standing_application(
    db: Session, *, person_id: int, card_role: str, on: date
) -> CardApplication | None:
    """Lock the application in force for a role; None if there is none."""
    found = find_standing_application(
        db, person_id=person_id, card_role=card_role, on=on
    )
    return _lock(db, CardApplication.id == found.id) if found else None


def lock_application(db: Session, *, ref: str) -> CardApplication:
    """Lock any application, for staff, or raise NotFound."""
    return _lock(db, CardApplication.ref == as_typed(ref))


def _lock(db: Session, which: ColumnElement[bool]) -> CardApplication:
    found = db.scalars(
        select(CardApplication)
        .where(which)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
