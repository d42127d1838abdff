"""Settings, database and clock, as every command needs them."""

import os

from ecs_training.foundation.clock import Clock, ShiftedClock, measure_shift
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings, read_settings
from ecs_training.reactions import REACTIONS


def open_product() -> tuple[Settings, Database, Clock]:
    """Open the database that the environment names. Raise Misconfigured for a bad setting."""
    settings = read_settings(os.environ)
    database = Database(settings, REACTIONS)
    return settings, database, ShiftedClock(measure_shift(database.tell_time))
