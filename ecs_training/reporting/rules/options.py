"""Who chose which option: a wrong one that draws the strong, one that nobody takes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ecs_training.reporting.rules.intervals import Estimate, difference, share

LETTERS = "abcd"


class OptionFlag(StrEnum):
    LURE = "The strong choose it more often than the weak"
    UNUSED = "Nobody chose it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What one candidate chose, a bank's letter, and the share of the rest they had right."""

    chosen: str | None
    rest: float


@dataclass(frozen=True, kw_only=True)
class OptionFigures:
    """How one option fared. `weak` and `strong`: its share among the two outer thirds.

    None where the thirds cannot be told apart.
    """

    letter: str
    chosen: int
    share: Estimate
    weak: Estimate | None
    strong: Estimate | None
    flag: OptionFlag | None


def analyse_options(
    choices: Sequence[Choice], *, keys: frozenset[str]
) -> tuple[OptionFigures, ...]:
    """Return each option's figures; `keys` are the letters that earn the mark.

    A wrong option is a lure where its share among the strong is above that among the weak
    by more than chance explains: the interval of the difference leaves out 0.
    """
    thirds = _outer_thirds(choices)
    everybody = Counter(choice.chosen for choice in choices)
    return tuple(
        _analyse(letter, everybody[letter], len(choices), thirds, keys)
        for letter in LETTERS
    )


def _outer_thirds(
    choices: Sequence[Choice],
) -> tuple[Sequence[Choice], Sequence[Choice]]:
    """Split off the weakest and the strongest third by the rest of the paper.

    Ties at a border belong to the third, so that no order of rows decides; none where the
    borders meet.
    """
    ranked = sorted(choice.rest for choice in choices)
    size = len(ranked) // 3
    if not size or ranked[size - 1] >= ranked[-size]:
        return (), ()
    return (
        [choice for choice in choices if choice.rest <= ranked[size - 1]],
        [choice for choice in choices if choice.rest >= ranked[-size]],
    )


def _analyse(
    letter: str,
    chosen: int,
    of: int,
    thirds: tuple[Sequence[Choice], Sequence[Choice]],
    keys: frozenset[str],
) -> OptionFigures:
    weak, strong = (_among(letter, third) for third in thirds)
    return OptionFigures(
        letter=letter,
        chosen=chosen,
        share=share(chosen, of),
        weak=weak,
        strong=strong,
        flag=None if letter in keys else _flag(chosen, weak, strong),
    )


def _among(letter: str, group: Sequence[Choice]) -> Estimate | None:
    chosen = sum(choice.chosen == letter for choice in group)
    return share(chosen, len(group)) if group else None


def _flag(
    chosen: int, weak: Estimate | None, strong: Estimate | None
) -> OptionFlag | None:
    if not chosen:
        return OptionFlag.UNUSED
    lures = weak and strong and difference(strong, weak).low > 0
    return OptionFlag.LURE if lures else None
