from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt
from ecs_training.booking.models import Booking
from ecs_training.booking.queries import (
    list_bookings_of_person,
)
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.queries import find_feed_of
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.card_applications.models import CardApplication
from ecs_training.card_applications.queries import (
    list_applications,
)
from ecs_training.card_applications.rules import application_state, stands
from ecs_training.catalogue.queries import scheme
from ecs_training.catalogue.rules import CardRole
from ecs_training.exemptions.models import ExemptionClaim
from ecs_training.exemptions.queries import list_claims
from ecs_training.foundation.london import london_date
from ecs_training.passes.models import Pass
from ecs_training.passes.queries import list_passes
from ecs_training.passes.rules import PassStatus, pass_status
from ecs_training.portal.queries.results import Result, result_of
from ecs_training.portal.rules import (
    CardState,
    card_state,
    roles_exempt,
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One role's card for somebody; `application` is the one that stands, if any."""

    role: CardRole
    state: CardState
    application: CardApplication | None


@dataclass(frozen=True, kw_only=True)
class Account:
    """Everything of one candidate. `upcoming` is soonest first, `past` newest first."""

    upcoming: Sequence[Booking]
    past: Sequence[Booking]
    cancelled: Sequence[Booking]
    results: Sequence[Result]
    claims: Sequence[ExemptionClaim]
    cards: Sequence[Card]
    feed: PrivateFeed | None

    @property
    def is_new(self) -> bool:
        return not (self.upcoming or self.past or self.cancelled or self.results)


def read_account(db: Session, *, person_id: int, now: datetime) -> Account:
    bookings = list_bookings_of_person(db, person_id=person_id)
    standing = [booking for booking in bookings if not booking.cancelled_at]
    upcoming = [b for b in standing if b.course_session.ends_at > now]
    today = london_date(now)
    passes = list_passes(db, person_id=person_id)
    claims = list_claims(db, person_id=person_id)
    return Account(
        upcoming=sorted(upcoming, key=lambda b: b.course_session.starts_at),
        past=[b for b in standing if b.course_session.ends_at <= now],
        cancelled=[booking for booking in bookings if booking.cancelled_at],
        results=_list_results(db, person_id, passes, today),
        claims=claims,
        cards=_list_cards(db, person_id, passes, claims, today),
        feed=find_feed_of(db, kind=FeedKind.CANDIDATE, person_id=person_id),
    )


def _list_results(
    db: Session, person_id: int, passes: Sequence[Pass], today: date
) -> list[Result]:
    attempts = db.scalars(
        select(Attempt)
        .where(
            Attempt.person_id == person_id,
            Attempt.entry_id.is_not(None),
            Attempt.finished_at.is_not(None),
        )
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
    )
    of_attempt = {passed.attempt_id: passed for passed in passes}
    return [
        result_of(attempt, of_attempt.get(attempt.id), today) for attempt in attempts
    ]


def _list_cards(
    db: Session,
    person_id: int,
    passes: Sequence[Pass],
    claims: Sequence[ExemptionClaim],
    today: date,
) -> list[Card]:
    standing = {
        application.card_role: application
        for application in list_applications(db, person_id=person_id)
        if stands(application, on=today)
    }
    has_pass = any(pass_status(p, today) is PassStatus.VALID for p in passes)
    exempt = roles_exempt(claims, scheme(), on=today)
    return [
        _card(role, standing.get(role.slug), hse_met=has_pass or role.slug in exempt)
        for role in scheme().roles
    ]


def _card(
    role: CardRole, application: CardApplication | None, *, hse_met: bool
) -> Card:
    state = application_state(application) if application else None
    return Card(
        role=role,
        state=card_state(state, hse_met=hse_met),
        application=application,
    )
