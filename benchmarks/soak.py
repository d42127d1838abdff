"""Run one heavy check at its full figure and keep its line: make soak NAME=last-seat.

Each appends {name, db, seed, n, failures, minutes, commit} a database to
benchmarks/soak.jsonl, which is kept with the code.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from benchmarks import (
    attempt_machine,
    deadline_races,
    hostile_files,
    kills,
    last_seat,
    papers,
    question_files,
    trainer_races,
)
from ecs_training.questions.formats import Format

RECORD = Path(__file__).parent / "soak.jsonl"
SOAKS: dict[str, Callable[[], Iterable[dict[str, object]]]] = {
    "last-seat": last_seat.soak,
    "papers": papers.soak,
    "kills": kills.soak,
    "deadline-races": deadline_races.soak,
    "attempt-machine": attempt_machine.soak,
    "hostile-files": hostile_files.soak,
    "trainer-races": trainer_races.soak,
    **{f"fuzz-{form.value}": partial(question_files.soak, form) for form in Format},
}


def _commit() -> str:
    git = shutil.which("git") or "git"
    told = subprocess.run(  # noqa: S603 - git itself
        [git, "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def main(names: list[str]) -> int:
    if len(names) != 1 or names[0] not in SOAKS:
        print(f"usage: make soak NAME={'|'.join(SOAKS)}", file=sys.stderr)
        return 2
    failures = 0
    for figures in SOAKS[names[0]]():
        line = json.dumps({**figures, "commit": _commit()})
        print(line, flush=True)
        with RECORD.open("a", encoding="utf-8") as record:
            record.write(line + "\n")
        failures += int(str(figures["failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
