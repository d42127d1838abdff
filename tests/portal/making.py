"""What a day leaves behind, as rows: marks, checks, sittings, results and passes."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person, SignIn
from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.assessment.rules.ending import Ending
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.booking.models import Booking
from ecs_training.foundation.london import london_date
from ecs_training.foundation.references import hash_token, new_token
from ecs_training.passes.models import Pass
from ecs_training.scheduling.models import CourseSession


def make_mark(
    db: Session,
    booking: Booking,
    *,
    now: datetime,
    presence: Presence = Presence.ATTENDED,
) -> AttendanceMark:
    mark = AttendanceMark(
        booking_id=booking.id,
        presence=presence,
        marked_by_id=booking.booked_by_id,
        marked_at=now,
    )
    db.add(mark)
    db.flush()
    return mark


def make_sitting(
    db: Session,
    course_session: CourseSession,
    *,
    opened_at: datetime,
    closed_at: datetime | None = None,
) -> Sitting:
    sitting = Sitting(
        course_session_id=course_session.id,
        blueprint="hse",
        blueprint_version=1,
        invigilator_id=course_session.trainer_id,
        opened_at=opened_at,
        opening_declaration="I have seen everybody.",
        closes_at=opened_at + timedelta(hours=8),
        closed_at=closed_at,
        closed_by_id=course_session.trainer_id if closed_at else None,
        closing_declaration="Nothing happened." if closed_at else None,
    )
    db.add(sitting)
    db.flush()
    return sitting


def make_result(
    db: Session, booking: Booking, *, now: datetime, score: int = 46
) -> Attempt:
    """Let the candidate of a booking finish their assessment now; 43 is a pass."""
    mark = make_mark(db, booking, now=now)
    check = IdentityCheck(
        booking_id=booking.id,
        document=DocumentKind.PASSPORT,
        outcome=IdentityOutcome.MATCHED,
        checked_by_id=booking.booked_by_id,
        checked_at=now,
    )
    sign_in = make_sign_in(db, booking.candidate_id, now=now)
    db.add(check)
    db.flush()
    entry = Entry(
        booking_id=booking.id,
        attendance_mark_id=mark.id,
        identity_check_id=check.id,
        course_session_id=booking.course_session_id,
        granted_at=now,
    )
    db.add(entry)
    db.flush()
    sitting = _sitting_of(db, booking, now)
    attempt = Attempt(
        person_id=booking.candidate_id,
        entry_id=entry.id,
        sitting_id=sitting.id,
        card_role="labourer",
        blueprint="hse",
        blueprint_version=1,
        pass_mark=43,
        out_of=50,
        seed="1",
        minutes=30,
        started_at=now - timedelta(minutes=20),
        deadline=now + timedelta(minutes=10),
        lease=new_token(),
        lease_sign_in_id=sign_in.id,
        finished_at=now,
        closed_at=now,
        score=score,
        passed=score >= 43,
        ending=Ending.SUBMITTED,
    )
    db.add(attempt)
    db.flush()
    return attempt


def _sitting_of(db: Session, booking: Booking, now: datetime) -> Sitting:
    sitting = db.scalars(
        select(Sitting).where(Sitting.course_session_id == booking.course_session_id)
    ).one_or_none()
    course_session = db.get_one(CourseSession, booking.course_session_id)
    return sitting or make_sitting(db, course_session, opened_at=now)


def make_sign_in(db: Session, person_id: int, *, now: datetime) -> SignIn:
    sign_in = SignIn(
        token_hash=hash_token(new_token()),
        person_id=person_id,
        started_at=now,
        expires_at=now + timedelta(hours=1),
    )
    db.add(sign_in)
    db.flush()
    return sign_in


def make_pass(
    db: Session,
    booking: Booking,
    *,
    now: datetime,
    valid_until: date | None = None,
    revoked_by: Person | None = None,
) -> Pass:
    """Give the candidate of a booking a pass, with everything it stands on."""
    attempt = make_result(db, booking, now=now)
    check = db.scalars(
        select(IdentityCheck).where(IdentityCheck.booking_id == booking.id)
    ).one()
    assert attempt.sitting_id
    passed = Pass(
        token=new_token(),
        person_id=booking.candidate_id,
        attempt_id=attempt.id,
        booking_id=booking.id,
        identity_check_id=check.id,
        sitting_id=attempt.sitting_id,
        card_role="labourer",
        holder=db.get_one(Person, booking.candidate_id).full_name,
        awarded_on=london_date(now),
        valid_until=valid_until or london_date(now) + timedelta(days=729),
        created_at=now,
        revoked_at=now if revoked_by else None,
        revoked_by_id=revoked_by.id if revoked_by else None,
        revoke_reason="Somebody else sat it." if revoked_by else None,
    )
    db.add(passed)
    db.flush()
    return passed
