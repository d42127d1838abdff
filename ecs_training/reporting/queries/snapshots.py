"""What was counted last, and whether it still holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Rescore
from ecs_training.foundation.london import london_date
from ecs_training.reporting.models import StatisticsSnapshot
from ecs_training.reporting.rules.cohorts import CohortFigures
from ecs_training.reporting.rules.counting import WordingFigures


class SnapshotKind(StrEnum):
    TESTS = "tests"
    ITEMS = "items"


@dataclass(frozen=True, kw_only=True)
class CohortSnapshot:
    """`papers`: how many were counted, of all tests together."""

    papers: int
    tests: tuple[CohortFigures, ...]


@dataclass(frozen=True, kw_only=True)
class ItemSnapshot:
    wordings: tuple[WordingFigures, ...]


SHAPES: dict[SnapshotKind, type] = {
    SnapshotKind.TESTS: CohortSnapshot,
    SnapshotKind.ITEMS: ItemSnapshot,
}


@cache
def shape_of(kind: SnapshotKind) -> TypeAdapter[Any]:
    return TypeAdapter(SHAPES[kind])


def find_tests(db: Session) -> tuple[CohortSnapshot, datetime] | None:
    """Return the last count of the tests and its moment; None before the first."""
    found: tuple[CohortSnapshot, datetime] | None = _find(db, SnapshotKind.TESTS)
    return found


def find_items(db: Session) -> tuple[ItemSnapshot, datetime] | None:
    """Return the last count of the questions and its moment; None before the first."""
    found: tuple[ItemSnapshot, datetime] | None = _find(db, SnapshotKind.ITEMS)
    return found


def _find(db: Session, kind: SnapshotKind) -> Any:
    newest = db.scalars(
        select(StatisticsSnapshot)
        .where(StatisticsSnapshot.kind == kind)
        .order_by(StatisticsSnapshot.counted_at.desc(), StatisticsSnapshot.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        return None
    try:
        return shape_of(kind).validate_python(newest.figures), newest.counted_at
    except ValidationError:  # stored by another version; the job counts again
        return None


@dataclass(frozen=True, kw_only=True)
class CohortReport:
    """The tests that were counted, by name, and the one that is shown, if there is one."""

    counted_at: datetime | None
    tests: Mapping[str, CohortFigures]
    name: str

    @property
    def test(self) -> CohortFigures | None:
        return self.tests.get(self.name)


def read_test_report(db: Session, *, name: str) -> CohortReport:
    """Return the report on the test of that name; of another name, on the largest."""
    found = find_tests(db)
    if found is None:
        return CohortReport(counted_at=None, tests={}, name="")
    snapshot, counted_at = found
    tests = {test.name: test for test in snapshot.tests}
    shown = name if name in tests else next(iter(tests), "")
    return CohortReport(counted_at=counted_at, tests=tests, name=shown)


def is_counted(db: Session, *, now: datetime) -> bool:
    """Say whether the last count holds: nothing ended, was voided or rescored since, and
    the London day, which moves the window of recent papers, is the same."""
    tests, items = find_tests(db), find_items(db)
    if tests is None or items is None:
        return False
    counted_at = min(tests[1], items[1])
    if london_date(counted_at) != london_date(now):
        return False
    # What happened in the very moment of the count may have been missed.
    ended = select(Attempt.id).where(
        Attempt.entry_id.is_not(None),
        or_(Attempt.closed_at >= counted_at, Attempt.voided_at >= counted_at),
    )
    ruled = select(Rescore.id).where(
        or_(Rescore.applied_at >= counted_at, Rescore.reversed_at >= counted_at)
    )
    return not any(
        db.scalars(found.limit(1)).first() is not None for found in (ended, ruled)
    )
