"""Counting how many items may stand together, against trying every choice."""

import random
import time
from collections.abc import Sequence
from itertools import combinations

import pytest

from ecs_training.questions.rules import (
    Blueprint,
    LiveItem,
    items_missing,
    most_together,
)


def live(code: str, *enemies: str) -> LiveItem:
    topic = code.partition("-")[0]
    return LiveItem(revision_id=1, code=code, topic=topic, key="a", enemies=enemies)


def blueprint(**topics: int) -> Blueprint:
    return Blueprint(id="test", version=1, minutes=5, pass_mark=1, topics=topics)


def by_trying(items: Sequence[LiveItem]) -> int:
    """Return the size of the largest choice without enemies, by trying every choice."""
    pairs = {frozenset((item.code, enemy)) for item in items for enemy in item.enemies}
    return max(
        size
        for size in range(len(items) + 1)
        for chosen in combinations([item.code for item in items], size)
        if not any(frozenset(pair) in pairs for pair in combinations(chosen, 2))
    )


@pytest.mark.parametrize(
    ("enemies", "most"),
    [
        ({}, 5),
        ({0: [1]}, 4),
        ({0: [1, 2, 3, 4]}, 4),  # a star: all but its middle
        ({0: [1], 1: [2], 2: [3], 3: [4]}, 3),  # a row
        ({0: [1], 1: [2], 2: [3], 3: [4], 4: [0]}, 2),  # a ring
        ({0: [1, 2], 1: [2]}, 3),  # a triangle beside two
        ({n: [m for m in range(5) if m != n] for n in range(5)}, 1),
        ({0: [9]}, 5),  # an enemy that is not live
    ],
)
def test_the_most_that_may_stand_together(
    enemies: dict[int, list[int]], most: int
) -> None:
    items = [
        live(f"fire-{n}", *(f"fire-{m}" for m in enemies.get(n, []))) for n in range(5)
    ]
    assert most_together(items) == most
    assert most_together(items[::-1]) == most


def test_nothing_is_the_most_of_nothing() -> None:
    assert most_together([]) == 0


def test_counting_agrees_with_trying_every_choice() -> None:
    chance = random.Random(11)
    for _ in range(300):
        codes = [f"fire-{n}" for n in range(chance.randint(1, 9))]
        dense = chance.choice([0.05, 0.15, 0.4])
        items = [
            live(
                code,
                *(
                    other
                    for other in codes
                    if other != code and chance.random() < dense
                ),
            )
            for code in codes
        ]
        assert most_together(items) == by_trying(items)


def test_what_each_topic_lacks_is_told() -> None:
    items = [
        *(live(f"fire-{n}") for n in range(3)),
        live("noise-0", "noise-1"),
        live("noise-1"),
        live("dust-0"),
    ]
    missing = items_missing(items, blueprint(fire=3, noise=2, gas=4))
    assert missing == {"noise": 1, "gas": 4}
    assert missing["fire"] == 0
    assert not items_missing(items, blueprint(fire=3, noise=1))


def test_a_tangle_of_100_items_is_counted_in_a_moment() -> None:
    chance = random.Random(3)
    items = [
        live(f"fire-{n}", *(f"fire-{chance.randrange(100)}" for _ in range(2)))
        for n in range(100)
    ]
    began = time.process_time()
    assert 30 < most_together(items) < 80
    assert time.process_time() - began < 5
