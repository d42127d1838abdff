"""A meeting in the hands of a job: claimed, then kept or put off. Callers own the transaction.

A claim is one conditional UPDATE, so that of two jobs at once only one speaks to Microsoft.
Whoever dies with a meeting in their hands loses it when the claim has run out. What somebody
else has by now is left alone.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.events import publish
from ecs_training.scheduling.events import JoiningLinkSet
from ecs_training.scheduling.models import CourseSession, Meeting
from ecs_training.scheduling.outside.graph import MeetingPlan, OnlineMeeting
from ecs_training.scheduling.queries import lock_course_session
from ecs_training.scheduling.queries.meetings import nobody_has_it
from ecs_training.scheduling.rules import why_not_set_joining_link
from ecs_training.scheduling.rules.meetings import (
    LONGEST_PROBLEM,
    REPORTS_GIVEN_UP,
    next_check,
    next_reports,
    word_subject,
)
from ecs_training.scheduling.services.dates import audit, revise


@dataclass(frozen=True, kw_only=True)
class MeetingClaim:
    """What Microsoft is to be told, as it was when the meeting was claimed.

    `tries` counts this one too: above 1, Microsoft may know more than we do.
    """

    meeting_id: int
    course_session_id: int
    until: datetime
    external_id: str
    organiser: str
    graph_id: str | None
    wanted: int
    tries: int
    cancelled: bool
    plan: MeetingPlan


def claim_meeting(
    db: Session, *, meeting_id: int, now: datetime, until: datetime
) -> MeetingClaim | None:
    """Take a meeting that is due into one's hands until that instant; None if it is not."""
    return _claim(db, meeting_id, now, until, for_reports=False)


def claim_reports(
    db: Session, *, meeting_id: int, now: datetime, until: datetime
) -> MeetingClaim | None:
    """The same for a meeting whose reports are due."""
    return _claim(db, meeting_id, now, until, for_reports=True)


