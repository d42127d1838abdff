"""The content lint: what a bank must be before anybody is examined by it.

Each rule is a small function that yields faults; `Fault.rule` names the rule.
"""

from collections.abc import Iterator
from datetime import date

from ecs_training.questions.rules.bank import BankItem, Status
from ecs_training.questions.rules.checks import find_faults
from ecs_training.questions.rules.faults import Fault
from ecs_training.questions.rules.folders import BankFolder
from ecs_training.questions.rules.lint.alike import near_duplicates
from ecs_training.questions.rules.lint.grades import average_grade, reading_grade
from ecs_training.questions.rules.lint.keys import key_balance, key_lengths
from ecs_training.questions.rules.lint.options import (
    leaning_options,
    like_options,
    option_lengths,
)
from ecs_training.questions.rules.lint.pictures import image_alt, picture_faults
from ecs_training.questions.rules.lint.readings import second_reading
from ecs_training.questions.rules.lint.revisions import stable_revisions
from ecs_training.questions.rules.lint.sources import (
    source_checked,
    source_edition,
    unused_sources,
)
from ecs_training.questions.rules.lint.stems import (
    jurisdiction_named,
    negative_emphasis,
    stem_asks,
    stem_length,
)
from ecs_training.questions.rules.lint.texts import (
    plain_text,
    rationale_letter,
    rationale_numbers,
)

__all__ = ["lint_folder", "lint_item"]

ITEM_RULES = (
    stem_length,
    stem_asks,
    negative_emphasis,
    jurisdiction_named,
    plain_text,
    like_options,
    leaning_options,
    option_lengths,
    rationale_letter,
    rationale_numbers,
    image_alt,
    second_reading,
)


def lint_folder(folder: BankFolder, *, today: date) -> list[Fault]:
    """Return everything wrong with a folder, in the order of its files and lines.

    Of a half-read bank only its items are judged: counts and shares would be wrong.
    """
    faults = [*folder.faults, *near_duplicates(folder.bank)]
    for item in folder.bank.items:
        faults += lint_item(item, terms=folder.terms, today=today)
    if not folder.faults:
        faults += _whole_faults(folder)
    return sorted(faults, key=_place)


def lint_item(item: BankItem, *, terms: frozenset[str], today: date) -> Iterator[Fault]:
    """Yield what is wrong with an item by itself; a retired one is left as it was."""
    if item.status is Status.RETIRED:
        return
    for rule in ITEM_RULES:
        yield from rule(item)
    yield from reading_grade(item, terms=terms)
    yield from source_checked(item, today=today)


def _whole_faults(folder: BankFolder) -> Iterator[Fault]:
    yield from find_faults(folder.bank)
    yield from key_balance(folder.bank)
    yield from key_lengths(folder.bank)
    yield from average_grade(folder.bank, folder.terms)
    yield from source_edition(folder.bank)
    yield from unused_sources(folder.bank)
    yield from picture_faults(folder.bank, folder.pictures)
    yield from stable_revisions(folder.bank, folder.recorded)


def _place(fault: Fault) -> tuple[str, int, str]:
    return fault.file, fault.line or 0, fault.rule
