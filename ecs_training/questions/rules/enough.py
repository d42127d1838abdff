"""Whether the live items suffice for a blueprint, enemies considered."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ecs_training.questions.rules.bank import Blueprint
from ecs_training.questions.rules.papers import LiveItem, list_enemies


def most_together(items: Iterable[LiveItem]) -> int:
    """Return how many of these items may stand on one paper, no two of them enemies."""
    listed = list(items)
    codes = frozenset(item.code for item in listed)
    return _most_apart(codes, list_enemies(listed))


def items_missing(live_items: Iterable[LiveItem], blueprint: Blueprint) -> Counter[str]:
    """Return how many more live items each topic needs at least to fill its line.

    A topic that suffices is left out, so the result is empty where all do. Enemies within
    a topic are counted exactly; those in different topics are left to drawing.
    """
    pools: dict[str, list[LiveItem]] = {topic: [] for topic in blueprint.topics}
    for item in live_items:
        pools.setdefault(item.topic, []).append(item)
    missing = Counter(
        {
            topic: needed - most_together(pools[topic])
            for topic, needed in blueprint.topics.items()
        }
    )
    return +missing


def _groups(
    codes: frozenset[str], enemies: Mapping[str, set[str]]
) -> list[frozenset[str]]:
    """Part the codes so that no enemies stand in different groups."""
    groups = []
    left = set(codes)
    while left:
        reached = {left.pop()}
        group = set(reached)
        while reached:
            reached = enemies[reached.pop()] & left | reached
            left -= reached
            group |= reached
        groups.append(frozenset(group))
    return groups


def _most_of(group: frozenset[str], enemies: Mapping[str, set[str]]) -> int:
    foes = {code: enemies[code] & group for code in group}
    quietest = min(foes, key=lambda code: len(foes[code]))
    if len(foes[quietest]) <= 1:  # taking it costs no more than leaving it
        return 1 + _most_apart(group - {quietest} - foes[quietest], enemies)
    busiest = max(foes, key=lambda code: len(foes[code]))
    return max(
        1 + _most_apart(group - {busiest} - foes[busiest], enemies),
        _most_apart(group - {busiest}, enemies),
    )


def _most_apart(codes: frozenset[str], enemies: Mapping[str, set[str]]) -> int:
    return sum(_most_of(group, enemies) for group in _groups(codes, enemies))
