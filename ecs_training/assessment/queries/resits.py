"""What comes after a failure: the failures of one attendance, and what was granted since."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Entry, Resit, Sitting
from ecs_training.assessment.queries.seats import (
    ResitPlace,
    find_resit_place,
    is_over,
)
from ecs_training.assessment.rules.granting import word_chance
from ecs_training.assessment.rules.resits import (
    Chance,
    ChanceKind,
    FailedAttempt,
    next_chance,
)
from ecs_training.booking.models import Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.questions.rules import ResitRule
from ecs_training.scheduling.models import CourseSession

A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Sat:
    """An attempt with everything that it stands on. Practice stands on nothing."""

    attempt: Attempt
    entry: Entry
    booking: Booking
    person: Person
    course_session: CourseSession


@dataclass(frozen=True, kw_only=True)
class AfterFailure:
    """One of the two, or neither: what was granted, else what the rule allows now."""

    resit: ResitPlace | None = None
    chance: Chance | None = None

    @property
    def words(self) -> str:
        """What the rule allows, for whoever failed; empty where it says nothing."""
        return word_chance(self.chance) if self.chance else ""


def get_sat(
    db: Session, *, ref: str, sat_on: str | None, trainer_id: int | None
) -> Sat:
    """Return an attempt of an assessment; NotFound for practice.

    `sat_on` asks for the date on which it was sat, `trainer_id` for whose date that is;
    None: any.
    """
    query = _sat().where(Attempt.ref == ref)
    if sat_on is not None:
        query = query.where(CourseSession.ref == sat_on)
    if trainer_id is not None:
        query = query.where(CourseSession.trainer_id == trainer_id)
    return _one(db, query)


def get_sat_attempt(db: Session, *, attempt_id: int) -> Sat:
    return _one(db, _sat().where(Attempt.id == attempt_id))


def _sat() -> Select[Attempt, Entry, Booking, Person, CourseSession]:
    return (
        select(Attempt, Entry, Booking, Person, CourseSession)
        .join(Entry, Entry.id == Attempt.entry_id)
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Person, Person.id == Booking.candidate_id)
        .join(CourseSession, CourseSession.id == Entry.course_session_id)
    )


def _one(
    db: Session, query: Select[Attempt, Entry, Booking, Person, CourseSession]
) -> Sat:
    row = db.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return _as_sat(*row)


def _as_sat(
    attempt: Attempt,
    entry: Entry,
    booking: Booking,
    person: Person,
    course_session: CourseSession,
) -> Sat:
    return Sat(
        attempt=attempt,
        entry=entry,
        booking=booking,
        person=person,
        course_session=course_session,
    )


def lock_resit(db: Session, *, attempt_id: int) -> Resit | None:
    """Hold the resit of an attempt that is held already, if it was given one."""
    return db.scalars(
        select(Resit)
        .where(Resit.attempt_id == attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def get_resit(db: Session, *, resit_id: int) -> Resit:
    """Return a resit with the attempt that it follows, and the date on which it is sat."""
    return db.scalars(_whole_resits().where(Resit.id == resit_id)).one()


def find_resit_of_entry(db: Session, *, entry_id: int) -> Resit | None:
    return db.scalars(select(Resit).where(Resit.entry_id == entry_id)).one_or_none()


def list_unsat_resits(db: Session, *, course_session_id: int) -> Sequence[Resit]:
    """Return the resits of a date that wait to be sat, but for those of its own bookings."""
    return db.scalars(
        _whole_resits().where(*_waits_on(course_session_id)).order_by(Resit.id)
    ).all()


def lock_unsat_resits(db: Session, *, course_session_id: int) -> Sequence[Resit]:
    """Hold the same, for whoever holds the date."""
    return db.scalars(
        select(Resit)
        .join(Resit.entry)
        .join(Entry.booking)
        .where(*_waits_on(course_session_id))
        .order_by(Resit.id)
        .with_for_update(of=Resit)
        .execution_options(populate_existing=True)
    ).all()


def _whole_resits() -> Select[Resit]:
    return (
        select(Resit)
        .join(Resit.entry)
        .join(Entry.booking)
        .options(
            contains_eager(Resit.entry).options(
                contains_eager(Entry.booking),
                joinedload(Entry.course_session).joinedload(CourseSession.trainer),
            ),
            joinedload(Resit.attempt).joinedload(Attempt.sitting),
        )
        .execution_options(populate_existing=True)
    )


def _waits_on(course_session_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Entry.course_session_id == course_session_id,
        Entry.withdrawn_at.is_(None),
        Entry.spent_at.is_(None),
        ~select(Attempt.id).where(Attempt.entry_id == Entry.id).exists(),
        Booking.course_session_id != course_session_id,
    )


def list_failures(
    db: Session, *, booking_ids: Collection[int]
) -> dict[int, list[FailedAttempt]]:
    """Return the failures of each attendance that count, by booking id, oldest first.

    A voided attempt is no failure. One query, however many bookings.
    """
    rows = db.execute(
        select(Entry.booking_id, Attempt.finished_at)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(
            Entry.booking_id.in_(booking_ids),
            Attempt.passed.is_(False),
            Attempt.voided_at.is_(None),
        )
        .order_by(Attempt.finished_at, Attempt.id)
    )
    failures: dict[int, list[FailedAttempt]] = defaultdict(list)
    for booking_id, finished_at in rows:
        if finished_at:  # always: what has not ended has not failed
            failures[booking_id].append(FailedAttempt(finished_at=finished_at))
    return failures


def find_chance(
    failures: Sequence[FailedAttempt],
    rule: ResitRule,
    *,
    open_today: bool,
    now: datetime,
) -> Chance | None:
    """Return what the rule allows next; None where nothing has been failed.

    A resit of the same day is worth nothing where nobody can start any more.
    """
    if not failures:
        return None
    chance = next_chance(failures, rule, now)
    if chance.kind is ChanceKind.SAME_DAY and not open_today:
        return next_chance(failures, rule, now + A_DAY)
    return chance


def after_failure(
    db: Session, *, attempt_id: int, rule: ResitRule, now: datetime
) -> AfterFailure:
    """Return what comes after an assessment that was failed or voided."""
    sat = get_sat_attempt(db, attempt_id=attempt_id)
    if place := find_resit_place(db, attempt_id=attempt_id, now=now):
        return AfterFailure(resit=place)
    if sat.attempt.voided_at:
        return AfterFailure()
    failures = list_failures(db, booking_ids=[sat.booking.id])
    sitting = _find_sitting(db, sat.course_session)
    chance = find_chance(
        failures[sat.booking.id],
        rule,
        open_today=not is_over(sat.course_session, sitting, now=now),
        now=now,
    )
    return AfterFailure(chance=chance)


def list_resit_dates(
    db: Session, *, card_role: str, now: datetime, limit: int
) -> Sequence[CourseSession]:
    """Return the public dates of a role from today on, soonest first, with their trainers."""
    return db.scalars(
        select(CourseSession)
        .where(
            CourseSession.card_role == card_role,
            CourseSession.in_house.is_(False),
            CourseSession.cancelled_at.is_(None),
            CourseSession.local_date >= london_date(now),
        )
        .options(joinedload(CourseSession.trainer))
        .order_by(CourseSession.starts_at, CourseSession.id)
        .limit(limit)
    ).all()


def list_dates_for(
    db: Session, *, sat: Sat, now: datetime, limit: int
) -> Sequence[CourseSession]:
    """Return the same for one attempt, after its own date while people can start there."""
    coming = list_resit_dates(db, card_role=sat.attempt.card_role, now=now, limit=limit)
    others = [each for each in coming if each.id != sat.course_session.id]
    sitting = _find_sitting(db, sat.course_session)
    if sitting and not is_over(sat.course_session, sitting, now=now):
        return [sat.course_session, *others]
    return others


def list_stranded(db: Session, *, since: date, now: datetime) -> Sequence[Sat]:
    """Return the attempts whose resit nobody can sit any more, oldest first.

    Its date, on `since` or later, was cancelled or is over, and it was not sat: somebody
    has to choose another.
    """
    unsat = ~select(Attempt.id).where(Attempt.entry_id == Entry.id).exists()
    rows = db.execute(
        select(Resit.attempt_id, CourseSession, Sitting)
        .join(Entry, Entry.id == Resit.entry_id)
        .join(CourseSession, CourseSession.id == Entry.course_session_id)
        .outerjoin(Sitting, Sitting.course_session_id == CourseSession.id)
        .where(unsat, Entry.withdrawn_at.is_(None), CourseSession.local_date >= since)
    )
    ids = [row[0] for row in rows if is_over(row[1], row[2], now=now)]
    query = _sat().where(Attempt.id.in_(ids)).order_by(Attempt.id)
    return [_as_sat(*row) for row in db.execute(query)]


def _find_sitting(db: Session, course_session: CourseSession) -> Sitting | None:
    return db.scalars(
        select(Sitting).where(Sitting.course_session_id == course_session.id)
    ).one_or_none()
