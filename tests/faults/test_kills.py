"""kill -9 of the server during saves: what was acknowledged is there, once."""

import pytest

from benchmarks.kills import CLIENTS, kill_rounds

ROUNDS = 20


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_acknowledged_answer_dies_with_the_server(
    kind: str, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--db") not in {"both", kind}:
        pytest.skip("another database was asked for")
    tally = kill_rounds(kind, n=ROUNDS)
    assert tally.faults == []
    assert tally.killed >= ROUNDS
    assert tally.saves >= ROUNDS * CLIENTS / 2
