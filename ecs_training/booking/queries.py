from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select
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


def get_own_booking(db: Session, *, ref: str, person_id: int) -> Booking:
    """Return the candidate's own booking, loaded; NotFound for all others, who paid too."""
    own = Booking.candidate_id == person_id
    return _one(db, _loaded().where(Booking.ref == ref, own))


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


def lock_bookings_cancelled_with_date(
    db: Session, *, course_session_id: int
) -> Sequence[Booking]:
    """Hold the bookings that were cancelled because their date was; it is held already."""
    ours = select(Booking).where(
        Booking.course_session_id == course_session_id,
        Booking.cancelled_at.is_not(None),
        Booking.cancelled_with_date,
    )
    return db.scalars(_held(ours.order_by(Booking.id))).all()


def has_other_day(db: Session, *, candidate_id: int, like: CourseSession) -> bool:
    """Say whether a candidate has a live booking that overlaps a date, or on the date itself."""
    other = (
        select(Booking.id)
        .join(Booking.course_session)
        .where(
            Booking.candidate_id == candidate_id,
            Booking.cancelled_at.is_(None),
            CourseSession.starts_at < like.ends_at,
            CourseSession.ends_at > like.starts_at,
        )
    )
    return bool(db.scalar(select(other.exists())))


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
    return db.scalars(_AGREED, {"booking_id": booking_id}).one_or_none()


# Asked by each start, and all start together.
_AGREED = select(Adjustment).where(
    Adjustment.booking_id == bindparam("booking_id"),
    Adjustment.agreed.is_(True),
    Adjustment.withdrawn_at.is_(None),
)


def get_adjustment_by_ref(db: Session, *, ref: str) -> Adjustment:
    """Return any adjustment with its booking, date and candidate, or raise NotFound."""
    found = db.scalars(_with_date().where(Adjustment.ref == ref)).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_adjustment(db: Session, *, adjustment_id: int) -> Adjustment:
    """Hold an adjustment whose booking is held already."""
    held = select(Adjustment).where(Adjustment.id == adjustment_id).with_for_update()
    return db.scalars(held.execution_options(populate_existing=True)).one()


def find_standing_adjustment(db: Session, *, booking_id: int) -> Adjustment | None:
    """Return what was asked for a booking last, decided or not, or None."""
    return db.scalars(
        select(Adjustment).where(
            Adjustment.booking_id == booking_id, Adjustment.withdrawn_at.is_(None)
        )
    ).one_or_none()


def find_agreed_before(db: Session, *, adjustment: Adjustment) -> Adjustment | None:
    """Return what was agreed last before this was asked in its place, or None."""
    return db.scalars(
        select(Adjustment)
        .where(
            Adjustment.booking_id == adjustment.booking_id,
            Adjustment.id < adjustment.id,
            Adjustment.agreed.is_(True),
        )
        .order_by(Adjustment.id.desc())
        .limit(1)
    ).one_or_none()


def agreed_adjustments(
    db: Session, *, booking_ids: Collection[int]
) -> dict[int, Adjustment]:
    """Return what was agreed and stands for each booking that has it, by booking id."""
    agreed = db.scalars(
        select(Adjustment).where(
            Adjustment.booking_id.in_(booking_ids),
            Adjustment.agreed.is_(True),
            Adjustment.withdrawn_at.is_(None),
        )
    )
    return {adjustment.booking_id: adjustment for adjustment in agreed}


def list_waiting_adjustments(db: Session) -> Sequence[Adjustment]:
    """Return what nobody has decided yet, with date and candidate, the soonest course first."""
    return db.scalars(
        _with_date()
        .join(Adjustment.booking)
        .join(Booking.course_session)
        .where(
            Adjustment.decided_at.is_(None),
            Adjustment.withdrawn_at.is_(None),
            Booking.cancelled_at.is_(None),
        )
        .order_by(CourseSession.starts_at, Adjustment.asked_at, Adjustment.id)
    ).all()


def list_decided_adjustments(db: Session, *, limit: int) -> Sequence[Adjustment]:
    """Return what was decided and stands, with date and candidate, latest decision first."""
    return db.scalars(
        _with_date()
        .where(Adjustment.decided_at.is_not(None), Adjustment.withdrawn_at.is_(None))
        .order_by(Adjustment.decided_at.desc(), Adjustment.id.desc())
        .limit(limit)
    ).all()


def _with_date() -> Select[Adjustment]:
    booking = joinedload(Adjustment.booking)
    return select(Adjustment).options(
        booking.joinedload(Booking.candidate),
        booking.joinedload(Booking.course_session),
    )
