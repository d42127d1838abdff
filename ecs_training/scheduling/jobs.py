"""What the timetable does by itself."""

import logging

from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.queries import list_plan_ids
from ecs_training.scheduling.services import extend_plan

log = logging.getLogger(__name__)


def extend_the_timetable(database: Database, clock: Clock, settings: Settings) -> int:
    """Publish the dates that are due, plan by plan; a plan that fails stops no other."""
    with database.reading() as db:
        running = list_plan_ids(db, running_on=london_date(clock()))
    return sum(_extend(database, clock, settings, plan_id) for plan_id in running)


def _extend(database: Database, clock: Clock, settings: Settings, plan_id: int) -> int:
    try:
        with database.transaction() as db:
            return extend_plan(
                db, plan_id=plan_id, weeks=settings.timetable_weeks, now=clock()
            )
    except Exception:
        log.exception("weekly plan %s was not extended", plan_id)
        return 0
