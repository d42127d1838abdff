from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import ColumnElement

from ecs_training.accounts.models import Person
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession


def list_seat_holders(db: Session, *, course_session_id: int) -> Sequence[int]:
    """Return the person id of every candidate with a live booking."""
    return db.scalars(
        select(Booking.candidate_id).where(
            Booking.course_session_id == course_session_id,
            Booking.cancelled_at.is_(None),
        )
    ).all()


def find_booking_on(
    db: Session, *, course_session_id: int, candidate_id: int
) -> Booking | None:
    """Return the person's live booking on a date, if there is one."""
    return db.scalars(
        select(Booking).where(
            Booking.course_session_id == course_session_id,
            Booking.candidate_id == candidate_id,
            Booking.cancelled_at.is_(None),
        )
    ).one_or_none()


def get_visible_booking(
    db: Session, *, ref: str, person_id: int, company_id: int | None
) -> Booking:
    """Return the candidate's own booking or one of their company's, loaded; else NotFound."""
    visible: ColumnElement[bool] = Booking.candidate_id == person_id
    if company_id is not None:
        visible |= Booking.company_id == company_id
    return _one(db, _loaded().where(Booking.ref == ref, visible))


def get_booking(db: Session, *, booking_id: int) -> Booking:
    """Return any booking with its date, trainer, candidate and company."""
    return _one(db, _loaded().where(Booking.id == booking_id))


def lock_booking(db: Session, *, booking_id: int) -> Booking:
    """Hold a booking until the transaction ends; hold its date first."""
    return _one(db, _held(select(Booking).where(Booking.id == booking_id)))


def lock_live_bookings(db: Session, *, course_session_id: int) -> Sequence[Booking]:
    """Hold the live bookings on a date, which is held already."""
    live = select(Booking).where(
        Booking.course_session_id == course_session_id, Booking.cancelled_at.is_(None)
    )
    return db.scalars(_held(live.order_by(Booking.id))).all()


def list_register(db: Session, *, course_session_id: int) -> Sequence[Booking]:
    """Return the live bookings on a date with their candidates, by name."""
    return db.scalars(
        select(Booking)
        .join(Booking.candidate)
        .where(
            Booking.course_session_id == course_session_id,
            Booking.cancelled_at.is_(None),
        )
        .options(joinedload(Booking.candidate))
        .order_by(Person.full_name, Booking.id)
    ).all()


def list_bookings_of_person(db: Session, *, person_id: int) -> Sequence[Booking]:
    """Return a candidate's bookings, loaded, newest course first, cancelled ones too."""
    return _newest_first(db, Booking.candidate_id == person_id)


def list_bookings_of_company(db: Session, *, company_id: int) -> Sequence[Booking]:
    """Return a company's bookings, loaded, newest course first, cancelled ones too."""
    return _newest_first(db, Booking.company_id == company_id)


def _newest_first(db: Session, whose: ColumnElement[bool]) -> Sequence[Booking]:
    return db.scalars(
        _loaded()
        .join(Booking.course_session)
        .where(whose)
        .order_by(CourseSession.starts_at.desc(), Booking.id.desc())
    ).all()


def _loaded() -> Select[Any]:
    return select(Booking).options(
        joinedload(Booking.course_session).joinedload(CourseSession.trainer),
        joinedload(Booking.candidate),
        joinedload(Booking.company),
    )


def _held(query: Select[Any]) -> Select[Any]:
    return query.with_for_update().execution_options(populate_existing=True)


def _one(db: Session, query: Select[Any]) -> Booking:
    booking: Booking | None = db.scalars(query).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def get_adjustment(db: Session, *, adjustment_id: int) -> Adjustment:
    """Return an adjustment with its booking and candidate."""
    return db.scalars(
        select(Adjustment)
        .where(Adjustment.id == adjustment_id)
        .options(joinedload(Adjustment.booking).joinedload(Booking.candidate))
    ).one()


def find_agreed_adjustment(db: Session, *, booking_id: int) -> Adjustment | None:
    """Return what was agreed for a booking and stands, or None."""
    return db.scalars(
        select(Adjustment).where(
            Adjustment.booking_id == booking_id,
            Adjustment.agreed.is_(True),
            Adjustment.withdrawn_at.is_(None),
        )
    ).one_or_none()
