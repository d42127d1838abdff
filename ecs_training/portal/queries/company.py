from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Company
from ecs_training.accounts.queries import get_company
from ecs_training.attendance.queries import standing_marks
from ecs_training.attendance.rules import Presence
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import (
    list_bookings_of_company,
)
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.queries import find_feed_of
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.foundation.london import london_date
from ecs_training.passes.models import Pass
from ecs_training.passes.rules import pass_status
from ecs_training.portal.rules import (
    SeatState,
    seat_state,
)


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One seat that a company booked; `valid_until` only of a pass that stands."""

    booking: Booking
    state: SeatState
    valid_until: date | None


@dataclass(frozen=True, kw_only=True)
class CompanyBoard:
    company: Company
    seats: Sequence[Seat]
    feed: PrivateFeed | None

    @property
    def passed(self) -> int:
        return self._count(SeatState.PASSED)

    @property
    def booked(self) -> int:
        return self._count(SeatState.BOOKED)

    @property
    def standing(self) -> int:
        """How many seats were not given back."""
        return len(self.seats) - self._count(SeatState.CANCELLED)

    def _count(self, state: SeatState) -> int:
        return sum(seat.state is state for seat in self.seats)


def read_company_board(db: Session, *, company_id: int, now: datetime) -> CompanyBoard:
    """Read the seats of one company: coming ones soonest first, then the past, newest first."""
    bookings = list_bookings_of_company(db, company_id=company_id)
    ids = [booking.id for booking in bookings]
    marks = standing_marks(db, booking_ids=ids)
    passes = {
        passed.booking_id: passed
        for passed in db.scalars(select(Pass).where(Pass.booking_id.in_(ids)))
    }
    seats = [
        _seat(b, marks[b.id].presence if b.id in marks else None, passes.get(b.id), now)
        for b in bookings
    ]
    coming = [seat for seat in seats if seat.state is SeatState.BOOKED]
    other = [seat for seat in seats if seat.state is not SeatState.BOOKED]
    return CompanyBoard(
        company=get_company(db, company_id=company_id),
        seats=[*sorted(coming, key=_starts), *sorted(other, key=_starts, reverse=True)],
        feed=find_feed_of(db, kind=FeedKind.COMPANY, company_id=company_id),
    )


def _seat(
    booking: Booking, presence: Presence | None, passed: Pass | None, now: datetime
) -> Seat:
    state = seat_state(
        cancelled=booking.cancelled_at is not None,
        over=booking.course_session.ends_at <= now,
        presence=presence,
        pass_status=pass_status(passed, london_date(now)) if passed else None,
    )
    stands = passed and state in {SeatState.PASSED, SeatState.EXPIRED}
    return Seat(
        booking=booking,
        state=state,
        valid_until=passed.valid_until if passed and stands else None,
    )


def _starts(seat: Seat) -> datetime:
    return seat.booking.course_session.starts_at
