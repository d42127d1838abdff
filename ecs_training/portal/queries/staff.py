from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ecs_training.assessment.models import Sitting
from ecs_training.assessment.queries.resits import Sat, list_stranded
from ecs_training.attendance.queries import Unmarked, list_unmarked
from ecs_training.booking.models import Adjustment
from ecs_training.booking.queries import list_waiting_adjustments
from ecs_training.card_applications.models import CardApplication
from ecs_training.card_applications.queries import (
    list_waiting_applications,
)
from ecs_training.exemptions.models import ExemptionClaim
from ecs_training.exemptions.queries import list_waiting_claims
from ecs_training.foundation.london import london_date
from ecs_training.invigilation.queries.appeals import AppealCase, list_waiting_appeals
from ecs_training.invigilation.queries.requests import Asked, list_waiting_anywhere
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.portal.rules import (
    LINK_DUE,
    STILL_LISTED,
    UNCLOSED_AFTER,
)
from ecs_training.questions.queries.search import count_waiting
from ecs_training.scheduling.models import CourseSession


@dataclass(frozen=True, kw_only=True)
class StaffDesk:
    """What waits for somebody in the office, the most pressing first."""

    asked: Sequence[Asked]  # to end or void a test: the second person is missing
    without_link: Sequence[CourseSession]
    appeals: Sequence[AppealCase]
    claims: Sequence[ExemptionClaim]
    applications: Sequence[CardApplication]
    unclosed: Sequence[Sitting]
    letters: Sequence[OutgoingEmail]
    adjustments: Sequence[Adjustment]
    unmarked: Sequence[Unmarked]
    stranded: Sequence[Sat]  # a resit was granted that can no longer be sat
    to_read: int  # questions that wait for a second reading

    @property
    def total(self) -> int:
        piles: tuple[Sequence[object], ...] = (
            self.asked,
            self.without_link,
            self.appeals,
            self.claims,
            self.applications,
            self.unclosed,
            self.letters,
            self.adjustments,
            self.unmarked,
            self.stranded,
        )
        return sum(len(pile) for pile in piles)


def read_staff_desk(db: Session, *, now: datetime) -> StaffDesk:
    today = london_date(now)
    since = today - STILL_LISTED
    return StaffDesk(
        asked=list_waiting_anywhere(db),
        appeals=list_waiting_appeals(db),
        without_link=_list_without_link(db, now),
        claims=list_waiting_claims(db),
        applications=list_waiting_applications(db),
        unclosed=_list_unclosed_sittings(db, now),
        letters=_list_unsent_letters(db),
        adjustments=list_waiting_adjustments(db),
        unmarked=list_unmarked(db, since=since, before=today),
        stranded=list_stranded(db, since=since, now=now),
        to_read=count_waiting(db),
    )


def _list_without_link(db: Session, now: datetime) -> Sequence[CourseSession]:
    return db.scalars(
        select(CourseSession)
        .where(
            CourseSession.joining_url.is_(None),
            CourseSession.cancelled_at.is_(None),
            CourseSession.ends_at > now,
            CourseSession.starts_at <= now + LINK_DUE,
        )
        .options(joinedload(CourseSession.trainer))
        .order_by(CourseSession.starts_at, CourseSession.id)
    ).all()


def _list_unclosed_sittings(db: Session, now: datetime) -> Sequence[Sitting]:
    return db.scalars(
        select(Sitting)
        .where(Sitting.closed_at.is_(None), Sitting.opened_at <= now - UNCLOSED_AFTER)
        .options(joinedload(Sitting.course_session), joinedload(Sitting.invigilator))
        .order_by(Sitting.opened_at, Sitting.id)
    ).all()


def _list_unsent_letters(db: Session) -> Sequence[OutgoingEmail]:
    return db.scalars(
        select(OutgoingEmail)
        .where(OutgoingEmail.sent_at.is_(None), OutgoingEmail.last_problem.is_not(None))
        .order_by(OutgoingEmail.queued_at, OutgoingEmail.id)
    ).all()
