"""Sending what was queued."""

import logging
from datetime import timedelta

from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.mail import (
    SECONDS_TO_WAIT,
    Letter,
    NotDelivered,
    deliver,
)
from ecs_training.foundation.settings import Settings
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.notifications.queries import list_due_letters
from ecs_training.notifications.services.letters import (
    claim_letter,
    mark_sent,
    put_off,
)

# Longer than the slowest delivery that may still succeed, or a second sender would start
# on a letter that the first is about to hand over: SMTP waits for the server nine times.
LEASE = timedelta(seconds=10 * SECONDS_TO_WAIT)

log = logging.getLogger(__name__)


def send_mail(database: Database, clock: Clock, settings: Settings) -> int:
    """Send every letter that is due, each once however many senders run; return how many.

    A letter that fails waits longer each time and holds up only its own thread. If we die
    between the server's 250 and our mark, the letter goes again, under its Message-ID.
    """
    total = 0
    while sent := _send_due(database, clock, settings):
        total += sent  # and again: the next letters of their threads may go now
    return total


def _send_due(database: Database, clock: Clock, settings: Settings) -> int:
    with database.reading() as db:
        due = list_due_letters(db, now=clock())
    sent = 0
    for letter_id in due:
        try:
            sent += _send(database, clock, settings, letter_id)
        except Exception:
            log.exception("letter %d could not be handled", letter_id)
    return sent


def _send(database: Database, clock: Clock, settings: Settings, letter_id: int) -> bool:
    until = clock() + LEASE
    with database.transaction() as db:
        letter = claim_letter(db, letter_id=letter_id, now=clock(), until=until)
    if letter is None:
        return False
    problem = _try_to_deliver(letter, clock, settings)
    with database.transaction() as db:
        if problem is None:
            mark_sent(db, letter_id=letter_id, now=clock())
        else:
            put_off(
                db,
                letter_id=letter_id,
                claimed_until=until,
                problem=problem,
                now=clock(),
            )
    return problem is None


def _try_to_deliver(
    letter: OutgoingEmail, clock: Clock, settings: Settings
) -> str | None:
    """Return None, or what went wrong. No transaction is open meanwhile."""
    try:
        deliver(_compose(letter, clock), settings)
    except NotDelivered as problem:
        log.warning("letter %d not delivered: %s", letter.id, problem)
        return str(problem)
    except Exception as error:
        log.exception("letter %d cannot be sent as it is", letter.id)
        return f"{type(error).__name__}: {error}"
    return None


def _compose(letter: OutgoingEmail, clock: Clock) -> Letter:
    return Letter(
        to=letter.to,
        subject=letter.subject,
        text=letter.text,
        message_id=letter.message_id,
        sent_at=clock(),
        calendar=letter.calendar,
        method=letter.method,
    )
