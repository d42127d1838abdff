"""Reading when somebody is taken out of their own calendar, and nothing else of it.

A calendar of a stranger can be made to keep a reader busy for ever, so it is read in a
process of its own, with an end to its time and memory.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from ecs_training.scheduling.outside.busy import Span, busy_times
from ecs_training.scheduling.outside.problems import (
    CalendarProblem,
    CalendarUnreadable,
)

CPU_SECONDS = 10
PATIENCE = 30.0  # seconds, on a machine with much else to do
MOST_MEMORY = 1024 * 1024 * 1024  # bytes of addresses, libraries and all


def read_calendar(
    content: bytes, *, own_domain: str, since: datetime, until: datetime
) -> Sequence[Span]:
    """Return when a calendar says that its owner is taken, or raise CalendarUnreadable.

    Times are UTC, in order, apart from each other, and between `since` and `until`. Entries
    of ours, known by the `own_domain` of their UIDs, are left out: a trainer who subscribes
    to our calendar is not kept busy by it.
    """
    facts = [own_domain, since.isoformat(), until.isoformat()]
    try:
        told = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", __name__, *facts],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=True,
        ).stdout
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise CalendarUnreadable(CalendarProblem.TOO_MUCH) from None
    answer = json.loads(told)
    if isinstance(answer, str):
        raise CalendarUnreadable(CalendarProblem[answer])
    return [
        (datetime.fromisoformat(start), datetime.fromisoformat(end))
        for start, end in answer
    ]


def _main(own_domain: str, since: str, until: str) -> None:
    """Answer with the times as JSON, or with the name of what is wrong."""
    for limit, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MOST_MEMORY),
    ):
        with suppress(ValueError, OSError):  # some systems know no such limit
            resource.setrlimit(limit, (most, most))
    try:
        spans = busy_times(
            sys.stdin.buffer.read(),
            own_domain=own_domain,
            since=datetime.fromisoformat(since),
            until=datetime.fromisoformat(until),
        )
        answer: object = [[start.isoformat(), end.isoformat()] for start, end in spans]
    except CalendarUnreadable as unreadable:
        answer = unreadable.problem.name
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main(*sys.argv[1:])
