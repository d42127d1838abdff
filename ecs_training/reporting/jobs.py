"""What reporting does by itself."""

from collections.abc import Iterator

from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.london import london_date
from ecs_training.foundation.settings import Settings
from ecs_training.reporting.queries.finished import (
    BATCH,
    list_sat,
    read_papers,
    read_rulings,
)
from ecs_training.reporting.queries.snapshots import is_counted
from ecs_training.reporting.rules.counting import FinishedPaper, count_papers
from ecs_training.reporting.services import store_statistics


def count_statistics(database: Database, clock: Clock, _settings: Settings) -> int:
    """Count tests and questions again if anything changed; return how many papers.

    The moment of the count is taken before it, so that what ends meanwhile is counted the
    next time. Nothing is held in the database while figures are worked out.
    """
    now = clock()
    with database.reading() as db:
        if is_counted(db, now=now):
            return 0
    counted = count_papers(_read_all(database), today=london_date(now))
    with database.transaction() as db:
        store_statistics(db, counted=counted, now=now)
    return counted.papers


def _read_all(database: Database) -> Iterator[FinishedPaper]:
    with database.reading() as db:
        sat, rulings = list_sat(db), read_rulings(db)
    for begin in range(0, len(sat), BATCH):
        with database.reading() as db:
            papers = read_papers(db, sat=sat[begin : begin + BATCH], rulings=rulings)
        yield from papers
