"""What the assessment does by itself."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from ecs_training.assessment.queries.attempts import (
    list_overdue_attempts,
)
from ecs_training.assessment.queries.statistics import count_answers, is_counted
from ecs_training.assessment.services.finish import (
    finish_overdue_attempt,
    finish_overdue_together,
)
from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.questions.services.statistics import replace_statistics

log = logging.getLogger(__name__)

# Attempts finished in one transaction: whoever saves or looks in one of them waits for it.
TOGETHER = 50


def finish_overdue_attempts(
    database: Database, clock: Clock, settings: Settings
) -> int:
    """Finish what nobody finished in time, a room at a time; one that fails stops no other.

    It waits for the transport grace, so that an answer in flight still counts.
    """
    grace = timedelta(seconds=settings.transport_grace_seconds)
    with database.reading() as db:
        overdue = list_overdue_attempts(db, due=clock() - grace)
    rooms = [overdue[n : n + TOGETHER] for n in range(0, len(overdue), TOGETHER)]
    return sum(_finish_room(database, clock, room, grace) for room in rooms)


def count_item_answers(database: Database, clock: Clock, _settings: Settings) -> int:
    """Count again how often each item was shown and answered right, if anything ended."""
    with database.reading() as db:
        if is_counted(db):
            return 0
    with database.transaction() as db:
        counts = count_answers(db)
        replace_statistics(db, counts=counts, now=clock())
    return len(counts)


def _finish_room(
    database: Database, clock: Clock, room: Sequence[int], grace: timedelta
) -> int:
    now = clock()
    try:
        with database.transaction() as db:
            return finish_overdue_together(
                db, attempt_ids=room, due=now - grace, now=now
            )
    except Exception:
        log.exception("%s attempts are finished one by one", len(room))
        return sum(_finish(database, clock, each, grace) for each in room)


def _finish(
    database: Database, clock: Clock, attempt_id: int, grace: timedelta
) -> bool:
    now = clock()
    try:
        with database.transaction() as db:
            return finish_overdue_attempt(
                db, attempt_id=attempt_id, due=now - grace, now=now
            )
    except Exception:
        log.exception("attempt %s was not finished", attempt_id)
        return False
