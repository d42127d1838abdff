import pytest

from ecs_training.foundation.database import Database
from tests.changes.stage import Stage, set_stage
from tests.conftest import MovableClock


@pytest.fixture
def stage(database: Database, clock: MovableClock) -> Stage:
    return set_stage(database, clock)
