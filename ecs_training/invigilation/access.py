"""Whose room somebody may see."""

from flask import abort
from sqlalchemy.orm import Session

from ecs_training.accounts.access import who
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Sitting
from ecs_training.invigilation.queries.room import get_room
from ecs_training.invigilation.rules.actions import Deed


def room_of(db: Session, ref: str) -> Sitting:
    """Return the trainer's own room, and any for staff; else NotFound."""
    as_staff = Role.STAFF in who().roles
    return get_room(db, ref=ref, trainer_id=None if as_staff else who().person_id)


def deed_of(name: str) -> Deed:
    """Return what an address names; there is no page for anything else."""
    try:
        return Deed(name)
    except ValueError:
        abort(404)
