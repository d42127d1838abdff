"""The attempt as a machine, 25,000 steps a database: make soak NAME=attempt-machine."""

from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.last_seat import new_database
from ecs_training.foundation.clock import stopwatch
from tests.assessment.attempt_machine import make_machine
from tests.conftest import NOW

SEED = 20261122
STEPS, EXAMPLES = 100, 270  # some examples end early; at least 25,000 in all


def soak() -> Iterator[dict[str, object]]:
    """Run the full figure on both databases; a line of figures as each is done."""
    return map(_soak, ("sqlite", "postgresql"))


def _soak(name: str) -> dict[str, object]:
    began = stopwatch()
    with new_database(name) as database:
        machine = make_machine(database, NOW)
        # It raises, with the steps that led there, where a promise is broken.
        run_state_machine_as_test(
            seed(SEED)(machine),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    return {
        "name": "attempt-machine",
        "db": name,
        "seed": SEED,
        "n": machine.steps,
        "failures": 0,
        "minutes": round((stopwatch() - began) / 60, 2),
    }
