"""What the timetable does by itself."""

import logging
import secrets
from datetime import datetime, timedelta
from typing import Any

from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.outside.calendars import read_calendar
from ecs_training.scheduling.outside.fetching import (
    INTERNET,
    Web,
    fetch_calendar,
)
from ecs_training.scheduling.outside.graph import graph_for
from ecs_training.scheduling.outside.graph_access import GraphFailed, GraphNotThere
from ecs_training.scheduling.outside.problems import CalendarUnreadable
from ecs_training.scheduling.queries import list_plan_ids, list_to_ask
from ecs_training.scheduling.queries.busy import list_due_calendars
from ecs_training.scheduling.queries.meetings import (
    list_dates_without_meeting,
    list_due_meetings,
)
from ecs_training.scheduling.rules.leave import WEEKS_BEYOND
from ecs_training.scheduling.rules.meetings import wait_before_retry
from ecs_training.scheduling.services import (
    ask_about_date,
    extend_plan,
    refresh_holidays,
)
from ecs_training.scheduling.services.arranging import arrange_meeting
from ecs_training.scheduling.services.busy import (
    claim_calendar,
    keep_busy_times,
    put_off_calendar,
)
from ecs_training.scheduling.services.meeting_claims import (
    MeetingClaim,
    claim_meeting,
    keep_meeting,
    leave_microsoft_alone,
    make_meeting_anew,
    put_meeting_off,
)
from ecs_training.scheduling.services.meetings import want_missing_meeting

# Longer than everything that is asked of Microsoft for one meeting may take.
MOST_REQUESTS = 8
# Longer than a calendar may take to be fetched and read.
CALENDAR_LEASE = timedelta(minutes=2)

log = logging.getLogger(__name__)


def extend_the_timetable(database: Database, clock: Clock, settings: Settings) -> int:
    """Publish the dates that are due, plan by plan; a plan that fails stops no other."""
    with database.reading() as db:
        running = list_plan_ids(db, running_on=london_date(clock()))
    return sum(_extend(database, clock, settings, plan_id) for plan_id in running)


def _extend(database: Database, clock: Clock, settings: Settings, plan_id: int) -> int:
    try:
        with database.transaction() as db:
            return extend_plan(
                db, plan_id=plan_id, weeks=settings.timetable_weeks, now=clock()
            )
    except Exception:
        log.exception("weekly plan %s was not extended", plan_id)
        return 0


def refresh_the_holidays(database: Database, clock: Clock, settings: Settings) -> int:
    """Bring the bank holidays that the library knows by now into the table."""
    with database.transaction() as db:
        weeks = settings.timetable_weeks
        changed = refresh_holidays(db, weeks=weeks, now=clock())
    return len(changed.added) + len(changed.dropped)


def ask_about_dates(database: Database, clock: Clock, _settings: Settings) -> int:
    """Raise what a person has to decide: too few booked, or a holiday nobody knew of."""
    with database.reading() as db:
        due = {date_id for date_id, _, _ in list_to_ask(db, now=clock())}
    return sum(_ask(database, clock, date_id) for date_id in sorted(due))


def _ask(database: Database, clock: Clock, course_session_id: int) -> int:
    try:
        with database.transaction() as db:
            return ask_about_date(db, course_session_id=course_session_id, now=clock())
    except Exception:
        log.exception("nobody was asked about date %d", course_session_id)
        return 0


def make_meetings(database: Database, clock: Clock, settings: Settings) -> int:
    """Tell Microsoft of every meeting that is due, each once however many do it.

    One that fails waits longer each time and stops no other, unless Microsoft asks us to
    wait: then all do. Where people type the links, nothing happens.
    """
    if settings.teams_meetings == "manual":
        return 0
    _want_missing(database, clock)
    with database.reading() as db:
        due = list_due_meetings(db, now=clock())
    done = 0
    for meeting_id in due:
        try:
            done += _tell_microsoft(database, clock, settings, meeting_id)
        except Exception:
            log.exception("meeting %d could not be handled", meeting_id)
    return done


