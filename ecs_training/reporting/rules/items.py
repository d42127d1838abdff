"""How one wording of a question behaves on drawn papers, and whether to look at it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from ecs_training.reporting.rules.intervals import (
    FEWEST,
    Estimate,
    Z,
    correlation,
    difference,
    share,
)
from ecs_training.reporting.rules.options import (
    Choice,
    OptionFigures,
    OptionFlag,
    analyse_options,
)

RECENT_DAYS = 90
RISE = 0.10  # more right answers than before by this much: has it leaked?
HARD, EASY = 0.40, 0.98  # reference: practice for safety tests, .60 to .97 is expected
WEAK, GOOD = 0.10, 0.20  # item-rest correlations: to be reworded below, kept above


class Concern(StrEnum):
    """Why somebody should look at a question, the worst first."""

    KEY = "Key may be wrong"
    LEAK = "Easier than before: leak?"
    LURE = "A wrong option draws the strong"
    HARD = "Very hard"
    WEAK = "Tells little apart"
    EASY = "Too easy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One candidate's answer to a wording, on a finished paper that counts.

    `rest`: share of the other questions of that paper that they had right. `seconds`: from
    the answer before it, or from the start, to the first answer to this one.
    """

    chosen: str | None  # a bank's letter
    right: bool
    rest: float
    passed: bool
    recent: bool  # within RECENT_DAYS
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The share of right answers before the last RECENT_DAYS and within them."""

    before: Estimate
    recent: Estimate
    rise: Estimate

    @property
    def alarms(self) -> bool:
        return self.rise.value > RISE and self.rise.low > 0


@dataclass(frozen=True, kw_only=True)
class ItemFigures:
    """Of `n` first attempts. Every figure is None under FEWEST responses.

    `discrimination`: correlation of right or wrong with the rest of the paper. `b_index`:
    share right among who passed, less that among who failed. `seconds`: the median.
    """

    n: int
    facility: Estimate | None = None
    omitted: Estimate | None = None
    discrimination: Estimate | None = None
    b_index: Estimate | None = None
    seconds: Estimate | None = None
    drift: Drift | None = None
    options: tuple[OptionFigures, ...] = ()
    concerns: tuple[Concern, ...] = ()


def judge_item(asked: Sequence[Asked], *, keys: frozenset[str]) -> ItemFigures:
    """Work out how a wording fared; `keys` are the letters that earn the mark."""
    if len(asked) < FEWEST:
        return ItemFigures(n=len(asked))
    facility = _right(asked)
    discrimination = correlation(
        [float(one.right) for one in asked], [one.rest for one in asked]
    )
    drift = _drift(asked)
    choices = [Choice(chosen=one.chosen, rest=one.rest) for one in asked]
    options = analyse_options(choices, keys=keys)
    return ItemFigures(
        n=len(asked),
        facility=facility,
        omitted=share(sum(one.chosen is None for one in asked), len(asked)),
        discrimination=discrimination,
        b_index=_b_index(asked),
        seconds=middle([one.seconds for one in asked if one.seconds is not None]),
        drift=drift,
        options=options,
        concerns=list_concerns(facility, discrimination, drift, options),
    )


def list_concerns(
    facility: Estimate,
    discrimination: Estimate | None,
    drift: Drift | None,
    options: Sequence[OptionFigures],
) -> tuple[Concern, ...]:
    """Return what is suspicious, worst first.

    The key is suspected where the strong get it wrong more often beyond chance, or where
    few get it right and it tells nothing apart. It tells little apart where chance does not
    explain that it is not GOOD; of one that all get right, or with a doubtful key, that is
    no news.
    """
    r = discrimination
    backwards = r is not None and r.high < 0
    useless = r is not None and r.value < WEAK
    weak = r is not None and r.value < WEAK and r.high < GOOD
    hard, easy = facility.value < HARD, facility.value > EASY
    found = {
        Concern.KEY: backwards or (hard and useless),
        Concern.LEAK: drift is not None and drift.alarms,
        Concern.LURE: any(option.flag is OptionFlag.LURE for option in options),
        Concern.HARD: hard,
        Concern.WEAK: weak and not backwards and not easy,
        Concern.EASY: easy,
    }
    return tuple(concern for concern, is_so in found.items() if is_so)


def _right(asked: Sequence[Asked]) -> Estimate:
    return share(sum(one.right for one in asked), len(asked))


def _drift(asked: Sequence[Asked]) -> Drift | None:
    before = [one for one in asked if not one.recent]
    recent = [one for one in asked if one.recent]
    if min(len(before), len(recent)) < FEWEST:
        return None
    return Drift(
        before=_right(before),
        recent=_right(recent),
        rise=difference(_right(recent), _right(before)),
    )


def _b_index(asked: Sequence[Asked]) -> Estimate | None:
    passed = [one for one in asked if one.passed]
    failed = [one for one in asked if not one.passed]
    if not passed or not failed:
        return None
    return difference(_right(passed), _right(failed))


def middle(values: Sequence[float]) -> Estimate | None:
    """Return the median with the ranks that hold it in 95 of 100 cases; None under FEWEST."""
    n = len(values)
    if n < FEWEST:
        return None
    ranked, half = sorted(values), Z * math.sqrt(n) / 2
    low = max(0, math.floor(n / 2 - half))
    high = min(n - 1, math.ceil(n / 2 + half) - 1)
    return Estimate(value=median(ranked), low=ranked[low], high=ranked[high])
