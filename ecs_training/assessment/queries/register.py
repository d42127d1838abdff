"""The register of a date with everything that the trainer's page of the day shows."""

from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Sitting
from ecs_training.assessment.queries.resits import find_chance, list_failures
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
from ecs_training.assessment.rules.resits import FailedAttempt
from ecs_training.assessment.rules.sittings import is_open
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.queries import standing_checks, standing_marks
from ecs_training.attendance.queries.timelines import word_minutes_state
from ecs_training.attendance.rules import why_not_mark
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.booking.queries import agreed_adjustments, list_register
from ecs_training.booking.rules import word_agreed
from ecs_training.foundation.london import LONDON, london_date
from ecs_training.questions.rules import ResitRule
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
    sits_elsewhere: bool = False  # was given a resit on another date
    adjustment: Adjustment | None = None  # agreed
    resit_today: bool = False  # the rule allows one, here and now

    @property
    def agreed(self) -> str:
        """What was agreed for them, in words; empty where nothing was."""
        if self.adjustment is None:
            return ""
        return word_agreed(
            time_percent=self.adjustment.time_percent,
            rest_minutes=self.adjustment.rest_minutes,
        )

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
    minutes_state: str = ""  # how far the minutes from Teams are


NO_RESITS = ResitRule()


def read_register(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    now: datetime,
    resits: ResitRule = NO_RESITS,
) -> Register:
    """Raise NotFound for another trainer's date; None stands for staff, who see any.

    `resits` is the rule by which somebody who failed may sit again at once.
    """
    course_session = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    sitting = find_sitting(db, course_session_id=course_session.id)
    rows = _list_rows(db, course_session, now)
    if _is_open(sitting, now):
        rows = _offer_resits(db, rows, resits, now)
    register = _register(course_session, sitting, rows, now)
    return replace(register, minutes_state=word_minutes_state(db, course_session))


def _register(
    course_session: CourseSession,
    sitting: Sitting | None,
    rows: tuple[RegisterRow, ...],
    now: datetime,
) -> Register:
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
        sitting_is_open=_is_open(sitting, now),
        marking=not why_not_mark(
            local_date=course_session.local_date, today=london_date(now)
        ),
        rows=rows,
        counts=counts,
        done=done,
        now=step_now(done, opened=opened, closed=closed),
    )


def _is_open(sitting: Sitting | None, now: datetime) -> bool:
    return sitting is not None and is_open(
        opened_at=sitting.opened_at,
        closes_at=sitting.closes_at,
        closed_at=sitting.closed_at,
        now=now,
    )


def _offer_resits(
    db: Session, rows: tuple[RegisterRow, ...], rule: ResitRule, now: datetime
) -> tuple[RegisterRow, ...]:
    """Mark those whose last word is a failure after which the rule allows a resit now."""
    failed = [
        row.booking.id
        for row in rows
        if row.work is Work.NOT_PASSED and not row.sits_elsewhere
    ]
    if not failed:
        return rows
    failures = list_failures(db, booking_ids=failed)
    may = {each for each in failed if _may_sit_again(failures[each], rule, now)}
    return tuple(replace(row, resit_today=row.booking.id in may) for row in rows)


def _may_sit_again(
    failures: list[FailedAttempt], rule: ResitRule, now: datetime
) -> bool:
    chance = find_chance(failures, rule, open_today=True, now=now)
    return chance is not None and chance.is_open(now=now)


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
    again = list_sitting_again(db, course_session_id=course_session.id)
    ids = [booking.id for booking in bookings]
    marks = standing_marks(db, booking_ids=ids)
    checks = standing_checks(db, booking_ids=ids)
    entered = list_entered(db, course_session_id=course_session.id)
    agreed = agreed_adjustments(db, booking_ids=[*ids, *(one.id for one in again)])
    return (
        *(
            _row(
                booking,
                entered.get(booking.id),
                agreed.get(booking.id),
                now,
                mark=marks.get(booking.id),
                check=checks.get(booking.id),
            )
            for booking in bookings
        ),
        *(
            _row(booking, entered[booking.id], agreed.get(booking.id), now, again=True)
            for booking in again
        ),
    )


def _row(
    booking: Booking,
    held: EntryHeld | None,
    adjustment: Adjustment | None,
    now: datetime,
    *,
    mark: AttendanceMark | None = None,
    check: IdentityCheck | None = None,
    again: bool = False,
) -> RegisterRow:
    attempt = held.attempt if held else None
    return RegisterRow(
        booking=booking,
        mark=mark,
        check=check,
        attempt=attempt,
        work=_judge(attempt, entered=held is not None, now=now),
        sits_again=again,
        sits_elsewhere=held is not None and held.entry.spent_at is not None,
        adjustment=adjustment,
    )


def _judge(attempt: Attempt | None, *, entered: bool, now: datetime) -> Work:
    return judge_work(
        entered=entered,
        deadline=attempt.deadline_at(now) if attempt else None,
        passed=attempt.passed if attempt else None,
        voided=bool(attempt and attempt.voided_at),
        now=now,
    )