def _claim(
    db: Session, meeting_id: int, now: datetime, until: datetime, *, for_reports: bool
) -> MeetingClaim | None:
    due = Meeting.reports_next_at if for_reports else Meeting.next_try_at
    claimed = db.execute(
        update(Meeting)
        .where(Meeting.id == meeting_id, due <= now, *nobody_has_it(now))
        .values(claimed_until=until, tries=Meeting.tries + 1)
        .returning(Meeting.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if claimed is None:
        return None
    meeting = db.get_one(Meeting, meeting_id, populate_existing=True)
    course_session = db.get_one(CourseSession, meeting.course_session_id)
    course = card_role(course_session.card_role).name
    return MeetingClaim(
        meeting_id=meeting_id,
        course_session_id=course_session.id,
        until=until,
        external_id=meeting.external_id,
        organiser=meeting.organiser,
        graph_id=meeting.graph_id,
        wanted=meeting.wanted,
        tries=meeting.tries,
        cancelled=course_session.cancelled_at is not None,
        plan=MeetingPlan(
            subject=word_subject(course, course_session.local_date),
            starts_at=course_session.starts_at,
            ends_at=course_session.ends_at,
        ),
    )


def keep_meeting(
    db: Session, *, claim: MeetingClaim, found: OnlineMeeting | None, now: datetime
) -> None:
    """Record what Microsoft has confirmed: a meeting, or (None) that there is none.

    A link that is new goes to everybody booked, unless somebody typed another meanwhile.
    What was wanted since is due at once.
    """
    held = _hold(db, claim)
    if held is None:
        return
    meeting, course_session = held
    _let_go(meeting)
    meeting.made = claim.wanted
    if found is None:
        _forget(meeting)
        meeting.next_try_at = None
    else:
        meeting.graph_id = found.graph_id
        meeting.next_try_at = next_check(starts_at=course_session.starts_at, now=now)
        meeting.reports_next_at = next_reports(ends_at=course_session.ends_at, now=now)
        _take_link(db, course_session, meeting, found.joining_url, now)
    if meeting.wanted != meeting.made:
        meeting.next_try_at = now


def make_meeting_anew(db: Session, *, claim: MeetingClaim, now: datetime) -> None:
    """Record that Microsoft no longer knows the meeting; another is made at once."""
    held = _hold(db, claim)
    if held is None:
        return
    meeting, _ = held
    _let_go(meeting)
    _forget(meeting)
    meeting.wanted += 1
    meeting.next_try_at = now


def put_meeting_off(
    db: Session, *, claim: MeetingClaim, problem: str, until: datetime, now: datetime
) -> None:
    """Let go of a meeting with which Microsoft would not help, and try again later."""
    held = _hold(db, claim)
    if held:
        held[0].next_try_at = until
        _note_problem(held[0], problem, now)


def keep_reports_read(db: Session, *, claim: MeetingClaim, now: datetime) -> None:
    """Record that every report there was has been read; there may be more later."""
    held = _hold(db, claim)
    if held:
        meeting, course_session = held
        _let_go(meeting)
        meeting.reports_tries += 1
        meeting.reports_next_at = next_reports(ends_at=course_session.ends_at, now=now)


def put_reports_off(
    db: Session, *, claim: MeetingClaim, problem: str, until: datetime, now: datetime
) -> None:
    """Let go of a meeting whose reports could not be had; ask again, but not for ever."""
    held = _hold(db, claim)
    if held:
        meeting, course_session = held
        given_up = until > course_session.ends_at + REPORTS_GIVEN_UP
        meeting.reports_next_at = None if given_up else until
        _note_problem(meeting, problem, now)


def leave_microsoft_alone(db: Session, *, until: datetime) -> None:
    """Put off whatever is due before then: Microsoft has asked all of us to wait."""
    for due in (Meeting.next_try_at, Meeting.reports_next_at):
        db.execute(
            update(Meeting)
            .where(due < until, Meeting.claimed_until.is_(None))
            .values({due.key: until})
            .execution_options(synchronize_session=False)
        )


def _hold(db: Session, claim: MeetingClaim) -> tuple[Meeting, CourseSession] | None:
    """Hold the date and its meeting, if the meeting is still in these hands."""
    course_session = lock_course_session(db, course_session_id=claim.course_session_id)
    meeting = db.get_one(
        Meeting, claim.meeting_id, with_for_update=True, populate_existing=True
    )
    return (meeting, course_session) if meeting.claimed_until == claim.until else None


def _let_go(meeting: Meeting) -> None:
    meeting.claimed_until = meeting.last_problem = meeting.problem_since = None
    meeting.tries = 0


def _forget(meeting: Meeting) -> None:
    """Our id is spent with the meeting: asked for it again, Microsoft may be confused."""
    meeting.graph_id = meeting.reports_next_at = None
    meeting.external_id = str(uuid.uuid4())


def _note_problem(meeting: Meeting, problem: str, now: datetime) -> None:
    meeting.claimed_until = None
    meeting.last_problem = problem[:LONGEST_PROBLEM]
    meeting.problem_since = meeting.problem_since or now


def _take_link(
    db: Session,
    course_session: CourseSession,
    meeting: Meeting,
    joining_url: str,
    now: datetime,
) -> None:
    ours = course_session.joining_url in {None, meeting.joining_url}
    meeting.joining_url = joining_url
    refusal = why_not_set_joining_link(
        ends_at=course_session.ends_at,
        cancelled=course_session.cancelled_at is not None,
        joining_url=joining_url,
        now=now,
    )
    if refusal or not ours or course_session.joining_url == joining_url:
        return
    course_session.joining_url = joining_url
    revise(course_session, now)
    db.flush()
    audit(db, None, "took joining link from Microsoft", course_session, now)
    publish(db, JoiningLinkSet(occurred_at=now, course_session_id=course_session.id))
