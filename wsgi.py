"""What gunicorn runs, in production and in the demo alike."""

import gc
import os

from ecs_training.app import create_served_app

app = create_served_app(os.environ)

# What is loaded by now stays for good, and a request leaves few cycles behind: a collector
# that looks through all of it every few requests costs a fifth of the processor.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 25, 25)
