"""Letters about sitting on equal terms, and about an attempt that does not count."""

from typing import Any

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.assessment.events import AttemptVoided
from ecs_training.assessment.models import Attempt
from ecs_training.booking.events import AdjustmentAsked, AdjustmentDecided
from ecs_training.booking.queries import get_adjustment, get_booking
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.events import Event
from ecs_training.notifications.services.letters import queue_letter
from ecs_training.passes.queries import find_pass_of_attempt


def queue_adjustment_receipt(db: Session, event: AdjustmentAsked) -> None:
    _about_adjustment(db, event, event.adjustment_id, "adjustment_asked")


def queue_adjustment_decision(db: Session, event: AdjustmentDecided) -> None:
    _about_adjustment(db, event, event.adjustment_id, "adjustment_decided")


def queue_attempt_voided(db: Session, event: AttemptVoided) -> None:
    """Tell somebody that their attempt is worth nothing.

    Where a pass stood on it, the letter about the pass says so already.
    """
    if find_pass_of_attempt(db, attempt_id=event.attempt_id):
        return
    attempt = db.get_one(Attempt, event.attempt_id)
    if attempt.is_practice:
        return
    _queue(
        db,
        event,
        subject=f"attempt/{attempt.ref}",
        person_id=event.person_id,
        template="attempt_voided",
        attempt=attempt,
        reason=event.reason,
        role=card_role(attempt.card_role),
    )


def _about_adjustment(
    db: Session, event: Event, adjustment_id: int, template: str
) -> None:
    """Word it without what the person wrote: a mailbox may be read by others."""
    adjustment = get_adjustment(db, adjustment_id=adjustment_id)
    booking = get_booking(db, booking_id=adjustment.booking_id)
    _queue(
        db,
        event,
        subject=f"adjustment/{adjustment.ref}",
        person_id=booking.candidate_id,
        template=template,
        adjustment=adjustment,
        booking=booking,
        course=booking.course_session,
        role=card_role(booking.course_session.card_role),
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
