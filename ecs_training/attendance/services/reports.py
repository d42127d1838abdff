"""Reports of a date's meeting: taken from a file or from Microsoft, withdrawn.

Nothing is removed: a report that belongs elsewhere is withdrawn, and counts no longer.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.attendance.models import MeetingReport, MeetingStay
from ecs_training.attendance.queries.reports import (
    find_report_by_source,
    get_report,
    list_other_days,
)
from ecs_training.attendance.rules.report_dates import CourseTime
from ecs_training.attendance.rules.report_files import read_report
from ecs_training.attendance.rules.reports import (
    DateOrder,
    ReportRefusal,
    ReportRefused,
    ReportSource,
)
from ecs_training.attendance.rules.stays import Stay
from ecs_training.foundation.audit import record
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import get_course_session_of, lock_course_session

LONGEST_FILE_NAME = 200  # characters


def take_report(
    db: Session,
    *,
    ref: str,
    trainer_id: int | None,
    content: bytes,
    file_name: str,
    order: DateOrder,
    received_by_id: int,
    now: datetime,
) -> MeetingReport:
    """Keep what a file from Teams says of a date, or raise ReportRefused.

    The same file again counts once; if it was withdrawn, it stands again.
    """
    course_session = _hold(db, ref, trainer_id)
    if now < course_session.starts_at:
        raise ReportRefused(ReportRefusal.TOO_EARLY)
    stays = read_report(content, course=_course_time(db, course_session), order=order)
    digest = hashlib.sha256(content).hexdigest()
    at = course_session.id
    report = find_report_by_source(db, course_session_id=at, source_id=digest)
    if report and report.withdrawn_at is None:
        return report
    if report:
        report.withdrawn_at = None
    else:
        report = _add(
            db,
            stays,
            course_session_id=at,
            source=ReportSource.FILE,
            source_id=digest,
            file_name=file_name[:LONGEST_FILE_NAME],
            received_at=now,
            received_by_id=received_by_id,
        )
    _audit(db, received_by_id, "took attendance report", course_session, report, now)
    return report


def keep_graph_report(
    db: Session,
    *,
    course_session_id: int,
    source_id: str,
    stays: Iterable[Stay],
    now: datetime,
) -> None:
    """Keep a report of Microsoft's, once; the date's row is held meanwhile."""
    course_session = lock_course_session(db, course_session_id=course_session_id)
    known = find_report_by_source(
        db, course_session_id=course_session_id, source_id=source_id
    )
    if known:
        return
    report = _add(
        db,
        stays,
        course_session_id=course_session_id,
        source=ReportSource.GRAPH,
        source_id=source_id,
        received_at=now,
    )
    _audit(db, None, "took attendance report", course_session, report, now)


def withdraw_report(
    db: Session,
    *,
    ref: str,
    report_ref: str,
    trainer_id: int | None,
    withdrawn_by_id: int,
    now: datetime,
) -> None:
    """Let a report count no longer. Raise NotFound for one of another date."""
    course_session = _hold(db, ref, trainer_id)
    report = get_report(db, course_session_id=course_session.id, ref=report_ref)
    if report.withdrawn_at:
        return
    report.withdrawn_at = now
    db.flush()
    _audit(
        db, withdrawn_by_id, "withdrew attendance report", course_session, report, now
    )


def _hold(db: Session, ref: str, trainer_id: int | None) -> CourseSession:
    found = get_course_session_of(db, ref=ref, trainer_id=trainer_id)
    return lock_course_session(db, course_session_id=found.id)


def _course_time(db: Session, course_session: CourseSession) -> CourseTime:
    return CourseTime(
        starts_at=course_session.starts_at,
        ends_at=course_session.ends_at,
        other_days=list_other_days(db, course_session=course_session),
    )


def _add(db: Session, stays: Iterable[Stay], **facts: Any) -> MeetingReport:
    report = MeetingReport(**facts)
    db.add(report)
    db.flush()
    db.add_all(
        MeetingStay(
            report_id=report.id,
            shown_name=stay.shown_name,
            email=stay.email,
            role=stay.role,
            joined_at=stay.joined_at,
            left_at=max(stay.left_at, stay.joined_at),
        )
        for stay in stays
    )
    db.flush()
    return report


def _audit(  # noqa: PLR0917 - one line of the record
    db: Session,
    actor_id: int | None,
    action: str,
    course_session: CourseSession,
    report: MeetingReport,
    now: datetime,
) -> None:
    record(
        db,
        actor_id=actor_id,
        action=action,
        subject=f"course-session/{course_session.ref}",
        now=now,
        report=report.ref,
        source=report.source,
    )
