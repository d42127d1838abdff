"""The demo's dates: weekly plans, four dates to book, and today's in-house course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Sitting
from ecs_training.assessment.rules.sittings import OPENING_DECLARATION
from ecs_training.assessment.services.sittings import open_sitting
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome, Presence
from ecs_training.attendance.services import check_identity, mark_attendance
from ecs_training.booking.services import book_seat
from ecs_training.catalogue.queries import scheme
from ecs_training.demo.people import (
    CANDIDATE,
    CANDIDATES,
    OTHER_TRAINERS,
    OTHERS,
    STAFF,
    TRAINER,
    Cast,
)
from ecs_training.foundation.london import LONDON, london_date
from ecs_training.questions.rules import Blueprint
from ecs_training.scheduling.models import CourseSession, WeeklyPlan
from ecs_training.scheduling.queries import is_trainer_busy
from ecs_training.scheduling.rules import instants, is_working_day
from ecs_training.scheduling.services import (
    add_closure,
    add_course_session,
    add_weekly_plan,
    cancel_course_session,
)
from ecs_training.scheduling.services.availability import free_again

JOINING_URL = "https://teams.example.org/meet/demo"
STARTS, ENDS = time(9), time(16, 30)
OPEN_SINCE = timedelta(hours=2)
LASTS = timedelta(hours=3)
AHEAD = timedelta(days=7)


def plan_weeks(db: Session, cast: Cast, *, now: datetime) -> None:
    """Plan one course a week for each role, Monday to Friday, among the three trainers.

    The first is given in turns by two of them. Everything is shut between the years.
    """
    if db.scalars(select(WeeklyPlan.id).limit(1)).first() is not None:
        return
    trainers = (*OTHER_TRAINERS[:2], TRAINER)
    for weekday, role in enumerate(scheme().roles):
        add_weekly_plan(
            db,
            card_role=role.slug,
            weekday=weekday,
            starts=STARTS,
            ends=ENDS,
            capacity=12,
            trainer_ids=[cast.ids[email] for email in _rota(trainers, weekday)],
            first_on=london_date(now) + timedelta(days=1),
            added_by_id=cast.ids[STAFF],
            now=now,
        )
    year = london_date(now).year
    add_closure(
        db,
        first_on=date(year, 12, 27),
        last_on=date(year, 12, 31),
        reason="Shut between the years",
        added_by_id=cast.ids[STAFF],
        now=now,
    )


def _rota(trainers: Sequence[str], weekday: int) -> Sequence[str]:
    return trainers[:2] if weekday == 0 else [trainers[weekday % len(trainers)]]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A date that checks ask for: how large it is, and how many seats are taken."""

    card_role: str
    capacity: int
    taken: int


WANTED = {
    "bookable_session": Wanted(card_role="labourer", capacity=12, taken=3),
    "one_seat_session": Wanted(card_role="fess-labourer", capacity=12, taken=11),
    "full_session": Wanted(card_role="site-support", capacity=12, taken=12),
    "unbooked_capacity_20_session": Wanted(
        card_role="cable-installer", capacity=20, taken=0
    ),
}


def publish_dates(db: Session, cast: Cast, *, now: datetime) -> dict[str, str]:
    """Return the four dates, at least a week ahead; those that still fit are kept."""
    return {
        name: _find_date(db, cast, wanted, now) or _publish(db, cast, wanted, now)
        for name, wanted in WANTED.items()
    }


def _find_date(db: Session, cast: Cast, wanted: Wanted, now: datetime) -> str | None:
    return db.scalars(
        select(CourseSession.ref).where(
            CourseSession.trainer_id == cast.ids[OTHER_TRAINERS[2]],
            CourseSession.cancelled_at.is_(None),
            CourseSession.card_role == wanted.card_role,
            CourseSession.seats_taken == wanted.taken,
            CourseSession.starts_at >= now + AHEAD,
        )
    ).first()


def _publish(db: Session, cast: Cast, wanted: Wanted, now: datetime) -> str:
    trainer_id = cast.ids[OTHER_TRAINERS[2]]
    course_session = add_course_session(
        db,
        card_role=wanted.card_role,
        local_date=_free_day(db, trainer_id, london_date(now + AHEAD)),
        local_start=STARTS,
        local_end=ENDS,
        capacity=wanted.capacity,
        trainer_id=trainer_id,
        added_by_id=cast.ids[STAFF],
        now=now,
    )
    _fill(db, cast, course_session, OTHERS[: wanted.taken], now)
    return course_session.ref


