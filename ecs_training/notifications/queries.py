from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from ecs_training.notifications.models import OutgoingEmail


def list_due_letters(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the ids of the letters that may be sent now, the longest waiting first."""
    return db.scalars(
        select(OutgoingEmail.id).where(*may_be_sent(now)).order_by(OutgoingEmail.id)
    ).all()


def may_be_sent(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Unsent, due, in nobody's hands, and next in its thread.

    A newer letter of a thread waits for the older one, or a cancellation could overtake
    the invitation that it cancels.
    """
    older = aliased(OutgoingEmail)
    older_unsent = select(older.id).where(
        older.thread == OutgoingEmail.thread,
        older.id < OutgoingEmail.id,
        older.sent_at.is_(None),
    )
    return (
        OutgoingEmail.sent_at.is_(None),
        OutgoingEmail.next_try_at <= now,
        or_(
            OutgoingEmail.claimed_until.is_(None),
            OutgoingEmail.claimed_until <= now,
        ),
        ~older_unsent.exists(),
    )


def find_last_calendar(db: Session, *, thread: str) -> str | None:
    """Return the newest calendar part that was written about this thread, sent or not."""
    return db.scalars(
        select(OutgoingEmail.calendar)
        .where(OutgoingEmail.thread == thread, OutgoingEmail.calendar.is_not(None))
        .order_by(OutgoingEmail.id.desc())
        .limit(1)
    ).one_or_none()
