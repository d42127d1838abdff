"""Letters to trainers about their dates, with the entry that their feed shows too.

Same UID and sequence as in the feed, one attendee each. What one trainer hears of one date
goes in order; another trainer's full mailbox holds nothing up.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.queries import get_person
from ecs_training.calendar_feeds.rules.entries import (
    CalendarEntry,
    entry_of_teaching,
    publisher_of,
)
from ecs_training.calendar_feeds.rules.rendering import invitation
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.events import Event
from ecs_training.notifications.rules import teaching_thread, word_span
from ecs_training.notifications.services.letters import queue_letter
from ecs_training.scheduling.events import (
    CourseSessionCancelled,
    CourseSessionMoved,
    CourseSessionRestaffed,
    CourseSessionRestored,
    JoiningLinkSet,
)
from ecs_training.scheduling.models import CourseSession


def queue_teaching_moved(db: Session, event: CourseSessionMoved) -> None:
    course = db.get_one(CourseSession, event.course_session_id)
    facts = {
        "before": word_span(*event.was),
        "after": word_span(course.starts_at, course.ends_at),
    }
    _to_its_trainer(db, event, course, "trainer_moved", **facts)


def queue_teaching_link(db: Session, event: JoiningLinkSet) -> None:
    """Send the new version of the entry, whose first line is the joining link."""
    course = db.get_one(CourseSession, event.course_session_id)
    _to_its_trainer(db, event, course, "trainer_link")


def queue_teaching_cancelled(db: Session, event: CourseSessionCancelled) -> None:
    course = db.get_one(CourseSession, event.course_session_id)
    _to_its_trainer(db, event, course, "trainer_cancelled")


def queue_teaching_restored(db: Session, event: CourseSessionRestored) -> None:
    course = db.get_one(CourseSession, event.course_session_id)
    _to_its_trainer(db, event, course, "trainer_restored")


def queue_teaching_handover(db: Session, event: CourseSessionRestaffed) -> None:
    """Take the day out of the one trainer's calendar and put it into the other's."""
    course = db.get_one(CourseSession, event.course_session_id)
    old = get_person(db, person_id=event.from_id)
    new = get_person(db, person_id=event.to_id)
    entry = _entry(db, course)
    said = f"{new.full_name} teaches this date."
    gone = replace(entry, cancelled=True, description=said)
    _queue(
        db, event, course, to=old, entry=gone, template="trainer_released", other=new
    )
    _queue(db, event, course, to=new, entry=entry, template="trainer_given", other=old)


def _to_its_trainer(
    db: Session, event: Event, course: CourseSession, template: str, **facts: Any
) -> None:
    trainer = get_person(db, person_id=course.trainer_id)
    entry = _entry(db, course)
    _queue(db, event, course, to=trainer, entry=entry, template=template, **facts)


def _entry(db: Session, course: CourseSession) -> CalendarEntry:
    return entry_of_teaching(
        course,
        role=card_role(course.card_role),
        publisher=publisher_of(settings_of(db)),
    )


def _queue(
    db: Session,
    event: Event,
    course: CourseSession,
    *,
    to: Person,
    entry: CalendarEntry,
    template: str,
    **facts: Any,
) -> None:
    """Queue one version of the entry for one trainer. Its key names both."""
    method = "CANCEL" if entry.cancelled else "REQUEST"
    queue_letter(
        db,
        key=f"course-session/{course.ref}/{course.sequence}/{to.ref}",
        to=to.email,
        person_id=to.id,
        template=template,
        now=event.occurred_at,
        calendar=invitation(
            entry,
            method=method,
            attendee_name=to.full_name,
            attendee_email=to.email,
            publisher=publisher_of(settings_of(db)),
        ),
        method=method,
        thread=teaching_thread(course.calendar_uid, to.id),
        course=course,
        role=card_role(course.card_role),
        trainer=to,
        **facts,
    )
