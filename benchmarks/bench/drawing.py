"""How fast papers are drawn from our own bank: the rules alone, no database, no floor."""

import os

from benchmarks.bench.lines import Line, make_line, spread
from benchmarks.papers import BLUEPRINT, FOLDER
from ecs_training.foundation.clock import stopwatch
from ecs_training.questions.rules import PaperMaker
from ecs_training.questions.rules.checks import drawable
from ecs_training.questions.services import read_bank


def draw(*, papers: int) -> Line:
    """Draw that many papers, one seed each, as one process does."""
    bank = read_bank(FOLDER)
    items = [drawable(item) for item in bank.items if item.is_live]
    maker = PaperMaker(items, bank.blueprints[BLUEPRINT])
    took, used, began = [], os.times(), stopwatch()
    for number in range(papers):
        at = stopwatch()
        maker.draw(seed=str(number))
        took.append(stopwatch() - at)
    wall, after = stopwatch() - began, os.times()
    cpu = after.user + after.system - used.user - used.system
    return make_line(
        "papers",
        "none",
        n=papers,
        ours_cpu_ms=round(cpu / papers * 1000, 3),
        per_s=round(papers / wall, 1),
        **spread(took),
    )
