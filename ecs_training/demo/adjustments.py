"""Two guests who need something to sit on equal terms: one has an answer, one waits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.booking.models import Adjustment, Booking
from ecs_training.booking.services import ask_adjustment, decide_adjustment
from ecs_training.demo.people import OTHERS, STAFF, Cast
from ecs_training.scheduling.models import CourseSession

NEEDS = (
    "English is my second language. I read slowly, so more time and short breaks help.",
    "Can somebody read the questions to me?",
)


def ask_for_adjustments(
    db: Session, cast: Cast, *, course_session_ref: str, now: datetime
) -> None:
    """Let two guests of a date ask for what they need; one of them has an answer."""
    seats = db.execute(
        select(Booking.ref, Booking.candidate_id)
        .join(CourseSession, CourseSession.id == Booking.course_session_id)
        .outerjoin(Adjustment, Adjustment.booking_id == Booking.id)
        .where(
            CourseSession.ref == course_session_ref,
            Booking.candidate_id.in_([cast.ids[email] for email in OTHERS[:2]]),
            Adjustment.id.is_(None),
        )
        .order_by(Booking.id)
    ).all()
    for needs, (booking_ref, person_id) in zip(NEEDS, seats, strict=False):
        asked = ask_adjustment(
            db, booking_ref=booking_ref, person_id=person_id, needs=needs, now=now
        )
        if needs == NEEDS[0]:
            decide_adjustment(
                db,
                ref=asked.ref,
                agreed=True,
                time_percent=150,
                rest_minutes=10,
                reply="You have half as much time again. Take a break when you need one.",
                decided_by_id=cast.ids[STAFF],
                expects_decided_at=None,
                now=now,
            )
