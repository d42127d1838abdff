from typing import Any

import pytest

from ecs_training.demo.data import set_up
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from tests.conftest import MovableClock


@pytest.fixture
def facts(
    database: Database, clock: MovableClock, settings: Settings
) -> dict[str, Any]:
    """Set the demo up in the test's database; what var/demo.json would say."""
    return set_up(database, clock, settings)
