"""The technical terms that the reading grade excepts: terms.txt."""

import re

from ecs_training.questions.rules.faults import Fault

FILE = "terms.txt"
TERM = re.compile(r"[a-z]+")


def parse_terms(text: str) -> tuple[frozenset[str], list[Fault]]:
    """Return the words, one a line, and a fault for each line that is no single word.

    What follows # is a remark.
    """
    terms: set[str] = set()
    faults = []
    for line, written in enumerate(text.splitlines(), start=1):
        term = written.partition("#")[0].strip().casefold()
        if TERM.fullmatch(term):
            terms.add(term)
        elif term:
            message = f"{term!r} is not one word"
            faults.append(Fault(file=FILE, line=line, message=message))
    return frozenset(terms), faults
