"""Letters to those who sit again, with the entry that their own feed shows too.

They have no booking on that date, so nothing about a booking tells them of it. A resit at
once is for somebody who is in the room: it puts nothing into a calendar.
"""

from typing import Any

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.assessment.events import ResitGranted, ResitWithdrawn
from ecs_training.assessment.models import Resit
from ecs_training.assessment.queries.resits import get_resit, list_unsat_resits
from ecs_training.calendar_feeds.rules.entries import entry_of_resit, publisher_of
from ecs_training.calendar_feeds.rules.rendering import invitation
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.events import Event
from ecs_training.foundation.london import london_date
from ecs_training.notifications.services.letters import queue_letter
from ecs_training.scheduling.events import (
    CourseSessionCancelled,
    CourseSessionMoved,
    CourseSessionRestored,
    JoiningLinkSet,
)


def queue_resit_granted(db: Session, event: ResitGranted) -> None:
    """Tell somebody where and when they sit again; a resit that was moved is told again."""
    resit = get_resit(db, resit_id=event.resit_id)
    course = resit.entry.course_session
    today = course.local_date <= london_date(event.occurred_at)
    _to_candidate(db, event, resit, "resit_granted", today=today)


def queue_resit_withdrawn(db: Session, event: ResitWithdrawn) -> None:
    resit = get_resit(db, resit_id=event.resit_id)
    _to_candidate(db, event, resit, "resit_withdrawn")


def queue_resit_link(db: Session, event: JoiningLinkSet) -> None:
    """Send the joining link of a date to those who have no booking, only a resit there."""
    _to_those_who_sit_again(db, event, event.course_session_id, "resit_link")


def queue_resit_cancelled(db: Session, event: CourseSessionCancelled) -> None:
    """Tell them that the date is cancelled, and that they keep the resit."""
    _to_those_who_sit_again(db, event, event.course_session_id, "resit_cancelled")


def queue_resit_moved(db: Session, event: CourseSessionMoved) -> None:
    """Tell those who have no booking there, only a resit, about the new day or time."""
    before = london_date(event.was[0])
    _to_those_who_sit_again(
        db, event, event.course_session_id, "resit_moved", before=before
    )


def queue_resit_restored(db: Session, event: CourseSessionRestored) -> None:
    """Tell those whom nobody has given another date since."""
    _to_those_who_sit_again(db, event, event.course_session_id, "resit_restored")


def _to_those_who_sit_again(
    db: Session, event: Event, course_session_id: int, template: str, **facts: Any
) -> None:
    for resit in list_unsat_resits(db, course_session_id=course_session_id):
        _to_candidate(db, event, resit, template, **facts)


def _to_candidate(
    db: Session, event: Event, resit: Resit, template: str, **facts: Any
) -> None:
    """Queue one version of the resit. Its key names it."""
    booking, course = resit.entry.booking, resit.entry.course_session
    person = get_person(db, person_id=booking.candidate_id)
    role, publisher = card_role(course.card_role), publisher_of(settings_of(db))
    entry = entry_of_resit(resit, role=role, publisher=publisher)
    method = "CANCEL" if entry.cancelled else "REQUEST"
    if not resit.is_at_once:
        facts["method"] = method
        facts["calendar"] = invitation(
            entry,
            method=method,
            attendee_name=person.full_name,
            attendee_email=person.email,
            publisher=publisher,
        )
    queue_letter(
        db,
        key=f"resit/{resit.ref}/{resit.sequence}",
        to=person.email,
        person_id=person.id,
        template=template,
        now=event.occurred_at,
        thread=resit.calendar_uid,
        person=person,
        booking=booking,
        course=course,
        role=role,
        **facts,
    )
