"""What the four options of an item must not do."""

import re
from collections.abc import Iterator

from ecs_training.questions.rules.bank import BankItem
from ecs_training.questions.rules.faults import Fault, fault_at
from ecs_training.questions.rules.lint.words import list_words

ARTICLES = {"a", "an", "the"}
CLOSE = 10  # characters between the shortest and the longest option
WIDEST = 1.5  # times the shortest, where they are further apart
ALL = r"\b(?:all|none|both|any|each|either|neither|two|three)"
END = r"(?=$|[.!,;)]|\ (?:is|are|apply|applies|count|counts|can|could|would)\b)"
LETTER = r"(?:options?\ |answers?\ )?\(?[a-d]\)?"
# Options are shuffled and stand alone: one that speaks of the others points anywhere.
LEANING = re.compile(
    rf"""
      {ALL}(?:\ of)?(?:\ the)?\ (?:above|below|foregoing|following){END}
    | {ALL}(?:\ of)?(?:\ (?:the|these|those))?(?:\ (?:two|three|four|other))?
      \ (?:options?|answers?|choices?|statements?){END}
    | {ALL}\ of\ (?:these|those|the\ others?|the\ rest){END}
    | ^(?:they\ are\ )?{ALL}(?:\ of\ (?:them|it)|\ three|\ four)?
      (?:\ (?:is|are))?(?:\ (?:right|correct|true|wrong|false|incorrect))?[.!]?$
    | ^(?:both\ |either\ |neither\ |only\ )?{LETTER}\ (?:and|or|nor|&)\ {LETTER}(?:\ only)?[.!]?$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def like_options(item: BankItem) -> Iterator[Fault]:
    """Find options that differ in case, articles, punctuation or a plural at most.

    Words are not counted here: "over 3 days" and "over 7 days" are good options.
    """
    seen: dict[tuple[str, ...], str] = {}
    for letter, text in item.options.items():
        told = tuple(
            word.removesuffix("s") for word in list_words(text) if word not in ARTICLES
        )
        if told in seen:
            message = f"reads like option {seen[told]}"
            yield fault_at(item, f"options.{letter}", message, rule="like-options")
        seen.setdefault(told, letter)


def leaning_options(item: BankItem) -> Iterator[Fault]:
    """Find "all of the above" and its kin, in any wording."""
    for letter, text in item.options.items():
        if found := LEANING.search(text):
            message = f"leans on the other options: {found[0]!r}"
            yield fault_at(item, f"options.{letter}", message, rule="all-none-above")


def option_lengths(item: BankItem) -> Iterator[Fault]:
    sizes = {letter: len(text) for letter, text in item.options.items()}
    shortest, longest = min(sizes.values()), max(sizes.values())
    if longest - shortest > CLOSE and longest > WIDEST * shortest:
        letter = max(sizes, key=lambda letter: sizes[letter])
        message = f"has {longest} characters, another option {shortest}"
        yield fault_at(item, f"options.{letter}", message, rule="option-lengths")
