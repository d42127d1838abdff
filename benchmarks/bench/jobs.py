"""The recurring jobs beside the cohort, in a process of their own, until SIGTERM."""

import os
import sys

from ecs_training.foundation.clock import utc_now
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import read_settings
from ecs_training.reactions import REACTIONS
from ecs_training.recurring_jobs import run_forever


def main() -> int:
    settings = read_settings(os.environ)
    run_forever(Database(settings, REACTIONS), utc_now, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
