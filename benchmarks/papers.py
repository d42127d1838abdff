"""Papers drawn from our own bank: each as the blueprint says, and all of them alike.

No item twice, no enemies together, every expected score within a quarter of a mark of the
target, nothing in a resit that the first paper had, and no item on more than 1.5 times its
fair share of papers. `make test` draws a thousand, `make soak NAME=papers` a hundred
thousand.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean, pstdev

from ecs_training.foundation.clock import stopwatch
from ecs_training.questions.rules import (
    BankItem,
    BankTooSmall,
    Blueprint,
    Drawn,
    Earlier,
    PaperMaker,
)
from ecs_training.questions.rules.checks import drawable
from ecs_training.questions.services import read_bank

FOLDER = Path(__file__).parents[1] / "question_bank"
BLUEPRINT = "hse"
SEED = 20260302
SOAK_PAPERS = 100_000
COUNTED_EVERY = (
    200  # papers: far more than an hour brings, after which they are counted
)
RESIT_EVERY = 10  # so many papers, one is the resit of who had the paper before
WINDOW = 0.25  # marks
MOST_SHARE = 1.5  # times the topic's items on a paper / its live items
ROUNDING = 1e-4  # marks
Enemies = Mapping[str, frozenset[str]]


@dataclass(kw_only=True)
class Tally:
    """What came of so many papers; `times` counts on how many each item stood."""

    n: int = 0
    faults: list[str] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)
    shares: dict[str, float] = field(default_factory=dict)  # code -> of its fair share
    gaps: list[float] = field(default_factory=list)  # expected score less the target

    def add(self, paper: Sequence[Drawn], gap: float, wrong: str) -> None:
        self.n += 1
        self.times.update(drawn.code for drawn in paper)
        self.gaps.append(gap)
        if wrong:
            self.faults.append(f"paper {self.n}: {wrong}")

    @property
    def in_window(self) -> int:
        return sum(is_in_window(gap) for gap in self.gaps)

    @property
    def overused(self) -> list[str]:
        return [
            f"{code} had {share:.2f} times its fair share of papers"
            for code, share in self.shares.items()
            if share > MOST_SHARE
        ]


class Judge:
    """Knows from the files alone what a paper must be."""

    def __init__(self, live: Sequence[BankItem], blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.enemies = list_enemies(live)
        self.difficulty = {item.code: item.difficulty for item in live}
        pools = {
            topic: [item.difficulty for item in live if item.topic == topic]
            for topic in blueprint.topics
        }
        self.target = sum(
            count * fmean(pools[topic]) for topic, count in blueprint.topics.items()
        )
        self.fair = {
            item.code: blueprint.topics[item.topic] / len(pools[item.topic])
            for item in live
            if item.topic in pools
        }

    def measure_gap(self, paper: Sequence[Drawn]) -> float:
        return sum(self.difficulty[drawn.code] for drawn in paper) - self.target

    def find_wrong(self, paper: Sequence[Drawn], before: Sequence[Drawn]) -> str:
        """Say what a paper breaks; `before` is what the same person had first."""
        if wrong := find_wrong(paper, self.blueprint, self.enemies):
            return wrong
        gap = self.measure_gap(paper)
        if not is_in_window(gap):
            return f"lies {gap:+.2f} marks off the target"
        shared = {drawn.code for drawn in paper} & {drawn.code for drawn in before}
        return f"has {len(shared)} items of the first paper" if shared else ""


def draw_papers(*, n: int, seed: int = SEED, folder: Path = FOLDER) -> Tally:
    """Draw that many papers of a bank's live items, and judge each.

    Every tenth is a resit. How often items were shown is counted from time to time, as the
    product does.
    """
    bank = read_bank(folder)
    live = [item for item in bank.items if item.is_live]
    judge = Judge(live, bank.blueprints[BLUEPRINT])
    tally = Tally(times=Counter({item.code: 0 for item in live}))
    maker = _make_maker(live, judge.blueprint, tally.times)
    paper: list[Drawn] = []
    for number in range(n):
        if number and number % COUNTED_EVERY == 0:
            maker = _make_maker(live, judge.blueprint, tally.times)
        before = paper if number % RESIT_EVERY == RESIT_EVERY - 1 else []
        earlier = Earlier(papers={drawn.code: 1 for drawn in before})
        try:
            paper = maker.draw(seed=f"{seed}/{number}", earlier=earlier)
        except BankTooSmall as none:
            tally.add([], 0, str(none))
        else:
            wrong = judge.find_wrong(paper, before)
            tally.add(paper, judge.measure_gap(paper), wrong)
    tally.shares = {
        code: tally.times[code] / n / fair for code, fair in judge.fair.items()
    }
    return tally


def _make_maker(
    live: Sequence[BankItem], blueprint: Blueprint, times: Mapping[str, int]
) -> PaperMaker:
    return PaperMaker(
        [replace(drawable(item), shown=times[item.code]) for item in live], blueprint
    )


def is_in_window(gap: float) -> bool:
    return abs(gap) <= WINDOW + ROUNDING


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
    faults = tally.faults + tally.overused
    for fault in faults[:20]:
        print(fault)
    shares = sorted((round(share, 3), code) for code, share in tally.shares.items())
    return [
        {
            "name": "papers",
            "db": "none",
            "seed": SEED,
            "n": tally.n,
            "failures": len(faults),
            "minutes": round(seconds / 60, 2),
            "seconds": round(seconds, 1),
            "items": len(shares),
            "in_window": tally.in_window,
            "expected_score_sd": round(pstdev(tally.gaps), 3),
            "expected_score_spread": round(max(tally.gaps) - min(tally.gaps), 3),
            "most_of_fair_share": shares[-1],
            "least_of_fair_share": shares[0],
        }
    ]
