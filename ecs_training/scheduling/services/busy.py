"""A trainer's own calendars: added, read again, removed. Callers own the transaction.

Of a calendar only times are kept. Its address opens it to whoever knows it, so it stands in
no audit row and no log.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.scheduling.models import BusyCalendar, BusyTime
from ecs_training.scheduling.outside.calendars import read_calendar
from ecs_training.scheduling.outside.fetching import MOST_BYTES, why_not_fetch
from ecs_training.scheduling.outside.problems import (
    CalendarProblem,
    CalendarUnreadable,
)
from ecs_training.scheduling.queries import lock_trainer
from ecs_training.scheduling.queries.busy import (
    get_busy_calendar,
    list_busy_calendars,
    may_be_read,
)
from ecs_training.scheduling.rules.leave import (
    LONGEST_NOTE,
    MOST_CALENDARS,
    WEEKS_BEYOND,
    TrainerTimeRefusal,
    wait_before_reading,
)
from ecs_training.scheduling.services.trainers import TrainerTimeRefused

Span = tuple[datetime, datetime]


class CalendarRefused(Refused):
    reason: CalendarProblem


def add_busy_address(
    db: Session,
    *,
    trainer_id: int,
    label: str,
    address: str,
    added_by_id: int,
    now: datetime,
) -> BusyCalendar:
    """Have a calendar read from an address, soon and again and again.

    Raise CalendarRefused for an address that is none, TrainerTimeRefused for one too many.
    """
    if problem := why_not_fetch(address):
        raise CalendarRefused(problem)
    calendar = _add(db, trainer_id, label, added_by_id, now)
    calendar.address, calendar.next_try_at = address, now
    return calendar


def add_busy_file(
    db: Session,
    *,
    trainer_id: int,
    label: str,
    times: Sequence[Span],
    added_by_id: int,
    now: datetime,
) -> BusyCalendar:
    """Keep the times of a file that was read already, or raise TrainerTimeRefused."""
    calendar = _add(db, trainer_id, label, added_by_id, now)
    calendar.read_at = now
    _put(db, calendar, times)
    return calendar


def remove_busy_calendar(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    removed_by_id: int,
    now: datetime,
) -> None:
    """Forget a trainer's own calendar, or anybody's for staff (None), address and times too."""
    calendar = get_busy_calendar(db, ref=ref, trainer_id=trainer_id)
    lock_trainer(db, person_id=calendar.trainer_id)
    calendar.removed_at, calendar.address = now, None
    _put(db, calendar, [])
    _audit(db, calendar, "removed own calendar", removed_by_id, now)


def claim_calendar(
    db: Session, *, calendar_id: int, now: datetime, until: datetime
) -> str | None:
    """Take a calendar into one's hands and return its address; None if it is not to be had.

    One conditional UPDATE, so that of two readers at once only one gets it.
    """
    return db.execute(
        update(BusyCalendar)
        .where(BusyCalendar.id == calendar_id, *may_be_read(now))
        .values(claimed_until=until)
        .returning(BusyCalendar.address)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()


def keep_busy_times(
    db: Session,
    *,
    calendar_id: int,
    claimed_until: datetime,
    times: Sequence[Span],
    now: datetime,
) -> bool:
    """Put what was just read in the place of what stood there; False if it is not ours by now."""
    calendar = _held(db, calendar_id, claimed_until)
    if calendar is None:
        return False
    calendar.read_at, calendar.last_problem, calendar.tries = now, None, 0
    calendar.next_try_at, calendar.claimed_until = now + wait_before_reading(0), None
    _put(db, calendar, times)
    return True


def put_off_calendar(
    db: Session,
    *,
    calendar_id: int,
    claimed_until: datetime,
    problem: str,
    now: datetime,
) -> None:
    """Note why a calendar could not be read, and when it is tried again; its times stay."""
    calendar = _held(db, calendar_id, claimed_until)
    if calendar is None:
        return
    calendar.tries += 1
    calendar.last_problem = problem[:LONGEST_NOTE]
    calendar.next_try_at = now + wait_before_reading(calendar.tries)
    calendar.claimed_until = None


def _held(
    db: Session, calendar_id: int, claimed_until: datetime
) -> BusyCalendar | None:
    """Return the calendar and hold its trainer, unless it was removed or taken meanwhile."""
    calendar = db.get_one(BusyCalendar, calendar_id)
    lock_trainer(db, person_id=calendar.trainer_id)
    db.refresh(calendar, with_for_update=True)
    ours = calendar.removed_at is None and calendar.claimed_until == claimed_until
    return calendar if ours else None


def _add(
    db: Session, trainer_id: int, label: str, by_id: int, now: datetime
) -> BusyCalendar:
    lock_trainer(db, person_id=trainer_id)
    if len(list_busy_calendars(db, trainer_id=trainer_id)) >= MOST_CALENDARS:
        raise TrainerTimeRefused(TrainerTimeRefusal.TOO_MANY_CALENDARS)
    calendar = BusyCalendar(trainer_id=trainer_id, label=label, added_at=now)
    db.add(calendar)
    db.flush()
    _audit(db, calendar, "added own calendar", by_id, now)
    return calendar


def _put(db: Session, calendar: BusyCalendar, times: Sequence[Span]) -> None:
    db.execute(delete(BusyTime).where(BusyTime.calendar_id == calendar.id))
    db.add_all(
        BusyTime(calendar_id=calendar.id, starts_at=starts, ends_at=ends)
        for starts, ends in times
    )
    db.flush()


def _audit(
    db: Session, calendar: BusyCalendar, action: str, by_id: int, now: datetime
) -> None:
    record(
        db,
        actor_id=by_id,
        action=action,
        subject=f"busy-calendar/{calendar.ref}",
        now=now,
    )


def read_calendar_file(
    content: bytes, *, own_domain: str, weeks: int, now: datetime
) -> Sequence[Span]:
    """Return when an uploaded calendar says its owner is taken, or raise CalendarRefused.

    It may take seconds: no transaction is open meanwhile.
    """
    if len(content) > MOST_BYTES:
        raise CalendarRefused(CalendarProblem.TOO_LARGE)
    until = now + timedelta(weeks=weeks + WEEKS_BEYOND)
    try:
        return read_calendar(content, own_domain=own_domain, since=now, until=until)
    except CalendarUnreadable as unreadable:
        raise CalendarRefused(unreadable.problem) from None
