"""One letter's life: queued, claimed by a sender, sent or put off."""

from datetime import datetime

from sqlalchemy import Insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ecs_training.foundation.database import settings_of
from ecs_training.foundation.mail import word_letter
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.notifications.queries import may_be_sent
from ecs_training.notifications.rules import (
    LONGEST_PROBLEM,
    LONGEST_SUBJECT,
    message_id_of,
    wait_before_retry,
)


def queue_letter(
    db: Session,
    *,
    key: str,
    to: str,
    template: str,
    now: datetime,
    person_id: int | None = None,
    calendar: str | None = None,
    method: str | None = None,
    thread: str | None = None,
    holds_one_time_link: bool = False,
    **facts: object,
) -> None:
    """Word a letter and store it for sending; nothing happens if `key` was used before.

    `template` is a file of templates/emails, worded with `facts` and `settings`. `calendar`
    and its `method` go together. Letters of one `thread` are sent in the order of queueing.
    """
    settings = settings_of(db)
    subject, text = word_letter(template, settings=settings, **facts)
    db.execute(
        _insert_unless_known(db).values(
            key=key,
            person_id=person_id,
            to=to,
            subject=subject[:LONGEST_SUBJECT],
            text=text,
            calendar=calendar,
            method=method,
            thread=thread,
            holds_one_time_link=holds_one_time_link,
            message_id=message_id_of(key, settings.calendar_domain),
            queued_at=now,
            next_try_at=now,
        )
    )


def _insert_unless_known(db: Session) -> Insert:
    # Decided by the database: of two transactions with one key at once neither fails.
    if db.get_bind().dialect.name == "sqlite":
        return sqlite.insert(OutgoingEmail).on_conflict_do_nothing()
    return postgresql.insert(OutgoingEmail).on_conflict_do_nothing()


def claim_letter(
    db: Session, *, letter_id: int, now: datetime, until: datetime
) -> OutgoingEmail | None:
    """Take a letter into one's hands until that instant; None if it is not to be had.

    One conditional UPDATE, so that of two senders at once only one gets it. Whoever dies
    with a letter in their hands loses it when the instant has passed.
    """
    claimed = db.execute(
        update(OutgoingEmail)
        .where(OutgoingEmail.id == letter_id, *may_be_sent(now))
        .values(claimed_until=until)
        .returning(OutgoingEmail.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return db.get(OutgoingEmail, letter_id) if claimed else None


def mark_sent(db: Session, *, letter_id: int, now: datetime) -> None:
    """Record that the mail server took it; the text with a one-time link is wiped."""
    letter = db.get_one(OutgoingEmail, letter_id)
    letter.sent_at, letter.claimed_until = now, None
    if letter.holds_one_time_link:
        letter.text = ""


def put_off(
    db: Session, *, letter_id: int, claimed_until: datetime, problem: str, now: datetime
) -> None:
    """Let go of a letter that could not be sent, and try it again later.

    Nothing happens if somebody else has it by now.
    """
    letter = db.get_one(OutgoingEmail, letter_id, with_for_update=True)
    if letter.sent_at or letter.claimed_until != claimed_until:
        return
    letter.tries += 1
    letter.next_try_at = now + wait_before_retry(letter.tries)
    letter.claimed_until = None
    letter.last_problem = problem[:LONGEST_PROBLEM]
