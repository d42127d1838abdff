"""The register of a date with everything that the trainer's page of the day shows."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Sitting
from ecs_training.assessment.queries.sittings import (
    EntryHeld,
    find_sitting,
    list_entered,
    list_sitting_again,
)
from ecs_training.assessment.rules.day import (
    DayCounts,
    PersonOnDay,
    Step,
    Work,
    count_day,
    judge_work,
    step_now,
    steps_done,
)
from ecs_training.assessment.rules.sittings import is_open
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.queries import standing_checks, standing_marks
from ecs_training.attendance.rules import why_not_mark
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import list_register
from ecs_training.foundation.london import LONDON, london_date
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import get_course_session_of


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """One person on the day, with how far they are. Never a score, never an answer."""

    booking: Booking
    mark: AttendanceMark | None
    check: IdentityCheck | None
    attempt: Attempt | None
    work: Work
    sits_again: bool = False  # on a booking of an earlier date

    @property
    def at(self) -> time | None:
        """The London time at which they finished, or will have to."""
        if self.attempt is None:
            return None
        at = self.attempt.finished_at or self.attempt.deadline
        return at.astimezone(LONDON).time()


@dataclass(frozen=True, kw_only=True)
class Register:
    course_session: CourseSession
    sitting: Sitting | None
    sitting_is_open: bool
    marking: bool  # whether the day has come, and people may be marked
    rows: tuple[RegisterRow, ...]
    counts: DayCounts
    done: set[Step]
    now: Step | None


def read_register(
    db: Session, *, ref: str, trainer_id: int | None, now: datetime
) -> Register:
    """Raise NotFound for another trainer's date; None stands for staff, who see any."""
    course_session = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    sitting = find_sitting(db, course_session_id=course_session.id)
    rows = _list_rows(db, course_session, now)
    counts = count_day(_as_counted(row) for row in rows if not row.sits_again)
    opened = sitting is not None
    closed = sitting is not None and sitting.closed_at is not None
    done = steps_done(
        counts,
        course_over=now >= course_session.ends_at,
        opened=opened,
        closed=closed,
    )
    return Register(
        course_session=course_session,
        sitting=sitting,
        sitting_is_open=sitting is not None
        and is_open(
            opened_at=sitting.opened_at,
            closes_at=sitting.closes_at,
            closed_at=sitting.closed_at,
            now=now,
        ),
        marking=not why_not_mark(
            local_date=course_session.local_date, today=london_date(now)
        ),
        rows=rows,
        counts=counts,
        done=done,
        now=step_now(done, opened=opened, closed=closed),
    )


def _as_counted(row: RegisterRow) -> PersonOnDay:
    return PersonOnDay(
        presence=row.mark.presence if row.mark else None,
        identity=row.check.outcome if row.check else None,
        work=row.work,
    )


def _list_rows(
    db: Session, course_session: CourseSession, now: datetime
) -> tuple[RegisterRow, ...]:
    bookings = list_register(db, course_session_id=course_session.id)
    ids = [booking.id for booking in bookings]
    marks = standing_marks(db, booking_ids=ids)
    checks = standing_checks(db, booking_ids=ids)
    entered = list_entered(db, course_session_id=course_session.id)
    again = list_sitting_again(db, course_session_id=course_session.id)
    return (
        *(_row(booking, marks, checks, entered, now) for booking in bookings),
        *(_row_again(booking, entered, now) for booking in again),
    )


def _row_again(
    booking: Booking, entered: dict[int, EntryHeld], now: datetime
) -> RegisterRow:
    attempt = entered[booking.id].attempt
    return RegisterRow(
        booking=booking,
        mark=None,
        check=None,
        attempt=attempt,
        work=_judge(attempt, entered=True, now=now),
        sits_again=True,
    )


def _judge(attempt: Attempt | None, *, entered: bool, now: datetime) -> Work:
    return judge_work(
        entered=entered,
        deadline=attempt.deadline_at(now) if attempt else None,
        passed=attempt.passed if attempt else None,
        voided=bool(attempt and attempt.voided_at),
        now=now,
    )


def _row(
    booking: Booking,
    marks: dict[int, AttendanceMark],
    checks: dict[int, IdentityCheck],
    entered: dict[int, EntryHeld],
    now: datetime,
) -> RegisterRow:
    held = entered.get(booking.id)
    attempt = held.attempt if held else None
    work = _judge(attempt, entered=held is not None, now=now)
    return RegisterRow(
        booking=booking,
        mark=marks.get(booking.id),
        check=checks.get(booking.id),
        attempt=attempt,
        work=work,
    )