def _want_missing(database: Database, clock: Clock) -> None:
    with database.reading() as db:
        missing = list_dates_without_meeting(db, now=clock())
    for course_session_id in missing:
        with database.transaction() as db:
            want_missing_meeting(db, course_session_id=course_session_id, now=clock())


def _tell_microsoft(
    database: Database, clock: Clock, settings: Settings, meeting_id: int
) -> bool:
    now = clock()
    until = now + claim_lasts(settings)
    with database.transaction() as db:
        claim = claim_meeting(db, meeting_id=meeting_id, now=now, until=until)
    if claim is None:
        return False
    try:
        graph = graph_for(settings, clock, organiser=claim.organiser)
        found = arrange_meeting(graph, claim)
    except GraphNotThere:
        with database.transaction() as db:
            make_meeting_anew(db, claim=claim, now=clock())
        return False
    except GraphFailed as error:
        _put_off(database, clock, claim, error)
        return False
    with database.transaction() as db:
        keep_meeting(db, claim=claim, found=found, now=clock())
    return True


def _put_off(
    database: Database, clock: Clock, claim: MeetingClaim, error: GraphFailed
) -> None:
    problem, until, busy = judge_failure(error, tries=claim.tries, clock=clock)
    log.warning("meeting %d: %s", claim.meeting_id, problem)
    with database.transaction() as db:
        put_meeting_off(db, claim=claim, problem=problem, until=until, now=clock())
        if busy:
            leave_microsoft_alone(db, until=until)


def claim_lasts(settings: Settings) -> timedelta:
    """Return how long a job may have a meeting in its hands."""
    return timedelta(seconds=MOST_REQUESTS * settings.graph_seconds)


def judge_failure(
    error: GraphFailed, *, tries: int, clock: Clock
) -> tuple[str, datetime, bool]:
    """Return what to tell staff, when to ask again, and whether everybody has to wait."""
    now = clock()
    wait = wait_before_retry(
        tries=tries,
        retry_after=error.retry_after,
        now=now,
        jitter=secrets.randbelow(1000) / 1000,
    )
    return str(error), now + wait, error.busy


def read_calendars(
    database: Database, clock: Clock, settings: Settings, *, web: Web = INTERNET
) -> int:
    """Read every trainer's own calendar that is due; return how many were read.

    One that cannot be read keeps its times, says why, and stops no other.
    """
    with database.reading() as db:
        due = list_due_calendars(db, now=clock())
    return sum(_read(database, clock, settings, each, web) for each in due)


def _read(
    database: Database, clock: Clock, settings: Settings, calendar_id: int, web: Web
) -> bool:
    try:
        return _claim_and_read(database, clock, settings, calendar_id, web)
    except Exception as error:  # noqa: BLE001 - its words may hold the address, which is secret
        log.error("calendar %d: %s", calendar_id, type(error).__name__)  # noqa: TRY400
        return False


def _claim_and_read(
    database: Database, clock: Clock, settings: Settings, calendar_id: int, web: Web
) -> bool:
    until = clock() + CALENDAR_LEASE
    with database.transaction() as db:
        address = claim_calendar(db, calendar_id=calendar_id, now=clock(), until=until)
    if address is None:
        return False
    horizon = clock() + timedelta(weeks=settings.timetable_weeks + WEEKS_BEYOND)
    claim: dict[str, Any] = {"calendar_id": calendar_id, "claimed_until": until}
    try:
        times = read_calendar(
            fetch_calendar(address, web=web),
            own_domain=settings.calendar_domain,
            since=clock(),
            until=horizon,
        )
    except CalendarUnreadable as unreadable:
        with database.transaction() as db:
            put_off_calendar(db, **claim, problem=unreadable.problem.value, now=clock())
        return False
    with database.transaction() as db:
        return keep_busy_times(db, **claim, times=times, now=clock())
