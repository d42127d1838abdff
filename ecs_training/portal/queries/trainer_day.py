from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from ecs_training.assessment.queries.register import Register, read_register
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date, to_utc
from ecs_training.portal.rules import Deed, next_deed
from ecs_training.scheduling.models import CourseSession, Swap
from ecs_training.scheduling.queries import list_trainer_course_sessions
from ecs_training.scheduling.queries.swaps import list_open_swaps

FURTHEST = timedelta(days=400)  # from today, either way


@dataclass(frozen=True, kw_only=True)
class CourseOfDay:
    """A date of the day, how far it is, and what its trainer does next."""

    register: Register
    deed: Deed
    swap: Swap | None  # asked of somebody, who has not answered

    @property
    def course_session(self) -> CourseSession:
        return self.register.course_session


@dataclass(frozen=True, kw_only=True)
class TrainerDay:
    """One London day of a trainer's, and what the day after it holds."""

    on: date
    is_today: bool
    courses: Sequence[CourseOfDay]
    called_off: Sequence[CourseSession]
    day_after: Sequence[CourseSession]
    asked_of_me: Sequence[Swap]  # whatever their day

    @property
    def before(self) -> date:
        return self.on - timedelta(days=1)

    @property
    def after(self) -> date:
        return self.on + timedelta(days=1)


def read_trainer_day(
    db: Session, *, trainer_id: int, on: date, now: datetime
) -> TrainerDay:
    """Return a trainer's day, or raise NotFound for one more than 400 days from today."""
    today = london_date(now)
    if abs(on - today) > FURTHEST:
        raise NotFound
    dates = list_trainer_course_sessions(
        db, trainer_id=trainer_id, since=to_utc(on, time())
    )
    swaps = {
        swap.course_session_id: swap
        for swap in list_open_swaps(db, now=now, from_id=trainer_id)
    }
    that_day = [each for each in dates if each.local_date == on]
    return TrainerDay(
        on=on,
        is_today=on == today,
        courses=[
            _course(db, each, swaps, now) for each in that_day if not each.cancelled_at
        ],
        called_off=[each for each in that_day if each.cancelled_at],
        day_after=[
            each
            for each in dates
            if each.local_date == on + timedelta(days=1) and not each.cancelled_at
        ],
        asked_of_me=list_open_swaps(db, now=now, to_id=trainer_id),
    )


def _course(
    db: Session, each: CourseSession, swaps: Mapping[int, Swap], now: datetime
) -> CourseOfDay:
    register = read_register(db, ref=each.ref, trainer_id=each.trainer_id, now=now)
    sitting, counts = register.sitting, register.counts
    return CourseOfDay(
        register=register,
        deed=next_deed(
            unmarked=counts.unmarked,
            to_check=counts.to_check,
            opened=sitting is not None,
            closed=sitting is not None and sitting.closed_at is not None,
        ),
        swap=swaps.get(each.id),
    )
