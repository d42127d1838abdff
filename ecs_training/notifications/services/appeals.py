"""Letters about appeals: received, and decided."""

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.assessment.models import Attempt
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.events import Event
from ecs_training.invigilation.events import AppealDecided, AppealMade
from ecs_training.invigilation.models import Appeal
from ecs_training.notifications.services.letters import queue_letter


def queue_appeal_receipt(db: Session, event: AppealMade) -> None:
    _queue(db, event, event.appeal_id, "appeal_made")


def queue_appeal_decision(db: Session, event: AppealDecided) -> None:
    _queue(db, event, event.appeal_id, "appeal_decided")


def _queue(db: Session, event: Event, appeal_id: int, template: str) -> None:
    """Queue a letter; each happens once to an appeal."""
    appeal = db.get_one(Appeal, appeal_id)
    attempt = db.get_one(Attempt, appeal.attempt_id)
    person = get_person(db, person_id=attempt.person_id)
    queue_letter(
        db,
        key=f"appeal/{appeal.ref}/{template}",
        to=person.email,
        person_id=person.id,
        template=template,
        now=event.occurred_at,
        person=person,
        appeal=appeal,
        attempt=attempt,
        role=card_role(attempt.card_role),
    )