def _free_day(db: Session, trainer_id: int, after: date) -> date:
    """Return the next working day on which the trainer is free."""
    while True:
        after += timedelta(days=1)
        starts_at, ends_at = instants(after, STARTS, ENDS)
        if is_working_day(after) and not is_trainer_busy(
            db,
            trainer_id=trainer_id,
            starts_at=starts_at,
            until=free_again(db, ends_at),
        ):
            return after


def _fill(
    db: Session,
    cast: Cast,
    course_session: CourseSession,
    emails: tuple[str, ...],
    now: datetime,
) -> None:
    for email in emails:
        book_seat(
            db,
            course_session_ref=course_session.ref,
            candidate_id=cast.ids[email],
            booked_by_id=cast.ids[email],
            company_id=None,
            now=now,
        )


def open_todays_sitting(
    db: Session, cast: Cast, *, blueprint: Blueprint, now: datetime
) -> str:
    """Return today's open sitting; a new one unless the last began within its course's time.

    Its course is in-house, so that no public list or feed shows it, and it stands on any
    day and at any hour.
    """
    opened_at = now - OPEN_SINCE
    if (running := _find_running(db, cast, opened_at)) is not None:
        return running
    emails = (CANDIDATE, *CANDIDATES)
    early = opened_at - timedelta(days=1)
    _free_the_trainer(db, cast, opened_at, now)
    course_session = _run_in_house(db, cast, opened_at, early)
    for email in emails:
        booking = book_seat(
            db,
            course_session_ref=course_session.ref,
            candidate_id=cast.ids[email],
            booked_by_id=cast.ids[STAFF],
            company_id=cast.company_id,
            in_house=True,
            now=early,
        )
        admit(db, booking.id, cast.ids[TRAINER], opened_at)
    sitting = open_sitting(
        db,
        course_session_ref=course_session.ref,
        trainer_id=cast.ids[TRAINER],
        invigilator_id=cast.ids[TRAINER],
        declaration=OPENING_DECLARATION,
        blueprint=blueprint,
        now=opened_at,
    )
    return sitting.ref


def _find_running(db: Session, cast: Cast, opened_at: datetime) -> str | None:
    return db.scalars(
        select(Sitting.ref)
        .join(CourseSession, CourseSession.id == Sitting.course_session_id)
        .where(
            CourseSession.trainer_id == cast.ids[TRAINER],
            CourseSession.in_house,
            CourseSession.ends_at > opened_at,
        )
        .order_by(Sitting.opened_at.desc())
    ).first()


def _free_the_trainer(
    db: Session, cast: Cast, opened_at: datetime, now: datetime
) -> None:
    """Cancel a weekly date that would put the trainer in two rooms today."""
    clashing = db.scalars(
        select(CourseSession.ref).where(
            CourseSession.trainer_id == cast.ids[TRAINER],
            CourseSession.cancelled_at.is_(None),
            CourseSession.starts_at < opened_at + LASTS,
            CourseSession.ends_at > max(opened_at - timedelta(minutes=1), now),
        )
    ).all()
    for ref in clashing:
        cancel_course_session(
            db,
            ref=ref,
            trainer_id=None,
            reason="The trainer is needed on another course today.",
            cancelled_by_id=cast.ids[STAFF],
            now=now,
        )


def _run_in_house(
    db: Session, cast: Cast, opened_at: datetime, added_at: datetime
) -> CourseSession:
    starts = opened_at.astimezone(LONDON)
    ends = (opened_at + LASTS).astimezone(LONDON)
    return add_course_session(
        db,
        card_role="labourer",
        local_date=starts.date(),
        local_start=starts.time().replace(second=0, microsecond=0),
        local_end=ends.time().replace(second=0, microsecond=0),
        capacity=60,
        trainer_id=cast.ids[TRAINER],
        in_house=True,
        joining_url=JOINING_URL,
        added_by_id=cast.ids[STAFF],
        now=added_at,
    )


def admit(db: Session, booking_id: int, trainer_id: int, at: datetime) -> None:
    """Mark somebody as there, with a passport that matches."""
    mark_attendance(
        db,
        booking_id=booking_id,
        presence=Presence.ATTENDED,
        marked_by_id=trainer_id,
        now=at,
    )
    check_identity(
        db,
        booking_id=booking_id,
        document=DocumentKind.PASSPORT,
        outcome=IdentityOutcome.MATCHED,
        checked_by_id=trainer_id,
        now=at,
    )
