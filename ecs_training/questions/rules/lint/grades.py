"""How hard a stem is to read: the grade of Flesch and Kincaid.

grade = 0.39 * words per sentence + 11.8 * syllables per word - 15.59, from Kincaid,
Fishburne, Rogers and Chissom, "Derivation of new readability formulas", Naval Technical
Training Command, Research Branch Report 8-75 (1975). Grade 8 is read by 13-year-olds.

The bank's technical terms are excepted: they count as words of their sentence, but their
syllables are left out of the average, on both sides of the division.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ecs_training.questions.rules.bank import Bank, BankItem
from ecs_training.questions.rules.faults import Fault, fault_at
from ecs_training.questions.rules.lint.syllables import count_syllables

HIGHEST, HIGHEST_AVERAGE = 11.0, 8.0
NO_TERMS: frozenset[str] = frozenset()
WORD = re.compile(r"[A-Za-z0-9]+(?:[.,'\u2019][A-Za-z0-9]+)*")  # first-aid is two
SENTENCE_END = re.compile(r"[.?!]['\u2019\")]*(?:\s+|$)")
ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]{1,3}s?")  # longer ones are said as words
EMPHASISED = frozenset(
    ["ALL", "BEST", "DO", "MOST", "NO", "NOT", "OFF", "ON", "ONLY", "STOP", "USE"]
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Grades of the live stems: with the technical terms excepted, and with none excepted."""

    average: float
    highest: float
    average_without_terms: float
    highest_without_terms: float
    terms: int  # how many are listed


def grade(text: str, terms: frozenset[str] = NO_TERMS) -> float:
    """Return the school grade (US) that a text asks of its reader."""
    words = WORD.findall(text)
    sentences = sum(map(bool, SENTENCE_END.split(text)))
    counted = [word for word in words if not _is_term(word, terms)]
    syllables = sum(map(_syllables, counted)) / len(counted) if counted else 0.0
    # Rounded: a sum of such fractions may be off in the last digits.
    return round(0.39 * len(words) / (sentences or 1) + 11.8 * syllables - 15.59, 6)


def _is_term(word: str, terms: frozenset[str]) -> bool:
    """Say whether a word is listed, as it is, in its plural on -s or as a possessive."""
    plain = word.casefold().replace("\u2019", "'").removesuffix("'s").removesuffix("'")
    return plain in terms or plain.removesuffix("s") in terms


def _syllables(word: str) -> int:
    """Count a number as one syllable, and a short abbreviation as it is spelled: R-C-D."""
    if ABBREVIATION.fullmatch(word) and word not in EMPHASISED:
        return len(word.removesuffix("s"))
    return 1 if word[0].isdigit() else count_syllables(word)


def reading_grade(item: BankItem, *, terms: frozenset[str]) -> Iterator[Fault]:
    found = grade(item.stem, terms)
    if found > HIGHEST:
        message = f"reads at grade {found:.1f}; {HIGHEST:.0f} is the highest"
        yield fault_at(item, "stem", message, rule="reading-grade")


def average_grade(bank: Bank, terms: frozenset[str]) -> Iterator[Fault]:
    average = measure_reading(bank, terms).average
    if average > HIGHEST_AVERAGE:
        message = (
            f"the live stems read at grade {average:.2f} on average;"
            f" {HIGHEST_AVERAGE:.0f} is the highest"
        )
        yield Fault(file="topics", line=1, rule="reading-grade", message=message)


def measure_reading(bank: Bank, terms: frozenset[str]) -> Reading:
    stems = [item.stem for item in bank.items if item.is_live]
    excepted = [grade(stem, terms) for stem in stems]
    plain = [grade(stem) for stem in stems]
    return Reading(
        average=_average(excepted),
        highest=max(excepted, default=0.0),
        average_without_terms=_average(plain),
        highest_without_terms=max(plain, default=0.0),
        terms=len(terms),
    )


def _average(grades: Sequence[float]) -> float:
    return sum(grades) / len(grades) if grades else 0.0
