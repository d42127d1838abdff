"""Counting the seats that bookings take. Callers hold the date's row."""

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from ecs_training.scheduling.models import CourseSession


def take_seat(db: Session, course_session: CourseSession) -> None:
    """Count one more seat taken; only under the row's lock, beside the booking it counts."""
    _count_seats(db, course_session, 1)


def release_seat(db: Session, course_session: CourseSession) -> None:
    _count_seats(db, course_session, -1)


def _count_seats(db: Session, course_session: CourseSession, by: int) -> None:
    # The database adds, so that its constraint judges the true count even without a lock.
    taken = db.scalars(
        update(CourseSession)
        .where(CourseSession.id == course_session.id)
        .values(seats_taken=CourseSession.seats_taken + by)
        .returning(CourseSession.seats_taken)
        .execution_options(synchronize_session=False)
    ).one()
    set_committed_value(course_session, "seats_taken", taken)
