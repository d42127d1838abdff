"""Giving somebody another go after a paper that was failed, or that could not count."""

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.events import ResitGranted
from ecs_training.assessment.models import Entry, Resit
from ecs_training.assessment.queries.attempts import lock_attempt
from ecs_training.assessment.queries.resits import (
    Sat,
    find_chance,
    get_sat_attempt,
    list_failures,
    lock_resit,
    lock_unsat_resits,
)
from ecs_training.assessment.queries.seats import find_resit_place, is_over
from ecs_training.assessment.queries.sittings import lock_entry, lock_sitting
from ecs_training.assessment.rules.granting import (
    ResitRefusal,
    why_not_by_rule,
    why_not_sit_again,
    why_not_use_date,
)
from ecs_training.assessment.services.papers import current_blueprint
from ecs_training.booking.queries import find_booking_on, lock_booking
from ecs_training.foundation.audit import record
from ecs_training.foundation.database import settings_of
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import word_date
from ecs_training.scheduling.events import (
    CourseSessionCancelled,
    CourseSessionMoved,
    CourseSessionRestored,
    JoiningLinkSet,
)
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import lock_course_session

ADMITTED_FOR_RESIT = "resit"  # why the door of the room does not hold them up


class ResitRefused(Refused):
    """`not_before` is the first day on which the rule allows it, where it is too early."""

    reason: ResitRefusal

    def __init__(self, reason: ResitRefusal, *, not_before: date | None = None) -> None:
        super().__init__(reason)
        self.not_before = not_before

    @property
    def words(self) -> str:
        """The reason, with the day from which on it is none."""
        if self.not_before is None:
            return self.reason.value
        return (
            f"{self.reason.value} The rule allows it from {word_date(self.not_before)}."
        )


def grant_resit(
    db: Session,
    *,
    attempt_id: int,
    course_session_ref: str | None,
    reason: str,
    granted_by_id: int,
    now: datetime,
    outside_rule: bool = False,
) -> Resit:
    """Let whoever failed, or whose attempt was voided, sit once more on a date of the role.

    None stands for the date on which they sat. It stands on the same booking, attendance
    and identity check. A resit that was not sat on a date now over or cancelled is moved;
    any other attempt that has one is refused. The blueprint's rule counts unless
    `outside_rule` says that a person decided otherwise; a voided attempt is outside it.
    NotFound for practice; raises ResitRefused for all that stands in ResitRefusal.
    """
    sat = get_sat_attempt(db, attempt_id=attempt_id)
    target = _hold(db, sat, course_session_ref)
    standing = lock_resit(db, attempt_id=attempt_id)
    _refuse_attempt(db, sat, now)
    _refuse_date(db, sat, target, now)
    if not (outside_rule or sat.attempt.voided_at):
        _refuse_by_rule(db, sat, target, now)
    entry = _exchange_entry(db, sat, target, granted_by_id, now)
    moved = standing is not None
    resit = standing or Resit(
        attempt_id=attempt_id, calendar_uid=str(uuid.uuid4()), updated_at=now
    )
    if standing:
        revise(standing, now)
    resit.entry_id, resit.reason = entry.id, reason
    resit.granted_at, resit.granted_by_id = now, granted_by_id
    db.add(resit)
    db.flush()
    _record(db, sat, target, resit, moved=moved, outside_rule=outside_rule)
    publish(db, ResitGranted(occurred_at=now, resit_id=resit.id))
    return resit


def revise(resit: Resit, now: datetime) -> None:
    """Number a new version of it, for whoever holds it in a calendar."""
    resit.sequence += 1
    resit.updated_at = now


def revise_resits_of(
    db: Session,
    event: CourseSessionCancelled
    | CourseSessionMoved
    | CourseSessionRestored
    | JoiningLinkSet,
) -> None:
    """Number a new version of every resit that waits for a date which changed."""
    for resit in lock_unsat_resits(db, course_session_id=event.course_session_id):
        revise(resit, event.occurred_at)
    db.flush()


def _record(
    db: Session,
    sat: Sat,
    target: CourseSession,
    resit: Resit,
    *,
    moved: bool,
    outside_rule: bool,
) -> None:
    record(
        db,
        actor_id=resit.granted_by_id,
        action="moved resit" if moved else "granted resit",
        subject=f"attempt/{sat.attempt.ref}",
        now=resit.granted_at,
        course_session=target.ref,
        reason=resit.reason,
        outside_rule=outside_rule,
    )


def _hold(db: Session, sat: Sat, ref: str | None) -> CourseSession:
    """Hold the date, then the booking, its sitting, its entry and the attempt."""
    try:
        target = lock_course_session(
            db,
            ref=ref,
            course_session_id=sat.course_session.id if ref is None else None,
        )
    except NotFound:
        raise ResitRefused(ResitRefusal.NO_SUCH_DATE) from None
    lock_booking(db, booking_id=sat.booking.id)
    lock_sitting(db, course_session_id=target.id)
    lock_entry(db, booking_id=sat.booking.id)
    lock_attempt(db, attempt_id=sat.attempt.id)
    return target


def _refuse_attempt(db: Session, sat: Sat, now: datetime) -> None:
    place = find_resit_place(db, attempt_id=sat.attempt.id, now=now)
    refusal = why_not_sit_again(
        finished=sat.attempt.finished_at is not None,
        passed=bool(sat.attempt.passed),
        voided=sat.attempt.voided_at is not None,
        granted=place is not None and (place.sat or not place.over),
    )
    if refusal:
        raise ResitRefused(refusal)


def _refuse_date(db: Session, sat: Sat, target: CourseSession, now: datetime) -> None:
    sitting = lock_sitting(db, course_session_id=target.id)
    booked = find_booking_on(
        db, course_session_id=target.id, candidate_id=sat.booking.candidate_id
    )
    elsewhere = target.id not in {sat.course_session.id, sat.booking.course_session_id}
    refusal = why_not_use_date(
        same_role=target.card_role == sat.attempt.card_role,
        cancelled=target.cancelled_at is not None,
        over=is_over(target, sitting, now=now),
        has_booking=elsewhere and booked is not None,
    )
    if refusal:
        raise ResitRefused(refusal)


def _refuse_by_rule(
    db: Session, sat: Sat, target: CourseSession, now: datetime
) -> None:
    rule = current_blueprint(settings_of(db).question_bank).resits
    failures = list_failures(db, booking_ids=[sat.booking.id])[sat.booking.id]
    at = max(now, target.starts_at)
    chance = find_chance(failures, rule, open_today=True, now=at)
    if refusal := why_not_by_rule(chance, at=at):
        raise ResitRefused(refusal, not_before=chance.not_before if chance else None)


def _exchange_entry(
    db: Session, sat: Sat, target: CourseSession, granted_by_id: int, now: datetime
) -> Entry:
    """End the entry that was sat, or the one that never was, and add another."""
    live = lock_entry(db, booking_id=sat.booking.id)
    if live and live.id == sat.entry.id:
        live.spent_at = now
    elif live:
        live.withdrawn_at = now
    db.flush()  # before another is granted: a booking has one live entry
    here = target.id == sat.course_session.id
    entry = Entry(
        booking_id=sat.booking.id,
        attendance_mark_id=sat.entry.attendance_mark_id,
        identity_check_id=sat.entry.identity_check_id,
        course_session_id=target.id,
        granted_at=now,
        # Whoever sits again at once is in the room, long after everybody was let in.
        released_at=now if here else None,
        released_by_id=granted_by_id if here else None,
        release_reason=ADMITTED_FOR_RESIT if here else None,
    )
    db.add(entry)
    db.flush()
    return entry
