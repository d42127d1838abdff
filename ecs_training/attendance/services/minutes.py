"""What persons say about the minutes of a date: who is who, and that it was so."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.attendance.models import Countersignature, StayMatch
from ecs_training.attendance.queries.register import get_booking_on_register
from ecs_training.attendance.queries.reports import (
    find_ruling,
    list_stays,
)
from ecs_training.attendance.queries.timelines import minutes_of
from ecs_training.attendance.rules import Presence
from ecs_training.attendance.rules.reports import (
    ReportRefusal,
    ReportRefused,
    SigningRefused,
    why_not_sign,
)
from ecs_training.attendance.services.register import mark_attendance
from ecs_training.foundation.audit import record
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import get_course_session_of, lock_course_session


def decide_who(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    identity: str,
    booking_ref: str | None,
    decided_by_id: int,
    now: datetime,
) -> None:
    """Say who somebody in the reports is: a booking of the date, or nobody's (None).

    What was said before is withdrawn. Raise ReportRefused if nobody in the reports is known
    so (any more), NotFound for a booking of another date.
    """
    course_session = _hold(db, ref, trainer_id)
    stays = list_stays(db, course_session_id=course_session.id)
    if identity not in {stay.identity for stay in stays}:
        raise ReportRefused(ReportRefusal.GONE)
    booking_id = None
    if booking_ref:
        booking_id = get_booking_on_register(
            db, course_session_ref=ref, booking_ref=booking_ref, trainer_id=trainer_id
        ).id
    before = find_ruling(db, course_session_id=course_session.id, identity=identity)
    if before and before.booking_id == booking_id:
        return
    _withdraw(db, before, now)
    decided = StayMatch(
        course_session_id=course_session.id,
        identity=identity,
        booking_id=booking_id,
        decided_at=now,
        decided_by_id=decided_by_id,
    )
    db.add(decided)
    db.flush()
    _audit(db, decided_by_id, "matched report", course_session, now, to=booking_ref)


def withdraw_decision(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    identity: str,
    withdrawn_by_id: int,
    now: datetime,
) -> None:
    """Take back who somebody is; where nothing was said, nothing changes."""
    course_session = _hold(db, ref, trainer_id)
    before = find_ruling(db, course_session_id=course_session.id, identity=identity)
    if before is None:
        return
    _withdraw(db, before, now)
    _audit(db, withdrawn_by_id, "withdrew match of report", course_session, now)


def countersign(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    digest: str,
    signed_by_id: int,
    now: datetime,
) -> None:
    """Let the trainer sign the minutes as they saw them, or raise SigningRefused.

    `digest` is of what the page showed. What was signed before is withdrawn.
    """
    course_session = _hold(db, ref, trainer_id)
    trainer = get_person(db, person_id=course_session.trainer_id)
    minutes = minutes_of(db, course_session, trainer)
    refusal = why_not_sign(
        is_trainer=signed_by_id == course_session.trainer_id,
        ends_at=course_session.ends_at,
        reports=minutes.standing,
        undecided=len(minutes.undecided),
        unchanged=digest == minutes.digest,
        now=now,
    )
    if refusal:
        raise SigningRefused(refusal)
    if minutes.signature and minutes.signature.digest == digest:
        return
    _withdraw(db, minutes.signature, now)
    signed = Countersignature(
        course_session_id=course_session.id,
        digest=digest,
        signed_at=now,
        signed_by_id=signed_by_id,
    )
    db.add(signed)
    db.flush()
    _audit(db, signed_by_id, "countersigned minutes", course_session, now, of=digest)


def mark_as_attended(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    booking_refs: Collection[str],
    marked_by_id: int,
    now: datetime,
) -> None:
    """Mark several people of a date, whom somebody chose, as having attended.

    Raise NotFound for a booking of another date, MarkRefused before the day, ReportRefused
    if nobody was chosen.
    """
    get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    if not booking_refs:
        raise ReportRefused(ReportRefusal.NOBODY_CHOSEN)
    bookings = [
        get_booking_on_register(
            db, course_session_ref=ref, booking_ref=each, trainer_id=trainer_id
        )
        for each in booking_refs
    ]
    for booking in sorted(bookings, key=lambda each: each.id):
        mark_attendance(
            db,
            booking_id=booking.id,
            presence=Presence.ATTENDED,
            marked_by_id=marked_by_id,
            now=now,
        )


def _hold(db: Session, ref: str, trainer_id: int | None) -> CourseSession:
    found = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    return lock_course_session(db, course_session_id=found.id)


def _withdraw(
    db: Session, standing: StayMatch | Countersignature | None, now: datetime
) -> None:
    if standing:
        standing.withdrawn_at = now
        db.flush()  # before another is added: only one may stand


def _audit(
    db: Session,
    actor_id: int,
    action: str,
    course_session: CourseSession,
    now: datetime,
    **details: str | None,
) -> None:
    record(
        db,
        actor_id=actor_id,
        action=action,
        subject=f"course-session/{course_session.ref}",
        now=now,
        **details,
    )
