"""What runs by itself, and how often. The only module that knows APScheduler.

The scheduler only ticks. A job finds its work in the database, claims it row by row, and
may run twice at once without harm, so a second `ecs-training jobs` does none either.
"""

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from ecs_training.assessment.jobs import (
    count_item_answers,
    finish_overdue_attempts,
)
from ecs_training.attendance.jobs import read_meeting_reports
from ecs_training.foundation.clock import Clock, utc_now
from ecs_training.foundation.database import Database
from ecs_training.foundation.sealing import seal_audit
from ecs_training.foundation.settings import Settings
from ecs_training.notifications.jobs import send_mail
from ecs_training.reporting.jobs import count_statistics
from ecs_training.scheduling.jobs import (
    ask_about_dates,
    extend_the_timetable,
    make_meetings,
    read_calendars,
    refresh_the_holidays,
)

log = logging.getLogger(__name__)

Job = Callable[[Database, Clock, Settings], int]  # returns how many rows it did


@dataclass(frozen=True, kw_only=True)
class RecurringJob:
    run: Job
    every: timedelta


RECURRING_JOBS = (
    RecurringJob(run=send_mail, every=timedelta(seconds=2)),
    RecurringJob(run=finish_overdue_attempts, every=timedelta(seconds=5)),
    RecurringJob(run=seal_audit, every=timedelta(minutes=1)),
    RecurringJob(run=count_item_answers, every=timedelta(hours=1)),
    RecurringJob(run=count_statistics, every=timedelta(hours=1)),
    RecurringJob(run=extend_the_timetable, every=timedelta(hours=1)),
    RecurringJob(run=make_meetings, every=timedelta(minutes=1)),
    RecurringJob(run=read_meeting_reports, every=timedelta(minutes=5)),
    RecurringJob(run=ask_about_dates, every=timedelta(hours=1)),
    RecurringJob(run=refresh_the_holidays, every=timedelta(days=1)),
    RecurringJob(run=read_calendars, every=timedelta(minutes=1)),
)


def run_once(
    job: RecurringJob, database: Database, clock: Clock, settings: Settings
) -> None:
    """Run a job now. What it raises is logged: the next tick tries again."""
    name = job.run.__name__
    try:
        done = job.run(database, clock, settings)
    except Exception:
        log.exception("job %s failed", name)
        return
    if done:
        log.info("job %s: %d done", name, done)


def run_forever(database: Database, clock: Clock, settings: Settings) -> None:
    """Tick until SIGTERM or SIGINT, then finish what is running and return."""
    scheduler = BlockingScheduler(timezone=UTC)
    _schedule(scheduler, database, clock, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.shutdown(wait=False))
    scheduler.start()


def start_beside(
    database: Database, clock: Clock, settings: Settings
) -> BackgroundScheduler:
    """Tick in a thread of this process; the caller shuts the scheduler down."""
    scheduler = BackgroundScheduler(timezone=UTC, daemon=True)
    _schedule(scheduler, database, clock, settings)
    scheduler.start()
    return scheduler


def _schedule(
    scheduler: BaseScheduler, database: Database, clock: Clock, settings: Settings
) -> None:
    for job in RECURRING_JOBS:
        scheduler.add_job(
            run_once,
            "interval",
            seconds=job.every.total_seconds(),
            args=[job, database, clock, settings],
            id=job.run.__name__,
            next_run_time=utc_now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # late is better than never
        )
