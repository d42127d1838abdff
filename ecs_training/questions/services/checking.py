"""What is wrong with a bank's files, and keeping what was ever live."""

import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ecs_training.questions.rules.bank import Bank
from ecs_training.questions.rules.faults import BankError, Fault
from ecs_training.questions.rules.lint import lint_folder
from ecs_training.questions.rules.lint.grades import Reading, measure_reading
from ecs_training.questions.rules.lint.keys import list_live, share_longest
from ecs_training.questions.rules.recorded import (
    FILE,
    add_to_recorded,
    list_unrecorded,
    write_recorded,
)
from ecs_training.questions.services.reading import read_folder


@dataclass(frozen=True, kw_only=True)
class BankCheck:
    """What a folder holds, and everything found wrong with it, in the order of its files."""

    live: int
    by_topic: Mapping[str, int]  # topic -> live items
    drawn: Mapping[str, Mapping[str, int]]  # blueprint -> topic -> items on a paper
    longest_key: float  # share of the live items whose key is the longest option
    reading: Reading
    findings: tuple[Fault, ...]


def check_bank(folder: Path, *, today: date) -> BankCheck:
    """Find everything that is wrong with a folder; `today` is for the age of sources."""
    read = read_folder(folder)
    live = Counter(item.topic for item in list_live(read.bank))
    return BankCheck(
        live=live.total(),
        by_topic={topic: live[topic] for topic in _list_topics(read.bank)},
        drawn={name: found.topics for name, found in read.bank.blueprints.items()},
        longest_key=share_longest(list_live(read.bank)),
        reading=measure_reading(read.bank, read.terms),
        findings=tuple(lint_folder(read, today=today)),
    )


def _list_topics(bank: Bank) -> list[str]:
    """Return every topic that has items or is drawn, as blueprints and files order them."""
    drawn = [topic for found in bank.blueprints.values() for topic in found.topics]
    return list(dict.fromkeys([*drawn, *(item.topic for item in bank.items)]))


def record_revisions(folder: Path) -> int:
    """Add what is live now to revisions.yaml; return how many revisions were new.

    No hash that stands there is changed. Raise BankError for a folder that cannot be read
    as a whole: half a bank would be recorded.
    """
    read = read_folder(folder)
    if read.faults:
        raise BankError(read.faults[0], others=len(read.faults) - 1)
    recorded = read.recorded or {}
    added = list_unrecorded(read.bank.items, recorded)
    if added:
        text = write_recorded(add_to_recorded(added, recorded))
        _replace(folder / FILE, text)
    return len(added)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
    Path(name).replace(path)
