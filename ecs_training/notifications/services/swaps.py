"""Letters between trainers about taking a date over. The calendars follow once it is taken."""

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.events import Event
from ecs_training.notifications.services.letters import queue_letter
from ecs_training.scheduling.events import SwapAnswered, SwapAsked
from ecs_training.scheduling.models import CourseSession, Swap


def queue_swap_request(db: Session, event: SwapAsked) -> None:
    """Ask the other trainer."""
    swap = db.get_one(Swap, event.swap_id)
    _queue(db, event, swap, "swap_asked", to=swap.to_id, other=swap.from_id)


def queue_swap_answer(db: Session, event: SwapAnswered) -> None:
    """Tell whoever asked."""
    swap = db.get_one(Swap, event.swap_id)
    template = "swap_accepted" if event.accepted else "swap_declined"
    _queue(db, event, swap, template, to=swap.from_id, other=swap.to_id)


def _queue(
    db: Session, event: Event, swap: Swap, template: str, *, to: int, other: int
) -> None:
    trainer = get_person(db, person_id=to)
    course = db.get_one(CourseSession, swap.course_session_id)
    queue_letter(
        db,
        key=f"swap/{swap.ref}/{template}",
        to=trainer.email,
        person_id=trainer.id,
        template=template,
        now=event.occurred_at,
        swap=swap,
        note=swap.note,
        course=course,
        role=card_role(course.card_role),
        trainer=trainer,
        other=get_person(db, person_id=other),
    )
