"""The letter to the office about leave that falls on published dates."""

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.catalogue.queries import scheme
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.london import london_date
from ecs_training.notifications.services.letters import queue_letter
from ecs_training.scheduling.events import LeaveTaken
from ecs_training.scheduling.models import TrainerLeave
from ecs_training.scheduling.queries.trainers import list_dates_on_leave


def queue_leave_warning(db: Session, event: LeaveTaken) -> None:
    """Name the dates that somebody has to move or re-staff; no letter where there are none."""
    leave = db.get_one(TrainerLeave, event.leave_id)
    on_leave = list_dates_on_leave(
        db, now=event.occurred_at, trainer_id=event.trainer_id
    )
    dates = [
        (scheme().role(date.card_role), date)
        for date in on_leave
        if date.local_date <= leave.last_on
        and london_date(date.ends_at) >= leave.first_on
    ]
    if not dates:
        return
    queue_letter(
        db,
        key=f"leave/{leave.ref}",
        to=settings_of(db).provider_email,
        template="leave_taken",
        now=event.occurred_at,
        trainer=get_person(db, person_id=event.trainer_id),
        leave=leave,
        dates=dates,
    )
