"""Which wording of a question is listed, and in what order. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ecs_training.questions.rules.standing import ItemState
from ecs_training.reporting.rules.counting import WordingFigures
from ecs_training.reporting.rules.intervals import Estimate
from ecs_training.reporting.rules.items import Concern

SEVERITY = {concern: place for place, concern in enumerate(Concern)}
PAGE = 50  # rows


class Order(StrEnum):
    CONCERN = "Needs a look first"
    FACILITY = "Fewest right"
    TELLING = "Tells least apart"
    EXPOSURE = "Seen most"
    SECONDS = "Slowest"
    ANSWERS = "Most answers"
    CODE = "Name"


@dataclass(frozen=True, kw_only=True)
class ListedItem:
    """A question with the figures of its live wording, or of the newest that was asked.

    `stands`: those are the figures of what is asked today.
    """

    code: str
    topic: str
    revision: int
    state: ItemState | None
    stands: bool
    figures: WordingFigures

    @property
    def concerns(self) -> tuple[Concern, ...]:
        return self.figures.item.concerns

    @property
    def may_be_suspended(self) -> bool:
        return self.state is ItemState.LIVE


def pick_wordings(wordings: Iterable[ListedItem]) -> list[ListedItem]:
    """Return one wording a question: the one that stands if it was asked, or the newest."""
    found: dict[str, ListedItem] = {}
    for row in sorted(wordings, key=lambda row: (row.stands, row.revision)):
        found[row.code] = row
    return list(found.values())


def put_in_order(rows: Iterable[ListedItem], order: Order) -> list[ListedItem]:
    """Sort questions; those without the figure come last, equal ones by name."""
    by_name = sorted(rows, key=lambda row: row.code)
    return sorted(by_name, key=KEYS[order])


def _worst(row: ListedItem) -> float:
    worst = min((SEVERITY[concern] for concern in row.concerns), default=len(SEVERITY))
    return worst + (row.figures.item.facility is None)


def _low(figure: Estimate | None) -> float:
    return figure.value if figure else float("inf")


def _high(figure: Estimate | None) -> float:
    return -figure.value if figure else float("inf")


KEYS: dict[Order, Callable[[ListedItem], float]] = {
    Order.CONCERN: _worst,
    Order.FACILITY: lambda row: _low(row.figures.item.facility),
    Order.TELLING: lambda row: _low(row.figures.item.discrimination),
    Order.EXPOSURE: lambda row: _high(row.figures.exposure),
    Order.SECONDS: lambda row: _high(row.figures.item.seconds),
    Order.ANSWERS: lambda row: -row.figures.item.n,
    Order.CODE: lambda _: 0,
}


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: Sequence[ListedItem]
    number: int  # from 1
    of: int


def cut_page(rows: Sequence[ListedItem], number: int) -> Page:
    """Return page `number`, or the last one if there are not so many."""
    pages = max(1, -(-len(rows) // PAGE))
    number = min(max(1, number), pages)
    return Page(rows=rows[(number - 1) * PAGE : number * PAGE], number=number, of=pages)
