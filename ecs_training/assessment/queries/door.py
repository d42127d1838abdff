"""What somebody is shown at the door of an assessment: their place, facts and time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from ecs_training.assessment.queries.sittings import Place, get_place
from ecs_training.assessment.rules.timing import time_allowed, word_length
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.queries import standing_checks, standing_marks
from ecs_training.booking.queries import find_agreed_adjustment
from ecs_training.booking.rules import USUAL_PERCENT


@dataclass(frozen=True, kw_only=True)
class OwnTime:
    """`usual` is false where more time was agreed; breaks are on top, with a stopped clock."""

    length: timedelta
    usual: bool
    rest_minutes: int

    @property
    def words(self) -> str:
        return word_length(self.length)


@dataclass(frozen=True, kw_only=True)
class AtTheDoor:
    place: Place
    mark: AttendanceMark | None
    check: IdentityCheck | None
    own_time: OwnTime


def read_at_the_door(
    db: Session, *, sitting_ref: str, person_id: int, minutes: int
) -> AtTheDoor:
    """Raise NotFound unless they are booked on the sitting's date, or sit again there."""
    place = get_place(db, sitting_ref=sitting_ref, person_id=person_id)
    ids = [place.booking.id]
    return AtTheDoor(
        place=place,
        mark=standing_marks(db, booking_ids=ids).get(place.booking.id),
        check=standing_checks(db, booking_ids=ids).get(place.booking.id),
        own_time=read_own_time(db, booking_id=place.booking.id, minutes=minutes),
    )


def read_own_time(db: Session, *, booking_id: int, minutes: int) -> OwnTime:
    """Return the time of a booking's candidate for a paper of so many minutes."""
    agreed = find_agreed_adjustment(db, booking_id=booking_id)
    percent = agreed.time_percent if agreed else USUAL_PERCENT
    return OwnTime(
        length=time_allowed(minutes=minutes, percent=percent),
        usual=percent == USUAL_PERCENT,
        rest_minutes=agreed.rest_minutes if agreed else 0,
    )
