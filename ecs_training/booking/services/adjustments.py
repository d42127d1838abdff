"""What a candidate needs to sit on equal terms: asked once, decided by staff."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.booking.events import AdjustmentAsked, AdjustmentDecided
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.booking.queries import (
    find_standing_adjustment,
    get_adjustment_by_ref,
    get_own_booking,
    lock_adjustment,
    lock_booking,
)
from ecs_training.booking.rules import (
    USUAL_PERCENT,
    AdjustmentRefusal,
    why_not_decide,
)
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.events import publish


class AdjustmentRefused(Refused):
    reason: AdjustmentRefusal


def ask_adjustment(
    db: Session, *, booking_ref: str, person_id: int, needs: str, now: datetime
) -> Adjustment:
    """Write down what the candidate needs; what they asked before is withdrawn with it.

    NotFound for anybody else's booking. Raises AdjustmentRefused for a cancelled one; the
    assessment refuses, by the event, once there is nothing left to prepare.
    """
    own = get_own_booking(db, ref=booking_ref, person_id=person_id)
    booking = lock_booking(db, booking_id=own.id)
    if booking.cancelled_at:
        raise AdjustmentRefused(AdjustmentRefusal.CANCELLED)
    if before := find_standing_adjustment(db, booking_id=booking.id):
        before.withdrawn_at = now
        db.flush()  # before another is added: only one may stand
    asked = Adjustment(
        booking_id=booking.id, needs=needs, asked_at=now, asked_by_id=person_id
    )
    db.add(asked)
    db.flush()
    # What somebody needs may say how they are: it stands in one place only.
    record(
        db,
        actor_id=person_id,
        action="asked for an adjustment",
        subject=f"adjustment/{asked.ref}",
        now=now,
        booking=booking.ref,
        instead_of=before.ref if before else None,
    )
    publish(db, AdjustmentAsked(occurred_at=now, adjustment_id=asked.id))
    return asked


def decide_adjustment(
    db: Session,
    *,
    ref: str,
    agreed: bool,
    time_percent: int,
    rest_minutes: int,
    reply: str,
    decided_by_id: int,
    expects_decided_at: datetime | None,
    now: datetime,
) -> Adjustment:
    """Agree to an adjustment or say no, also in another way than before, also mid-test.

    Without agreement neither time nor breaks are kept. Raises AdjustmentRefused for what
    was asked anew, a cancelled booking, one's own, and after a decision not seen.
    """
    found = get_adjustment_by_ref(db, ref=ref)
    booking = lock_booking(db, booking_id=found.booking_id)
    adjustment = lock_adjustment(db, adjustment_id=found.id)
    _refuse(adjustment, booking, decided_by_id, expects_decided_at)
    before = _agreement(adjustment)
    adjustment.agreed = agreed
    adjustment.time_percent = time_percent if agreed else USUAL_PERCENT
    adjustment.rest_minutes = rest_minutes if agreed else 0
    adjustment.reply = reply or None
    adjustment.decided_at, adjustment.decided_by_id = now, decided_by_id
    db.flush()
    _record(db, adjustment, decided_by_id, now, before=before)
    publish(
        db,
        AdjustmentDecided(
            occurred_at=now, adjustment_id=adjustment.id, decided_by_id=decided_by_id
        ),
    )
    return adjustment


def _refuse(
    adjustment: Adjustment,
    booking: Booking,
    decided_by_id: int,
    expects_decided_at: datetime | None,
) -> None:
    refusal = why_not_decide(
        withdrawn=adjustment.withdrawn_at is not None,
        cancelled=booking.cancelled_at is not None,
        own=booking.candidate_id == decided_by_id,
        decided_at=adjustment.decided_at,
        expects_decided_at=expects_decided_at,
    )
    if refusal:
        raise AdjustmentRefused(refusal)


def _record(
    db: Session,
    adjustment: Adjustment,
    by_id: int,
    now: datetime,
    *,
    before: dict[str, bool | int | None],
) -> None:
    record(
        db,
        actor_id=by_id,
        action="decided on an adjustment",
        subject=f"adjustment/{adjustment.ref}",
        now=now,
        before=before,
        after=_agreement(adjustment),
    )


def _agreement(adjustment: Adjustment) -> dict[str, bool | int | None]:
    return {
        "agreed": adjustment.agreed,
        "time_percent": adjustment.time_percent,
        "rest_minutes": adjustment.rest_minutes,
    }
