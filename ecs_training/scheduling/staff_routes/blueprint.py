"""What the pages about dates and plans share: whose dates they may touch, and whom they offer."""

from collections.abc import Sequence

from flask import Blueprint, url_for

from ecs_training.accounts.access import who
from ecs_training.accounts.models import Person
from ecs_training.accounts.queries import get_person, list_people_with_role
from ecs_training.accounts.rules import Role
from ecs_training.foundation.web import reading

bp = Blueprint("scheduling_staff", __name__)

USUAL_SEATS = 20


def is_staff() -> bool:
    return Role.STAFF in who().roles


def scope() -> int | None:
    """Return whose dates the person may touch; None stands for everybody's."""
    return None if is_staff() else who().person_id


def trainers() -> Sequence[Person]:
    """Return whom the person may put in front of a course."""
    with reading() as db:
        if is_staff():
            return list_people_with_role(db, role=Role.TRAINER)
        return [get_person(db, person_id=who().person_id)]


def home() -> str:
    return url_for(
        "scheduling_staff.show_timetable" if is_staff() else "portal.show_trainer"
    )
