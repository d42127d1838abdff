"""Days off: what one plan leaves out, closures for all, bank holidays of three nations.

None of these touches a date that exists; publishing shows first what follows from them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import Closure, Holiday, PlanException
from ecs_training.scheduling.queries import (
    find_holiday,
    list_exceptions,
    lock_closure,
    lock_holiday,
    lock_plan,
)
from ecs_training.scheduling.rules import (
    DaysRefusal,
    HolidaySource,
    Nation,
    library_holidays,
    why_not_add_closure,
    why_not_add_exception,
    why_not_add_holiday,
)
from ecs_training.scheduling.services.differences import week_of

YEARS_AHEAD = 2  # of holidays, beyond the horizon's year


class DaysRefused(Refused):
    reason: DaysRefusal


def add_exception(
    db: Session, *, ref: str, day: date, reason: str, added_by_id: int, now: datetime
) -> None:
    """Let a plan leave out one of its days, or raise DaysRefused."""
    plan = lock_plan(db, ref=ref)
    today = london_date(now)
    left_out = list_exceptions(db, plan_id=plan.id, since=today)
    _refuse(
        why_not_add_exception(
            week_of(plan),
            day=day,
            reason=reason,
            there=any(each.day == day for each in left_out),
            today=today,
        )
    )
    db.add(
        PlanException(
            plan_id=plan.id,
            day=day,
            reason=reason.strip(),
            added_at=now,
            added_by_id=added_by_id,
        )
    )
    db.flush()
    _audit(db, added_by_id, "left out day", f"weekly-plan/{plan.ref}", now, day=day)


def remove_exception(
    db: Session, *, ref: str, day: date, removed_by_id: int, now: datetime
) -> None:
    """Let a plan run on a day that it left out, or raise NotFound.

    A date that was taken off meanwhile stays cancelled: it is brought back by hand.
    """
    plan = lock_plan(db, ref=ref)
    gone = delete(PlanException).where(
        PlanException.plan_id == plan.id, PlanException.day == day
    )
    if db.scalars(gone.returning(PlanException.id)).one_or_none() is None:
        raise NotFound
    subject = f"weekly-plan/{plan.ref}"
    _audit(db, removed_by_id, "no longer left out day", subject, now, day=day)


def add_closure(
    db: Session,
    *,
    first_on: date,
    last_on: date,
    reason: str,
    added_by_id: int,
    now: datetime,
) -> Closure:
    """Close for some days, both included: no plan runs. Or raise DaysRefused."""
    _refuse(
        why_not_add_closure(
            first_on=first_on, last_on=last_on, reason=reason, today=london_date(now)
        )
    )
    closure = Closure(
        first_on=first_on,
        last_on=last_on,
        reason=reason.strip(),
        added_at=now,
        added_by_id=added_by_id,
    )
    db.add(closure)
    db.flush()
    subject = f"closure/{closure.ref}"
    _audit(db, added_by_id, "added closure", subject, now, first=first_on, last=last_on)
    return closure


def remove_closure(db: Session, *, ref: str, removed_by_id: int, now: datetime) -> None:
    lock_closure(db, ref=ref).removed_at = now
    _audit(db, removed_by_id, "removed closure", f"closure/{ref}", now)


def add_holiday(
    db: Session,
    *,
    nation: Nation,
    day: date,
    name: str,
    added_by_id: int,
    now: datetime,
) -> Holiday:
    """Add a proclaimed day that the library does not know yet, or raise DaysRefused."""
    _hold_table(db)
    there = find_holiday(db, nation=nation, day=day) is not None
    _refuse(why_not_add_holiday(day=day, there=there, today=london_date(now)))
    holiday = Holiday(
        nation=nation,
        day=day,
        name=name,
        source=HolidaySource.BY_HAND,
        known_at=now,
        added_by_id=added_by_id,
    )
    db.add(holiday)
    db.flush()
    subject = f"holiday/{holiday.ref}"
    _audit(db, added_by_id, "added holiday", subject, now, nation=nation, day=day)
    return holiday


def remove_holiday(db: Session, *, ref: str, removed_by_id: int, now: datetime) -> None:
    """Take a holiday out; the refresh does not bring it back."""
    lock_holiday(db, ref=ref).removed_at = now
    _audit(db, removed_by_id, "removed holiday", f"holiday/{ref}", now)


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a refresh changed: nation, day and name of each."""

    added: list[tuple[Nation, date, str]] = field(default_factory=list)
    dropped: list[tuple[Nation, date, str]] = field(default_factory=list)


def refresh_holidays(db: Session, *, weeks: int, now: datetime) -> Refreshed:
    """Fill the table from the library, this year to two beyond the horizon of `weeks`.

    A day that was ever taken out stays out. A day of the library's that it no longer has is
    taken out; days typed in by hand stay.
    """
    _hold_table(db)
    today = london_date(now)
    last_year = (today + timedelta(weeks=weeks)).year + YEARS_AHEAD
    told = Refreshed()
    for nation in Nation:
        known = {
            day: name
            for year in range(today.year, last_year + 1)
            for day, name in library_holidays(nation, year).items()
        }
        _compare(db, nation, known, now, told)
    db.flush()
    return told


def _compare(
    db: Session,
    nation: Nation,
    known: dict[date, str],
    now: datetime,
    told: Refreshed,
) -> None:
    rows = db.scalars(select(Holiday).where(Holiday.nation == nation)).all()
    there = {
        each.day
        for each in rows
        if each.source is HolidaySource.LIBRARY or each.removed_at is None
    }
    last_year = max(known).year
    for day, name in known.items():
        if day not in there:
            source = HolidaySource.LIBRARY
            db.add(
                Holiday(nation=nation, day=day, name=name, source=source, known_at=now)
            )
            told.added.append((nation, day, name))
    for row in rows:
        ours = row.source is HolidaySource.LIBRARY and row.removed_at is None
        covered = london_date(now) <= row.day and row.day.year <= last_year
        if ours and covered and row.day not in known:
            row.removed_at = now
            told.dropped.append((nation, row.day, row.name))


def _hold_table(db: Session) -> None:
    """One at a time: SQLite's writers are alone anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("LOCK TABLE holidays IN SHARE ROW EXCLUSIVE MODE"))


def _refuse(reason: DaysRefusal | None) -> None:
    if reason:
        raise DaysRefused(reason)


def _audit(
    db: Session,
    actor_id: int,
    action: str,
    subject: str,
    now: datetime,
    **details: date | str,
) -> None:
    told = {name: str(value) for name, value in details.items()}
    record(db, actor_id=actor_id, action=action, subject=subject, now=now, **told)
