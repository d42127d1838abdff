"""What gunicorn runs, in production and in the demo alike."""

import os

from ecs_training.app import create_served_app

app = create_served_app(os.environ)
