"""Finding the reports of a date's meeting, and what persons decided about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.attendance.models import (
    Countersignature,
    MeetingReport,
    MeetingStay,
    StayMatch,
)
from ecs_training.attendance.rules.stays import Stay
from ecs_training.booking.models import Booking
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession

NEAR = timedelta(days=366)  # within which a file may be of another course


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """One report with who sent it and how many people are in it."""

    report: MeetingReport
    received_by: Person | None
    people: int


def list_reports(db: Session, *, course_session_id: int) -> Sequence[ReportLine]:
    """Return the reports of a date, oldest first, withdrawn ones too."""
    counted = (
        select(
            MeetingStay.report_id,
            func.count(
                (MeetingStay.email + "|" + MeetingStay.shown_name).distinct()
            ).label("people"),
        )
        .group_by(MeetingStay.report_id)
        .subquery()
    )
    rows = db.execute(
        select(MeetingReport, Person, func.coalesce(counted.c.people, 0))
        .outerjoin(Person, Person.id == MeetingReport.received_by_id)
        .outerjoin(counted, counted.c.report_id == MeetingReport.id)
        .where(MeetingReport.course_session_id == course_session_id)
        .order_by(MeetingReport.received_at, MeetingReport.id)
    )
    return [
        ReportLine(report=report, received_by=person, people=people)
        for report, person, people in rows
    ]


def find_report_by_source(
    db: Session, *, course_session_id: int, source_id: str
) -> MeetingReport | None:
    return db.scalars(
        select(MeetingReport).where(
            MeetingReport.course_session_id == course_session_id,
            MeetingReport.source_id == source_id,
        )
    ).one_or_none()


def get_report(db: Session, *, course_session_id: int, ref: str) -> MeetingReport:
    """Return a report of that date, or raise NotFound."""
    report = db.scalars(
        select(MeetingReport).where(
            MeetingReport.course_session_id == course_session_id,
            MeetingReport.ref == ref,
        )
    ).one_or_none()
    if report is None:
        raise NotFound
    return report


def list_source_ids(db: Session, *, course_session_id: int) -> set[str]:
    """Return what we have of a date by Microsoft's ids, withdrawn ones too."""
    return set(
        db.scalars(
            select(MeetingReport.source_id).where(
                MeetingReport.course_session_id == course_session_id
            )
        )
    )


def list_stays(db: Session, *, course_session_id: int) -> list[Stay]:
    """Return every stay in the reports of a date that stand."""
    rows = db.scalars(
        select(MeetingStay)
        .join(MeetingReport, MeetingReport.id == MeetingStay.report_id)
        .where(
            MeetingReport.course_session_id == course_session_id,
            MeetingReport.withdrawn_at.is_(None),
        )
        .order_by(MeetingStay.joined_at, MeetingStay.id)
    )
    return [
        Stay(
            shown_name=row.shown_name,
            email=row.email,
            role=row.role,
            joined_at=row.joined_at,
            left_at=row.left_at,
        )
        for row in rows
    ]


def list_rulings(db: Session, *, course_session_id: int) -> dict[str, str | None]:
    """Return what persons decided: identity -> booking's reference, or None for nobody.

    A ruling for a booking that was cancelled since is left out: somebody decides again.
    """
    rows = db.execute(
        select(StayMatch.identity, Booking.ref, Booking.cancelled_at)
        .outerjoin(Booking, Booking.id == StayMatch.booking_id)
        .where(
            StayMatch.course_session_id == course_session_id,
            StayMatch.withdrawn_at.is_(None),
        )
    )
    return {identity: ref for identity, ref, cancelled in rows if not cancelled}


def find_ruling(
    db: Session, *, course_session_id: int, identity: str
) -> StayMatch | None:
    return db.scalars(
        select(StayMatch).where(
            StayMatch.course_session_id == course_session_id,
            StayMatch.identity == identity,
            StayMatch.withdrawn_at.is_(None),
        )
    ).one_or_none()


def find_signature(
    db: Session, *, course_session_id: int
) -> tuple[Countersignature, Person] | None:
    """Return the signature that stands under a date's minutes, with who signed."""
    found = db.execute(
        select(Countersignature, Person)
        .join(Person, Person.id == Countersignature.signed_by_id)
        .where(
            Countersignature.course_session_id == course_session_id,
            Countersignature.withdrawn_at.is_(None),
        )
    ).one_or_none()
    return (found[0], found[1]) if found else None


def list_other_days(db: Session, *, course_session: CourseSession) -> set[date]:
    """Return the days around a date on which its trainer has another course."""
    return set(
        db.scalars(
            select(CourseSession.local_date).where(
                CourseSession.trainer_id == course_session.trainer_id,
                CourseSession.id != course_session.id,
                CourseSession.cancelled_at.is_(None),
                CourseSession.local_date > course_session.local_date - NEAR,
                CourseSession.local_date < course_session.local_date + NEAR,
            )
        )
    )
