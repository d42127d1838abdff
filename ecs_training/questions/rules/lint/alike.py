"""Two items that ask the same."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from ecs_training.questions.rules.bank import Bank, BankItem, Status
from ecs_training.questions.rules.faults import Fault, fault_at
from ecs_training.questions.rules.lint.words import Bag, make_bag, similarity

TOO_ALIKE = 0.8


def near_duplicates(bank: Bank) -> Iterator[Fault]:
    """Find stems that share more than 0.8 of their words (see `similarity`).

    "What does this sign mean?" may be asked of many signs: where both items have pictures,
    and different ones, their options are compared instead. Retired items may repeat.
    """
    items = [item for item in bank.items if item.status is not Status.RETIRED]
    bags = [make_bag(item.stem) for item in items]
    for n, m in _alike(bags):
        if not _differ_in_picture(items[n], items[m]):
            yield _fault(items[n], items[m], similarity(bags[n], bags[m]))
    yield from _alike_beside_their_pictures(items)


def _alike_beside_their_pictures(items: Sequence[BankItem]) -> Iterator[Fault]:
    pictured = [(item, _options(item)) for item in items if item.image]
    for (other, others), (item, options) in combinations(pictured, 2):
        share = similarity(options, others)
        if share > TOO_ALIKE and _differ_in_picture(item, other):
            yield _fault(item, other, share)


def _options(item: BankItem) -> Bag:
    return make_bag(" ".join(item.options.values()))


def _differ_in_picture(one: BankItem, other: BankItem) -> bool:
    if not one.image or not other.image:
        return False
    return one.image.sha256 != other.image.sha256


def _alike(bags: Sequence[Bag]) -> Iterator[tuple[int, int]]:
    """Yield the places of each pair above the limit, the later one first.

    Two texts that share more than 0.8 share more than two thirds of the words of either;
    so among the rarest third of a text's words, and one more, there is one of the other's.
    """
    holders: dict[tuple[str, int], list[int]] = defaultdict(list)
    for n, bag in enumerate(bags):
        rarest = sorted(bag, key=lambda word: len(holders[word]))
        near = {m for word in rarest[: len(bag) // 3 + 1] for m in holders[word]}
        for m in sorted(near):
            if similarity(bag, bags[m]) > TOO_ALIKE:
                yield n, m
        for word in bag:
            holders[word].append(n)


def _fault(item: BankItem, other: BankItem, share: float) -> Fault:
    place = f"{other.file}, line {other.lines['id']}"
    message = f"asks nearly what {other.code} asks ({place}): {share:.0%} alike"
    return fault_at(item, "stem", message, rule="near-duplicate")
