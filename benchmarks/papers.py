"""Papers drawn from our own bank: the blueprint exact, no item twice, no enemies together.

`make test` draws a thousand, `make soak NAME=papers` a hundred thousand.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ecs_training.foundation.clock import stopwatch
from ecs_training.questions.rules import (
    BankItem,
    BankTooSmall,
    Blueprint,
    Drawn,
    PaperMaker,
)
from ecs_training.questions.rules.checks import drawable
from ecs_training.questions.services import read_bank

FOLDER = Path(__file__).parents[1] / "question_bank"
BLUEPRINT = "hse"
SEED = 20260302
SOAK_PAPERS = 100_000
Enemies = Mapping[str, frozenset[str]]


@dataclass(kw_only=True)
class Tally:
    """What came of so many papers; `times` counts on how many each item stood."""

    n: int = 0
    faults: list[str] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)

    def add(self, paper: Sequence[Drawn], wrong: str) -> None:
        self.n += 1
        self.times.update(drawn.code for drawn in paper)
        if wrong:
            self.faults.append(f"paper {self.n}: {wrong}")


def draw_papers(*, n: int, seed: int = SEED, folder: Path = FOLDER) -> Tally:
    """Draw that many papers of a bank's live items, and judge each."""
    bank = read_bank(folder)
    live = [item for item in bank.items if item.is_live]
    blueprint, enemies = bank.blueprints[BLUEPRINT], list_enemies(live)
    maker = PaperMaker(map(drawable, live), blueprint)
    tally = Tally(times=Counter({item.code: 0 for item in live}))
    for number in range(n):
        try:
            paper = maker.draw(seed=f"{seed}/{number}")
        except BankTooSmall as none:
            tally.add([], str(none))
        else:
            tally.add(paper, find_wrong(paper, blueprint, enemies))
    return tally


def list_enemies(items: Sequence[BankItem]) -> Enemies:
    """Return who may not meet whom, whichever of the two items says so."""
    pairs = {(item.code, enemy) for item in items for enemy in item.enemies}
    pairs |= {(enemy, code) for code, enemy in pairs}
    return {
        item.code: frozenset(enemy for code, enemy in pairs if code == item.code)
        for item in items
    }


def find_wrong(paper: Sequence[Drawn], blueprint: Blueprint, enemies: Enemies) -> str:
    """Say what a paper breaks, or return an empty text."""
    codes = {drawn.code for drawn in paper}
    if Counter(drawn.topic for drawn in paper) != blueprint.topics:
        return "is not what the blueprint asks"
    if len(codes) != len(paper):
        return "has an item twice"
    for drawn in paper:
        if not codes.isdisjoint(enemies[drawn.code]):
            return f"has {drawn.code} with its enemy"
        if sorted(drawn.order) != ["a", "b", "c", "d"]:
            return f"shows {drawn.code} in the order {drawn.order}"
    return ""


def soak() -> list[dict[str, object]]:
    """Run the full figure: one line, as no database is needed."""
    began = stopwatch()
    tally = draw_papers(n=SOAK_PAPERS)
    seconds = stopwatch() - began
    for fault in tally.faults[:20]:
        print(fault)
    ordered = tally.times.most_common()
    return [
        {
            "name": "papers",
            "db": "none",
            "seed": SEED,
            "n": tally.n,
            "failures": len(tally.faults),
            "minutes": round(seconds / 60, 2),
            "seconds": round(seconds, 1),
            "items": len(ordered),
            "most_drawn": ordered[0],
            "least_drawn": ordered[-1],
        }
    ]
