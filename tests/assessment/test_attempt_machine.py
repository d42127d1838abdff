import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from ecs_training.foundation.database import Database
from tests.assessment.attempt_machine import make_machine
from tests.conftest import MovableClock

EXAMPLES, STEPS = 20, 50  # a database: 2,000 steps in all


@pytest.mark.heavy
def test_no_order_of_events_breaks_a_promise(
    database: Database, clock: MovableClock
) -> None:
    run_state_machine_as_test(
        make_machine(database, clock()),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
