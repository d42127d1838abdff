"""Measure ours beside the floor: make bench, or make bench NAME=answer_save.

One JSON line a figure and database on standard output, and in benchmarks/latest.jsonl. The
whole run ends within eight minutes on two cores: about 25 s to set up, 130 s for all ratios
of both databases, 100 s and 185 s for the cohorts. Exit 1 if a target is missed, an answer
lost or a 5xx answered.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence

from flask import Flask

from benchmarks.bench.cohort import plan_for, run_cohort
from benchmarks.bench.drawing import draw
from benchmarks.bench.figures import FIGURES, measure
from benchmarks.bench.floor import lay_floor
from benchmarks.bench.lines import TARGETS, Line, find_faults, keep
from benchmarks.bench.serving import (
    ROOT,
    Place,
    free_port,
    open_place,
    production_settings,
)
from ecs_training.app import create_app
from ecs_training.foundation.clock import stopwatch, utc_now
from ecs_training.foundation.database import Database
from ecs_training.foundation.migrations import upgrade
from ecs_training.questions.services import load_bank

BACKENDS = ("sqlite", "postgresql")


def run(
    names: Sequence[str], *, backends: Sequence[str] = BACKENDS, tiny: bool = False
) -> Iterator[Line]:
    """Measure each name on each database; `tiny` only shows that everything runs."""
    os.chdir(ROOT)  # settings name the question bank from here
    if "papers" in names:
        yield draw(papers=20 if tiny else 2000)
    for backend in backends:
        with open_place(backend, workers=1 if tiny else 2) as place:
            yield from _measure_on(place, names, tiny=tiny)


def _measure_on(place: Place, names: Sequence[str], *, tiny: bool) -> Iterator[Line]:
    app = set_up(place)
    figures = [figure for figure in FIGURES if figure.name in names]
    if figures:
        yield from measure(place, app, figures, tiny=tiny)
    if "cohort" in names:
        yield run_cohort(place, app, plan_for(place, tiny=tiny))
    database: Database = app.extensions["database"]
    database.engine.dispose()


def set_up(place: Place) -> Flask:
    """Bring the database to our tables and the floor's, with the whole question bank."""
    app = create_app(production_settings(place, port=free_port()))
    database: Database = app.extensions["database"]
    upgrade(database.engine)
    lay_floor(place.url)
    with database.transaction() as db:
        load_bank(db, folder=ROOT / "question_bank", now=utc_now())
    return app


def main(arguments: Sequence[str]) -> int:
    names = list(arguments) or list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        print(
            f"no figure {unknown[0]}; make bench NAME={'|'.join(TARGETS)}",
            file=sys.stderr,
        )
        return 2
    # Told to stop, we still end the servers that we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began, lines = stopwatch(), []
    for line in run(names):
        lines.append(line)
        keep(lines)
        print(json.dumps(line), flush=True)
    faults = [fault for line in lines for fault in find_faults(line)]
    for fault in [*faults, f"{stopwatch() - began:.0f} seconds"]:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
