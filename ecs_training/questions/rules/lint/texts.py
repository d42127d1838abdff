"""Texts are shown as they are written: no markup, no pointing at letters."""

import re
from collections.abc import Iterator

from ecs_training.questions.rules.bank import BankItem
from ecs_training.questions.rules.faults import Fault, fault_at
from ecs_training.questions.rules.lint.words import list_numbers

MARKUP = re.compile(r"[<>*_`{}\[\]\\]|&#?\w+;|https?:|\s\s")
LETTER = re.compile(r"\b(?:option|answer|choice)s? \(?[a-d]\b", re.IGNORECASE)


def plain_text(item: BankItem) -> Iterator[Fault]:
    options = {f"options.{letter}": text for letter, text in item.options.items()}
    texts = {"stem": item.stem, **options, "rationale": item.rationale}
    for field, text in texts.items():
        if found := MARKUP.search(text):
            message = f"holds {found[0]!r}, which would be shown as it stands"
            yield fault_at(item, field, message, rule="plain-text")


def rationale_letter(item: BankItem) -> Iterator[Fault]:
    """Find a rationale that names an option by a letter: options are shuffled."""
    if found := LETTER.search(item.rationale):
        message = (
            f"says {found[0]!r}, but each paper shows the options in another order"
        )
        yield fault_at(item, "rationale", message, rule="rationale-letter")


def rationale_numbers(item: BankItem) -> Iterator[Fault]:
    missing = list_numbers(item.options[item.key]) - list_numbers(item.rationale)
    if missing:
        message = f"does not repeat {', '.join(sorted(missing))} of the key"
        yield fault_at(item, "rationale", message, rule="rationale-numbers")
