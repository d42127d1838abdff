"""What becomes of bookings when their date changes. Callers own the transaction."""

from sqlalchemy.orm import Session

from ecs_training.booking.events import (
    BookingCancelled,
    BookingRestored,
    BookingRevised,
)
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import (
    has_other_day,
    lock_bookings_cancelled_with_date,
    lock_live_bookings,
)
from ecs_training.booking.services.seats import audit, cancel, revise
from ecs_training.foundation.events import publish
from ecs_training.scheduling.events import (
    CourseSessionCancelled,
    CourseSessionMoved,
    CourseSessionRestored,
    JoiningLinkSet,
)
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import lock_course_session
from ecs_training.scheduling.services import release_seat, take_seat


def cancel_bookings_of(db: Session, event: CourseSessionCancelled) -> None:
    """Cancel every live booking on a cancelled date: our doing, so the whole price goes back."""
    course_session = lock_course_session(db, course_session_id=event.course_session_id)
    now = event.occurred_at
    for booking in lock_live_bookings(db, course_session_id=course_session.id):
        release_seat(db, course_session)
        cancel(db, booking, event.cancelled_by_id, event.reason, now)
        booking.cancelled_with_date = True
        db.flush()
        publish(
            db,
            BookingCancelled(
                occurred_at=now,
                booking_id=booking.id,
                refundable=True,
                by_provider=True,
            ),
        )


def revise_bookings_of(db: Session, event: JoiningLinkSet) -> None:
    """Number a new version of every live booking, so that calendars take the change."""
    for booking in lock_live_bookings(db, course_session_id=event.course_session_id):
        revise(booking, event.occurred_at)
        db.flush()
        publish(
            db, BookingRevised(occurred_at=event.occurred_at, booking_id=booking.id)
        )


def revise_moved_bookings(db: Session, event: CourseSessionMoved) -> None:
    """Number a new version of every live booking; from now on cancelling costs nothing.

    Nobody chose the new day, so whoever cannot come gets the whole price back until it begins.
    """
    course_session = lock_course_session(db, course_session_id=event.course_session_id)
    for booking in lock_live_bookings(db, course_session_id=course_session.id):
        booking.free_until = course_session.starts_at
        revise(booking, event.occurred_at)
        db.flush()
        publish(
            db,
            BookingRevised(
                occurred_at=event.occurred_at, booking_id=booking.id, was=event.was
            ),
        )


def reinstate_bookings_of(db: Session, event: CourseSessionRestored) -> None:
    """Give everybody their seat back whose booking was cancelled with the date.

    Not to whoever has booked another course that day since. Cancelling costs nothing until
    it begins.
    """
    course_session = lock_course_session(db, course_session_id=event.course_session_id)
    for booking in lock_bookings_cancelled_with_date(
        db, course_session_id=course_session.id
    ):
        if not has_other_day(
            db, candidate_id=booking.candidate_id, like=course_session
        ):
            _reinstate(db, booking, course_session, event)


def _reinstate(
    db: Session,
    booking: Booking,
    course_session: CourseSession,
    event: CourseSessionRestored,
) -> None:
    take_seat(db, course_session)
    booking.cancelled_at = booking.cancelled_by_id = booking.cancel_reason = None
    booking.cancelled_with_date = False
    booking.free_until = course_session.starts_at
    revise(booking, event.occurred_at)
    db.flush()
    audit(db, event.restored_by_id, "reinstated booking", booking, event.occurred_at)
    publish(db, BookingRestored(occurred_at=event.occurred_at, booking_id=booking.id))
