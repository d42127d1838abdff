"""Starting. Pressed twice, or on two devices at once, Start leads to one attempt."""

import logging
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.attempts import (
    find_open_practice,
)
from ecs_training.assessment.queries.sittings import (
    Place,
    lock_place,
)
from ecs_training.assessment.rules.starting import (
    Door,
    StartRefusal,
    is_code_right,
    why_not_start,
)
from ecs_training.assessment.rules.timing import is_over, time_allowed
from ecs_training.assessment.services.finish import finish_attempt
from ecs_training.assessment.services.papers import freeze_paper
from ecs_training.booking.queries import find_agreed_adjustment
from ecs_training.booking.rules import USUAL_PERCENT
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.references import new_token
from ecs_training.questions.rules import BankTooSmall, Blueprint

log = logging.getLogger(__name__)


class StartRefused(Refused):
    reason: StartRefusal


def start_attempt(
    db: Session,
    *,
    sitting_ref: str,
    person_id: int,
    sign_in_id: int,
    blueprint: Blueprint,
    now: datetime,
    room_code: str = "",
) -> Attempt:
    """Draw the person's paper and start their clock, or return the attempt that is open.

    NotFound unless they are booked on the date or sit again there; raises StartRefused
    without an entry, when the sitting is not open or lets nobody in yet, for another code
    than the room's, and after the one attempt that an entry allows.
    """
    place = lock_place(db, sitting_ref=sitting_ref, person_id=person_id)
    if place.attempt and place.attempt.finished_at is None:
        return place.attempt
    if refusal := why_not_start_here(place, now=now):
        raise StartRefused(refusal)
    if not is_code_right(room_code, door_of(place)):
        raise StartRefused(StartRefusal.WRONG_CODE)
    adjustment = find_agreed_adjustment(db, booking_id=place.booking.id)
    attempt = Attempt(
        person_id=person_id,
        entry_id=place.entry.id if place.entry else None,
        sitting_id=place.sitting.id,
        card_role=place.course_session.card_role,
        lease_sign_in_id=sign_in_id,
        time_percent=adjustment.time_percent if adjustment else USUAL_PERCENT,
        rest_seconds=adjustment.rest_minutes * 60 if adjustment else 0,
    )
    return _start(db, attempt, blueprint, now)


def door_of(place: Place) -> Door:
    """Return what keeps a person at the door of the sitting."""
    return Door(
        gated_at=place.sitting.gated_at,
        released_at=place.sitting.released_at,
        admitted_at=place.entry.released_at if place.entry else None,
        room_code=place.sitting.room_code,
    )


def why_not_start_here(place: Place, *, now: datetime) -> StartRefusal | None:
    """Return why this person could not begin a new attempt at this moment, or None."""
    return why_not_start(
        opened_at=place.sitting.opened_at,
        closes_at=place.sitting.closes_at,
        closed_at=place.sitting.closed_at,
        has_entry=place.entry is not None,
        has_sat=place.attempt is not None,
        door=door_of(place),
        now=now,
    )


def start_practice(
    db: Session,
    *,
    card_role: str,
    person_id: int,
    sign_in_id: int,
    blueprint: Blueprint,
    now: datetime,
) -> Attempt:
    """Start a practice paper, or return the one that is open. Practice earns nothing."""
    # There is no entry to hold; the weaker lock lets rows that refer to the person through.
    db.execute(
        select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    )
    standing = find_open_practice(db, person_id=person_id, card_role=card_role)
    if standing and not is_over(deadline=standing.deadline_at(now), now=now):
        return standing
    if standing:
        finish_attempt(db, attempt_id=standing.id, now=now)
        db.flush()  # the old one must be over before there can be a new one
    attempt = Attempt(
        person_id=person_id,
        card_role=card_role,
        lease_sign_in_id=sign_in_id,
        time_percent=USUAL_PERCENT,
    )
    return _start(db, attempt, blueprint, now)


def _start(
    db: Session, attempt: Attempt, blueprint: Blueprint, now: datetime
) -> Attempt:
    attempt.blueprint, attempt.blueprint_version = blueprint.id, blueprint.version
    attempt.pass_mark, attempt.out_of = blueprint.pass_mark, blueprint.total
    attempt.seed = secrets.token_hex(16)
    attempt.lease = new_token()
    attempt.minimums = dict(blueprint.minimums)
    attempt.started_at, attempt.minutes = now, blueprint.minutes
    attempt.deadline = now + time_allowed(
        minutes=blueprint.minutes, percent=attempt.time_percent
    )
    db.add(attempt)
    db.flush()
    try:
        freeze_paper(db, attempt, blueprint)
    except BankTooSmall as error:
        log.exception("no paper can be drawn")
        raise StartRefused(StartRefusal.NO_PAPER) from error
    return attempt
