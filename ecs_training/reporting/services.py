"""Keeping what was counted."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ecs_training.reporting.models import StatisticsSnapshot
from ecs_training.reporting.queries.snapshots import (
    CohortSnapshot,
    ItemSnapshot,
    SnapshotKind,
    shape_of,
)
from ecs_training.reporting.rules.counting import Counted


def store_statistics(db: Session, *, counted: Counted, now: datetime) -> None:
    """Store a count, made at `now`, in place of those before it."""
    snapshots = {
        SnapshotKind.TESTS: CohortSnapshot(papers=counted.papers, tests=counted.tests),
        SnapshotKind.ITEMS: ItemSnapshot(wordings=counted.wordings),
    }
    for kind, figures in snapshots.items():
        db.execute(
            delete(StatisticsSnapshot).where(
                StatisticsSnapshot.kind == kind, StatisticsSnapshot.counted_at <= now
            )
        )
        db.add(
            StatisticsSnapshot(
                kind=kind,
                counted_at=now,
                figures=shape_of(kind).dump_python(figures, mode="json"),
            )
        )
