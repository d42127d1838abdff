"""Everybody at the deadline at once: one end, and every acknowledged answer in the marks."""

import pytest

from benchmarks.deadline_races import races
from ecs_training.foundation.database import Database
from tests.racing import take_locks_away

RACES = 100
MOST_WITHOUT_LOCKS = 300


@pytest.mark.heavy
def test_saves_and_ends_around_the_deadline_leave_one_end_and_true_marks(
    database: Database,
) -> None:
    tally = races(database, n=RACES)
    assert tally.faults == []
    assert tally.saved > RACES / 4
    assert tally.refused > RACES / 4, "no race was ever close"


@pytest.mark.heavy
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_without_the_locks_an_acknowledged_answer_is_lost(database: Database) -> None:
    """The control: the races are real, and it is the locks that decide them."""
    take_locks_away(database)
    assert races(database, n=MOST_WITHOUT_LOCKS).faults
