"""What a stem must be: short, a question, and plain about a negative."""

import re
from collections.abc import Iterator

from ecs_training.questions.rules.bank import BankItem, Jurisdiction
from ecs_training.questions.rules.faults import Fault, fault_at

MOST_WORDS = 40
SENTENCE = re.compile(r"[^.!?:]+[.!?:]*")
# "at least" and "the least that" measure; "Which is the least safe" turns it round.
NEGATIVE = re.compile(
    r"\b(?:not|never|except|(?<!at )least(?! that\b)|incorrect|false|cannot|\w+n['\u2019]t)\b",
    re.IGNORECASE,
)


COUNTRIES = {
    Jurisdiction.ENGLAND: "England",
    Jurisdiction.WALES: "Wales",
    Jurisdiction.SCOTLAND: "Scotland",
    Jurisdiction.NORTHERN_IRELAND: "Northern Ireland",
}


def stem_length(item: BankItem) -> Iterator[Fault]:
    words = len(item.stem.split())
    if words > MOST_WORDS:
        message = f"has {words} words; {MOST_WORDS} is the most"
        yield fault_at(item, "stem", message, rule="stem-length")


def stem_asks(item: BankItem) -> Iterator[Fault]:
    if not item.stem.endswith(("?", ":")):
        message = "ends neither with ? nor with :"
        yield fault_at(item, "stem", message, rule="stem-asks")


def negative_emphasis(item: BankItem) -> Iterator[Fault]:
    """Find a negative in what is asked that a hasty reader would miss."""
    for sentence in _asked(item.stem):
        for negative in NEGATIVE.findall(sentence):
            if not negative.isupper():
                message = f"asks with {negative!r}: write {negative.upper()}"
                yield fault_at(item, "stem", message, rule="negative-emphasis")


def jurisdiction_named(item: BankItem) -> Iterator[Fault]:
    """Find an item that rests on the law of one country and does not say which."""
    country = COUNTRIES.get(item.jurisdiction, "")
    if country not in item.stem:
        message = f"does not say that it asks of {country}"
        yield fault_at(item, "stem", message, rule="jurisdiction-named")


def _asked(stem: str) -> list[str]:
    """Return the sentences that ask; what only tells the story may say "not"."""
    sentences = [found.strip() for found in SENTENCE.findall(stem)]
    return [text for text in sentences if text.endswith(("?", ":"))] or sentences[-1:]
