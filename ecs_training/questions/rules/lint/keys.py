"""That nobody gains by always choosing one letter, or the longest option."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import ceil, floor

from ecs_training.questions.rules.bank import LETTERS, Bank, BankItem
from ecs_training.questions.rules.faults import Fault

LEAST, MOST = 0.20, 0.30  # of the live items, for each letter
MOST_EXTREME = (
    0.32  # who always takes the longest should fare hardly better than chance
)


def key_balance(bank: Bank) -> Iterator[Fault]:
    """Find letters that are the key too seldom or too often, by topic and overall."""
    for file, items in _by_file(bank).items():
        yield from _balance_faults(items, file)
    yield from _balance_faults(list_live(bank), "topics")


def _balance_faults(items: Sequence[BankItem], file: str) -> Iterator[Fault]:
    keys = Counter(item.key for item in items)
    least, most = _bounds(len(items))
    for letter in LETTERS:
        if not least <= keys[letter] <= most:
            message = (
                f"{letter} is the key of {keys[letter]} of {len(items)} live items;"
                f" {least} to {most} would be {LEAST:.0%} to {MOST:.0%}"
            )
            yield _whole_fault(file, "key-balance", message)


def _bounds(items: int) -> tuple[int, int]:
    """Return how often a letter may be the key; rounded outwards where it must be."""
    least, most = ceil(round(LEAST * items, 6)), floor(round(MOST * items, 6))
    if len(LETTERS) * least <= items <= len(LETTERS) * most:
        return least, most
    return floor(LEAST * items), ceil(MOST * items)  # a handful of items


def key_lengths(bank: Bank) -> Iterator[Fault]:
    """Find a bank whose key is too often strictly the longest option, or the shortest."""
    live = list_live(bank)
    for rule, is_so in (("key-longest", is_longest), ("key-shortest", is_shortest)):
        count = sum(map(is_so, live))
        if live and count / len(live) > MOST_EXTREME:
            message = (
                f"the key is the {rule.removeprefix('key-')} option in {count} of"
                f" {len(live)} live items; {MOST_EXTREME:.0%} is the most"
            )
            yield _whole_fault("topics", rule, message)


def is_longest(item: BankItem) -> bool:
    """Say whether the key has more characters than every other option."""
    return len(item.options[item.key]) > max(_other_lengths(item))


def is_shortest(item: BankItem) -> bool:
    return len(item.options[item.key]) < min(_other_lengths(item))


def _other_lengths(item: BankItem) -> list[int]:
    return [len(text) for letter, text in item.options.items() if letter != item.key]


def share_longest(items: Sequence[BankItem]) -> float:
    return sum(map(is_longest, items)) / len(items) if items else 0.0


def list_live(bank: Bank) -> list[BankItem]:
    return [item for item in bank.items if item.is_live]


def _by_file(bank: Bank) -> Mapping[str, list[BankItem]]:
    files: dict[str, list[BankItem]] = {}
    for item in list_live(bank):
        files.setdefault(item.file, []).append(item)
    return files


def _whole_fault(file: str, rule: str, message: str) -> Fault:
    return Fault(file=file, line=1, rule=rule, message=message)
