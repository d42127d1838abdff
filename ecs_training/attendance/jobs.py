"""What the register does by itself: asking Microsoft who was in a meeting."""

import logging

from ecs_training.attendance.queries.reports import list_source_ids
from ecs_training.attendance.rules.stays import Stay, make_stay
from ecs_training.attendance.services.reports import keep_graph_report
from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.jobs import claim_lasts, judge_failure
from ecs_training.scheduling.outside.graph import Graph, graph_for
from ecs_training.scheduling.outside.graph_access import GraphFailed
from ecs_training.scheduling.queries.meetings import list_due_reports
from ecs_training.scheduling.services.meeting_claims import (
    MeetingClaim,
    claim_reports,
    keep_reports_read,
    leave_microsoft_alone,
    put_reports_off,
)

log = logging.getLogger(__name__)


def read_meeting_reports(database: Database, clock: Clock, settings: Settings) -> int:
    """Fetch the attendance reports that are new, of every meeting that is due.

    A day has as many reports as its meeting had runs; all of them count. Asked again hours
    and days later, because Microsoft may be that late.
    """
    if settings.teams_meetings == "manual":
        return 0
    with database.reading() as db:
        due = list_due_reports(db, now=clock())
    done = 0
    for meeting_id in due:
        try:
            done += _read(database, clock, settings, meeting_id)
        except Exception:
            log.exception("reports of meeting %d could not be handled", meeting_id)
    return done


def _read(
    database: Database, clock: Clock, settings: Settings, meeting_id: int
) -> bool:
    now = clock()
    until = now + claim_lasts(settings)
    with database.transaction() as db:
        claim = claim_reports(db, meeting_id=meeting_id, now=now, until=until)
    if claim is None:
        return False
    try:
        graph = graph_for(settings, clock, organiser=claim.organiser)
        _fetch_new(database, clock, graph, claim)
    except GraphFailed as error:
        _put_off(database, clock, claim, error)
        return False
    with database.transaction() as db:
        keep_reports_read(db, claim=claim, now=clock())
    return True


def _fetch_new(
    database: Database, clock: Clock, graph: Graph, claim: MeetingClaim
) -> None:
    """Keep report by report, so that one that fails loses none before it."""
    if claim.graph_id is None:
        return
    with database.reading() as db:
        known = list_source_ids(db, course_session_id=claim.course_session_id)
    for report_id in graph.list_reports(claim.graph_id):
        if report_id in known:
            continue
        stays = _as_stays(graph, claim.graph_id, report_id)
        with database.transaction() as db:
            keep_graph_report(
                db,
                course_session_id=claim.course_session_id,
                source_id=report_id,
                stays=stays,
                now=clock(),
            )


def _as_stays(graph: Graph, graph_id: str, report_id: str) -> list[Stay]:
    return [
        make_stay(each.shown_name, each.email, each.role, each.joined_at, each.left_at)
        for each in graph.list_stays(graph_id, report_id)
    ]


def _put_off(
    database: Database, clock: Clock, claim: MeetingClaim, error: GraphFailed
) -> None:
    problem, until, busy = judge_failure(error, tries=claim.tries, clock=clock)
    log.warning("reports of meeting %d: %s", claim.meeting_id, problem)
    with database.transaction() as db:
        put_reports_off(db, claim=claim, problem=problem, until=until, now=clock())
        if busy:
            leave_microsoft_alone(db, until=until)
