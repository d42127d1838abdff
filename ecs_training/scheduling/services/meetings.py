"""Wanting a Teams meeting for a date. Who tells Microsoft is a job.

Callers hold the date's row. Where people type the links (TEAMS_MEETINGS=manual), nothing
here does anything.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession, Meeting
from ecs_training.scheduling.queries import get_course_session_of, lock_course_session
from ecs_training.scheduling.queries.meetings import find_meeting


def want_meeting(db: Session, course_session: CourseSession, *, now: datetime) -> None:
    """Have a date's meeting made, changed or removed, as the date now says.

    A date whose link somebody typed when they published it gets none.
    """
    settings = settings_of(db)
    if settings.teams_meetings == "manual":
        return
    meeting = find_meeting(db, course_session_id=course_session.id)
    if meeting:
        meeting.wanted += 1
        meeting.next_try_at = now
    elif not course_session.cancelled_at and not course_session.joining_url:
        db.add(
            Meeting(
                course_session_id=course_session.id,
                external_id=str(uuid.uuid4()),
                organiser=settings.graph_organiser,
                next_try_at=now,
                created_at=now,
            )
        )
    db.flush()


def want_missing_meeting(db: Session, *, course_session_id: int, now: datetime) -> None:
    """Want the meeting of a date that was published while people typed the links."""
    course_session = lock_course_session(db, course_session_id=course_session_id)
    if find_meeting(db, course_session_id=course_session_id) is None:
        want_meeting(db, course_session, now=now)


def try_meeting_again(
    db: Session, *, ref: str, trainer_id: int | None, asked_by_id: int, now: datetime
) -> None:
    """Ask Microsoft at once instead of when it is due. Raise NotFound without a meeting."""
    found = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    course_session = lock_course_session(db, course_session_id=found.id)
    meeting = find_meeting(db, course_session_id=course_session.id)
    if meeting is None:
        raise NotFound
    if meeting.next_try_at or meeting.made != meeting.wanted:
        meeting.next_try_at = now
    if meeting.reports_next_at and course_session.ends_at <= now:
        meeting.reports_next_at = now
    record(
        db,
        actor_id=asked_by_id,
        action="tried meeting again",
        subject=f"course-session/{course_session.ref}",
        now=now,
    )
