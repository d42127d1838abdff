"""Awarding and revoking. Callers own the transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.queries import get_person
from ecs_training.assessment.events import (
    AttemptFinished,
    AttemptVoided,
    ResultChanged,
)
from ecs_training.assessment.models import Attempt, Entry
from ecs_training.catalogue.queries import scheme
from ecs_training.catalogue.rules import anniversary_minus_one_day
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import NotFound, Refused
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date
from ecs_training.foundation.references import as_typed, new_token
from ecs_training.passes.events import PassAwarded, PassRevoked
from ecs_training.passes.models import Pass
from ecs_training.passes.queries import find_pass_of_attempt
from ecs_training.passes.rules import RevokeRefusal, why_not_revoke

TAKEN_BY_RESCORE = "A question of your assessment was found wrong. It was marked again, and your score is now below the pass mark."

TAKEN_BY_VOID = "Your assessment was voided, so its result does not count."


class RevokeRefused(Refused):
    reason: RevokeRefusal


def award_pass(db: Session, event: AttemptFinished) -> None:
    """Record the pass of an attempt, once; practice and a failed attempt earn none.

    Dated by the London day on which the candidate finished, not on which we noticed.
    """
    if event.practice or not event.passed:
        return
    if find_pass_of_attempt(db, attempt_id=event.attempt_id):
        return
    _award(db, event)


def follow_rescore(db: Session, event: ResultChanged) -> None:
    """Award the pass that a rescore gave, take back one that staff named, or give it back.

    A pass that was revoked for another reason stays revoked.
    """
    if event.passed_before == event.passed_after:
        return
    standing = find_pass_of_attempt(db, attempt_id=event.attempt_id)
    if not event.passed_after:
        if standing and standing.revoked_at is None:
            _take_back(db, standing, event)
    elif standing is None:
        _award(db, event)
    elif standing.revoked_by_rescore_id:
        _give_back(db, standing, event)


def take_back_pass(db: Session, event: AttemptVoided) -> None:
    """Revoke the pass that stands on a voided attempt, if there is one."""
    standing = find_pass_of_attempt(db, attempt_id=event.attempt_id)
    if standing is None or standing.revoked_at:
        return
    _revoke(
        db,
        standing,
        reason=TAKEN_BY_VOID,
        revoked_by_id=event.voided_by_id,
        now=event.occurred_at,
    )


def _take_back(db: Session, standing: Pass, event: ResultChanged) -> None:
    standing.revoked_by_rescore_id = event.rescore_id
    _revoke(
        db,
        standing,
        reason=TAKEN_BY_RESCORE,
        revoked_by_id=event.decided_by_id,
        now=event.occurred_at,
    )


def _give_back(db: Session, standing: Pass, event: ResultChanged) -> None:
    standing.revoked_at = standing.revoked_by_id = standing.revoke_reason = None
    standing.revoked_by_rescore_id = None
    record(
        db,
        actor_id=event.decided_by_id,
        action="gave pass back",
        subject=f"pass/{standing.token}",
        now=event.occurred_at,
        reason="the rescore that took it was undone, or another one made up for it",
    )
    publish(db, PassAwarded(occurred_at=event.occurred_at, pass_id=standing.id))


def _award(db: Session, event: AttemptFinished | ResultChanged) -> None:
    awarded = _pass_of(db, event)
    db.add(awarded)
    db.flush()
    publish(db, PassAwarded(occurred_at=event.occurred_at, pass_id=awarded.id))


def _pass_of(db: Session, event: AttemptFinished | ResultChanged) -> Pass:
    # An attempt without an entry and a sitting finds no row here: it can earn nothing.
    attempt, entry = db.execute(
        select(Attempt, Entry)
        .join(Entry, Entry.id == Attempt.entry_id)
        .where(Attempt.id == event.attempt_id)
    ).one()
    person = get_person(db, person_id=attempt.person_id)
    awarded_on = london_date(event.finished_at)
    return Pass(
        token=new_token(),
        person_id=person.id,
        attempt_id=attempt.id,
        booking_id=entry.booking_id,
        identity_check_id=entry.identity_check_id,
        sitting_id=attempt.sitting_id,
        card_role=attempt.card_role,
        holder=person.full_name,
        awarded_on=awarded_on,
        valid_until=anniversary_minus_one_day(
            awarded_on, months=scheme().pass_valid_months
        ),
        created_at=event.occurred_at,
    )


def revoke_pass(
    db: Session, *, token: str, reason: str, revoked_by_id: int, now: datetime
) -> Pass:
    """Take a pass back for good. NotFound for an unknown code; raises RevokeRefused if it
    was revoked before."""
    found = db.scalars(
        select(Pass)
        .where(Pass.token == as_typed(token))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    if refusal := why_not_revoke(found):
        raise RevokeRefused(refusal)
    _revoke(db, found, reason=reason, revoked_by_id=revoked_by_id, now=now)
    return found


def _revoke(
    db: Session, standing: Pass, *, reason: str, revoked_by_id: int, now: datetime
) -> None:
    standing.revoked_at, standing.revoked_by_id = now, revoked_by_id
    standing.revoke_reason = reason
    record(
        db,
        actor_id=revoked_by_id,
        action="revoked pass",
        subject=f"pass/{standing.token}",
        now=now,
        reason=reason,
    )
    publish(db, PassRevoked(occurred_at=now, pass_id=standing.id))
